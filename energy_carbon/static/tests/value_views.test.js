import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { mailModels } from "@mail/../tests/mail_test_helpers";
import { defineModels, fields, models, mockService, mountView, onRpc, contains } from "@web/../tests/web_test_helpers";
import { clickOnDataset, setupChartJsForTests } from "@web/../tests/views/graph/graph_test_helpers";

describe.current.tags("desktop");

class EnergyValue extends models.Model {
    _name = "energy.value";

    node = fields.Char({ groupable: true });
    value = fields.Float({ aggregator: "sum" });

    _records = [
        { id: 1, node: "W1", value: 10 },
        { id: 2, node: "W2", value: 20 },
        { id: 3, node: "W2", value: 30 },
    ];
    _views = {
        pivot: `<pivot js_class="energy_value_pivot"><field name="node" type="row"/><field name="value" type="measure"/></pivot>`,
        "graph,bar": `<graph js_class="energy_value_graph" type="bar"><field name="node"/><field name="value" type="measure"/></graph>`,
        "graph,line": `<graph js_class="energy_value_graph" type="line"><field name="node"/><field name="value" type="measure"/></graph>`,
    };
}

defineModels({ ...mailModels, EnergyValue });
setupChartJsForTests();

const EXPLAIN = { type: "ir.actions.client", tag: "energy_carbon.explain", params: { indicator_id: 1 } };

/** @returns {{asked: Array[], opened: Object[]}} what the server was asked, what was opened */
function mockExplainCell() {
    const found = { asked: [], opened: [] };
    onRpc("energy.value", "explain_cell", ({ args }) => {
        found.asked.push(args);
        return JSON.stringify(args[0]).includes("W1") ? EXPLAIN : false;
    });
    mockService("action", { doAction: (action) => found.opened.push(action) });
    return found;
}

test("a pivot's cell that is one figure opens Explain", async () => {
    const { asked, opened } = mockExplainCell();
    await mountView({ type: "pivot", resModel: "energy.value" });
    await contains(".o_pivot tbody tr:eq(1) .o_pivot_cell_value").click();
    await animationFrame();
    expect(asked).toEqual([[[["node", "=", "W1"]], "value"]]);
    expect(opened).toEqual([EXPLAIN]);
});

test("a pivot's cell of several figures opens the rows behind it", async () => {
    const { opened } = mockExplainCell();
    await mountView({ type: "pivot", resModel: "energy.value" });
    await contains(".o_pivot tbody tr:eq(2) .o_pivot_cell_value").click();
    await animationFrame();
    expect(opened.map(({ type, res_model }) => [type, res_model])).toEqual([["ir.actions.act_window", "energy.value"]]);
    expect(opened[0].domain).toEqual([["node", "=", "W2"]]);
});

test("a bar opens Explain, or the rows behind it", async () => {
    const { asked, opened } = mockExplainCell();
    const view = await mountView({ type: "graph", resModel: "energy.value", viewId: "bar" });
    await clickOnDataset(view);
    await animationFrame();
    expect(asked.length).toBe(1);
    expect(asked[0][1]).toBe("value");
    expect(opened.length).toBe(1);
});

test("a point of a line opens it as well", async () => {
    const { asked } = mockExplainCell();
    const view = await mountView({ type: "graph", resModel: "energy.value", viewId: "line" });
    await clickOnDataset(view);
    await animationFrame();
    expect(asked.length).toBe(1);
});
