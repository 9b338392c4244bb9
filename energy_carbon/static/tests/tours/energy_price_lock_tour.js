/**
 * An Energy manager changes a price, sees the plant's cost follow and the journal's entry, locks the month and is refused the
 * next change; without the right to lock cost he locks the quantities, which refuse the next factor. An Auditor goes from the
 * plant's cost, level by level, down to the meter's readings.
 */
import { registry } from "@web/core/registry";
import { fill, openMenu, save } from "./tour_helpers";

const PRICE = ".o_field_widget[name='price_ids'] .o_data_row";

/** The month of the plant's cost, whatever year last month lies in. */
function plantCost(text) {
    const facet = (content) => ({ content, trigger: ".o_searchview_facet .o_facet_remove:first", run: "click" });
    return [
        ...openMenu("analysis", "value_month"),
        { content: "the list is there", trigger: ".o_control_panel .o_breadcrumb:contains(Monthly Values)" },
        facet("every indicator"),
        facet("every level"),
        facet("every year"),
        { content: "nothing is filtered", trigger: ".o_control_panel:not(:has(.o_searchview_facet))" },
        {
            content: `the plant's cost is ${text}`,
            trigger: `.o_data_row:has(td[name='node_id']:contains(Plant)):contains(Electricity cost):contains(${text})`,
        },
    ];
}

/** The tariff's form with another price typed, not yet saved. */
function typePrice(price) {
    return [
        ...openMenu("configuration", "tariff"),
        { content: "the tariff", trigger: ".o_data_row td:contains(Works tariff)", run: "click" },
        { content: "its prices", trigger: ".o_notebook [name='prices']", run: "click" },
        { content: "the price", trigger: `${PRICE} td[name='price']`, run: "click" },
        { content: "another price", trigger: `${PRICE} .o_field_widget[name='price'] input`, run: `edit ${price}` },
    ];
}

const journal = [
    ...openMenu("care", "restatement"),
    {
        content: "the journal tells what changed from what to what",
        trigger: ".o_data_row:contains(energy_manager):contains(Works tariff):contains(0.65):contains(0.7)",
    },
    { content: "its entry", trigger: ".o_data_row td[name='name']:contains(Works tariff)", run: "click" },
    {
        content: "the plant's cost before and after",
        trigger: ".o_field_widget[name='line_ids'] .o_data_row td[name='cost_text']:contains(624.000 → 672.000)",
    },
];

const lock = [
    ...openMenu("care", "lock_month"),
    { content: "which plants", trigger: ".modal .o_field_widget[name='plant_ids'] .o_tag:contains(Plant)" },
    {
        content: "what is locked",
        trigger:
            ".modal:has(.o_field_widget[name='quantity'] input:checked) .o_field_widget[name='cost'] input:checked",
    },
    { content: "last month, still open", trigger: ".modal .o_field_widget[name='lock_ids'] .o_data_row:contains(Open)" },
    { content: "lock", trigger: ".modal button[name='action_lock']", run: "click" },
    { content: "the dialog is gone", trigger: "body:not(:has(.modal))" },
    ...openMenu("care", "lock"),
    {
        content: "who locked it",
        trigger: ".o_data_row:contains(Plant):contains(Quantities and cost locked):contains(energy_manager)",
    },
];

const refusal = [
    ...typePrice("0.8"),
    { content: "save", trigger: ".o_form_button_save:enabled", run: "click" },
    {
        content: "the lock is named",
        trigger: ".modal .modal-body:contains(Works tariff):contains(the cost of Plant is locked for)",
    },
    { content: "understood", trigger: ".modal .modal-footer button:first", run: "click" },
    { content: "the dialog is gone", trigger: "body:not(:has(.modal)) .o_form_button_cancel", run: "click" },
    { content: "the price is what it was", trigger: `${PRICE} td[name='price'] input:value(0.7)` },
];

registry.category("web_tour.tours").add("energy_manager_restates_and_locks", {
    steps: () => [
        ...plantCost("624"),
        ...typePrice("0.7"),
        ...save(),
        ...plantCost("672"),
        ...journal,
        ...lock,
        ...refusal,
        ...plantCost("672"),
    ],
});

registry.category("web_tour.tours").add("energy_manager_locks_quantities", {
    steps: () => [
        ...openMenu("care", "lock_month"),
        {
            content: "quantities are offered, cost is the accountant's",
            trigger:
                ".modal:has(.o_field_widget[name='quantity'] input:checked):not(:has(.o_field_widget[name='cost'])) button[name='action_lock']",
            run: "click",
        },
        {
            content: "who locked it",
            trigger: "body:not(:has(.modal)) .o_data_row:contains(Plant):contains(Quantities locked):contains(energy_manager)",
        },
        ...openMenu("configuration", "factor"),
        { content: "the factors are there", trigger: ".o_control_panel .o_breadcrumb:contains(Factors)" },
        { content: "search the document", trigger: ".o_searchview_input", run: "edit Own laboratory" },
        { content: "among documents", trigger: ".o_searchview_autocomplete .o-dropdown-item:contains(Document)", run: "click" },
        { content: "the factor", trigger: ".o_data_row td:contains(Own laboratory)", run: "click" },
        fill("value", "0.5"),
        { content: "save", trigger: ".o_form_button_save:enabled", run: "click" },
        {
            content: "the lock is named",
            trigger: ".modal .modal-body:contains(the quantities of Plant are locked for)",
        },
        { content: "understood", trigger: ".modal .modal-footer button:first", run: "click" },
        { content: "the dialog is gone", trigger: "body:not(:has(.modal)) .o_form_button_cancel", run: "click" },
        { content: "the factor is what it was", trigger: ".o_form_saved .o_field_widget[name='value'] input:value(0.6)" },
    ],
});

registry.category("web_tour.tours").add("energy_auditor_explains_cost", {
    steps: () => [
        ...plantCost("624"),
        {
            content: "explain it",
            trigger:
                ".o_data_row:has(td[name='node_id']:contains(Plant)):contains(Electricity cost) button[name='action_explain']",
            run: "click",
        },
        { content: "the cost", trigger: ".o_energy_explain_value:contains(624):contains(CNY)" },
        { content: "the plant's consumption", trigger: ".o_energy_explain_toggle:first", run: "click" },
        { content: "its workshop", trigger: ".o_nested .o_energy_explain_toggle:first", run: "click" },
        { content: "its device", trigger: ".o_nested .o_nested .o_energy_explain_toggle:first", run: "click" },
        { content: "its meter", trigger: ".o_nested .o_nested .o_nested .o_energy_explain_toggle:first", run: "click" },
        { content: "the price used", trigger: ".o_nested .o_nested .o_nested .o_nested:contains(Works tariff):contains(0.65)" },
        {
            content: "the first readings of the day",
            trigger: ".o_nested .o_nested .o_nested .o_nested .o_energy_explain_readings tbody tr:eq(1):contains(10)",
        },
        { content: "all of them", trigger: "button:contains(Show all 97 readings)", run: "click" },
        { content: "the last one", trigger: ".o_energy_explain_readings tbody tr:eq(96):contains(960)" },
    ],
});
