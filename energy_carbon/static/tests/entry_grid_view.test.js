import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { keyDown, press, queryAllTexts, queryFirst } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, mockService, onRpc, toggleMenuItem, toggleSearchBarMenu } from "@web/../tests/web_test_helpers";
import { redirect } from "@web/core/utils/urls";
import {
    COLUMNS,
    activePlace,
    cell,
    cellSelector,
    cellText,
    clickCell,
    defineEnergyModels,
    mockEntryServer,
    mountEntryGrid,
    pasteText,
} from "./energy_test_helpers";

describe.current.tags("desktop");
defineEnergyModels();
beforeEach(() => mockDate("2026-07-20 08:00:00"));

async function type(text) {
    for (const letter of text) {
        await press(letter);
    }
    await animationFrame();
}

async function hit(key) {
    await press(key);
    await animationFrame();
}

test("columns are indicators, rows the days of this month", async () => {
    const asked = mockEntryServer();
    await mountEntryGrid();
    expect(asked.loads).toEqual([[[["node_id", "child_of", 1]], "2026-07-01", "2026-07-31"]]);
    expect("tbody tr").toHaveCount(31);
    expect(queryAllTexts(".o_energy_grid_name")).toEqual([
        "Total forward active energy",
        "Water volume",
        "Output [P1]",
        "Gas volume",
        "electricity consumption",
    ]);
    expect(queryAllTexts(".o_energy_grid_nodes th span")).toEqual(["Meter 11", "Workshop 1"]);
    expect(".o_energy_grid_nodes th:eq(1)").toHaveAttribute("data-tooltip", "Plant A / Workshop 1 / Meter 11");
    expect(queryAllTexts(".o_energy_grid_mode").slice(0, 2)).toEqual(["Amount", "Register"]);
    expect(cellText(0, 0)).toBe("100");
    expect(cellText(0, 1)).toBe("507"); // the register, not the amount
    expect(cellText(2, 0)).toBe(""); // blank is not zero
    expect(queryAllTexts("tfoot td")).toEqual(["1,334.5", "", "", "170.00", "33.30"]);
    expect(".o_energy_save").toHaveProperty("disabled", true);
});

test("computed cells are grey, estimated ones italic, overridden ones marked with who and why", async () => {
    mockEntryServer();
    await mountEntryGrid();
    expect(cellSelector(0, 4)).toHaveClass(["o_readonly", "o_estimated"]);
    expect(cellSelector(1, 3)).toHaveClass("o_overridden");
    const tooltip = queryFirst(cellSelector(1, 3)).dataset.tooltipInfo;
    expect(tooltip).toInclude("Typed over what was collected");
    expect(tooltip).toInclude("Collected: 85");
    expect(tooltip).toInclude("By Li, ");
    expect(tooltip).toInclude("meter changed");
});

test("typing replaces, Enter goes down, Tab right, arrows commit", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await clickCell(0, 0);
    await type("55");
    await hit("Enter");
    expect(cellText(0, 0)).toBe("55");
    expect(activePlace()).toEqual([1, 0]);
    await type("66");
    await hit("Tab");
    expect(activePlace()).toEqual([1, 1]);
    await type("600");
    await hit("ArrowDown");
    expect(activePlace()).toEqual([2, 1]);
    expect("td.o_dirty").toHaveCount(3);
    expect(".o_energy_save").toHaveText("Save (3)");
});

test("F2 corrects, Esc takes back, Delete blanks, Ctrl+Z and Ctrl+Y undo and redo", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await clickCell(1, 0);
    await hit("F2");
    expect(cellText(1, 0)).toBe("1234.5");
    await type("9");
    await hit("Escape");
    expect(cellText(1, 0)).toBe("1,234.5");
    expect(".o_energy_discard").toHaveCount(0);
    await hit("F2");
    await type("5");
    await hit("Enter");
    expect(cellText(1, 0)).toBe("1,234.55");
    await hit("ArrowUp");
    await hit("Delete");
    expect(cellText(1, 0)).toBe("");
    expect(cellSelector(1, 0)).toHaveClass("o_dirty");
    await hit(["ctrl", "z"]);
    expect(cellText(1, 0)).toBe("1,234.55");
    await hit(["ctrl", "z"]);
    expect(cellText(1, 0)).toBe("1,234.5");
    expect(".o_energy_discard").toHaveCount(0);
    await hit(["ctrl", "y"]);
    expect(cellText(1, 0)).toBe("1,234.55");
});

