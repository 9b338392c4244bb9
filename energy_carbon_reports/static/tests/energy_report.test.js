import { beforeEach, expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { Component, reactive, useState, xml } from "@odoo/owl";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { setupChartJsForTests } from "@web/../tests/views/graph/graph_test_helpers";
import { allowTranslations, mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import {
    blankText,
    cellTitle,
    columnGroups,
    delta,
    figure,
    firstFolded,
    foldableKeys,
    percent,
    urlState,
    visibleRows,
} from "@energy_carbon_reports/energy_report/report_format";
import { ReportChart } from "@energy_carbon_reports/energy_report/report_chart";
import { ReportTable } from "@energy_carbon_reports/energy_report/report_table";

defineMailModels();
setupChartJsForTests();

beforeEach(() => {
    allowTranslations();
    patchWithCleanup(localization, { decimalPoint: ".", thousandsSep: ",", grouping: [3, 0] });
});

const REASONS = { no_price: "No price", no_indicator: "No indicator" };

test("a blank is no zero", () => {
    expect(figure(undefined)).toBe("");
    expect(figure(0, 0)).toBe("0");
    expect(figure(600000, 0)).toBe("600,000");
    expect(percent(0.9677)).toBe("96.8 %");
    expect(percent(undefined)).toBe("");
});

test("changes say their direction, rounded as they are shown", () => {
    expect(delta(undefined)).toBe(null);
    expect(delta(0.034)).toEqual({ text: "+3.4 %", direction: "up" });
    expect(delta(-0.5)).toEqual({ text: "−50.0 %", direction: "down" });
    expect(delta(0.0001)).toEqual({ text: "0.0 %", direction: "same" });
});

test("a cell says why it is blank or incomplete", () => {
    expect(blankText({ reason: "no_price" }, REASONS)).toBe("No price");
    expect(blankText({ reason: "no_indicator" }, REASONS)).toBe("");
    expect(blankText(undefined, REASONS)).toBe("");
    const title = cellTitle({ present: 30, expected: 31, previous: 5, decimals: 1, unit: "kWh" }, REASONS, "June");
    expect(title).toBe("Coverage 96.8 %: 30 of 31 source-days have a value\nJune: 5.0 kWh");
});

const ROWS = [
    { key: "plant", parent: "" },
    { key: "w1", parent: "plant" },
    { key: "l1", parent: "w1" },
    { key: "w2", parent: "plant" },
];

test("a folded row hides all that is below it", () => {
    expect(visibleRows(ROWS, new Set(["w1"])).map((row) => row.key)).toEqual(["plant", "w1", "w2"]);
    expect(visibleRows(ROWS, new Set(["plant"])).map((row) => row.key)).toEqual(["plant"]);
    expect([...foldableKeys(ROWS)]).toEqual(["plant", "w1"]);
});

test("a large plant opens folded below its workshops", () => {
    const rows = ROWS.map((row, depth) => ({ ...row, depth }));
    expect(firstFolded(rows).size).toBe(0);
    const many = [...rows, ...Array.from({ length: 200 }, (_, n) => ({ key: `x${n}`, parent: "w1", depth: 2 }))];
    expect([...firstFolded(many)]).toEqual(["w1"]);
});

test("headings span neighbours of one group", () => {
    const columns = [
        { key: "a", group: "Consumption", label: "Electricity" },
        { key: "b", group: "Consumption", label: "Gas" },
        { key: "c", group: "Carbon", label: "Carbon" },
        { key: "d", group: "", label: "Coverage" },
    ];
    expect(columnGroups(columns).map(({ label, span, alone }) => [label, span, alone])).toEqual([
        ["Consumption", 2, false],
        ["Carbon", 1, true],
        ["Coverage", 1, true],
    ]);
});

test("the address bar keeps only what is needed", () => {
    const options = { period_kind: "month", date_from: "2026-07-01", date_to: "2026-07-31", types: "", in_tonnes: false };
    expect(urlState(options, "summary")).toEqual({
        period_kind: "month",
        date_from: "2026-07-01",
        date_to: undefined,
        in_tonnes: undefined,
        types: undefined,
        view: undefined,
    });
    expect(urlState({ ...options, period_kind: "free", types: "1,2" }, "course")).toMatchObject({
        date_to: "2026-07-31",
        types: "1,2",
        view: "course",
    });
});

const MATRIX = {
    key: "summary",
    title: "Summary",
    corner: "Unit",
    columns: [
        { key: "el", label: "Electricity", kind: "figure", group: "Consumption", unit: "kWh" },
        { key: "cost", label: "Cost", kind: "figure", group: "Total", unit: "CNY" },
        { key: "coverage", label: "Coverage", kind: "coverage", group: "" },
    ],
    rows: [
        { key: "plant", label: "Plant", kind: "unit", depth: 0, parent: "" },
        { key: "w1", label: "W1", kind: "unit", depth: 1, parent: "plant" },
        { key: "rest:plant", label: "Unmetered", kind: "difference", depth: 1, parent: "plant" },
    ],
    cells: {
        plant: {
            el: { value: 100, decimals: 0, change: 0.1, indicator_id: 7, date_from: "2026-07-01", date_to: "2026-07-31" },
            cost: { reason: "no_price" },
            coverage: { coverage: 0.5, present: 1, expected: 2 },
        },
        w1: { el: { value: 60, decimals: 0, partial: true, indicator_id: 8 } },
        "rest:plant": { el: { value: 40, decimals: 0 } },
    },
};

class Parent extends Component {
    static template = xml`<ReportTable matrix="matrix" reasons="reasons" compared="'June'" folded="state.folded"
        onFold="(key) => this.fold(key)" onExplain="(cell) => this.state.explained = cell.indicator_id"/>`;
    static components = { ReportTable };
    static props = {};
    static matrix = MATRIX;

    setup() {
        this.matrix = Parent.matrix;
        this.reasons = REASONS;
        this.state = useState(Parent.state);
    }

    fold(key) {
        this.state.folded = new Set([key]);
    }
}

test("the compared period and the change have columns of their own", async () => {
    const of = { of: "el", group: "Consumption" };
    const columns = [
        MATRIX.columns[0],
        { key: "el.previous", label: "Same period last year", kind: "previous", ...of },
        { key: "el.change", label: "Change", kind: "change", ...of },
    ];
    const cells = {
        plant: { el: { value: 110, decimals: 0, previous: 100, change: 0.1 } },
        w1: { el: { value: 60, decimals: 0, previous: 40, previous_partial: true, change: 0.5 } },
    };
    Parent.matrix = { ...MATRIX, columns, cells, shows_compared: true };
    Parent.state = reactive({ folded: new Set(), explained: false });
    await mountWithCleanup(Parent);
    Parent.matrix = MATRIX;
    expect(queryAllTexts("tr[data-row=plant] td")).toEqual(["110", "100", "+10.0 %"]);
    expect(".o_delta").toHaveCount(0);
    expect("tr[data-row=plant] .o_change").toHaveClass("text-danger");
    expect("tr[data-row=w1] td[data-column='el.previous']").toHaveClass("o_partial");
    expect("tr[data-row=w1] td[data-column=el]").not.toHaveClass("o_partial");
    expect(queryAllTexts("tr[data-row='rest:plant'] td")).toEqual(["", "", ""]);
});

test("the table shows figures, folds and asks for explanations", async () => {
    Parent.state = reactive({ folded: new Set(), explained: false });
    await mountWithCleanup(Parent);
    expect(queryAllTexts("tbody th")).toEqual(["Plant", "W1", "Unmetered"]);
    expect("tr[data-row=plant] .o_blank").toHaveText("No price");
    expect("tr[data-row=plant] .o_delta").toHaveText("+10.0 %");
    expect("tr[data-row=plant] td[data-column=coverage]").toHaveText("50.0 %");
    expect("tr[data-row=w1] td[data-column=el]").toHaveClass("o_partial");
    expect("tr[data-row='rest:plant'] button.o_figure").toHaveCount(0);
    await click("tr[data-row=w1] button.o_figure");
    expect(Parent.state.explained).toBe(8);
    await click("tr[data-row=plant] .o_fold");
    await animationFrame();
    expect(queryAllTexts("tbody th")).toEqual(["Plant"]);
});

test("a click on a bar of the chart asks for the explanation of its figure", async () => {
    const cell = (value, indicator_id, more = {}) => ({ el: { value, decimals: 0, indicator_id, ...more } });
    const matrix = {
        ...MATRIX,
        rows: ["plant", "w1", "w2", "w3"].map((key, n) => ({ key, label: key, kind: "unit", depth: n ? 1 : 0, parent: "" })),
        cells: { plant: cell(100, 7), w1: cell(60, 8, { previous: 50 }), w2: cell(30, 9), w3: cell(10) },
    };
    const props = { kind: "units", matrix, column: MATRIX.columns[0], period: "July", compared: "June" };
    const chart = await mountWithCleanup(ReportChart, {
        props: { ...props, onExplain: ({ indicator_id }) => expect.step(indicator_id) },
    });
    // A unit's bar, that of a period compared with, and that of a figure nobody can explain further.
    const clickBar = async (set, index) => {
        const { x, y } = chart.chart.getDatasetMeta(set).data[index].getCenterPoint();
        await click("canvas", { position: { x, y }, relative: true });
        await animationFrame();
    };
    await clickBar(0, 0);
    await clickBar(0, 1);
    expect.verifySteps([8, 9]);
    await clickBar(1, 0);
    await clickBar(0, 2);
    expect.verifySteps([]);
});
