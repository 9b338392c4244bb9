/**
 * An Energy manager reads and completes the plant on its picture; a Clerk finds a meter of his workshop on a phone.
 */
import { registry } from "@web/core/registry";
import { openMenu } from "./tour_helpers";

function card(name) {
    return `.o_energy_card:has(.o_energy_card_name:text(${name}))`;
}

/** Chooses an entry of a card's menu. */
function choose(name, action) {
    return [
        { content: `the menu of ${name}`, trigger: `${card(name)} .o_energy_card_menu`, run: "click" },
        { content: action, trigger: `.o_energy_node_menu [data-action='${action}']`, run: "click" },
    ];
}

function below(parent, name) {
    const branch = `.o_energy_branch:has(> .o_energy_stem ${card(parent)})`;
    return { content: `${name} hangs under ${parent}`, trigger: `body:not(:has(.modal)) ${branch} > .o_energy_boughs ${card(name)}` };
}

registry.category("web_tour.tours").add("energy_manager_draws_the_plant", {
    steps: () => [
        ...openMenu("management", "node_tree"),
        { content: "the plant", trigger: card("Plant") },
        { content: "down to the equipment", trigger: ".o_energy_levels [data-level='3']", run: "click" },
        below("Furnace", "Meter 1"),
        { content: "what the meter measured", trigger: `${card("Meter 1")} .o_energy_card_figure:contains(100 kWh)`, run: "click" },
        { content: "explained", trigger: ".o_energy_explain_number:contains(100)" },
        { content: "back", trigger: ".o_breadcrumb .breadcrumb-item a, .o_breadcrumb a.o_back_button", run: "click" },
        { content: "where one was", trigger: `.o_energy_selected${card("Meter 1")}` },
        ...choose("W1", "device"),
        { content: "its name", trigger: ".modal .o_field_widget[name='name'] :is(input, textarea)", run: "edit Press" },
        { content: "save", trigger: ".modal .o_form_button_save", run: "click" },
        below("W1", "Press"),
        ...choose("Press", "place"),
        { content: "from the ledger", trigger: ".modal .o_data_row:contains(Spare) .o_data_cell", run: "click" },
        { content: "to the press", trigger: ".modal .o_field_widget[name='parent_id'] input:value(Plant / W1 / Press)" },
        { content: "place it", trigger: ".modal button[name='action_move']", run: "click" },
        below("Press", "Spare"),
        ...choose("Meter 2", "move"),
        { content: "search", trigger: ".modal .o_field_widget[name='parent_id'] input", run: "edit W1 / Press" },
        { content: "the press", trigger: ".o-autocomplete--dropdown-item a:contains(Plant / W1 / Press)", run: "click" },
        { content: "move it", trigger: ".modal button[name='action_move']", run: "click" },
        below("Press", "Meter 2"),
        { content: "its form", trigger: `${card("Meter 2")} .o_energy_card_name`, run: "click" },
        { content: "and back to the picture", trigger: ".o_form_view button[name='action_open_tree']", run: "click" },
        { content: "at the meter", trigger: `.o_energy_selected${card("Meter 2")}` },
    ],
});

function refuseWide() {
    const { scrollWidth } = document.documentElement;
    const content = document.querySelector(".o_energy_plant .o_content");
    if (scrollWidth > window.innerWidth || content.scrollWidth > content.clientWidth) {
        throw new Error(`The picture is ${Math.max(scrollWidth, content.scrollWidth)} pixels wide`);
    }
}

registry.category("web_tour.tours").add("energy_clerk_finds_a_meter_on_a_phone", {
    steps: () => [
        { content: "the own workshop, below the plant", trigger: `${card("W1")} .o_energy_card_above:contains(Plant)` },
        { content: "nothing else", trigger: `.o_energy_tree:not(:has(${card("W2")}))` },
        { content: "search", trigger: ".o_energy_plant_search input", run: "edit Meter" },
        { content: "take it", trigger: ".o-autocomplete--dropdown-item:contains(W1 / Furnace / Meter 1)", run: "click" },
        { content: "the way to it is open", trigger: `.o_energy_selected${card("Meter 1")}`, run: refuseWide },
        { content: "what one may do", trigger: `${card("Meter 1")} .o_energy_card_menu`, run: "click" },
        { content: "look, no more", trigger: ".o_energy_node_menu:not(:has([data-action='move']))" },
    ],
});
