/**
 * Steps that the tours of the energy screens share.
 */
import { stepUtils } from "@web_tour/tour_utils";

const MENU = "energy_carbon.menu_energy_";

/** Opens a screen from its menu, as people do. */
export function openMenu(section, name) {
    return [
        {
            content: `open the menu ${section}`,
            trigger: `.o_menu_sections [data-menu-xmlid='${MENU}${section}']`,
            run: "click",
        },
        {
            content: `choose ${name}`,
            trigger: `.o-dropdown--menu [data-menu-xmlid='${MENU}${name}']`,
            run: "click",
        },
    ];
}

export function create() {
    return {
        content: "new record",
        trigger: ".o_control_panel .o_list_button_add, .o_control_panel .o-kanban-button-new",
        run: "click",
    };
}

export function fill(field, value) {
    return {
        content: `fill in ${field}`,
        trigger: `.o_form_view .o_field_widget[name='${field}'] :is(input, textarea)`,
        run: `edit ${value}`,
    };
}

/** A many2one: type, then take the entry offered. */
export function choose(field, text, within = ".o_form_view") {
    return [
        {
            content: `search ${text}`,
            trigger: `${within} .o_field_widget[name='${field}'] input`,
            run: `edit ${text}`,
        },
        {
            content: `take ${text}`,
            trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(${text})`,
            run: "click",
        },
    ];
}

/** A selection field. */
export function select(field, value) {
    return [
        {
            content: `open ${field}`,
            trigger: `.o_form_view .o_field_widget[name='${field}'] :is(select, input)`,
            run: `select ${value}`,
        },
    ];
}

export function save() {
    return stepUtils.saveForm();
}

export function openRow(text) {
    return { content: `open ${text}`, trigger: `.o_data_row td:contains(${text})`, run: "click" };
}

/** On a node's form: tick templates in the picker and add them at once. */
export function pickIndicators(type, codes) {
    const ticks = codes.map((code) => ({
        content: `tick ${code}`,
        trigger: `.modal input[data-template='${code}']`,
        run: "click",
    }));
    return [
        { content: "indicators of this node", trigger: ".o_notebook [name='indicators']", run: "click" },
        { content: "open the picker", trigger: ".o_energy_add_indicators", run: "click" },
        {
            content: "search the energy type",
            trigger: ".modal input[type='search']",
            run: `edit ${type}`,
        },
        ...ticks,
        {
            content: "the button counts them",
            trigger: `.modal .o_energy_picker_add:contains(${codes.length})`,
            run: "click",
        },
        { content: "the picker is gone", trigger: "body:not(:has(.modal))" },
    ];
}
