/**
 * A first-of-month date shown, and picked, as the month it stands for.
 */
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { DateTimeField, dateField } from "@web/views/fields/datetime/datetime_field";

export class MonthField extends DateTimeField {
    getFormattedValue(valueIndex) {
        const month = this.values[valueIndex];
        return month ? month.toLocaleString({ year: "numeric", month: "long" }) : "";
    }
}

export const monthField = {
    ...dateField,
    component: MonthField,
    displayName: _t("Month"),
    extractProps: (...args) => ({ ...dateField.extractProps(...args), minPrecision: "months" }),
    // Wide enough for "September 2026".
    listViewWidth: 125,
};

registry.category("fields").add("energy_month", monthField);
