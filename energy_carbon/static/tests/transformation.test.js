import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { defineEnergyModels } from "./energy_test_helpers";

describe.current.tags("desktop");
defineEnergyModels();
beforeEach(() => mockDate("2026-08-05 10:00:00"));

const BOILER = {
    id: 5,
    name: "Boiler house",
    fuel: 97144,
    auxiliary: 3687,
    at_source: 17237,
    inputs: [],
    products: [
        {
            name: "Steam",
            unit: "GJ",
            made: 2500,
            delivered: 2450,
            pooled: false,
            output: 85300,
            conversion_loss: 11844,
            network_loss: 50,
            network_loss_value: 1706,
            efficiency: 87.8078,
            own_coefficient: 41.1555,
            source_coefficient: 34.12,
        },
    ],
};
const W1 = {
    id: 2,
    name: "W1",
    kind: "Workshop",
    direct: 29496,
    at_source: 85985.28,
    passed_on: null,
    with_common: 104051.64,
    inputs: [{ name: "Electricity", unit: "kWh", amount: 240000, value: 29496, indicator_id: 11 }],
    used: [{ name: "Steam", unit: "GJ", amount: 1500, at_source: 51180, passed_on: 61733.27, indicator_id: 12 }],
};

function report(values) {
    return {
        plant: "Plant A",
        date_from: "2026-07-01",
        date_to: "2026-07-31",
        measure: "coal",
        unit: "kgce",
        services: [BOILER],
        units: [W1],
        products: [],
        totals: { direct: 170884, at_source: 170884, passed_on: 170884, with_common: 170884 },
        plant_total: { indicator_id: 15, name: "Comprehensive energy", value: 170884 },
        notes: [],
        ...values,
    };
}

function mockReport(values, plants = [{ id: 1, name: "Plant A" }]) {
    const asked = [];
    onRpc("energy.transformation", "plants", () => plants);
    onRpc("energy.transformation", "measures", () => [
        { id: "coal", name: "Standard coal" },
        { id: "carbon", name: "Carbon" },
    ]);
    onRpc("energy.transformation", "report", ({ args }) => {
        asked.push(args);
        return report(values);
    });
    return asked;
}

async function open(params) {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "energy_carbon.transformation", params });
    await animationFrame();
}

test("last month, both presentations side by side, unknown figures blank", async () => {
    const asked = mockReport();
    await open();
    expect(asked).toEqual([[1, "2026-07-01", "2026-07-31", "coal"]]);
    expect(queryAllTexts(".o_energy_services tbody td")).toEqual([
        "Boiler house",
        "97,144",
        "3,687",
        "Steam",
        "2,500 GJ",
        "2,450 GJ",
        "11,844",
        "1,706",
        "87.81 %",
        "41.1555kgce/GJ",
    ]);
    expect(queryAllTexts(".o_energy_unit_row td")).toEqual(["W1", "Workshop", "29,496", "85,985.28", "–", "104,051.64"]);
    expect(".o_energy_units tfoot .text-success").toHaveText("Agrees");
});

test("a unit opens to what it used, and a part to its explanation", async () => {
    mockReport();
    const explained = [];
    onRpc("energy.indicator", "explain", ({ args }) => {
        explained.push(args);
        return { title: "Steam", node: "W1", value: 1, notes: [], lines: [], coverage: { present: 1, expected: 1 } };
    });
    await open();
    await contains(".o_energy_unit_row").click();
    expect(queryAllTexts(".o_energy_unit_part td:first-child")).toEqual(["Electricity240,000 kWh", "Steam1,500 GJ"]);
    await contains(".o_energy_explain_part:last").click();
    await animationFrame();
    expect(explained).toEqual([[12, "2026-07-01", "2026-07-31", "coal"]]);
});

test("period and measure ask again; a difference to the plant's total shows", async () => {
    const asked = mockReport({ plant_total: { indicator_id: 15, name: "Total", value: 170000 } });
    await open({ plant_id: 1, month: "2026-03", span: "12", measure: "carbon" });
    await contains(".o_energy_span").select("0");
    await contains(".o_energy_measure").select("coal");
    expect(asked).toEqual([
        [1, "2025-04-01", "2026-03-31", "carbon"],
        [1, "2026-01-01", "2026-03-31", "carbon"],
        [1, "2026-01-01", "2026-03-31", "coal"],
    ]);
    expect(".o_energy_units tfoot .text-warning").toHaveText(/Difference: 884/);
});

test("nothing to show says what to do", async () => {
    mockReport({}, []);
    await open();
    expect(".o_nocontent_help").toHaveText(/Ask an Energy manager/);
});

test("a month without figures says what to do", async () => {
    mockReport({ services: [], units: [{ ...W1, direct: 0, used: [] }] });
    await open();
    expect(".o_nocontent_help").toHaveText(/Nothing was used in this period/);
});
