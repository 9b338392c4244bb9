/**
 * The screen `energy_carbon_reports.energy_report`: asks the server for the report and shows its matrices.
 */
import { Component, onWillStart, useState } from "@odoo/owl";
import { download } from "@web/core/network/download";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { ReportChart } from "./report_chart";
import { cellTitle, delta, direction, figure, firstFolded, percent, urlState } from "./report_format";
import { ReportTable } from "./report_table";
import { ReportToolbar } from "./report_toolbar";

const MODEL = "energy.report.wizard";
const VIEWS = ["summary", "details", "course"];

export class EnergyReport extends Component {
    static template = "energy_carbon_reports.EnergyReport";
    static components = { Layout, ReportChart, ReportTable, ReportToolbar };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Energy Report");
    static path = "energy-report";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.figure = figure;
        this.delta = delta;
        this.direction = direction;
        this.percent = percent;
        this.keepLast = new KeepLast();
        const kept = this.props.state || {};
        const { wizard_id, view, ...options } = this.props.action.params || {};
        this.state = useState({
            report: null,
            loading: false,
            exporting: false,
            view: kept.view || (VIEWS.includes(view) ? view : "summary"),
            charts: kept.charts ?? true,
            chartColumn: kept.chartColumn || false,
            folded: kept.folded ? new Set(kept.folded) : null,
        });
        useSetupAction({ getLocalState: () => this.localState });
        onWillStart(() => {
            const first = kept.options ? ["open_report", [kept.options]] : wizard_id ? ["energy_report", [wizard_id]] : ["open_report", [options]];
            return this.load(...first);
        });
    }

    get localState() {
        const { view, charts, chartColumn, folded, report } = this.state;
        return { view, charts, chartColumn, folded: folded && [...folded], options: report?.options };
    }

    // --- Asking the server ---
    async load(method, args) {
        this.state.loading = true;
        try {
            this.state.report = await this.keepLast.add(this.orm.call(MODEL, method, args));
        } finally {
            this.state.loading = false;
        }
        const { details } = this.report.matrices || {};
        this.state.folded ||= firstFolded(details?.rows || []);
        if (!this.matrix) {
            this.state.view = "summary";
        }
        this.keepInUrl();
    }

    change(options, step = 0) {
        return this.load("change_report", [this.report.wizard_id, options, step]);
    }

    keepInUrl() {
        if (this.report.options) {
            this.props.updateActionState?.(urlState(this.report.options, this.state.view));
        }
    }

    // --- What is shown ---
    get report() {
        return this.state.report;
    }

    get isEmpty() {
        return Boolean(this.report.empty);
    }

    get emptyTitle() {
        const { empty, unit, period } = this.report;
        return empty === "no_indicator"
            ? _t("%(unit)s has no consumption to report", { unit })
            : _t("No figures for %(unit)s in %(period)s", { unit, period });
    }

    get latestLabel() {
        return _t("Show %(period)s", { period: this.report.latest.label });
    }

    get when() {
        const { period, compared } = this.report;
        return compared ? _t("%(period)s, compared with %(compared)s", { period, compared }) : period;
    }

    get matrix() {
        return this.report.matrices?.[this.state.view];
    }

    get tabs() {
        return VIEWS.map((key) => this.report.matrices[key]).filter(Boolean);
    }

    get rootKey() {
        return this.report.matrices.summary.rows[0].key;
    }

    /** The unit's own figures at a glance: what follows the consumption columns. */
    get cards() {
        const { columns, cells } = this.report.matrices.summary;
        const wanted = columns.filter((column) => column.kind === "figure" && !column.key.endsWith(":amount"));
        return wanted.map((column) => {
            const cell = cells[this.rootKey]?.[column.key] || {};
            const label = column.key.startsWith("media:") ? column.group : column.label;
            return { key: column.key, label, unit: column.unit, cell, change: delta(cell.change) };
        });
    }

    get coverage() {
        return this.report.matrices.summary.cells[this.rootKey]?.coverage?.coverage;
    }

    cardTitle(card) {
        return cellTitle(card.cell, this.report.reasons, this.report.compared);
    }

    /** Every day so far has its figure, only today is not over; or something is really missing. */
    partialNote(cell) {
        const onlyToday = this.report.running && !cell.reason && cell.expected === undefined;
        return onlyToday ? _t("still running") : _t("incomplete");
    }

    /** Columns that have a course or units to draw. */
    get chartColumns() {
        const { summary, course } = this.report.matrices;
        return summary.columns.filter(
            (column) =>
                column.kind === "figure" &&
                [summary, course].some((matrix) =>
                    matrix?.rows.some((row) => matrix.cells[row.key]?.[column.key]?.value !== undefined)
                )
        );
    }

    get chartColumn() {
        const columns = this.chartColumns;
        return (
            columns.find((column) => column.key === this.state.chartColumn) ||
            columns.find((column) => column.key === "total:coal") ||
            columns[0]
        );
    }

    columnName(column) {
        return [column.group, column.label].filter((word, n, all) => word && all.indexOf(word) === n).join(" · ");
    }

    // --- What the user does ---
    show(view) {
        this.state.view = view;
        this.keepInUrl();
    }

    fold(key) {
        const folded = new Set(this.state.folded);
        if (!folded.delete(key)) {
            folded.add(key);
        }
        this.state.folded = folded;
    }

    foldAll() {
        const { rows } = this.matrix;
        const parents = new Set(rows.map((row) => row.parent).filter((key) => key && key !== this.rootKey));
        const anyOpen = [...parents].some((key) => !this.state.folded.has(key));
        this.state.folded = anyOpen ? parents : new Set();
    }

    explain(cell) {
        const { indicator_id, measure, date_from, date_to } = cell;
        return this.action.doAction({
            type: "ir.actions.client",
            tag: "energy_carbon.explain",
            name: _t("Explain"),
            params: { indicator_id, date_from, date_to, ...(measure ? { measure } : {}) },
        });
    }

    async exportXlsx() {
        this.state.exporting = true;
        try {
            await download({ url: `/energy_carbon_reports/xlsx/${this.report.wizard_id}`, data: {} });
        } finally {
            this.state.exporting = false;
        }
    }

    openOptions() {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: _t("Energy Report"),
                res_model: MODEL,
                res_id: this.report.wizard_id,
                views: [[false, "form"]],
                target: "new",
                context: { energy_report_on_screen: true },
            },
            { onClose: () => this.load("energy_report", [this.report.wizard_id]) }
        );
    }

    openUnits() {
        return this.action.doAction("energy_carbon.energy_node_action_unit");
    }

    goToLatest() {
        return this.change({ period_kind: "month", date_from: this.report.latest.date });
    }
}

registry.category("actions").add("energy_carbon_reports.energy_report", EnergyReport);
