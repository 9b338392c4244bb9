/**
 * The first hour, by the page "What to Try" alone: an Energy manager reads a live meter, follows a figure down to its
 * readings, sees a meter fall silent and come back, types a day, corrects it, reads the report and compares two months.
 *
 * Breaking and mending is done at the simulator, between the tours.
 */
import { registry } from "@web/core/registry";

const GUIDE = "energy_carbon.menu_energy_guide";

/** The page, from its menu unless it is there, and a button of one of its steps. */
function tryStep(step, button) {
    return [
        {
            content: "the page What to Try",
            trigger: `.o_menu_sections [data-menu-xmlid='${GUIDE}']`,
            run: ({ anchor }) => document.querySelector(".o_energy_guide") || anchor.click(),
        },
        {
            content: `${button} of the step ${step}`,
            trigger: `.o_energy_guide [data-step='${step}'] [data-button='${button}']:enabled`,
            run: "click",
        },
    ];
}

const opened = { content: "the page is there", trigger: ".o_energy_guide [data-step]" };

const NESTED = ".o_nested .o_nested .o_nested";

const readLiveMeter = [
    ...tryStep("live", "test_read"),
    {
        content: "the meter answered: registers and value of its counter",
        trigger: ".modal .o_data_row:contains(0x0048):contains(kWh):contains(Good)",
    },
    { content: "how many points", trigger: ".modal .alert-success:contains(Nothing of this was stored)" },
    { content: "close", trigger: ".modal .modal-header .btn-close", run: "click" },
    { content: "the page again", trigger: "body:not(:has(.modal)) .o_energy_guide" },
];

const followFigure = [
    ...tryStep("follow", "explain"),
    { content: "the plant's electricity", trigger: ".o_energy_explain_value:contains(kWh)" },
    { content: "its workshop", trigger: ".o_energy_explain_toggle:first", run: "click" },
    { content: "its device", trigger: ".o_nested .o_energy_explain_toggle:first", run: "click" },
    { content: "its meter", trigger: ".o_nested .o_nested .o_energy_explain_toggle:first", run: "click" },
    { content: "the readings", trigger: `${NESTED} .o_energy_explain_readings tbody tr:contains(00:00)` },
    { content: "the factor", trigger: `${NESTED} td:contains(0.1229)` },
];

registry.category("web_tour.tours").add("energy_first_hour_read", {
    steps: () => [
        opened,
        ...readLiveMeter,
        ...followFigure,
        ...tryStep("break", "journal"),
        { content: "all is well", trigger: ".o_data_row:contains(Test line):contains(All Meters Answer)" },
        ...tryStep("break", "alerts"),
        { content: "no alert", trigger: ".o_nocontent_help:contains(Nothing needs you)" },
    ],
});

registry.category("web_tour.tours").add("energy_first_hour_broken", {
    steps: () => [
        opened,
        ...tryStep("break", "journal"),
        {
            content: "the journal names the meter",
            trigger: ".o_data_row:first:contains(Partly):contains(Unit 3: No answer)",
        },
        ...tryStep("break", "alerts"),
        { content: "the alert", trigger: ".o_data_row:contains(Meter 1):contains(Silent):contains(No good reading since)" },
        ...tryStep("break", "lines"),
        { content: "the line at a glance", trigger: ".o_kanban_record:contains(Test line)" },
    ],
});

/** Types a figure into the first day of last month. */
function typeFirstDay(figure) {
    return [
        {
            content: "the meter whose figures are typed",
            trigger: ".o_search_panel_category_value header.active:contains(Steam meter)",
        },
        { content: "last month", trigger: ".o_energy_previous", run: "click" },
        { content: "its month", trigger: ".o_energy_next:enabled" },
        { content: "its sheet", trigger: ".o_energy_grid_sheet:not(.o_loading)" },
        { content: "the first day", trigger: "tr[data-row='0'] td[data-col='0']", run: "click" },
        { content: "the figure", trigger: ".o_energy_grid_input", run: `fill ${figure}` },
        { content: "done", trigger: ".o_energy_grid_input", run: "press Enter" },
    ];
}

const save = { content: "save", trigger: "body:not(:has(.modal)) .o_energy_save:enabled", run: "click" };

const typeDay = [
    ...tryStep("type", "entry"),
    ...typeFirstDay("12.5"),
    save,
    { content: "saved", trigger: ".o_energy_save:disabled" },
    { content: "there it stands", trigger: "tr[data-row='0'] td[data-col='0']:contains(12.5)" },
];

const correctIt = [
    ...tryStep("correct", "entries"),
    {
        content: "approve it",
        trigger: ".o_data_row:contains(12.5) button[name='action_approve']",
        run: "click",
    },
    { content: "nothing is left to approve", trigger: ".o_nocontent_help" },
    ...tryStep("correct", "entry"),
    ...typeFirstDay("13.5"),
    { content: "the reason is asked for", trigger: ".modal #o_energy_reason", run: "edit Misread the display" },
    { content: "change it", trigger: ".modal .o_energy_confirm:enabled", run: "click" },
    save,
    { content: "saved", trigger: ".o_energy_save:disabled" },
    { content: "the new figure", trigger: "tr[data-row='0'] td[data-col='0']:contains(13.5)" },
    ...tryStep("correct", "journal"),
    { content: "the journal has it", trigger: ".o_data_row:contains(energy_manager)" },
];

const compareMonths = [
    ...tryStep("compare", "months"),
    { content: "both workshops", trigger: ".o_pivot:contains(W1):contains(W2)" },
    { content: "both months and their difference", trigger: ".o_pivot thead th.o_pivot_header_cell_closed:eq(1)" },
];

const readReport = [
    ...tryStep("report", "report"),
    { content: "a figure of the plant", trigger: ".o_energy_report tr.o_row_unit:contains(Plant) .o_figure" },
    { content: "explain one", trigger: ".o_energy_report tr.o_row_unit:contains(W1) .o_figure.btn", run: "click" },
    { content: "explained", trigger: ".o_energy_explain_number" },
    ...tryStep("compare", "report"),
    { content: "with the month before", trigger: ".o_when:contains(compared with)" },
];

const mended = [
    ...tryStep("break", "alerts"),
    { content: "it is over by itself", trigger: ".o_nocontent_help:contains(Nothing needs you)" },
    ...tryStep("break", "journal"),
    { content: "all is well again", trigger: ".o_data_row:first:contains(All Meters Answer)" },
];

registry.category("web_tour.tours").add("energy_first_hour_mended", {
    steps: () => [opened, ...mended, ...typeDay, ...correctIt, ...compareMonths],
});

/** Where the reports are installed, too. */
registry.category("web_tour.tours").add("energy_first_hour_reports", {
    steps: () => [opened, ...readReport],
});
