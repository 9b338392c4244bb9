/**
 * One matrix as a table: sticky head and first column, rows to fold, figures that open their explanation.
 */
import { Component } from "@odoo/owl";
import {
    blankText,
    cellTitle,
    columnGroups,
    delta,
    direction,
    figure,
    foldableKeys,
    isPartial,
    percent,
    visibleRows,
} from "./report_format";

export class ReportTable extends Component {
    static template = "energy_carbon_reports.ReportTable";
    static props = {
        matrix: Object,
        reasons: Object,
        compared: String,
        folded: Set,
        onFold: Function,
        onExplain: Function,
    };

    setup() {
        this.figure = figure;
        this.percent = percent;
    }

    get columns() {
        return this.props.matrix.columns;
    }

    get groups() {
        return columnGroups(this.columns);
    }

    get rows() {
        return visibleRows(this.props.matrix.rows, this.props.folded);
    }

    get foldable() {
        return foldableKeys(this.props.matrix.rows);
    }

    isAlone(column) {
        return this.groups.some((group) => group.key === column.key && group.alone);
    }

    /** Columns of the compared period and of the change show the cell of the figure they are of. */
    cellAt(row, column) {
        return this.props.matrix.cells[row.key]?.[column.of || column.key];
    }

    /** The change stands in the figure's own cell where it has no column. */
    deltaIn(column, cell) {
        const isApart = column.kind === "figure" && this.props.matrix.shows_compared;
        return isApart ? null : delta(cell.change);
    }

    title(cell) {
        return cellTitle(cell, this.props.reasons, this.props.compared);
    }

    blank(cell) {
        return blankText(cell, this.props.reasons);
    }

    cellClass(column, cell) {
        return {
            o_number: column.kind !== "text",
            "text-center": column.kind === "text",
            o_compared: column.kind === "previous",
            o_partial: isPartial(column, cell),
        };
    }

    deltaClass(change, cell) {
        return { up: "text-danger", down: "text-success", same: "text-muted" }[direction(change, cell)];
    }
}
