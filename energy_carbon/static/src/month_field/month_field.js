/**
 * A first-of-month date shown as the month it stands for.
 */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export class MonthField extends Component {
    static template = "energy_carbon.MonthField";
    static props = { ...standardFieldProps };

    get label() {
        const month = this.props.record.data[this.props.name];
        return month ? month.toLocaleString({ year: "numeric", month: "long" }) : "";
    }
}

export const monthField = {
    component: MonthField,
    displayName: _t("Month"),
    supportedTypes: ["date"],
};

registry.category("fields").add("energy_month", monthField);
