import { expect, test } from "@odoo/hoot";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { mailModels } from "@mail/../tests/mail_test_helpers";

class Figure extends models.Model {
    data_year = fields.Integer();
    _records = [
        { id: 1, data_year: 2022 },
        { id: 2, data_year: 0 },
    ];
}
defineModels({ ...mailModels, Figure });

const FORM = `<form><field name="data_year" widget="energy_year"/></form>`;

test("a year reads as it is, an unknown one is blank", async () => {
    await mountView({
        type: "list",
        resModel: "figure",
        arch: `<list><field name="data_year" widget="energy_year"/></list>`,
    });
    expect(".o_data_row:eq(0) [name=data_year]").toHaveText("2022");
    expect(".o_data_row:eq(1) [name=data_year]").toHaveText("");
});

test("a year can be typed and taken away", async () => {
    onRpc("figure", "web_save", ({ args }) => expect.step(args[1].data_year));
    await mountView({ type: "form", resModel: "figure", resId: 2, arch: FORM });
    expect("[name=data_year] input").toHaveValue("");
    await contains("[name=data_year] input").edit("2021");
    await contains(".o_form_button_save").click();
    expect("[name=data_year] input").toHaveValue("2021");
    await contains("[name=data_year] input").edit("");
    await contains(".o_form_button_save").click();
    expect.verifySteps([2021, 0]);
    expect("[name=data_year] input").toHaveValue("");
});
