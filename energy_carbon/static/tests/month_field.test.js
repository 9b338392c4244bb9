import { expect, test } from "@odoo/hoot";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { mailModels } from "@mail/../tests/mail_test_helpers";

class Figure extends models.Model {
    month = fields.Date();
    _records = [
        { id: 1, month: "2026-07-01" },
        { id: 2, month: false },
    ];
}
defineModels({ ...mailModels, Figure });

test("the first of a month reads as the month", async () => {
    await mountView({
        type: "list",
        resModel: "figure",
        arch: `<list><field name="month" widget="energy_month"/></list>`,
    });
    expect(".o_data_row:eq(0) [name=month]").toHaveText("July 2026");
    expect(".o_data_row:eq(1) [name=month]").toHaveText("");
});

test("another month is picked, not typed as a day", async () => {
    onRpc("figure", "web_save", ({ args }) => expect.step(args[1].month));
    await mountView({
        type: "form",
        resModel: "figure",
        resId: 1,
        arch: `<form><field name="month" widget="energy_month"/></form>`,
    });
    expect("[name=month] button").toHaveText("July 2026");
    await contains("[name=month] button").click();
    await contains(".o_date_item_cell:contains(Sep)").click();
    await contains(".o_form_button_save").click();
    expect.verifySteps(["2026-09-01"]);
    expect("[name=month] button").toHaveText("September 2026");
});
