/**
 * The two questions of the grid: why a collected or approved figure is changed, and what becomes of unsaved changes.
 */
import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus } from "@web/core/utils/hooks";

export class ReasonDialog extends Component {
    static template = "energy_carbon.ReasonDialog";
    static components = { Dialog };
    static props = {
        close: Function,
        columns: Array,
        /** Cells that need the reason; how many of them are approved already. */
        count: Number,
        corrections: Number,
        confirm: Function,
    };

    setup() {
        this.state = useState({ reason: "" });
        useAutofocus({ refName: "reason" });
    }

    get names() {
        return this.props.columns.map(({ node, name }) => `${node} / ${name}`);
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            this.confirm();
        }
    }

    confirm() {
        const reason = this.state.reason.trim();
        if (reason) {
            this.props.confirm(reason);
            this.props.close();
        }
    }
}

export class UnsavedDialog extends Component {
    static template = "energy_carbon.UnsavedDialog";
    static components = { Dialog };
    static props = { close: Function, count: Number, save: Function, discard: Function };

    setup() {
        this.state = useState({ busy: false });
    }

    async save() {
        this.state.busy = true;
        try {
            await this.props.save();
        } finally {
            this.props.close();
        }
    }

    discard() {
        this.props.discard();
        this.props.close();
    }
}
