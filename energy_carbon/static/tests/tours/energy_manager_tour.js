/**
 * User flows I4 and I5: an Energy manager sets a price, builds the tree, adds indicators bottom-up and sees the figure.
 */
import { registry } from "@web/core/registry";
import { choose, create, fill, openMenu, openRow, pickIndicators, save } from "./tour_helpers";

const price = [
    ...openMenu("configuration", "type"),
    { content: "an energy type with its unit", trigger: ".o_data_row td[name='code']:contains(/^EL$/)", run: "click" },
    { content: "its factors of today", trigger: ".o_form_view .o_field_widget[name='current_carbon']" },
    ...openMenu("configuration", "tariff"),
    create(),
    fill("name", "Electricity 10 kV"),
    ...choose("energy_type_id", "Electricity"),
    { content: "a price", trigger: ".o_field_widget[name='price_ids'] .o_field_x2many_list_row_add a", run: "click" },
    {
        content: "since when",
        trigger:
            ".o_field_widget[name='price_ids'] .o_selected_row .o_field_widget[name='date_from'] :is(input, button)",
        run: "click",
    },
    {
        content: "the day",
        trigger: ".o_field_widget[name='price_ids'] .o_selected_row .o_field_widget[name='date_from'] input",
        run: "edit 01/01/2020",
    },
    {
        content: "how much",
        trigger: ".o_field_widget[name='price_ids'] .o_selected_row .o_field_widget[name='price'] input",
        run: "edit 0.65",
    },
    ...save(),
];

const tree = [
    ...openMenu("management", "unit"),
    create(),
    fill("name", "Forge"),
    ...choose("parent_id", "Plant"),
    ...save(),
    ...openMenu("management", "device"),
    create(),
    fill("name", "Hammer"),
    ...choose("parent_id", "Forge"),
    ...save(),
    ...openMenu("management", "meter"),
    create(),
    fill("name", "Hammer meter"),
    ...choose("energy_type_id", "Electricity"),
    ...choose("parent_id", "Hammer"),
    {
        content: "a customer who types",
        trigger: ".o_form_view .o_field_widget[name='collection'] input",
        run: "click",
    },
    { content: "typed", trigger: ".o_select_menu_item:contains(Typed)", run: "click" },
    ...save(),
];

const indicators = [
    ...pickIndicators("EL.FWD", ["EL.FWD"]),
    {
        content: "the meter has its collected indicator",
        trigger: ".o_field_widget[name='indicator_ids'] .o_data_row:contains(Total forward active energy)",
    },
    ...openMenu("management", "device"),
    openRow("Hammer"),
    ...pickIndicators("EL", ["EL.CONS", "EL.TCE", "EL.CO2", "EL.COST"]),
    {
        content: "edit the formula of the consumption",
        trigger:
            ".o_field_widget[name='indicator_ids'] .o_data_row:contains(Electricity consumption) button[name='get_formview_action']",
        run: "click",
    },
    {
        content: "take the proposed source away",
        trigger: ".o_field_widget[name='term_ids'] .o_data_row:contains(Hammer meter) .o_list_record_remove button",
        run: "click",
    },
    { content: "it is gone", trigger: ".o_field_widget[name='term_ids']:not(:has(.o_data_row))" },
    {
        content: "add a source",
        trigger: ".o_field_widget[name='term_ids'] .o_field_x2many_list_row_add a",
        run: "click",
    },
    ...choose("source_id", "Hammer meter", ".o_field_widget[name='term_ids'] .o_selected_row"),
    ...save(),
    {
        content: "the formula reads as people write it",
        trigger: ".o_field_widget[name='formula_text']:contains(Hammer meter / Total forward active energy)",
    },
    ...openMenu("management", "unit"),
    openRow("Forge"),
    ...pickIndicators("EL", ["EL.CONS", "EL.COST"]),
    ...openMenu("management", "unit"),
    { content: "the plant", trigger: ".o_data_row td[name='complete_name']:contains(/^Plant$/)", run: "click" },
    ...pickIndicators("EL", ["EL.CONS", "EL.COST"]),
    {
        content: "the plant takes what is below it",
        trigger: ".o_field_widget[name='indicator_ids'] .o_data_row:contains(Forge / Electricity consumption)",
    },
];

const figure = [
    ...openMenu("entry", "indicator_entry"),
    {
        content: "choose the plant on the left",
        trigger: ".o_search_panel_label_title:contains(/^Plant$/)",
        run: "click",
    },
    { content: "the first day", trigger: "tr[data-row='0'] td[data-col='0']", run: "click" },
    { content: "type a figure", trigger: ".o_energy_grid_input", run: "fill 1000" },
    { content: "go down", trigger: ".o_energy_grid_input", run: "press Enter" },
    { content: "save", trigger: ".o_energy_save:enabled", run: "click" },
    { content: "saved", trigger: ".o_energy_save:disabled" },
    ...openMenu("analysis", "value"),
    {
        content: "the plant shows what the hammer used",
        trigger: ".o_data_row:contains(Plant):contains(1,000.000) button[name='action_explain']",
        run: "click",
    },
    { content: "the figure", trigger: ".o_energy_explain_number:contains(1,000)" },
    { content: "down to the workshop", trigger: ".o_energy_explain_toggle", run: "click" },
    { content: "down to the device", trigger: ".o_nested .o_energy_explain_toggle", run: "click" },
    { content: "down to the meter", trigger: ".o_nested .o_nested .o_energy_explain_toggle", run: "click" },
    {
        content: "down to the person",
        trigger: ".o_nested .o_nested .o_nested:contains(energy_manager)",
    },
];

registry.category("web_tour.tours").add("energy_manager_sets_up", {
    steps: () => [...price, ...tree, ...indicators, ...figure],
});
