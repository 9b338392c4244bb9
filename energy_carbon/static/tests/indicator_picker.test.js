import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { filterTree, typeState } from "@energy_carbon/indicator_picker/picker_tree";
import { defineEnergyModels } from "./energy_test_helpers";

describe.current.tags("desktop");
defineEnergyModels();

function template(id, code, name, more = {}) {
    return { id, code, name, unit: "kWh", kind: "counter", main_total: false, present: false, ...more };
}

const CLASSES = [
    {
        key: "collected",
        label: "Collected",
        types: [
            {
                id: 1,
                label: "electricity",
                templates: [
                    template(1, "EL.FWD", "Total forward active energy", { main_total: true }),
                    template(2, "EL.P", "Active power", { unit: "kW" }),
                    template(3, "EL.REV", "Total reverse active energy", { present: true }),
                ],
            },
            {
                id: 2,
                label: "water",
                templates: [template(4, "WT.VOL", "Water volume", { unit: "m3", main_total: true })],
            },
        ],
    },
    {
        key: "efficiency",
        label: "Efficiency",
        types: [{ id: 1, label: "electricity", templates: [template(5, "EL.CONS", "electricity consumption")] }],
    },
];

let added;

beforeEach(() => {
    added = [];
    onRpc("energy.indicator", "picker_tree", ({ args }) => ({
        node: { id: args[0], name: "Meter 11", kind: "meter", energy_type_id: 1 },
        classes: CLASSES,
    }));
    onRpc("energy.indicator", "picker_add", ({ args }) => {
        added.push(args);
        return args[1];
    });
});

async function openPicker() {
    await mountView({
        type: "form",
        resModel: "energy.node",
        resId: 3,
        arch: `<form><field name="name"/><widget name="energy_indicator_picker"/></form>`,
    });
    await contains(".o_energy_add_indicators").click();
    await animationFrame();
}

test("the tree is class, energy type, template; the main total is first and marked", async () => {
    await openPicker();
    expect(".modal-title").toHaveText("Add indicators to Meter 11");
    expect(queryAllTexts(".o_energy_picker_class")).toEqual(["Collected", "Efficiency"]);
    expect(queryAllTexts(".o_energy_picker_name").slice(0, 2)).toEqual(["Total forward active energy", "Active power"]);
    expect(".o_energy_picker_template:first .badge").toHaveText("main total");
    expect("input[data-template='EL.REV']").toHaveProperty("checked", true);
    expect("input[data-template='EL.REV']").toHaveProperty("disabled", true);
    expect(".o_energy_picker_add").toHaveProperty("disabled", true);
});

test("several are added at once, and the form shows them", async () => {
    const reads = [];
    onRpc("energy.node", "web_read", ({ args }) => {
        reads.push(args[0]);
    });
    await openPicker();
    const before = reads.length;
    await contains("input[data-template='EL.FWD']").click();
    await contains("input[data-template='WT.VOL']").click();
    await contains("input[data-template='EL.P']").click();
    await contains("input[data-template='EL.P']").click();
    expect(".o_energy_picker_add").toHaveText("Add (2)");
    await contains(".o_energy_picker_add").click();
    await animationFrame();
    expect(added).toEqual([[3, [1, 4]]]);
    expect(".modal").toHaveCount(0);
    expect(reads.length).toBe(before + 1);
});

test("searching opens what matches, by type, name or code", async () => {
    await openPicker();
    await contains(".modal input[type=search]").edit("water", { confirm: false });
    expect(queryAllTexts(".o_energy_picker_name")).toEqual(["Water volume"]);
    await contains(".modal input[type=search]").edit("el.cons", { confirm: false });
    expect(queryAllTexts(".o_energy_picker_name")).toEqual(["electricity consumption"]);
    await contains(".modal input[type=search]").edit("nothing", { confirm: false });
    expect(".modal-body").toHaveText(/No template matches/);
});

test("the tree's own arithmetic", () => {
    expect(filterTree(CLASSES, "  ").length).toBe(2);
    expect(filterTree(CLASSES, "electricity power")[0].types[0].templates.map(({ code }) => code)).toEqual(["EL.P"]);
    const [electricity] = CLASSES[0].types;
    expect(typeState(electricity, new Set([1]))).toEqual({ all: false, some: true, count: 1 });
    expect(typeState(electricity, new Set([1, 2]))).toEqual({ all: true, some: true, count: 2 });
});
