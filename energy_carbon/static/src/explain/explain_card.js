/**
 * One figure explained: value, formula, inputs, factors, prices, readings, persons. Its inputs open in place.
 */
import { Component, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";
import {
    coverageText,
    day,
    exactFigure,
    figure,
    loadExplanation,
    loadPeriods,
    moment,
    percent,
    qualityClass,
} from "./explain_model";

export class ExplainCard extends Component {
    static template = "energy_carbon.ExplainCard";
    static props = {
        explanation: Object,
        /** Depth in the tree: the topmost figure has its heading on the screen itself. */
        level: { type: Number, optional: true },
    };
    static defaultProps = { level: 0 };
    // Set below: a class cannot name itself in its own static fields.
    static components = {};

    setup() {
        this.orm = useService("orm");
        this.figure = figure;
        this.exactFigure = exactFigure;
        this.day = day;
        this.moment = moment;
        this.qualityClass = qualityClass;
        this.percent = percent;
        /** What is open, by position of the line: true while it loads, then the explanation. */
        this.state = useState({ open: {}, allReadings: false, periods: false });
    }

    get explanation() {
        return this.props.explanation;
    }

    get coverage() {
        return coverageText(this.explanation);
    }

    /** Which figure of the same energy this is about, when it is not its amount. */
    get measureLabel() {
        const { measure, measure_label } = this.explanation;
        return measure && measure !== "amount" ? measure_label : "";
    }

    get readings() {
        const { readings } = this.explanation;
        return this.state.allReadings ? readings : readings.slice(0, 10);
    }

    hasNothing() {
        const { lines, readings, entries, factors, prices, notes } = this.explanation;
        return ![lines, readings, entries, factors, prices, notes].some((part) => part?.length);
    }

    /** Whether the figure has parts by tariff period that can be asked for. */
    get hasPeriods() {
        const { split, measure } = this.explanation;
        return Boolean(split) && (!measure || ["amount", "cost"].includes(measure));
    }

    get periodsSeeCost() {
        return this.state.periods.some((line) => "cost" in line);
    }

    async showPeriods() {
        this.state.periods = await loadPeriods(this.orm, this.explanation);
    }

    async toggle(index) {
        const { open } = this.state;
        if (open[index]) {
            delete open[index];
            return;
        }
        open[index] = { loading: true };
        const { date_from, date_to, lines } = this.explanation;
        try {
            // A line that counts only in a part of the period says so itself.
            const explanation = await loadExplanation(this.orm, { date_from, date_to, ...lines[index] });
            if (open[index]) {
                open[index] = { explanation };
            }
        } catch (error) {
            delete open[index];
            throw error;
        }
    }
}
ExplainCard.components = { ExplainCard };
