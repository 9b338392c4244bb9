/**
 * One day of the grid. Rendered again only when its figures or the cursor in it change.
 */
import { Component } from "@odoo/owl";

export class EntryGridRow extends Component {
    static template = "energy_carbon.EntryGridRow";
    static props = {
        row: Object,
        columns: Array,
        index: Number,
        /** Column of the cursor when it stands in this row, else -1. */
        activeCol: Number,
        /** Selected columns of this row; from > to when none. */
        selectedFrom: Number,
        selectedTo: Number,
    };

    ariaLabel(column) {
        return [this.props.row.label, column.name, column.node, column.unit].filter(Boolean).join(", ");
    }

    cellClasses(cell, index) {
        const { selectedFrom, selectedTo, activeCol } = this.props;
        return {
            ...cell.classes,
            o_selected: index >= selectedFrom && index <= selectedTo,
            o_active: index === activeCol,
        };
    }
}
