/**
 * The button "Add indicators" of a node's form: saves the form, opens the picker, shows what was added.
 */
import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { IndicatorPickerDialog } from "./indicator_picker_dialog";

export class IndicatorPickerWidget extends Component {
    static template = "energy_carbon.IndicatorPickerWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.dialog = useService("dialog");
    }

    async open() {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        this.dialog.add(IndicatorPickerDialog, {
            nodeId: record.resId,
            onAdded: () => record.load(),
        });
    }
}

export const indicatorPickerWidget = { component: IndicatorPickerWidget };

registry.category("view_widgets").add("energy_indicator_picker", indicatorPickerWidget);
