/**
 * The picker: choose several templates of a node's tree and add them as indicators in one go.
 */
import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { filterTree, typeState } from "./picker_tree";

export class IndicatorPickerDialog extends Component {
    static template = "energy_carbon.IndicatorPickerDialog";
    static components = { Dialog };
    static props = {
        close: Function,
        nodeId: Number,
        /** Called with the ids of the new indicators. */
        onAdded: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.state = useState({ search: "", chosen: new Set(), open: {}, busy: false });
        useAutofocus({ refName: "search" });
        onWillStart(() => this.load());
    }

    async load() {
        const { node, classes } = await this.orm.call("energy.indicator", "picker_tree", [this.props.nodeId]);
        this.node = node;
        this.classes = classes;
        this.openFirst();
    }

    /** Open at first: the class that suits the node (it comes first), there the node's own energy type. */
    openFirst() {
        const [first] = this.classes;
        if (!first) {
            return;
        }
        this.state.open[first.key] = true;
        for (const type of first.types) {
            const own = type.id && type.id === this.node.energy_type_id;
            this.state.open[this.typeKey(first, type)] = own || first.types.length <= 2;
        }
    }

    get title() {
        return _t("Add indicators to %s", this.node.name);
    }

    get tree() {
        return filterTree(this.classes, this.state.search);
    }

    get count() {
        return this.state.chosen.size;
    }

    typeKey(branch, type) {
        return `${branch.key}/${type.id}`;
    }

    isOpen(key) {
        return Boolean(this.state.search.trim()) || Boolean(this.state.open[key]);
    }

    toggleOpen(key) {
        this.state.open[key] = !this.isOpen(key);
    }

    typeState(type) {
        return typeState(type, this.state.chosen);
    }

    isTicked(template) {
        return template.present || this.state.chosen.has(template.id);
    }

    toggle(template) {
        const { chosen } = this.state;
        if (!chosen.delete(template.id)) {
            chosen.add(template.id);
        }
    }

    async add() {
        if (!this.count || this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const ids = await this.orm.call("energy.indicator", "picker_add", [
                this.props.nodeId,
                [...this.state.chosen],
            ]);
            this.notification.add(_t("%s indicators added.", ids.length), { type: "success" });
            await this.props.onAdded(ids);
            this.props.close();
        } finally {
            this.state.busy = false;
        }
    }
}
