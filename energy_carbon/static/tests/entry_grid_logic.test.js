import { describe, expect, test } from "@odoo/hoot";
import { allowTranslations, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { ChangeSet } from "@energy_carbon/entry_grid/entry_grid_changes";
import { blockText, parseBlock, placeBlock } from "@energy_carbon/entry_grid/entry_grid_clipboard";
import { columnSums, nodeHeadings, shownValue } from "@energy_carbon/entry_grid/entry_grid_cells";
import { GridCursor } from "@energy_carbon/entry_grid/entry_grid_cursor";
import { gridCommand } from "@energy_carbon/entry_grid/entry_grid_keyboard";
import { monthDays, shiftMonth, validMonth } from "@energy_carbon/entry_grid/entry_grid_url";
import { COLUMNS } from "./energy_test_helpers";

describe.current.tags("headless");

function cursorAt(row, col) {
    const cursor = new GridCursor();
    cursor.resize(31, 5);
    cursor.moveTo(row, col);
    return cursor;
}

test("the cursor stays on the sheet", () => {
    const cursor = cursorAt(0, 0);
    cursor.step(-1, -1);
    expect([cursor.row, cursor.col]).toEqual([0, 0]);
    cursor.step(1, 0, { jump: true });
    expect([cursor.row, cursor.col]).toEqual([30, 0]);
    cursor.resize(28, 5);
    expect([cursor.row, cursor.col]).toEqual([27, 0]);
});

test("Shift extends from the active cell, which stays", () => {
    const cursor = cursorAt(3, 2);
    cursor.step(1, 0, { extend: true });
    cursor.step(0, -1, { extend: true });
    expect(cursor.range).toEqual({ top: 3, bottom: 4, left: 1, right: 2 });
    expect([cursor.row, cursor.col]).toEqual([3, 2]);
    cursor.step(1, 0);
    expect(cursor.isBlock).toBe(false);
    expect([cursor.row, cursor.col]).toEqual([4, 2]);
});

test("Tab runs along the lines, Enter goes back to where the line began, the ends let go", () => {
    const cursor = cursorAt(0, 1);
    cursor.tab(false);
    cursor.tab(false);
    cursor.enter(false);
    expect([cursor.row, cursor.col]).toEqual([1, 1]);
    cursor.moveTo(0, 4);
    expect(cursor.tab(false)).toBe(true);
    expect([cursor.row, cursor.col]).toEqual([1, 0]);
    cursor.moveTo(30, 4);
    expect(cursor.tab(false)).toBe(false);
    cursor.moveTo(0, 0);
    expect(cursor.tab(true)).toBe(false);
});

test("keys mean other things while standing, typing and correcting", () => {
    const key = (name, mood, more = {}) => gridCommand({ key: name, ...more }, mood)?.type;
    expect(key("ArrowLeft", "ready")).toBe("move");
    expect(key("ArrowLeft", "enter")).toBe("move");
    expect(key("ArrowLeft", "edit")).toBe(undefined);
    expect(key("ArrowUp", "edit")).toBe("move");
    expect(key("Delete", "ready")).toBe("blank");
    expect(key("Delete", "edit")).toBe(undefined);
    expect(key("Escape", "edit")).toBe("cancel");
    expect(key("z", "ready", { ctrlKey: true })).toBe("undo");
    expect(key("z", "edit", { ctrlKey: true })).toBe(undefined);
    expect(key("Z", "ready", { ctrlKey: true, shiftKey: true })).toBe("redo");
    expect(key("s", "edit", { ctrlKey: true })).toBe("save");
    expect(key("5", "ready")).toBe(undefined);
    expect(key("Enter", "enter", { isComposing: true })).toBe(undefined);
});

test("blocks as Excel copies them", () => {
    expect(parseBlock("1\t2\r\n3\t4\r\n")).toEqual([
        ["1", "2"],
        ["3", "4"],
    ]);
    expect(parseBlock("5")).toEqual([["5"]]);
    expect(parseBlock("1\n\n3\n")).toEqual([["1"], [""], ["3"]]);
    expect(parseBlock('"1,234"\t2')).toEqual([["1,234", "2"]]);
    expect(
        blockText([
            ["1", "2"],
            ["3", ""],
        ])
    ).toBe("1\t2\n3\t");
});

test("a single text fills the selection, a block starts at its corner, the rest lies outside", () => {
    const range = { top: 1, bottom: 2, left: 0, right: 1 };
    expect(placeBlock([["7"]], range, { rows: 3, cols: 3 }).targets.length).toBe(4);
    const placed = placeBlock(
        [
            ["1", "2"],
            ["3", "4"],
        ],
        { top: 2, bottom: 2, left: 2, right: 2 },
        { rows: 3, cols: 3 }
    );
    expect(placed.targets).toEqual([{ row: 2, col: 2, text: "1" }]);
    expect(placed.outside).toBe(3);
});

test("one step is undone and done again as one", () => {
    const changes = new ChangeSet();
    const after = (value) => ({ indicatorId: 1, date: "2026-07-01", value });
    changes.apply([{ indicatorId: 1, date: "2026-07-01", after: after(1) }]);
    changes.apply([
        { indicatorId: 1, date: "2026-07-01", after: after(2) },
        { indicatorId: 1, date: "2026-07-02", after: after(3) },
    ]);
    expect(changes.size).toBe(2);
    changes.undo();
    expect(changes.get(1, "2026-07-01").value).toBe(1);
    expect(changes.size).toBe(1);
    changes.redo();
    expect(changes.size).toBe(2);
    changes.undo();
    changes.undo();
    expect(changes.size).toBe(0);
    expect(changes.undo()).toEqual([]);
});

test("a register column shows registers, another the amount; a sum is of amounts of one column", () => {
    patchWithCleanup(localization, { decimalPoint: ".", thousandsSep: ",", grouping: [3, 0] });
    allowTranslations();
    const [energy, water] = COLUMNS;
    expect(shownValue(water, { value: 7, entered: 507 })).toBe(507);
    expect(shownValue(water, { value: 7, entered: null })).toBe(null);
    expect(shownValue(energy, { value: 7, entered: false })).toBe(7);
    const figures = [
        [1, 500],
        [null, 510],
        [0, null],
    ];
    const rows = figures.map((values) => ({ cells: values.map((value) => ({ value })) }));
    const [first, second] = columnSums([energy, water], rows);
    expect(first.text).toBe("1");
    expect(String(first.tooltip)).toBe("2 of 3 days have a value");
    expect(second.text).toBe("");
});

test("neighbouring columns of one node share a heading", () => {
    expect(nodeHeadings(COLUMNS).map(({ node, span }) => [node, span])).toEqual([
        ["Meter 11", 2],
        ["Workshop 1", 3],
    ]);
});

test("months", () => {
    expect(monthDays("2028-02")).toEqual(["2028-02-01", "2028-02-29"]);
    expect(shiftMonth("2026-12", 1)).toBe("2027-01");
    expect(validMonth("2026-13")).toBe(undefined);
    expect(validMonth("2026-07")).toBe("2026-07");
    expect(validMonth(undefined)).toBe(undefined);
});