test("a double click corrects, on one cell only; Shift and the mouse select a block", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await contains(cellSelector(1, 0)).dblclick();
    await type("6");
    expect(cellText(1, 0)).toBe("1234.56");
    await hit("Escape");
    await clickCell(4, 1);
    await clickCell(5, 0);
    await type("7");
    expect(cellText(5, 0)).toBe("7");
    await hit("Enter");
    await hit(["shift", "ArrowRight"]);
    await hit(["shift", "ArrowDown"]);
    expect("td[aria-selected=true]").toHaveCount(4);
    expect(activePlace()).toEqual([6, 0]);
    await pasteText("8");
    expect("td.o_dirty").toHaveCount(5);
    await hit(["ctrl", "z"]);
    expect("td.o_dirty").toHaveCount(1);
});

test("typing what was there is no change", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await clickCell(0, 0);
    await type("100");
    await hit("Enter");
    expect("td.o_dirty").toHaveCount(0);
});

test("a month of 31 days x 3 indicators is pasted and saved in one call", async () => {
    const asked = mockEntryServer();
    await mountEntryGrid();
    await clickCell(0, 0);
    const lines = Array.from({ length: 31 }, (_, day) => `${1000 + day}.5\t2,00${day % 10}\t${day}`);
    await pasteText(lines.join("\r\n") + "\r\n");
    expect(".o_energy_save").toHaveText("Save (93)");
    await contains(".o_energy_save").click();
    expect(asked.saves.length).toBe(1);
    const [changes, domain, dateFrom, dateTo] = asked.saves[0];
    expect(changes.length).toBe(93);
    expect(changes[0]).toEqual({ indicator_id: 11, date: "2026-07-01", value: 1000.5, reason: false, version: "1/x" });
    expect(changes[1]).toEqual({ indicator_id: 12, date: "2026-07-01", value: 2000, reason: false, version: "1/x" });
    expect([domain, dateFrom, dateTo]).toEqual([[["node_id", "child_of", 1]], "2026-07-01", "2026-07-31"]);
    expect(asked.loads.length).toBe(1);
    expect("td.o_dirty").toHaveCount(0);
    expect(cellText(30, 0)).toBe("1,030.5");
    expect(".o_notification").toHaveText(/93 figures saved/);
});

test("what is pasted over computed cells or beyond the sheet is left out and told", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await clickCell(30, 2);
    await pasteText("1\t\t5\t6\n7\t8\t9");
    expect(cellText(30, 2)).toBe("1");
    expect("td.o_dirty").toHaveCount(1);
    expect(queryAllTexts(".o_notification").join(" ")).toInclude("1 cells cannot be typed in");
    expect(queryAllTexts(".o_notification").join(" ")).toInclude("4 pasted figures lie outside");
});

test("what is no number is red, named, and not sent", async () => {
    const asked = mockEntryServer();
    await mountEntryGrid();
    await clickCell(4, 0);
    await type("12a");
    await hit("Enter");
    expect(cellSelector(4, 0)).toHaveClass("o_error");
    expect(".o_energy_problems li").toHaveText(
        /05 Sun · Meter 11 · Total forward active energy:.*12a.* is not a number/
    );
    await contains(".o_energy_save").click();
    expect(asked.saves).toEqual([]);
    await clickCell(9, 1);
    await contains(".o_energy_problems button").click();
    expect(activePlace()).toEqual([4, 0]);
    await type("12");
    await hit("Enter");
    expect(".o_energy_problems").toHaveCount(0);
});

test("cells the server refuses stay typed, are named with row and column, and nothing is lost", async () => {
    let refuse = true;
    const asked = mockEntryServer({
        errors: (changes) =>
            refuse
                ? [{ indicator_id: changes[0].indicator_id, date: changes[0].date, message: "July 2026 is locked" }]
                : [],
    });
    await mountEntryGrid();
    await clickCell(2, 0);
    await type("5");
    await hit("Enter");
    await contains(".o_energy_save").click();
    expect(".o_energy_problems li").toHaveText(/03 Fri · Meter 11 .* July 2026 is locked/);
    expect(cellSelector(2, 0)).toHaveClass(["o_error", "o_dirty"]);
    expect(queryFirst(cellSelector(2, 0)).dataset.tooltipInfo).toInclude("July 2026 is locked");
    refuse = false;
    await contains(".o_energy_save").click();
    expect(asked.saves.length).toBe(2);
    expect(".o_energy_problems").toHaveCount(0);
    expect(cellText(2, 0)).toBe("5");
});

