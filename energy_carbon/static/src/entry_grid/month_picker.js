/**
 * Previous month, any month, next month, this month.
 */
import { Component } from "@odoo/owl";
import { useDateTimePicker } from "@web/core/datetime/datetime_picker_hook";
import { monthLabel, shiftMonth, thisMonth } from "./entry_grid_url";

const { DateTime } = luxon;

export class MonthPicker extends Component {
    static template = "energy_carbon.MonthPicker";
    static props = { month: String, onChange: Function };

    setup() {
        const component = this;
        this.picker = useDateTimePicker({
            target: "picker",
            get pickerProps() {
                return {
                    value: DateTime.fromFormat(component.props.month, "yyyy-MM"),
                    type: "date",
                    minPrecision: "months",
                };
            },
            onApply: (date) => date && this.props.onChange(date.toFormat("yyyy-MM")),
        });
    }

    get label() {
        return monthLabel(this.props.month);
    }

    get isThisMonth() {
        return this.props.month >= thisMonth();
    }

    step(months) {
        this.props.onChange(shiftMonth(this.props.month, months));
    }

    goToThisMonth() {
        this.props.onChange(thisMonth());
    }
}
