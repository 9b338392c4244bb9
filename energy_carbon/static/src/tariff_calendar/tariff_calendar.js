/**
 * The calendar of a time-of-use tariff: every month and kind of day as a bar of 24 hours, one of them in large.
 */
import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { hoursByPeriod, monthNames, season, stretches } from "./calendar_plan";

const CLASSES = ["sharp", "peak", "flat", "valley", "deep_valley"];
const RULER = [0, 3, 6, 9, 12, 15, 18, 21, 24];

export class TariffCalendar extends Component {
    static template = "energy_carbon.TariffCalendar";
    static props = { ...standardFieldProps };

    setup() {
        this.ruler = RULER;
        this.months = monthNames();
        /** version: null until one is chosen, then the one that holds today is left. */
        this.state = useState({ version: null, month: luxon.DateTime.now().month - 1, column: 0 });
    }

    /** @returns {{versions: {label: string, plan: Object}[], chosen: number}} of a tariff, or of one set of bands */
    get calendar() {
        const value = this.props.record.data[this.props.name];
        if (!value) {
            return { versions: [], chosen: 0 };
        }
        return value.versions ? value : { versions: [{ label: "", plan: value }], chosen: 0 };
    }

    get version() {
        const { versions, chosen } = this.calendar;
        return Math.min(this.state.version ?? chosen, versions.length - 1);
    }

    get plan() {
        return this.calendar.versions[this.version]?.plan;
    }

    get column() {
        return Math.min(this.state.column, this.plan.columns.length - 1);
    }

    get chosenDay() {
        return hoursByPeriod(this.plan, this.state.month, this.column);
    }

    get chosenStretches() {
        return stretches(this.plan, this.state.month, this.column);
    }

    /** The months that look like the chosen one, and the kind of day. */
    get chosenTitle() {
        const names = monthNames("long");
        const months = season(this.plan, this.state.month, this.column).map((month) => this.months[month]);
        const same = months.length === 12 ? _t("all months") : months.join(", ");
        return _t("%(month)s, %(day)s (the same in: %(months)s)", {
            month: names[this.state.month],
            day: this.plan.columns[this.column],
            months: same,
        });
    }

    stretches(month, column) {
        return stretches(this.plan, month, column);
    }

    /** The day in words, for readers that see no colours. */
    dayText(month, column) {
        const day = hoursByPeriod(this.plan, month, column).map(({ label, hours }) => `${label} ${hours.join(", ")}`);
        return `${this.months[month]}, ${this.plan.columns[column]}: ${day.join(" · ")}`;
    }

    periodClass(index) {
        return `o_energy_period_${CLASSES[index] || "none"}`;
    }

    hours(minutes) {
        return _t("%s h", Math.round(minutes / 6) / 10);
    }

    isChosen(month, column) {
        return month === this.state.month && column === this.column;
    }

    choose(month, column) {
        Object.assign(this.state, { month, column });
    }

    chooseVersion(event) {
        this.state.version = Number(event.target.value);
    }
}

export const tariffCalendar = {
    component: TariffCalendar,
    displayName: _t("Tariff Calendar"),
    supportedTypes: ["json", "jsonb"],
};

registry.category("fields").add("energy_tariff_calendar", tariffCalendar);