test("overriding what was collected asks for a reason once", async () => {
    const asked = mockEntryServer();
    await mountEntryGrid();
    await clickCell(0, 3);
    await pasteText("81\n91");
    expect(".modal").toHaveCount(1);
    expect(".o_energy_confirm").toHaveProperty("disabled", true);
    await contains("#o_energy_reason").edit("meter changed on the 1st", { confirm: false });
    await contains(".o_energy_confirm").click();
    expect(cellText(0, 3)).toBe("81");
    await contains(".o_energy_save").click();
    expect(asked.saves[0][0].map(({ value, reason }) => [value, reason])).toEqual([
        [81, "meter changed on the 1st"],
        [91, "meter changed on the 1st"],
    ]);
});

test("a manager corrects what is approved with a reason, a clerk cannot", async () => {
    const approved = { value: 70, entered: 70, state: "approved" };
    mockEntryServer({
        grid: {
            cells: {
                11: { "2026-07-01": cell(approved), "2026-07-02": cell({ ...approved, locked: true }) },
            },
        },
    });
    await mountEntryGrid();
    expect(cellSelector(1, 0)).toHaveClass("o_readonly");
    expect(queryFirst(cellSelector(1, 0)).dataset.tooltipInfo).toInclude("Approved");
    await clickCell(0, 0);
    await type("71");
    await hit("Enter");
    expect(".modal-body").toHaveText(/This figure is approved/);
    await contains("#o_energy_reason").edit("misread", { confirm: false });
    await contains(".o_energy_confirm").click();
    expect(cellText(0, 0)).toBe("71");
});

test("without a reason the collected figure stays", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await clickCell(0, 3);
    await type("81");
    await hit("Enter");
    await contains(".modal .btn-secondary").click();
    expect(cellText(0, 3)).toBe("80.00");
    expect(".o_energy_discard").toHaveCount(0);
});

test("the field is that of the next cell before anything is drawn", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await clickCell(4, 4); // computed: nobody types here
    const field = queryFirst(".o_energy_grid_input");
    expect(field.readOnly).toBe(true);
    const moved = press("ArrowLeft");
    expect(field.readOnly).toBe(false, { message: "the next key is not lost" });
    await moved;
    await type("50");
    const entered = press("Enter");
    expect(field.value).toBe("", { message: "the next key is not added to this figure" });
    await entered;
});

test("a day on which a meter kept both ways gave nothing takes no reason", async () => {
    const columns = COLUMNS.map((column) => (column.id === 14 ? { ...column, both_ways: true } : column));
    const asked = mockEntryServer({ grid: { columns } });
    await mountEntryGrid();
    await clickCell(2, 3);
    await type("70");
    await hit("Enter");
    expect(".modal").toHaveCount(0);
    expect(cellText(2, 3)).toBe("70");
    await clickCell(0, 3);
    await type("81");
    await hit("Enter");
    expect(".modal").toHaveCount(1, { message: "what the meter gave is overridden" });
    await contains(".modal .btn-secondary").click();
    await contains(".o_energy_save").click();
    expect(asked.saves[0][0].map(({ value, reason }) => [value, reason])).toEqual([[70, false]]);
});

test("another node or month asks before changes are lost", async () => {
    const asked = mockEntryServer();
    await mountEntryGrid();
    await clickCell(2, 0);
    await type("5");
    await hit("Enter");
    await contains(".o_search_panel_label_title:contains(Plant B)").click();
    expect(".modal").toHaveCount(1);
    await contains(".o_energy_leave_stay").click();
    expect(cellText(2, 0)).toBe("5");
    expect(".o_search_panel_category_value header.active").toHaveText("Plant A");
    await contains(".o_energy_previous").click();
    await contains(".o_energy_leave_save").click();
    await animationFrame();
    expect(asked.saves.length).toBe(1);
    expect(asked.loads.at(-1).slice(1)).toEqual(["2026-06-01", "2026-06-30"]);
    await clickCell(2, 0);
    await type("5");
    await contains(".o_search_panel_label_title:contains(Plant B)").click();
    await contains(".o_energy_leave_discard").click();
    await animationFrame();
    expect(asked.loads.at(-1)).toEqual([[["node_id", "child_of", 4]], "2026-06-01", "2026-06-30"]);
    expect(asked.saves.length).toBe(1);
});

