import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, getService, makeServerError, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { exactFigure } from "@energy_carbon/explain/explain_model";
import { defineEnergyModels } from "./energy_test_helpers";

describe.current.tags("desktop");
defineEnergyModels();

const JULY = { date_from: "2026-07-01", date_to: "2026-07-31" };

function explanation(values) {
    return {
        ...JULY,
        period: false,
        value: 1500,
        unit: "kWh",
        quality: "partial",
        quality_label: "Partial",
        coverage: { present: 60, expected: 62 },
        formula: "x1 + 2 * x2",
        notes: [],
        lines: [],
        factors: [],
        prices: [],
        readings: [],
        entries: [],
        ...values,
    };
}

const PLANT = explanation({
    title: "electricity carbon of Plant A",
    node: "Plant A",
    indicator: "electricity carbon",
    indicator_id: 15,
    unit: "kgCO2",
    value: 795.9,
    lines: [
        {
            indicator_id: 11,
            label: "Total energy",
            node: "Meter 11",
            coefficient: 1,
            value: 1000,
            contribution: 530.6,
            unit: "kWh",
            hidden: false,
            measure: "carbon",
            date_from: "2026-07-10",
            date_to: "2026-07-31",
            note: "",
        },
        {
            indicator_id: false,
            label: "",
            node: "Secret workshop",
            coefficient: 1,
            value: 500,
            contribution: 265.3,
            unit: "kWh",
            hidden: true,
        },
    ],
    factors: [
        {
            measure: "carbon",
            label: "Carbon, location-based",
            value: 0.5306,
            unit: "kgCO2/kWh",
            valid_from: "2023-01-01",
            year: 2023,
            document: "Announcement 2025 No. 11",
            level: "country",
            region: "China",
            to_be_checked: true,
            factor_id: 7,
        },
    ],
    prices: [
        {
            label: "electricity",
            price: 0.64,
            unit: "CNY/kWh",
            valid_from: "2026-01-01",
            tariff: "Flat",
            state: "provisional",
        },
    ],
});

const METER = explanation({
    title: "Total energy of Meter 11",
    node: "Meter 11",
    indicator: "Total energy",
    indicator_id: 11,
    value: 1000,
    formula: "",
    entries: [
        {
            date_from: "2026-07-03",
            date_to: "2026-07-03",
            value: 20,
            mode: "Amount",
            user: "Wang",
            date: "2026-07-04 02:00:00",
            previous: 15,
            reason: "meter changed",
            state: "Approved",
        },
    ],
    readings: Array.from({ length: 14 }, (_, index) => ({
        time: `2026-07-${index + 10} 00:00:00`,
        register: 1000 + index,
        quality: "Good",
    })),
});

function mockExplain(top = PLANT) {
    const asked = [];
    onRpc("energy.indicator", "explain", ({ args }) => {
        asked.push(args);
        return args[0] === 15 ? top : METER;
    });
    return asked;
}

async function openExplain(params = { indicator_id: 15, ...JULY }) {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "energy_carbon.explain", params });
    await animationFrame();
}

test("a figure with its value, coverage, formula, inputs, factor and price", async () => {
    const asked = mockExplain();
    await openExplain();
    expect(asked).toEqual([[15, "2026-07-01", "2026-07-31", false]]);
    expect(".o_energy_explain_number").toHaveText("795.9");
    expect(".o_energy_explain_value").toHaveText(/kgCO2.*Partial.*60 of 62 source-days have a value/s);
    expect(".o_energy_explain_formula code").toHaveText("x1 + 2 * x2");
    expect(".o_energy_explain_sheet").toHaveText(/Announcement 2025 No. 11/);
    expect(".o_energy_explain_sheet").toHaveText(/to be checked/);
    expect(".o_energy_explain_sheet").toHaveText(/0.64/);
    expect(queryAllTexts(".o_energy_explain_prices th")).toEqual(["Tariff", "Price, net of VAT", "Valid from", "State"]);
    expect(".o_energy_explain_prices tbody td:first").toHaveText(/Flat.*electricity/);
    expect(".o_breadcrumb").toHaveText(/Explain: electricity carbon of Plant A/);
});

test("a day that is still running is not called complete", async () => {
    mockExplain(explanation({ title: "today", coverage: { present: 62, expected: 62 } }));
    await openExplain();
    expect(".o_energy_explain_value").toHaveText(/Partial.*missing or still to come/s);
    expect(".o_energy_explain_value").not.toHaveText(/62 of 62/);
});

test("what the reader may not see is one nameless line that does not open", async () => {
    mockExplain();
    await openExplain();
    expect(".o_hidden_line").toHaveText(/other units/);
    expect(".o_energy_explain_sheet").not.toHaveText(/Secret workshop/);
    expect(".o_energy_explain_toggle").toHaveCount(1);
});

