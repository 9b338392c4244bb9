/**
 * The sheet: what keyboard, mouse and clipboard do in it. What figures mean is the model's business.
 */
import { Component, onWillRender, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { columnSums, firstBlank, nodeHeadings } from "./entry_grid_cells";
import { blockText, parseBlock, placeBlock } from "./entry_grid_clipboard";
import { GridCursor } from "./entry_grid_cursor";
import { useCellEditor } from "./entry_grid_editor";
import { gridCommand } from "./entry_grid_keyboard";
import { EntryGridRow } from "./entry_grid_row";

export class EntryGridRenderer extends Component {
    static template = "energy_carbon.EntryGridRenderer";
    static components = { EntryGridRow };
    static props = {
        model: Object,
        save: Function,
        /** The sheet puts here what the screen around it may ask for. */
        api: Object,
    };

    setup() {
        this.action = useService("action");
        this.notification = useService("notification");
        this.sheet = useRef("sheet");
        this.field = useRef("field");
        this.cursor = useState(new GridCursor());
        this.editor = useCellEditor({
            sheet: this.sheet,
            field: this.field,
            cursor: this.cursor,
            model: this.model,
        });
        this.props.api.goTo = (place) => this.goTo(place);
        this.props.api.commit = () => this.editor.commit();
        this.commands = this.makeCommands();
        /** Cells of the last two clicks. */
        this.pressed = [];
        onWillRender(() => this.prepare());
    }

    get model() {
        return this.props.model;
    }

    /** Head and foot change with the figures only, not with every step of the cursor. */
    prepare() {
        const { rows, columns } = this.model;
        if (this.shownRows === rows) {
            return;
        }
        this.shownRows = rows;
        if (this.cursor.rows !== rows.length || this.cursor.cols !== columns.length) {
            this.cursor.resize(rows.length, columns.length);
        }
        if (this.sheetKey !== this.model.sheetKey) {
            this.sheetKey = this.model.sheetKey;
            const { row, col } = firstBlank(rows);
            this.cursor.moveTo(row, col);
        }
        this.headings = nodeHeadings(columns);
        this.sums = columnSums(columns, rows);
    }

    goTo({ row, col }) {
        this.cursor.moveTo(row, col);
        this.editor.focus();
    }

    // --- keyboard ----------------------------------------------------------------------------------------------------

    /** One function a command of entry_grid_keyboard.js; false leaves the key to the browser. */
    makeCommands() {
        const { cursor, editor } = this;
        return {
            move: ({ row, col, extend, jump }) => {
                editor.commit();
                cursor.step(row, col, { extend, jump });
            },
            edge: ({ end, corner, extend }) => {
                const from = extend ? cursor.endRow : cursor.row;
                const row = corner ? (end ? cursor.rows - 1 : 0) : from;
                cursor[extend ? "extendTo" : "moveTo"](row, end ? cursor.cols - 1 : 0);
            },
            enter: ({ back }) => {
                editor.commit();
                cursor.enter(back);
            },
            tab: ({ back }) => {
                editor.commit();
                return cursor.tab(back);
            },
            edit: () => editor.start(),
            retype: () => editor.retype(),
            cancel: () => editor.cancel(),
            collapse: () => cursor.isBlock && cursor.moveTo(cursor.row, cursor.col),
            blank: () => void this.fill([[""]]),
            selectAll: () => cursor.selectAll(),
            undo: () => this.replay("undo"),
            redo: () => this.replay("redo"),
            save: () => {
                editor.commit();
                this.props.save();
            },
        };
    }

    onKeydown(ev) {
        const command = !this.model.switching && gridCommand(ev, this.editor.mood);
        if (command && this.commands[command.type](command) !== false) {
            ev.preventDefault();
            ev.stopPropagation();
            this.editor.focus();
        }
    }

    replay(direction) {
        const place = this.model.replay(direction);
        if (place) {
            this.cursor.moveTo(place.row, place.col);
        }
    }

    // --- clipboard ---------------------------------------------------------------------------------------------------

    onCopy(ev) {
        if (this.editor.mood !== "ready") {
            return;
        }
        const { top, bottom, left, right } = this.cursor.range;
        const rows = this.model.rows.slice(top, bottom + 1);
        const texts = rows.map((row) => row.cells.slice(left, right + 1).map((cell) => cell.editText));
        ev.clipboardData.setData("text/plain", blockText(texts));
        ev.preventDefault();
    }

    onCut(ev) {
        if (this.editor.mood === "ready") {
            this.onCopy(ev);
            this.fill([[""]]);
        }
    }

    onPaste(ev) {
        const block = parseBlock(ev.clipboardData.getData("text/plain"));
        const single = block.length === 1 && block[0].length === 1;
        if (this.editor.mood !== "ready" && single) {
            return; // into the text being typed
        }
        ev.preventDefault();
        if (!this.model.switching) {
            this.editor.mood = "ready";
            this.fill(block);
        }
    }

    /** Puts a block of texts at the selection, in one step that is undone as one. */
    async fill(block) {
        const { cursor } = this;
        const size = { rows: cursor.rows, cols: cursor.cols };
        const { targets, outside } = placeBlock(block, cursor.range, size);
        if (block.length > 1 || block[0].length > 1) {
            const { top, left } = cursor.range;
            cursor.moveTo(top, left);
            cursor.extendTo(top + block.length - 1, left + Math.max(...block.map((row) => row.length)) - 1);
        }
        const { refused } = await this.model.type(targets);
        if (refused) {
            this.warn(_t("%s cells cannot be typed in and were left as they are.", refused));
        }
        if (outside) {
            this.warn(_t("%s pasted figures lie outside the sheet and were left out.", outside));
        }
    }

    warn(message) {
        this.notification.add(message, { type: "warning" });
    }

    // --- mouse -------------------------------------------------------------------------------------------------------

    placeOf(ev) {
        const cell = ev.target.closest("td[data-col]");
        return cell && { row: Number(cell.parentElement.dataset.row), col: Number(cell.dataset.col) };
    }

    onMousedown(ev) {
        const onField = ev.target === this.field.el;
        const place = onField ? { row: this.cursor.row, col: this.cursor.col } : this.placeOf(ev);
        if (ev.button !== 0 || !place) {
            return;
        }
        this.pressed = [this.pressed.at(-1), `${place.row}|${place.col}`];
        if (onField && this.editor.mood !== "ready") {
            return; // placing the caret in the text
        }
        ev.preventDefault();
        this.editor.commit();
        if (ev.shiftKey) {
            this.cursor.extendTo(place.row, place.col);
        } else {
            this.cursor.moveTo(place.row, place.col);
        }
        this.editor.focus();
    }

    /** Twice on one cell, that is: the field itself may have gone to another cell in between. */
    onDblclick() {
        const [before, last] = this.pressed;
        if (before === last) {
            this.editor.start();
        }
    }

    onMouseover(ev) {
        const place = ev.buttons === 1 && this.editor.mood === "ready" && this.placeOf(ev);
        if (place) {
            this.cursor.extendTo(place.row, place.col);
        }
    }

    onFocusout(ev) {
        if (!this.sheet.el.contains(ev.relatedTarget)) {
            this.editor.commit();
        }
    }

    // --- what the template needs -------------------------------------------------------------------------------------

    rowProps(row, index) {
        const { top, bottom, left, right } = this.cursor.range;
        const selected = this.cursor.isBlock && index >= top && index <= bottom;
        return {
            row,
            index,
            activeCol: index === this.cursor.row ? this.cursor.col : -1,
            selectedFrom: selected ? left : 0,
            selectedTo: selected ? right : -1,
        };
    }

    /** Only what the server computed or keeps has an explanation, not what is being typed. */
    get canExplain() {
        const cell = this.editor.cell;
        return Boolean(cell && cell.value !== null && !cell.dirty);
    }

    /** From the active cell down to readings and persons. */
    explain() {
        const { date } = this.model.rows[this.cursor.row];
        const { id } = this.model.columns[this.cursor.col];
        return this.action.doAction({
            type: "ir.actions.client",
            tag: "energy_carbon.explain",
            params: { indicator_id: id, date_from: date, date_to: date },
        });
    }

    /** Name of the active cell for a screen reader. */
    get fieldLabel() {
        const { label } = this.model.rows[this.cursor.row] || {};
        const { name, node, unit } = this.model.columns[this.cursor.col] || {};
        return [label, name, node, unit].filter(Boolean).join(", ");
    }

    /** The line below the sheet: what is known of the active cell. */
    get statusText() {
        const column = this.model.columns[this.cursor.col];
        const row = this.model.rows[this.cursor.row];
        if (!column || !row) {
            return "";
        }
        const cell = row.cells[this.cursor.col];
        const figure = cell.text ? `${cell.text} ${column.unit || ""}` : _t("blank");
        return [row.label, column.node, column.name, figure, ...cell.remarks].filter(Boolean).join(" · ");
    }
}
