/**
 * What Build Indicators proposes, counted: above the lines, each count filters them.
 */
import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { KeepLast } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";

const LABELS = {
    add: _t("New Indicator"),
    fill: _t("Formula Filled In"),
    extend: _t("Sources Added"),
    change: _t("Formula Changed"),
    hint: _t("Hint"),
    keep: _t("Unchanged"),
};

export class BuildSummary extends Component {
    static template = "energy_carbon.BuildSummary";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.loading = new KeepLast();
        this.state = useState({ actions: {}, ticked: 0 });
        onWillStart(() => this.load());
        useBus(this.env.model.bus, "update", () => this.load());
    }

    get buildId() {
        return this.env.searchModel.globalContext.energy_build_id;
    }

    async load() {
        const found = await this.loading.add(this.orm.call("energy.build", "summary", [this.buildId]));
        Object.assign(this.state, found);
    }

    get counts() {
        return Object.keys(LABELS)
            .filter((action) => this.state.actions[action])
            .map((action) => ({
                action,
                label: LABELS[action],
                count: formatInteger(this.state.actions[action]),
                chosen: this.filter(action)?.isActive,
            }));
    }

    get ticked() {
        return formatInteger(this.state.ticked);
    }

    filter(name) {
        return this.env.searchModel.getSearchItems((item) => item.type === "filter" && item.name === name)[0];
    }

    /** Shows the lines of one action alone; once more: all but what stays as it is. */
    choose(action) {
        const item = this.filter(action);
        this.env.searchModel.deactivateGroup(item.groupId);
        this.env.searchModel.toggleSearchItem(item.isActive ? this.filter("open").id : item.id);
    }
}
