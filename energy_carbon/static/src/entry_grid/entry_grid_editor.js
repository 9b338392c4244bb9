/**
 * The text field of the active cell: what typing, F2 and Esc do to it, and how its text gets into the model.
 *
 * There is one field for the whole sheet. It lies over the active cell and always has the focus, so an input method and
 * a phone's keyboard work; standing on a cell, all its text is selected and typing replaces it. Moving one field costs
 * little; a field put into each cell would make the browser lay out the whole sheet at every step.
 */
import { useEffect, useExternalListener, useState } from "@odoo/owl";

/**
 * @param {Object} params
 * @param {{el: HTMLElement|null}} params.sheet what scrolls
 * @param {{el: HTMLInputElement|null}} params.field
 * @param {import("./entry_grid_cursor").GridCursor} params.cursor reactive
 * @param {import("./entry_grid_model").EntryGridModel} params.model
 */
export function useCellEditor({ sheet, field, cursor, model }) {
    const editor = useState({
        /** @type {"ready"|"enter"|"edit"} */
        mood: "ready",

        get cell() {
            return model.rows[cursor.row]?.cells[cursor.col];
        },

        element(row, col) {
            return sheet.el?.querySelector(`tr[data-row="${row}"] td[data-col="${col}"]`);
        },

        /** The field goes where the cursor is; focus too, unless the person is elsewhere on the screen. */
        follow() {
            const target = editor.element(cursor.row, cursor.col);
            if (!target || !field.el) {
                return;
            }
            if (editor.mood === "ready") {
                editor.element(cursor.endRow, cursor.endCol)?.scrollIntoView({ block: "nearest", inline: "nearest" });
            }
            editor.place(target);
            const focused = document.activeElement;
            if (!focused || focused === document.body || sheet.el.contains(focused)) {
                editor.focus();
            }
        },

        /** Lays the field over the cell, inside what scrolls. */
        place(target) {
            const [cell, frame] = [target.getBoundingClientRect(), sheet.el.getBoundingClientRect()];
            Object.assign(field.el.style, {
                left: `${cell.left - frame.left + sheet.el.scrollLeft - sheet.el.clientLeft}px`,
                top: `${cell.top - frame.top + sheet.el.scrollTop - sheet.el.clientTop}px`,
                width: `${cell.width}px`,
                height: `${cell.height}px`,
            });
        },

        focus() {
            if (document.activeElement !== field.el) {
                field.el.focus({ preventScroll: true });
            }
            if (editor.mood === "ready") {
                editor.show();
                field.el.select();
            }
        },

        /** The field shows what the cell holds; at once, for the next key may come before anything is drawn. */
        show() {
            field.el.readOnly = editor.isLocked;
            field.el.value = editor.cell?.text ?? "";
        },

        get isLocked() {
            return !editor.cell?.typable || model.switching;
        },

        /** Correct the text letter by letter. */
        start() {
            if (!editor.cell?.typable) {
                return;
            }
            if (editor.mood === "ready") {
                field.el.value = editor.cell.editText;
            }
            editor.mood = "edit";
            field.el.setSelectionRange(field.el.value.length, field.el.value.length);
        },

        /** Begin anew with an empty text. */
        retype() {
            if (editor.cell?.typable) {
                field.el.value = "";
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
            if (editor.mood === "ready" || !field.el) {
                return;
            }
            const text = field.el.value;
            editor.mood = "ready";
            await model.type([{ row: cursor.row, col: cursor.col, text }]);
            if (editor.mood === "ready" && field.el) {
                editor.show();
            }
        },
    });
    useEffect(
        () => {
            if (editor.mood === "ready" && field.el) {
                editor.show();
            }
            editor.follow();
        },
        () => [cursor.row, cursor.col, cursor.endRow, cursor.endCol, editor.mood, model.rows]
    );
    useExternalListener(window, "resize", () => editor.follow());
    return editor;
}
