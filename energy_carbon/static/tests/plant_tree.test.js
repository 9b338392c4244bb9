import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame, mockDate, runAllTimers } from "@odoo/hoot-mock";
import { router } from "@web/core/browser/router";
import { contains, getService, mockService, mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { PlantTree } from "@energy_carbon/plant_tree/plant_tree_model";
import { defineEnergyModels } from "./energy_test_helpers";

describe.current.tags("desktop");
defineEnergyModels();
beforeEach(() => mockDate("2026-08-05 10:00:00"));

function card(values) {
    return {
        parent: false,
        placed: true,
        kind: "unit",
        company_id: 1,
        unit_type: "workshop",
        code: "",
        metering_level: false,
        meter_role: false,
        meter_state: false,
        main_meter: false,
        above: "",
        total: null,
        rows: [],
        marks: [],
        ...values,
    };
}

function amount(indicator_id, value, quality = "measured") {
    return { indicator_id, template_id: 1, value, unit: "kWh", quality };
}

const SILENT = { level: "danger", text: "No reading since Monday" };

function plant() {
    return [
        card({
            id: 1,
            name: "Plant A",
            unit_type: "plant",
            total: { indicator_id: 15, template_id: 2, value: 170884, unit: "kgce", quality: "measured" },
            rows: [
                {
                    type: 1,
                    roles: "Purchased",
                    figure: { ...amount(16, 600000, "partial"), coverage: { present: 28, expected: 31 } },
                    balance: { balance_id: 9, share: 0.0412, over: true },
                },
                { type: 2, roles: "Made", figure: null, balance: null },
            ],
        }),
        card({ id: 2, name: "Workshop 1", parent: 1, code: "W1" }),
        card({ id: 3, name: "Press", parent: 2, kind: "device", unit_type: false }),
        card({
            id: 4,
            name: "Press meter",
            parent: 3,
            kind: "meter",
            code: "E-11",
            metering_level: "3",
            meter_role: "sub",
            main_meter: { id: 5, name: "Plant A / Feeder" },
            rows: [{ type: 1, roles: "", figure: amount(11, null, false), balance: null }],
            marks: [SILENT],
        }),
        card({ id: 5, name: "Feeder", parent: 1, kind: "meter", meter_role: "billing", metering_level: "1" }),
        card({ id: 6, name: "Spare meter", kind: "meter", placed: false, marks: [{ level: "info", text: "Spare" }] }),
    ];
}

function answer(values) {
    return {
        roots: [{ id: 1, name: "Plant A" }],
        root_id: false,
        nodes: plant(),
        types: { 1: "Electricity", 2: "Steam" },
        templates: { 1: "Electricity consumption", 2: "Comprehensive energy" },
        labels: {
            unit_type: { plant: "Plant", workshop: "Workshop" },
            metering_level: { 1: "1 - Plant", 2: "2 - Sub-unit", 3: "3 - Equipment" },
            meter_role: { billing: "Billing meter", sub: "Sub-meter" },
            quality: { partial: "Partial" },
        },
        keeps: ["device", "meter", "unit"],
        ...values,
    };
}

function mockTree(values) {
    const asked = [];
    onRpc("energy.node", "plant_tree", ({ args }) => {
        asked.push(args);
        return answer(values);
    });
    return asked;
}

async function openScreen(params) {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "energy_carbon.plant_tree", params });
    await animationFrame();
}

/** What the screen asks other screens to open. */
function mockActions() {
    const opened = [];
    mockService("action", {
        doAction(request, options) {
            if (request.tag === "energy_carbon.plant_tree") {
                return super.doAction(...arguments);
            }
            opened.push([request, options]);
        },
    });
    return opened;
}

/** As a browser does it: what refuses to be dropped on gets no drop. */
function dragCard(from, onto) {
    const [card, target] = [from, onto].map((id) => queryFirst(`[data-node='${id}']`));
    const dataTransfer = new DataTransfer();
    const happen = (element, type) =>
        element.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    happen(card, "dragstart");
    const refused = happen(target, "dragover");
    if (!refused) {
        happen(target, "drop");
    }
    happen(card, "dragend");
    return animationFrame();
}

const names = () => queryAllTexts(".o_energy_tree .o_energy_card_name");

// === THE TREE === //
test("what measures a whole unit stands before what is below it", () => {
    const tree = new PlantTree(answer());
    expect(tree.roots.map(({ name }) => name)).toEqual(["Plant A"]);
    expect(tree.roots[0].children.map(({ name }) => name)).toEqual(["Feeder", "Workshop 1"]);
    expect(tree.unplaced.map(({ name }) => name)).toEqual(["Spare meter"]);
    expect([tree.size, tree.roots[0].below, tree.roots[0].amiss]).toEqual([5, 4, 1]);
});

