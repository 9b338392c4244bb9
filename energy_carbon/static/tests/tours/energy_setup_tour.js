/**
 * User flow P1: a newcomer is led from the first, empty screen to the setup and fills it in.
 */
import { waitUntil } from "@odoo/hoot-dom";
import { registry } from "@web/core/registry";
import { choose, fill, openMenu } from "./tour_helpers";

const PLANTS = ".o_field_widget[name='new_plant_ids']";
const PEOPLE = ".o_field_widget[name='user_ids']";

function addLine(list) {
    return { content: "add a line", trigger: `${list} .o_field_x2many_list_row_add a`, run: "click" };
}

function fillLine(list, field, value) {
    return {
        content: `fill in ${field}`,
        trigger: `${list} .o_selected_row .o_field_widget[name='${field}'] input`,
        run: `edit ${value}`,
    };
}

function stay(menu) {
    return [
        ...openMenu("configuration", menu),
        { content: "asked before leaving", trigger: ".modal-footer button:contains(Stay)", run: "click" },
        { content: "the question is gone", trigger: "body:not(:has(.modal))" },
    ];
}

const apply = { content: "save the setup", trigger: ".o_form_view button[name='action_apply']", run: "click" };

registry.category("web_tour.tours").add("energy_newcomer_sets_up", {
    steps: () => [
        { content: "the apps", trigger: ".o_navbar_apps_menu button", run: "click" },
        {
            content: "the app",
            trigger: ".o-dropdown--menu .o_app[data-menu-xmlid='energy_carbon.menu_energy_root']",
            run: "click",
        },
        {
            content: "the screen has written its own address, which would overtake the click's",
            trigger: ".o_view_nocontent a[href='/odoo/energy-setup']",
            run: () => waitUntil(() => location.search.includes("month="), { timeout: 10000 }),
        },
        { content: "led to the setup", trigger: ".o_view_nocontent a[href='/odoo/energy-setup']", run: "click" },
        fill("company_name", "Suzhou Castings"),
        { content: "no button of Odoo's own", trigger: ".o_form_view:not(:has(.o_form_status_indicator, .o_form_button_create))" },
        ...stay("region"),
        {
            content: "what was typed is there",
            trigger: ".o_form_view .o_field_widget[name='company_name'] input:value(Suzhou Castings)",
        },
        fill("name", "Wang Fang"),
        fill("mobile", "138 1234 567"),
        {
            content: "metering down to equipment",
            trigger: ".o_field_widget[name='metering_level'] .o_radio_item:contains(Equipment) input",
            run: "click",
        },
        addLine(PLANTS),
        fillLine(PLANTS, "name", "Plant A"),
        ...choose("region_id", "Jiangsu", `${PLANTS} .o_selected_row`),
        addLine(PEOPLE),
        fillLine(PEOPLE, "name", "Li Na"),
        fillLine(PEOPLE, "mobile", "139 8765 4321"),
        {
            content: "a role",
            trigger: `${PEOPLE} .o_selected_row .o_field_widget[name='role'] :is(select, input)`,
            run: "click",
        },
        { content: "engineer", trigger: ".o_select_menu_item:contains(Instrument engineer)", run: "click" },
        fillLine(PEOPLE, "password", "ladle-2209"),
        apply,
        { content: "no number", trigger: ".modal:contains(is no mobile number) .modal-footer button", run: "click" },
        ...stay("type"),
        fill("mobile", "+86 138 1234 5678"),
        { ...apply, expectUnloadPage: true },
        { content: "the plant", trigger: ".o_list_view .o_data_row:contains(Plant A)" },
        { content: "the company's new name", trigger: ".o_menu_systray:contains(Suzhou Castings)" },
        ...openMenu("management", "lacking"),
        { content: "the level kept", trigger: ".o_breadcrumb:contains(level kept: 3 - Equipment)" },
        { content: "a meter to add", trigger: ".o_data_row:contains(Plant A) button[name='action_add_meter']", run: "click" },
        { content: "at the plant", trigger: ".modal .o_field_widget[name='parent_id'] input:value(Plant A)" },
        {
            content: "named",
            trigger: ".modal .o_field_widget[name='name'] :is(input, textarea)",
            run: "edit Incoming feeder",
        },
        ...choose("energy_type_id", "Electricity", ".modal"),
        { content: "registered", trigger: ".modal .o_form_button_save", run: "click" },
        { content: "nothing lacks any more", trigger: ".o_view_nocontent:contains(has one)" },
    ],
});
