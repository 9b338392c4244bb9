/**
 * One day of the grid. Rendered again only when its figures or the cursor in it change.
 */
import { Component } from "@odoo/owl";

export class EntryGridRow extends Component {
    static template = "energy_carbon.EntryGridRow";
    static props = {
        row: Object,
        index: Number,
        /** Column of the cursor when it stands in this row, else -1. */
        activeCol: Number,
        /** Selected columns of this row; from > to when none. */
        selectedFrom: Number,
        selectedTo: Number,
    };

    /**
     * Marks of the cursor are attributes, not classes: Odoo's style sheets hold `:has()` rules for which the browser
     * computes the whole page anew whenever a class changes, and that would be felt at every step.
     */
    isSelected(index) {
        const { selectedFrom, selectedTo, activeCol } = this.props;
        return index === activeCol || (index >= selectedFrom && index <= selectedTo);
    }
}
