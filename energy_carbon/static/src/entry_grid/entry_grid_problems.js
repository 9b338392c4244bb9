/**
 * The list of cells that cannot be saved: names row and column and leads to the cell.
 */
import { Component } from "@odoo/owl";

const SHOWN = 10;

export class EntryGridProblems extends Component {
    static template = "energy_carbon.EntryGridProblems";
    static props = { model: Object, problems: Array, goTo: Function };

    get shown() {
        return this.props.problems.slice(0, SHOWN).map((problem) => ({
            ...problem,
            key: `${problem.indicatorId}|${problem.date}`,
            place: this.place(problem),
        }));
    }

    get hidden() {
        return Math.max(0, this.props.problems.length - SHOWN);
    }

    place({ indicatorId, date }) {
        const column = this.props.model.columns.find(({ id }) => id === indicatorId);
        const row = this.props.model.rows.find((line) => line.date === date);
        return [row?.label || date, column?.node, column?.name].filter(Boolean).join(" · ");
    }
}