test("levels open what they are about; what was toggled by hand is kept apart", () => {
    const tree = new PlantTree(answer());
    expect(tree.openNodes(1)).toEqual({ 1: true });
    expect(tree.openNodes(2)).toEqual({ 1: true, 2: true });
    expect(tree.openNodes(3)).toEqual({ 1: true, 2: true, 3: true });
    expect(tree.openNodes(1, [1, 2])).toEqual({ 2: true });
    expect(tree.toggled(1, { 2: true })).toEqual([1, 2]);
});

test("a search finds names and codes, those that begin with the text first", () => {
    const tree = new PlantTree(answer());
    expect(tree.search("METER").map(({ name }) => name)).toEqual(["Press meter", "Spare meter"]);
    expect(tree.search("e-1").map(({ name }) => name)).toEqual(["Press meter"]);
    expect(tree.search("  ")).toEqual([]);
});

test("what may hang under what", () => {
    const tree = new PlantTree(answer());
    const [plantA, workshop, press, meter, feeder, spare] = [1, 2, 3, 4, 5, 6].map((id) => tree.byId.get(id));
    expect(tree.accepts(workshop, feeder)).toBe(true);
    expect(tree.accepts(press, spare)).toBe(true);
    expect(tree.accepts(press, workshop)).toBe(false, { message: "a unit under a device" });
    expect(tree.accepts(feeder, meter)).toBe(false, { message: "a meter under a meter" });
    expect(tree.accepts(plantA, workshop)).toBe(false, { message: "where it is" });
    expect(tree.accepts(workshop, plantA)).toBe(false, { message: "the root under itself" });
    expect(tree.kindsBelow(press)).toEqual(["meter"]);
    const engineer = new PlantTree(answer({ keeps: ["device", "meter"] }));
    expect(engineer.mayMove(engineer.byId.get(2))).toBe(false);
    expect(engineer.mayMove(engineer.byId.get(4))).toBe(true);
});

// === THE SCREEN === //
test("this month, cards with figures; blank stays blank", async () => {
    const asked = mockTree();
    await openScreen({ level: 3 });
    expect(asked).toEqual([["2026-08", false]]);
    expect(names()).toEqual(["Plant A", "Feeder", "Workshop 1", "Press", "Press meter"]);
    expect("[data-node='1'] .o_energy_card_total").toHaveText("170,884 kgce");
    expect("[data-node='1'] [data-type='1'] .o_energy_card_figure").toHaveText("600,000 kWh");
    expect("[data-node='1'] [data-type='1'] [aria-label='Partial · 28 of 31 source-days have a value']").toHaveCount(1);
    expect("[data-node='1'] [data-type='1'] .o_energy_card_balance").toHaveText("4.1 % unmetered");
    expect("[data-node='1'] [data-type='1'] .o_energy_card_balance").toHaveClass("text-danger");
    expect("[data-node='1'] [data-type='2']").toHaveText(/^Steam\s*Made$/);
    expect("[data-node='4'] .o_energy_card_figure").toHaveText("–");
    expect("[data-node='4'] .o_energy_card_details").toHaveText("E-11 · 3 - Equipment · Sub-meter of Feeder");
    expect("[data-node='4'] .text-bg-danger").toHaveText("No reading since Monday");
    expect("[data-node='2'] .o_energy_card_row").toHaveCount(0);
});

test("branches open and close; a closed one says how many are below and how many need somebody", async () => {
    mockTree();
    await openScreen({ level: 1 });
    expect(names()).toEqual(["Plant A", "Feeder", "Workshop 1"]);
    expect(".o_energy_toggle[aria-expanded=false]").toHaveText(/^2\s*1$/);
    await contains(".o_energy_toggle[aria-expanded=false]").click();
    expect(names()).toEqual(["Plant A", "Feeder", "Workshop 1", "Press"]);
    await contains("[data-level='3']").click();
    expect(names().length).toBe(5);
    await contains(".o_energy_toggle:first").click();
    expect(names()).toEqual(["Plant A"]);
});

test("the address keeps month, level, what was opened by hand and the node", async () => {
    mockTree();
    await openScreen({ level: 1, month: "2026-03", node_id: 4 });
    expect(names()).toEqual(["Plant A", "Feeder", "Workshop 1", "Press", "Press meter"]);
    expect("[data-node='4']").toHaveClass("o_energy_selected");
    await runAllTimers();
    const { month, level, toggled, node_id } = router.current;
    expect([month, String(level), toggled, String(node_id)]).toEqual(["2026-03", "1", "2,3", "4"]);
});

