/**
 * User flow E1: a Clerk types a month of five indicators, pasting most of it from a spreadsheet, and saves once.
 */
import { registry } from "@web/core/registry";

const COLUMNS = 5;

/** The figure of a day and column, as the Python side of the test knows it. */
function figureOf(day, col) {
    return 1000 * (col + 1) + day;
}

function paste(lines) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", lines.map((line) => line.join("\t")).join("\r\n") + "\r\n");
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.activeElement.dispatchEvent(event);
}

function days() {
    return document.querySelectorAll(".o_energy_grid tbody tr").length;
}

function block() {
    return Array.from({ length: days() }, (_, row) =>
        // Thousand separators, as Excel shows and copies them.
        Array.from({ length: COLUMNS }, (_, col) => figureOf(row + 1, col).toLocaleString("en-US"))
    );
}

/** The first line once more by hand, with the keyboard only. */
const firstLine = Array.from({ length: COLUMNS }, (_, col) => [
    { content: `type column ${col}`, trigger: ".o_energy_grid_input", run: `fill ${figureOf(1, col)}.5` },
    { content: "to the right", trigger: ".o_energy_grid_input", run: "press Tab" },
]).flat();

const checks = [
    { content: "the first line was typed", trigger: "tr[data-row='0'] td[data-col='4']:contains(5,001.5)" },
    { content: "the last column, second day", trigger: "tr[data-row='1'] td[data-col='4']:contains(5,002)" },
    { content: "the month before this one", trigger: ".o_energy_next:enabled" },
    { content: "the workshop", trigger: ".o_search_panel_category_value header.active:contains(W1)" },
];

registry.category("web_tour.tours").add("energy_clerk_types_month", {
    steps: () => [
        {
            content: "only the own workshop is there",
            trigger: ".o_search_panel:not(:contains(Plant)) header.active:contains(W1)",
        },
        { content: "last month", trigger: ".o_energy_previous", run: "click" },
        { content: "its month", trigger: ".o_energy_next:enabled" },
        { content: "its sheet", trigger: ".o_energy_grid_sheet:not(.o_loading)" },
        { content: "the first cell", trigger: "tr[data-row='0'] td[data-col='0']", run: "click" },
        {
            content: "paste the month",
            trigger: ".o_energy_grid_sheet:has(tr[data-row='0'] td[data-col='0'][aria-current]) .o_energy_grid_input",
            run: () => paste(block()),
        },
        { content: "all cells are waiting to be saved", trigger: ".o_energy_save:contains(/\\(1[45]\\d\\)/)" },
        { content: "back to the first cell", trigger: ".o_energy_grid_input", run: "press Control+Home" },
        { content: "it stands there", trigger: "tr[data-row='0'] td[data-col='0'][aria-current]" },
        ...firstLine,
        { content: "to the line below", trigger: "tr[data-row='1'] td[data-col='0'][aria-current]" },
        { content: "save once", trigger: ".o_energy_save:enabled", run: "click" },
        { content: "everything is saved", trigger: ".o_energy_save:disabled" },
        ...checks,
        {
            content: "F5",
            trigger: ".o_energy_grid",
            run: () => window.location.reload(),
            expectUnloadPage: true,
        },
        ...checks,
    ],
});
