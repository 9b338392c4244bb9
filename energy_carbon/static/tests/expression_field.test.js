import { advanceTime, describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { mailModels } from "@mail/../tests/mail_test_helpers";
import { aroundPlace } from "@energy_carbon/formula_editor/expression_check";

describe.current.tags("desktop");

class EnergyIndicator extends models.Model {
    _name = "energy.indicator";

    name = fields.Char();
    expression = fields.Text();
    term_ids = fields.One2many({ relation: "energy.indicator.term", relation_field: "indicator_id" });

    _records = [
        { id: 1, name: "Plant / electricity", expression: "a + 电", term_ids: [1, 2, 3] },
        { id: 11, name: "W1 / electricity" },
        { id: 12, name: "W2 / electricity" },
    ];
    _views = {
        form: `<form>
                <field name="expression" widget="energy_expression" placeholder="a + b"/>
                <field name="term_ids">
                    <list editable="bottom">
                        <field name="variable"/><field name="role" column_invisible="1"/>
                        <field name="source_id"/><field name="source_unit"/>
                    </list>
                </field>
            </form>`,
    };
}

class EnergyIndicatorTerm extends models.Model {
    _name = "energy.indicator.term";

    indicator_id = fields.Many2one({ relation: "energy.indicator" });
    source_id = fields.Many2one({ relation: "energy.indicator" });
    variable = fields.Char();
    role = fields.Char();
    source_unit = fields.Char();

    _records = [
        { id: 1, indicator_id: 1, source_id: 11, variable: "a", role: "sum", source_unit: "kWh" },
        { id: 2, indicator_id: 1, source_id: 12, variable: "电", role: "sum", source_unit: "MWh" },
        { id: 3, indicator_id: 1, source_id: 12, variable: "c", role: "numerator", source_unit: "MWh" },
    ];
}

defineModels({ ...mailModels, EnergyIndicator, EnergyIndicatorTerm });

const FINE = { ok: true, message: false, position: null };

/** @param {(text: string) => Object} judge what the server says to a text */
async function openForm(judge = () => FINE, params = {}) {
    const asked = [];
    onRpc("energy.indicator", "check_expression", ({ args }) => {
        asked.push(args);
        return judge(args[0]);
    });
    await mountView({ type: "form", resModel: "energy.indicator", resId: 1, ...params });
    await animationFrame();
    return asked;
}

async function type(text) {
    await contains(".o_energy_expression textarea").edit(text, { confirm: false });
    await advanceTime(400);
    await animationFrame();
}

test("variables are offered with their units and put in where the cursor stands", async () => {
    const asked = await openForm();
    expect(queryAllTexts(".o_energy_expression_variables button")).toEqual(["a kWh", "电 MWh"]);
    expect(asked).toEqual([["a + 电", { a: 11, 电: 12 }]]);
    const field = queryOne(".o_energy_expression textarea");
    field.setSelectionRange(0, 1);
    await contains(".o_energy_expression_variables button:eq(1)").click();
    expect(field).toHaveValue("电 + 电");
    await advanceTime(400);
    expect(asked.at(-1)[0]).toBe("电 + 电");
});

test("what is wrong shows while typing, with its place, and goes again", async () => {
    await openForm((text) =>
        text.includes(")") ? { ok: false, message: "A number is expected instead of ')'.", position: 4 } : FINE
    );
    expect(".o_energy_expression_verdict").toHaveText("");
    await type("a + ) * 电");
    expect(".o_energy_expression_verdict .text-danger").toHaveText("A number is expected instead of ')'.");
    expect(".o_energy_expression_place").toHaveText("a + ) * 电");
    expect(".o_energy_expression_place mark").toHaveText(")");
    expect("textarea[aria-invalid=true]").toHaveCount(1);
    await type("a");
    expect(".o_energy_expression_verdict").toHaveText("");
    expect("textarea[aria-invalid=false]").toHaveCount(1);
});

test("a remark is no error", async () => {
    await openForm(() => ({ ok: true, message: "The expression does not use 电.", position: null }));
    expect(".o_energy_expression_verdict .text-danger").toHaveCount(0);
    expect(".o_energy_expression_verdict").toHaveText("The expression does not use 电.");
});

test("an empty expression is not asked about", async () => {
    const asked = await openForm();
    await type("");
    expect(asked).toHaveLength(1);
    expect(".o_energy_expression_verdict").toHaveText("");
});

test("a renamed variable is judged anew, and the expression is saved", async () => {
    const asked = await openForm();
    onRpc("energy.indicator", "web_save", ({ args }) => expect.step(args[1].expression));
    await contains(".o_field_widget[name=term_ids] td[name=variable]:first").click();
    await contains(".o_field_widget[name=term_ids] td[name=variable] input").edit("b");
    await animationFrame();
    expect(asked.at(-1)[1]).toEqual({ b: 11, 电: 12 });
    await type("b - 电");
    await contains(".o_form_button_save").click();
    expect.verifySteps(["b - 电"]);
});

test("read only, it is the text alone", async () => {
    const asked = await openForm(undefined, { readonly: true });
    expect(".o_energy_expression_text").toHaveText("a + 电");
    expect("textarea").toHaveCount(0);
    expect(asked).toEqual([]);
});

test("places count characters, not halves of them, and long texts are cut", () => {
    expect(aroundPlace("𝑎 + )", 4)).toEqual({ before: "𝑎 + ", at: ")", after: "" });
    expect(aroundPlace("a +", 3).at).toBe("\u00a0");
    const around = aroundPlace("x".repeat(100) + "!" + "y".repeat(100), 100);
    expect(around).toEqual({ before: "…" + "x".repeat(30), at: "!", after: "y".repeat(30) + "…" });
});
