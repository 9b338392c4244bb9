/**
 * A tick that is saved at a click, in a list that is not being edited and on a card.
 */
import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

export class TickField extends Component {
    static template = "energy_carbon.TickField";
    static props = { ...standardFieldProps };

    get label() {
        return this.props.record.fields[this.props.name].string;
    }

    toggle() {
        const { record, name } = this.props;
        return record.update({ [name]: !record.data[name] }, { save: true });
    }
}

registry.category("fields").add("energy_tick", {
    component: TickField,
    displayName: _t("Tick"),
    supportedTypes: ["boolean"],
    listViewWidth: 60,
});
