/**
 * User flow X1: an Energy manager has the indicators of a plant proposed, leaves one out, applies the rest at once.
 */
import { registry } from "@web/core/registry";
import { openMenu, openRow } from "./tour_helpers";

const COUNT = ".o_energy_build_summary button";

registry.category("web_tour.tours").add("energy_manager_builds", {
    steps: () => [
        ...openMenu("management", "indicator"),
        { content: "nothing is there: build it", trigger: ".o_view_nocontent a:contains(Build Indicators)" },
        ...openMenu("management", "unit"),
        openRow("Plant"),
        { content: "build", trigger: ".o_form_view button[name='action_build_indicators']", run: "click" },
        { content: "counted before anything is written", trigger: `${COUNT}[data-action='add']:contains(New)` },
        { content: "hints alone", trigger: `${COUNT}[data-action='hint']`, run: "click" },
        { content: "why a figure stays blank", trigger: ".o_data_row:contains(No price holds today)" },
        { content: "what is new", trigger: `${COUNT}[data-action='add']`, run: "click" },
        {
            content: "the workshop without meter takes its device",
            trigger: ".o_data_row:contains(Electricity consumption):contains(Furnace / Electricity consumption)",
        },
        {
            content: "the statistics' figure is not wanted",
            trigger: ".o_data_row:contains((statistics)) input:checked",
            run: "click",
        },
        {
            content: "and is no longer ticked",
            trigger: ".o_data_row:contains((statistics)) input:not(:checked)",
        },
        { content: "apply", trigger: ".o_control_panel button[name='action_ask']", run: "click" },
        { content: "what it comes to", trigger: ".modal:contains(New indicators: 34)" },
        { content: "yes", trigger: ".modal button[name='action_apply']", run: "click" },
        { content: "it is said", trigger: ".o_notification:contains(34 indicators were added)" },
        { content: "the indicators are there", trigger: ".o_list_view .o_data_row:contains(Standard coal)" },
        ...openMenu("management", "build"),
        { content: "nothing is left but that", trigger: `${COUNT}[data-action='add']:contains(1)` },
        { content: "left out", trigger: ".o_data_row:contains((statistics))" },
    ],
});
