/**
 * The text field of the active cell: what typing, F2 and Esc do to it, and how its text gets into the model.
 *
 * The field is always there and focused, so an input method and a phone's keyboard work; standing on a cell, all its
 * text is selected and typing replaces it.
 */
import { useEffect, useState } from "@odoo/owl";

/**
 * @param {Object} params
 * @param {{el: HTMLElement|null}} params.table
 * @param {import("./entry_grid_cursor").GridCursor} params.cursor reactive
 * @param {import("./entry_grid_model").EntryGridModel} params.model
 */
export function useCellEditor({ table, cursor, model }) {
    const editor = useState({
        /** @type {"ready"|"enter"|"edit"} */
        mood: "ready",

        get input() {
            return table.el?.querySelector(".o_energy_grid_input");
        },

        get cell() {
            return model.rows[cursor.row]?.cells[cursor.col];
        },

        /** Focus follows the cursor, unless the person is elsewhere on the screen. */
        follow() {
            const focused = document.activeElement;
            const elsewhere = focused && focused !== document.body && !table.el?.contains(focused);
            if (editor.input && !elsewhere) {
                editor.focus();
            }
        },

        focus() {
            const { input } = editor;
            if (!input) {
                return;
            }
            if (document.activeElement !== input) {
                input.focus({ preventScroll: true });
            }
            if (editor.mood === "ready") {
                input.value = editor.cell.text;
                input.select();
                const end = table.el.querySelector(`tr[data-row="${cursor.endRow}"] td[data-col="${cursor.endCol}"]`);
                end?.scrollIntoView({ block: "nearest", inline: "nearest" });
            }
        },

        /** Correct the text letter by letter. */
        start() {
            if (!editor.cell?.typable) {
                return;
            }
            const { input } = editor;
            if (editor.mood === "ready") {
                input.value = editor.cell.editText;
            }
            editor.mood = "edit";
            input.setSelectionRange(input.value.length, input.value.length);
        },

        /** Begin anew with an empty text. */
        retype() {
            if (editor.cell?.typable) {
                editor.input.value = "";
                editor.mood = "enter";
            }
        },

        /** A letter came: it replaced what was there. */
        typed() {
            if (editor.mood === "ready") {
                editor.mood = "enter";
            }
        },

        cancel() {
            editor.mood = "ready";
            editor.focus();
        },

        /** The text goes into the model; the field then shows what the model made of it. */
        async commit() {
            if (editor.mood === "ready" || !editor.input) {
                return;
            }
            const text = editor.input.value;
            editor.mood = "ready";
            await model.type([{ row: cursor.row, col: cursor.col, text }]);
            if (editor.mood === "ready" && editor.input) {
                editor.input.value = editor.cell.text;
            }
        },
    });
    useEffect(
        () => editor.follow(),
        () => [cursor.row, cursor.col, cursor.endRow, cursor.endCol, editor.mood, model.rows]
    );
    return editor;
}