test("an input opens in place down to readings and persons, and closes", async () => {
    const asked = mockExplain();
    await openExplain();
    await contains(".o_energy_explain_toggle").click();
    expect(asked.at(-1)).toEqual([11, "2026-07-10", "2026-07-31", "carbon"]);
    expect(".o_nested").toHaveText(/Wang/);
    expect(".o_nested").toHaveText(/meter changed.*before: 15/s);
    expect(".o_energy_explain_readings tbody tr").toHaveCount(10);
    await contains(".o_nested button:contains(Show all 14 readings)").click();
    expect(".o_energy_explain_readings tbody tr").toHaveCount(14);
    await contains(".o_energy_explain_toggle").click();
    expect(".o_nested").toHaveCount(0);
});

test("blank is not zero, and nothing behind it says so", async () => {
    onRpc("energy.indicator", "explain", () =>
        explanation({
            title: "x",
            node: "n",
            indicator: "x",
            indicator_id: 1,
            value: null,
            quality: "missing",
            quality_label: "Missing",
            formula: "",
            coverage: { present: 0, expected: 31 },
        })
    );
    await openExplain();
    expect(".o_energy_explain_number").toHaveText("–");
    expect(".o_energy_explain_sheet").toHaveText(/Nothing was read or typed for this period/);
});

test("an allocated figure shows by what it was shared out, hidden units as one", async () => {
    const rows = [
        { node: "W1", figure: 1200, share: 0.48, amount: 14400, hidden: false, own: true },
        { node: "other units", figure: 1300, share: 0.52, amount: 15600, hidden: true, own: false },
    ];
    const shares = [{ title: "Hall", basis: "Floor area", basis_unit: "m²", fixed: false, unit: "kWh", rows }];
    onRpc("energy.indicator", "explain", () =>
        explanation({ title: "x", node: "n", indicator: "x", indicator_id: 1, shares })
    );
    await openExplain();
    expect(".o_energy_explain_sheet").toHaveText(/Shares: Floor area/);
    expect(queryAllTexts(".o_energy_explain_shares tbody tr:first-child td")).toEqual([
        "W1",
        "1,200m²",
        "48.00 %",
        "14,400kWh",
    ]);
    expect(".o_energy_explain_shares .fa-lock").toHaveCount(1);
});

test("a line that cannot be loaded closes again", async () => {
    onRpc("energy.indicator", "explain", ({ args }) => {
        if (args[0] === 15) {
            return PLANT;
        }
        throw makeServerError({ message: "gone" });
    });
    expect.errors(1);
    await openExplain();
    await contains(".o_energy_explain_toggle").click();
    await animationFrame();
    expect.verifyErrors(["RPC_ERROR: gone"]);
    expect(".o_energy_explain_nested").toHaveCount(0);
});

test("parameters as the address bar gives them", async () => {
    const asked = mockExplain();
    await openExplain({ indicator_id: "15", date_from: "2026-07-05" });
    expect(asked).toEqual([[15, "2026-07-05", "2026-07-05", false]]);
});

test("without a figure it says what to do", async () => {
    mockExplain();
    await openExplain({});
    expect(".o_view_nocontent").toHaveText(/Which figure/);
    expect(queryAllTexts(".o_energy_open_indicator")).toEqual([]);
});

test("a balance explains its difference, and opens itself", async () => {
    const asked = [];
    onRpc("energy.balance", "explain", ({ args }) => {
        asked.push(args);
        return explanation({
            title: "Plant A",
            indicator: "Difference: Plant A",
            indicator_id: false,
            balance_id: 7,
            value: 24000,
            lines: [{ ...PLANT.lines[0], note: "In" }],
        });
    });
    await openExplain({ balance_id: 7, ...JULY });
    expect(asked).toEqual([[7, "2026-07-01", "2026-07-31"]]);
    expect(".o_energy_explain_number").toHaveText("24,000");
    expect(".o_energy_open_balance").toHaveCount(1);
    expect(".o_energy_open_indicator").toHaveCount(0);
    expect(".o_energy_explain_lines").toHaveText(/In/);
});

test("a figure that is split by tariff period shows its parts on request", async () => {
    onRpc("energy.indicator", "explain", () => ({ ...METER, split: true, is_amount: true }));
    onRpc("energy.indicator", "explain_periods", () => [
        { period: "peak", label: "Peak", amount: 600, unit: "kWh", share: 0.6, cost: 570, currency: "CNY", registers: true },
        { period: "none", label: "Not split", amount: 400, unit: "kWh", share: 0.4, cost: null, currency: "CNY", registers: false },
    ]);
    await openExplain({ indicator_id: 11, ...JULY });
    await contains(".o_energy_explain_by_period").click();
    expect(queryAllTexts(".o_energy_explain_periods tbody tr")).toEqual([
        "Peak 600kWh 60.00 % 570CNY Own period registers",
        "Not split 400kWh 40.00 % –",
    ]);
});

test("factors and registers keep their digits, without what binary fractions add", () => {
    expect(exactFigure(11100029.700000001)).toBe("11,100,029.7");
    expect(exactFigure(0.1229)).toBe("0.1229");
    expect(exactFigure(41.15551234)).toBe("41.15551234");
    expect(exactFigure(null)).toBe("–");
});