test("searching narrows the columns and keeps what was typed", async () => {
    const asked = mockEntryServer();
    await mountEntryGrid();
    await clickCell(2, 0);
    await type("5");
    await hit("Enter");
    await toggleSearchBarMenu();
    await toggleMenuItem("Named energy");
    await animationFrame();
    expect(asked.loads.length).toBe(2);
    expect(".o_energy_save").toHaveText("Save (1)");
    expect(cellText(2, 0)).toBe("5");
});

test("node and month go to the address bar and come back from it", async () => {
    redirect("/odoo?node_id=2&month=2026-05");
    const asked = mockEntryServer();
    const told = [];
    await mountEntryGrid({ context: {}, updateActionState: (state) => told.push(state) });
    await animationFrame();
    expect(asked.loads[0]).toEqual([[["node_id", "child_of", 2]], "2026-05-01", "2026-05-31"]);
    expect(told.at(-1)).toEqual({ node_id: 2, month: "2026-05" });
    await contains(".o_energy_this_month").click();
    await animationFrame();
    expect(told.at(-1)).toEqual({ node_id: 2, month: "2026-07" });
    expect(".o_energy_next").toHaveProperty("disabled", true);
    expect(".o_energy_month_label").toHaveText("July 2026");
});

test("empty states: nothing chosen, nothing to type in", async () => {
    const asked = mockEntryServer({ grid: { columns: [], cells: {} } });
    await mountEntryGrid({ context: {} });
    expect(asked.loads).toEqual([]);
    expect(".o_view_nocontent").toHaveText(/Choose a unit on the left/);
    expect(".o_energy_save").toHaveCount(0);
    await contains(".o_search_panel_label_title:contains(Plant A)").click();
    await animationFrame();
    expect(".o_view_nocontent").toHaveText(/Nothing to type here/);
});

test("banners: still calculating, too many indicators", async () => {
    mockEntryServer({ grid: { calculating: true, progress: 40, more: 12 } });
    await mountEntryGrid();
    expect(".o_energy_calculating").toHaveText(/being calculated.*40 %/s);
    expect(".o_energy_more").toHaveText(/12 more indicators are not shown/);
});

test("the keyboard is not trapped, and every cell has a name", async () => {
    mockEntryServer();
    await mountEntryGrid();
    await clickCell(30, 4);
    expect(".o_energy_grid_input").toHaveAttribute("aria-label", "31 Fri, electricity consumption, Workshop 1, kWh");
    await keyDown("Tab");
    await animationFrame();
    expect(activePlace()).toEqual([30, 4]);
});

test("Ctrl+S saves what is being typed", async () => {
    const asked = mockEntryServer();
    await mountEntryGrid();
    await clickCell(5, 0);
    await type("42");
    await hit(["ctrl", "s"]);
    await animationFrame();
    expect(asked.saves[0][0]).toEqual([
        { indicator_id: 11, date: "2026-07-06", value: 42, reason: false, version: false },
    ]);
});

test("the cursor begins where typing goes on", async () => {
    mockEntryServer();
    await mountEntryGrid();
    expect(activePlace()).toEqual([2, 0]);
    expect(".o_energy_grid_input").toBeFocused();
});

test("a figure leads to its explanation", async () => {
    mockEntryServer();
    mockService("action", { doAction: (action) => expect.step(action.tag + JSON.stringify(action.params)) });
    await mountEntryGrid();
    expect(".o_energy_grid_explain").toHaveProperty("disabled", true); // blank
    await clickCell(1, 0);
    await contains(".o_energy_grid_explain").click();
    expect.verifySteps(['energy_carbon.explain{"indicator_id":11,"date_from":"2026-07-02","date_to":"2026-07-02"}']);
});

test("a server error keeps what was typed", async () => {
    mockEntryServer();
    onRpc("energy.indicator", "entry_save", () => {
        throw new Error("connection lost");
    });
    expect.errors(1);
    await mountEntryGrid();
    await clickCell(5, 0);
    await type("42");
    await hit("Enter");
    await contains(".o_energy_save").click();
    await animationFrame();
    expect.verifyErrors(["RPC_ERROR"]);
    expect(cellText(5, 0)).toBe("42");
    expect(".o_energy_save").toHaveText("Save (1)");
});
