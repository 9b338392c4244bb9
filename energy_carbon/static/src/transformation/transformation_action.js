/**
 * The screen "Services and Transformation": what the units of a plant used in a period, loss at source and passed on.
 */
import { Component, onWillStart, useState } from "@odoo/owl";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { monthDays, shiftMonth, thisMonth, validMonth } from "../entry_grid/entry_grid_url";
import { MonthPicker } from "../entry_grid/month_picker";
import { figure } from "../explain/explain_model";

const PATH = "energy-transformation";
/** Periods that end with the month chosen, in months; 0: since January. */
const SPANS = [1, 3, 12, 0];

export class TransformationAction extends Component {
    static template = "energy_carbon.TransformationAction";
    static components = { Layout, MonthPicker };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Services and Transformation");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        // Energies of a column are compared by eye: cents of their unit, unless all is less than one.
        this.figure = (value) => figure(value, Math.abs(value) < 1 ? 4 : 2);
        this.coefficient = figure;
        const { plant_id, month, span, measure } = this.request;
        this.state = useState({
            plants: [],
            measures: [],
            plant_id: Number(plant_id) || false,
            month: validMonth(month) || shiftMonth(thisMonth(), -1),
            span: SPANS.includes(Number(span)) && span !== undefined ? Number(span) : 1,
            measure: measure || "coal",
            report: null,
            open: {},
        });
        useSetupAction();
        onWillStart(() => this.start());
    }

    /** From whoever opened the screen, or from the address bar: F5 and a colleague find the same figures again. */
    get request() {
        const { current } = router;
        return this.props.action.params || (current.action === PATH ? current : {});
    }

    async start() {
        const [plants, measures] = await Promise.all([
            this.orm.call("energy.transformation", "plants", []),
            this.orm.call("energy.transformation", "measures", []),
        ]);
        Object.assign(this.state, { plants, measures });
        if (!plants.some((plant) => plant.id === this.state.plant_id)) {
            this.state.plant_id = plants[0]?.id || false;
        }
        if (!measures.some((measure) => measure.id === this.state.measure)) {
            this.state.measure = "coal";
        }
        await this.load();
    }

    get spans() {
        const labels = { 1: _t("Month"), 3: _t("3 months"), 12: _t("12 months"), 0: _t("Year to date") };
        return SPANS.map((span) => ({ id: span, name: labels[span] }));
    }

    /** First and last day of what is shown. */
    get period() {
        const { month, span } = this.state;
        const first = span ? shiftMonth(month, 1 - span) : `${month.slice(0, 4)}-01`;
        return [monthDays(first)[0], monthDays(month)[1]];
    }

    async load() {
        const { plant_id, month, span, measure } = this.state;
        this.state.open = {};
        if (!plant_id) {
            return;
        }
        const [first, last] = this.period;
        const asked = this.orm.call("energy.transformation", "report", [plant_id, first, last, measure]);
        this.state.report = await this.keepLast.add(asked);
        this.props.updateActionState?.({ plant_id, month, span, measure });
    }

    choose(values) {
        Object.assign(this.state, values);
        return this.load();
    }

    chooseSpan(ev) {
        return this.choose({ span: Number(ev.target.value) });
    }

    choosePlant(ev) {
        return this.choose({ plant_id: Number(ev.target.value) });
    }

    get report() {
        return this.state.report;
    }

    /** Whether anything was used in the period at all. */
    get isEmpty() {
        return !this.report.units.some((unit) => unit.direct || unit.direct === null || unit.used.length);
    }

    /** What both presentations differ by from the plant's own total; none when there is no such total. */
    get difference() {
        const { plant_total, totals } = this.report;
        if (!plant_total || totals.direct === null) {
            return null;
        }
        const difference = totals.direct - plant_total.value;
        return Math.abs(difference) > 1e-6 * Math.max(1, Math.abs(plant_total.value)) ? difference : 0;
    }

    toggle(index) {
        this.state.open[index] = !this.state.open[index];
    }

    explain(indicator_id, measure) {
        const [date_from, date_to] = this.period;
        return this.action.doAction({
            type: "ir.actions.client",
            tag: "energy_carbon.explain",
            params: { indicator_id, date_from, date_to, measure },
        });
    }
}

registry.category("actions").add("energy_carbon.transformation", TransformationAction);
