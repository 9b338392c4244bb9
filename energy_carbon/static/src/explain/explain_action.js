/**
 * The screen `energy_carbon.explain`: which figure it is, and the tree of how it came about.
 */
import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ExplainCard } from "./explain_card";
import { coverageText, figure, loadExplanation, period, qualityClass } from "./explain_model";

export class ExplainAction extends Component {
    static template = "energy_carbon.ExplainAction";
    static components = { ExplainCard, Layout };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Explain");
    static path = "energy-explain";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.figure = figure;
        this.qualityClass = qualityClass;
        this.state = useState({ explanation: null });
        useSetupAction();
        onWillStart(() => this.load());
    }

    /** From whoever opened the screen, or from the address bar: the parameters have the same names. */
    get request() {
        const { indicator_id, balance_id, date_from, date_to, measure } = this.props.action.params || {};
        const about = Number(balance_id)
            ? { balance_id: Number(balance_id) }
            : { indicator_id: Number(indicator_id) || false, measure };
        return { ...about, date_from, date_to: date_to || date_from };
    }

    async load() {
        const { request } = this;
        if (!(request.indicator_id || request.balance_id) || !request.date_from) {
            return;
        }
        this.state.explanation = await loadExplanation(this.orm, request);
        this.props.updateActionState?.(request);
        this.env.config.setDisplayName(_t("Explain: %s", this.state.explanation.title));
    }

    get explanation() {
        return this.state.explanation;
    }

    get period() {
        return period(this.explanation);
    }

    get coverage() {
        return coverageText(this.explanation);
    }

    /** Amounts that counters read have a course within the day. */
    get hasHours() {
        const { indicator_id, measure } = this.explanation;
        return indicator_id && (!measure || measure === "amount") && this.explanation.is_amount;
    }

    openIndicator() {
        return this.openForm("energy.indicator", this.explanation.indicator_id);
    }

    openBalance() {
        return this.openForm("energy.balance", this.explanation.balance_id);
    }

    openForm(res_model, res_id) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model, res_id, views: [[false, "form"]] });
    }

    openHours() {
        const { indicator_id, date_from } = this.explanation;
        return this.action.doAction({
            type: "ir.actions.client",
            tag: "energy_carbon.profile",
            name: _t("Hours"),
            params: { indicator_id, date_from },
        });
    }
}

registry.category("actions").add("energy_carbon.explain", ExplainAction);
