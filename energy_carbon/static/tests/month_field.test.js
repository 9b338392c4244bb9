import { expect, test } from "@odoo/hoot";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
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
