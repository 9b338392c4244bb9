/**
 * The charts of the report: the course of one figure with the compared period, and units side by side. A click on a bar
 * explains its figure.
 */
import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { figure } from "./report_format";

const BAR = "#1f7a8c";
const GREY = "rgba(128, 128, 128, 0.75)";
/** Above this many bars their names no longer fit. */
const MOST_UNITS = 15;

export class ReportChart extends Component {
    static template = "energy_carbon_reports.ReportChart";
    static props = {
        kind: { type: String, validate: (kind) => ["course", "units"].includes(kind) },
        matrix: Object,
        column: Object,
        period: String,
        compared: String,
        onExplain: Function,
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.matrix, this.props.column.key]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get title() {
        const { column } = this.props;
        const words = [column.group, column.label].filter((word, n, all) => word && all.indexOf(word) === n);
        return words.join(" · ") + (column.unit ? ` (${column.unit})` : "");
    }

    /** Days or months of the course; the units directly below, or else the unit itself. */
    get rows() {
        const { kind, matrix, column } = this.props;
        if (kind === "course") {
            return matrix.rows.filter((row) => row.kind === "step");
        }
        const units = matrix.rows.filter((row) => row.kind === "unit");
        const below = units.filter((row) => row.depth === 1);
        const value = (row) => matrix.cells[row.key]?.[column.key]?.value;
        return (below.length ? below : units)
            .filter((row) => value(row) !== undefined)
            .sort((one, other) => value(other) - value(one))
            .slice(0, MOST_UNITS);
    }

    draw() {
        this.chart?.destroy();
        /* global Chart */
        this.chart = new Chart(this.canvas.el, this.config);
    }

    get cells() {
        const { matrix, column } = this.props;
        return this.rows.map((row) => matrix.cells[row.key]?.[column.key] || {});
    }

    get config() {
        const { kind, column, period, compared } = this.props;
        const { rows, cells } = this;
        const datasets = [
            { type: "bar", label: period, data: cells.map((cell) => cell.value ?? null), backgroundColor: BAR },
        ];
        if (compared && cells.some((cell) => cell.previous !== undefined)) {
            datasets.push(this.comparedSet(cells));
        }
        return {
            type: "bar",
            data: { labels: rows.map((row) => row.label), datasets },
            options: this.options(kind, column, datasets.length > 1),
        };
    }

    comparedSet(cells) {
        const data = cells.map((cell) => cell.previous ?? null);
        if (this.props.kind === "units") {
            return { type: "bar", label: this.props.compared, data, backgroundColor: GREY };
        }
        return {
            type: "line",
            label: this.props.compared,
            data,
            borderColor: GREY,
            backgroundColor: GREY,
            borderDash: [5, 4],
            borderWidth: 2,
            pointRadius: 0,
            pointHitRadius: 8,
            spanGaps: false,
        };
    }

    /**
     * The cell whose figure a click means: anywhere beside a bar, as short ones are hard to hit. Figures of the compared
     * period explain nothing, as in the table.
     */
    cellAt(ev, elements) {
        const [hit] = this.chart.getElementsAtEventForMode(ev, "nearest", { intersect: true }, false);
        const cell = !hit?.datasetIndex && elements.length && this.cells[elements[0].index];
        return cell && cell.indicator_id && cell.value !== undefined ? cell : null;
    }

    onClick(ev, elements) {
        const cell = this.cellAt(ev, elements);
        if (cell) {
            this.props.onExplain(cell);
        }
    }

    onHover(ev, elements) {
        this.canvas.el.style.cursor = this.cellAt(ev, elements) ? "pointer" : "";
    }

    options(kind, column, legend) {
        const along = kind === "units" ? "y" : "x";
        const across = kind === "units" ? "x" : "y";
        const unit = column.unit || "";
        return {
            indexAxis: along,
            maintainAspectRatio: false,
            animation: false,
            onClick: (ev, elements) => this.onClick(ev, elements),
            onHover: (ev, elements) => this.onHover(ev, elements),
            interaction: { mode: "index", axis: along, intersect: false },
            plugins: {
                legend: { display: legend, position: "bottom", labels: { boxWidth: 12 } },
                tooltip: {
                    callbacks: {
                        label: ({ dataset, raw }) => `${dataset.label}: ${figure(raw ?? undefined, 2)} ${unit}`,
                    },
                },
            },
            scales: {
                [along]: { grid: { display: false }, ticks: { autoSkip: kind === "course", maxRotation: 0 } },
                [across]: { beginAtZero: true, ticks: { maxRotation: 0, callback: (value) => figure(value, value % 1 ? 1 : 0) } },
            },
        };
    }
}
