/**
 * An Auditor opens every screen and one record of each, finds nothing that would change anything, and reads an
 * explanation down to the person.
 */
import { registry } from "@web/core/registry";

/** Controls that write. Switching views, filters, exports and the person's own preferences do not. */
const WRITING = [
    ".o_list_button_add",
    ".o-kanban-button-new",
    ".o_form_button_create",
    ".o_form_button_save",
    ".o_field_x2many_list_row_add",
    ".o_list_record_remove",
    ".o_energy_save",
    ".o_energy_add_indicators",
    ".o_form_statusbar .o_statusbar_buttons button",
    "button[name='action_approve']",
    "button[name='action_default_formula']",
    ".o_form_editable .o_field_widget:not(.o_readonly_modifier) input:not([type='checkbox'])",
].join(",");
const WRITING_MENU = /^(delete|duplicate|archive|unarchive|import records)$/i;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(found, what) {
    for (let tries = 0; tries < 150; tries++) {
        const result = found();
        if (result) {
            return result;
        }
        await pause(40);
    }
    throw new Error(`Waited in vain for ${what}`);
}

function visible(element) {
    return element.offsetParent !== null && !element.disabled;
}

function refuseWriting(screen) {
    const writing = [...document.querySelectorAll(WRITING)].filter(visible);
    if (writing.length) {
        throw new Error(`${screen}: an auditor could change something with ${writing[0].outerHTML.slice(0, 200)}`);
    }
}

async function refuseWritingMenu(screen) {
    const cog = document.querySelector(".o_cp_action_menus button");
    if (!cog || !visible(cog)) {
        return;
    }
    cog.click();
    await until(() => document.querySelector(".o-dropdown--menu"), "the menu of actions");
    const items = [...document.querySelectorAll(".o-dropdown--menu .o-dropdown-item")];
    const writing = items.find((item) => WRITING_MENU.test(item.textContent.trim()));
    cog.click();
    if (writing) {
        throw new Error(`${screen}: an auditor is offered "${writing.textContent.trim()}"`);
    }
}

function services() {
    return odoo.__WOWL_DEBUG__.root.env.services;
}

function screens() {
    const { menu } = services();
    const app = menu.getCurrentApp();
    const leaves = (tree) => (tree.childrenTree.length ? tree.childrenTree.flatMap(leaves) : [tree]);
    return leaves(menu.getMenuAsTree(app.id)).filter((leaf) => leaf.actionID);
}

async function readScreen(leaf) {
    const before = document.querySelector(".o_action_manager > *");
    await services().menu.selectMenu(leaf);
    await until(() => document.querySelector(".o_action_manager > *") !== before, leaf.name);
    await until(() => document.querySelector(".o_action_manager .o_content"), leaf.name);
    await pause(150);
    refuseWriting(leaf.name);
    await refuseWritingMenu(leaf.name);
    const row = document.querySelector(".o_data_row .o_data_cell:not(.o_handle_cell)");
    if (row && services().action.currentController?.config.views?.some(([, type]) => type === "form")) {
        row.click();
        await until(() => document.querySelector(".o_form_view"), `a record of ${leaf.name}`);
        await pause(150);
        refuseWriting(`a record of ${leaf.name}`);
        await refuseWritingMenu(`a record of ${leaf.name}`);
    }
}

registry.category("web_tour.tours").add("energy_auditor_reads", {
    steps: () => [
        {
            content: "every screen of the app",
            trigger: ".o_menu_sections [data-menu-xmlid='energy_carbon.menu_energy_analysis']",
            timeout: 60000,
            run: async () => {
                const all = screens();
                if (all.length < 8) {
                    throw new Error(`Only ${all.length} screens are open to an auditor`);
                }
                for (const leaf of all) {
                    await readScreen(leaf);
                }
                console.log(`Read ${all.length} screens: ${all.map((leaf) => leaf.name).join(", ")}`);
            },
        },
        {
            content: "the menu Analysis",
            trigger: ".o_menu_sections [data-menu-xmlid='energy_carbon.menu_energy_analysis']",
            run: "click",
        },
        {
            content: "monthly values",
            trigger: ".o-dropdown--menu [data-menu-xmlid='energy_carbon.menu_energy_value_month']",
            run: "click",
        },
        { content: "explain a value", trigger: ".o_data_row button[name='action_explain']", run: "click" },
        { content: "down to the workshop", trigger: ".o_energy_explain_toggle", run: "click" },
        { content: "down to the device", trigger: ".o_nested .o_energy_explain_toggle", run: "click" },
        { content: "down to the meter", trigger: ".o_nested .o_nested .o_energy_explain_toggle", run: "click" },
        { content: "down to the person", trigger: ".o_nested .o_nested .o_nested:contains(energy_clerk)" },
        { content: "back", trigger: ".o_breadcrumb .breadcrumb-item a, .o_breadcrumb a.o_back_button", run: "click" },
        { content: "the list again", trigger: ".o_data_row button[name='action_explain']" },
    ],
});
