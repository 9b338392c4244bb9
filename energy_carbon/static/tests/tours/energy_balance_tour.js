/**
 * An Energy manager looks for losses: the balance of a day, its explanation down to a reading, the same figure from a
 * pivot's cell, its hours, and the consumption by tariff period.
 */
import { registry } from "@web/core/registry";
import { openMenu } from "./tour_helpers";

registry.category("web_tour.tours").add("energy_manager_balances", {
    steps: () => [
        ...openMenu("analysis", "balance_line"),
        { content: "over the limit is red", trigger: ".o_data_row.text-danger, .o_data_row .text-danger" },
        { content: "explain the difference", trigger: ".o_data_row button[name='action_explain']", run: "click" },
        { content: "what is left", trigger: ".o_energy_explain_number:contains(10)" },
        { content: "both sides", trigger: ".o_energy_explain_lines:contains(In):contains(Out)" },
        { content: "down to the readings", trigger: ".o_energy_explain_toggle:first", run: "click" },
        { content: "a reading", trigger: ".o_nested .o_energy_explain_readings tbody tr" },
        ...openMenu("analysis", "value"),
        { content: "as a pivot", trigger: ".o_switch_view.o_pivot", run: "click" },
        { content: "one figure", trigger: ".o_pivot tbody tr:eq(1) td.o_pivot_cell_value:first", run: "click" },
        { content: "explains itself", trigger: ".o_energy_explain_number:contains(100)" },
        { content: "by tariff period", trigger: ".o_energy_explain_by_period", run: "click" },
        { content: "its parts", trigger: ".o_energy_explain_periods tbody tr:contains(Peak)" },
        { content: "its hours", trigger: ".o_energy_open_hours", run: "click" },
        { content: "a chart", trigger: ".o_energy_profile_chart canvas" },
        { content: "a table", trigger: ".o_energy_profile_slots_table tbody tr:contains(Peak)" },
        ...openMenu("analysis", "period"),
        { content: "split by period", trigger: ".o_data_row:contains(Peak)" },
        { content: "other days", trigger: ".o_control_panel button:contains(Other Node or Days)", run: "click" },
        { content: "by month", trigger: ".modal .o_field_widget[name='step'] label:contains(By month)", run: "click" },
        { content: "show", trigger: ".modal button[name='action_show']", run: "click" },
        { content: "the dialog is gone", trigger: "body:not(:has(.modal)) .o_data_row:contains(Valley)" },
    ],
});