test("another month asks again and leaves open what was open", async () => {
    const asked = mockTree();
    await openScreen({ level: 1, month: "2026-07" });
    await contains(".o_energy_toggle[aria-expanded=false]").click();
    await contains(".o_energy_previous").click();
    expect(asked).toEqual([
        ["2026-07", false],
        ["2026-06", false],
    ]);
    expect(names()).toEqual(["Plant A", "Feeder", "Workshop 1", "Press"]);
});

test("a name found opens the way to it", async () => {
    mockTree();
    await openScreen({ level: 1 });
    await contains(".o_energy_plant_search input").edit("e-11", { confirm: false });
    await runAllTimers();
    await contains(".o-autocomplete--dropdown-item:contains(Plant A / Workshop 1 / Press / Press meter)").click();
    await animationFrame();
    expect("[data-node='4']").toHaveClass("o_energy_selected");
});

test("a figure opens its explanation, a share that of the balance, of the month shown", async () => {
    mockTree();
    const opened = mockActions();
    await openScreen({ month: "2026-07" });
    await contains("[data-node='1'] .o_energy_card_total").click();
    await contains("[data-node='1'] .o_energy_card_balance").click();
    const days = { date_from: "2026-07-01", date_to: "2026-07-31" };
    expect(opened.map(([request]) => [request.tag, request.params])).toEqual([
        ["energy_carbon.explain", { indicator_id: 15, ...days }],
        ["energy_carbon.explain", { balance_id: 9, ...days }],
    ]);
});

test("moving asks for the day in the wizard, from the menu and by dropping a card", async () => {
    const asked = mockTree();
    const opened = mockActions();
    await openScreen({ level: 3 });
    await contains("[data-node='4'] .o_energy_card_menu").click();
    await contains("[data-action='move']").click();
    await dragCard(5, 4); // a meter under a meter: refused
    await dragCard(5, 3);
    expect(opened.map(([request, options]) => [request, options.additionalContext])).toEqual([
        ["energy_carbon.energy_node_move_action", { default_node_ids: [4], default_parent_id: false }],
        ["energy_carbon.energy_node_move_action", { default_node_ids: [5], default_parent_id: 3 }],
    ]);
    await opened[1][1].onClose();
    await animationFrame();
    expect(asked.length).toBe(2, { message: "what has moved is shown" });
});

test("the menu offers what the reader may do", async () => {
    const actions = () => [...document.querySelectorAll("[data-action]")].map((item) => item.dataset.action);
    mockTree();
    await openScreen({ level: 3 });
    await contains("[data-node='2'] .o_energy_card_menu").click();
    expect(actions()).toEqual(["open", "indicators", "build", "unit", "device", "meter", "place", "move"]);
    await contains("[data-node='1'] .o_energy_card_menu").click();
    expect(actions()).toEqual(["open", "indicators", "balances", "build", "unit", "device", "meter", "place"]);
});

test("a reader moves nothing", async () => {
    mockTree({ keeps: [], nodes: plant().filter(({ placed }) => placed) });
    await openScreen({ level: 3 });
    expect("[draggable]").toHaveCount(0);
    expect(".o_energy_unplaced").toHaveCount(0);
    await contains("[data-node='2'] .o_energy_card_menu").click();
    expect("[data-action]").toHaveCount(2);
});

test("what is not placed yet waits below the tree", async () => {
    mockTree();
    await openScreen();
    expect(".o_energy_unplaced_toggle .badge").toHaveText("1");
    await contains(".o_energy_unplaced_toggle").click();
    expect(".o_energy_unplaced [data-node='6']").toHaveText(/Spare meter/);
});

test("what is open can be printed", async () => {
    mockTree();
    patchWithCleanup(window, { print: () => expect.step("print") });
    await openScreen();
    await contains(".o_energy_print").click();
    expect.verifySteps(["print"]);
});

test("several roots can be chosen from", async () => {
    const roots = [
        { id: 1, name: "Plant A" },
        { id: 7, name: "Plant B" },
    ];
    const asked = mockTree({ roots });
    await openScreen();
    expect(queryAllTexts(".o_energy_root option")).toEqual(["All", "Plant A", "Plant B"]);
    await contains(".o_energy_root").select("7");
    expect(asked.at(-1)).toEqual(["2026-08", 7]);
});

test("nothing to show says what to do, to each", async () => {
    mockTree({ nodes: [], roots: [] });
    await openScreen();
    expect(".o_nocontent_help").toHaveText(/Create your first plant/);
    expect(".o_energy_new_plant").toHaveCount(1);
});

test("nothing to show to a reader", async () => {
    mockTree({ nodes: [], roots: [], keeps: [] });
    await openScreen();
    expect(".o_nocontent_help").toHaveText(/Ask an administrator for your allowed nodes/);
    expect(".o_energy_new_plant").toHaveCount(0);
});
