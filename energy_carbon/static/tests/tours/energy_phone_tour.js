/**
 * A Clerk types a figure on a phone: with the head of the screen scrolled away, saving is still within reach.
 */
import { registry } from "@web/core/registry";

const SAVE = ".o_energy_grid_bar .btn-primary";

function scrollToTheEnd() {
    const screen = document.querySelector(".o_action");
    screen.scrollTop = screen.scrollHeight;
}

/** Nothing lies over the button, and it is not outside the window. */
function refuseHidden() {
    const { left, top, width, height } = document.querySelector(SAVE).getBoundingClientRect();
    if (!document.elementFromPoint(left + width / 2, top + height / 2)?.closest(SAVE)) {
        throw new Error(`Save lies at ${left}, ${top} where nobody reaches it`);
    }
}

registry.category("web_tour.tours").add("energy_clerk_types_on_a_phone", {
    steps: () => [
        { content: "the sheet", trigger: ".o_energy_grid_sheet:not(.o_loading)" },
        { content: "the first cell", trigger: "tr[data-row='0'] td[data-col='0']", run: "click" },
        { content: "type", trigger: ".o_energy_grid_input", run: "fill 5" },
        { content: "to the line below", trigger: ".o_energy_grid_input", run: "press Enter" },
        { content: "saving is offered", trigger: SAVE, run: refuseHidden },
        { content: "scroll", trigger: ".o_energy_grid", run: scrollToTheEnd },
        { content: "still within reach", trigger: SAVE, run: refuseHidden },
        { content: "save", trigger: SAVE, run: "click" },
        { content: "it is saved", trigger: ".o_energy_entry_main:not(:has(.o_energy_grid_bar))" },
    ],
});
