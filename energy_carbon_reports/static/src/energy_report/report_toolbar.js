/**
 * What the report is about: period with back and forth, unit, levels, energy types, comparison.
 */
import { Component } from "@odoo/owl";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { MultiRecordSelector } from "@web/core/record_selectors/multi_record_selector";
import { RecordSelector } from "@web/core/record_selectors/record_selector";

const PRECISION = { day: "days", month: "months", year: "years", free: "days" };

export class ReportToolbar extends Component {
    static template = "energy_carbon_reports.ReportToolbar";
    static components = { DateTimeInput, MultiRecordSelector, RecordSelector };
    static props = { options: Object, period: String, onChange: Function, onStep: Function };

    setup() {
        this.kinds = [
            { key: "day", label: _t("Day") },
            { key: "month", label: _t("Month") },
            { key: "year", label: _t("Year") },
            { key: "free", label: _t("Free") },
        ];
        this.levels = [
            { key: "unit", label: _t("This unit only") },
            { key: "children", label: _t("Units directly below") },
            { key: "units", label: _t("All units below") },
            { key: "devices", label: _t("All units and devices below") },
        ];
        this.comparisons = [
            { key: "none", label: _t("No comparison") },
            { key: "previous", label: _t("The period before") },
            { key: "last_year", label: _t("The same period of last year") },
        ];
        this.unitDomain = [["kind", "=", "unit"]];
    }

    get typeIds() {
        return this.props.options.types ? this.props.options.types.split(",").map(Number) : [];
    }

    get isFree() {
        return this.props.options.period_kind === "free";
    }

    date(name) {
        return deserializeDate(this.props.options[name]);
    }

    /** Months are chosen among months, years among years. */
    get precision() {
        return PRECISION[this.props.options.period_kind];
    }

    get format() {
        return { month: "yyyy-MM", year: "yyyy" }[this.props.options.period_kind];
    }

    chooseKind(kind) {
        this.props.onChange({ period_kind: kind });
    }

    /** The other end follows when the new one would lie beyond it. */
    chooseDate(name, date) {
        if (!date) {
            return;
        }
        const changes = { [name]: serializeDate(date) };
        const other = name === "date_from" ? "date_to" : "date_from";
        if (this.isFree && (name === "date_from" ? date > this.date(other) : date < this.date(other))) {
            changes[other] = changes[name];
        }
        this.props.onChange(changes);
    }

    chooseUnit(id) {
        if (id) {
            this.props.onChange({ node_id: id });
        }
    }

    chooseTypes(ids) {
        this.props.onChange({ types: ids.join(",") });
    }
}
