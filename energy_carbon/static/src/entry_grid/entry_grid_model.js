/**
 * The month of figures on screen: loads it in one call, holds unsaved changes, saves them in one call.
 */
import { _t } from "@web/core/l10n/translation";
import { KeepLast } from "@web/core/utils/concurrency";
import { Model } from "@web/model/model";
import { cellView, columnView, isCorrection, isTypable, needsReason, shownValue } from "./entry_grid_cells";
import { cellKey, ChangeSet } from "./entry_grid_changes";
import { parseCellText } from "./entry_grid_numbers";
import { dayLabel, monthDays } from "./entry_grid_url";

const EMPTY_GRID = { dates: [], columns: [], cells: {}, more: 0, calculating: false };

export class EntryGridModel extends Model {
    setup({ month, askReason }) {
        this.month = month;
        this.askReason = askReason;
        this.keepLast = new KeepLast();
        this.changes = new ChangeSet();
        /** Messages of the last refused saving, by cell. */
        this.errors = new Map();
        /** Resolves when what was typed last is taken in, its reason given or refused. */
        this.pending = Promise.resolve();
        this.loading = false;
        /** Another sheet is on its way: what is still on screen takes no typing. */
        this.switching = false;
        /** Node and month on screen; another one is another sheet. */
        this.sheetKey = "";
        this.receive(EMPTY_GRID);
    }

    // --- loading -----------------------------------------------------------------------------------------------------

    get nodeId() {
        return this.env.searchModel.nodeId;
    }

    async load({ domain, context }) {
        this.domain = domain;
        this.context = context;
        await this.fetch();
    }

    async fetch() {
        if (!this.nodeId) {
            this.receive(EMPTY_GRID);
            return;
        }
        const wanted = `${this.nodeId}|${this.month}`;
        this.switching = this.sheetKey !== wanted;
        this.loading = true;
        this.notify();
        try {
            this.receive(await this.keepLast.add(this.call("entry_grid", this.period)));
            this.sheetKey = wanted;
        } finally {
            this.loading = false;
            this.switching = false;
        }
        this.notify();
    }

    async showMonth(month) {
        this.month = month;
        await this.fetch();
    }

    get period() {
        return [this.domain, ...monthDays(this.month)];
    }

    call(method, args) {
        return this.orm.call("energy.indicator", method, args, { context: this.context });
    }

    /** Takes the server's grid; unsaved changes stay. */
    receive(grid) {
        this.grid = grid;
        this.columns = grid.columns.map((column) => columnView(column, this.env.searchModel.nodePath(column.node_id)));
        this.dates = grid.dates.map((date) => ({ ...date, label: dayLabel(date.date) }));
        this.rows = this.dates.map((date) => this.buildRow(date));
    }

    get hasColumns() {
        return this.columns.length > 0;
    }

    buildRow(date) {
        return { ...date, cells: this.grid.columns.map((column) => this.buildCell(column, date)) };
    }

    buildCell(column, date) {
        const error = this.errors.get(cellKey(column.id, date.date));
        const change = this.changes.get(column.id, date.date);
        return cellView(column, date, this.serverCell(column, date), change, error);
    }

    serverCell(column, date) {
        return this.grid.cells[column.id]?.[date.date];
    }

    /** Rows are new objects after a change: the template compares them by identity. */
    refresh(dates) {
        const changed = new Set(dates);
        this.rows = this.rows.map((row, index) => (changed.has(row.date) ? this.buildRow(this.dates[index]) : row));
        this.notify();
    }

    // --- changing ----------------------------------------------------------------------------------------------------

    get editable() {
        return this.grid.columns.some((column) => column.editable || column.overridable);
    }

    /**
     * Take texts into cells as one step. Cells nobody may type in are left alone and counted.
     *
     * @param {{row: number, col: number, text: string}[]} targets
     * @returns {Promise<{written: number, refused: number}>}
     */
    type(targets) {
        const done = this.takeTexts(targets);
        this.pending = done;
        return done;
    }

    async takeTexts(targets) {
        const edits = [];
        let refused = 0;
        for (const target of targets) {
            const column = this.grid.columns[target.col];
            const date = this.dates[target.row];
            if (!isTypable(column, date, this.serverCell(column, date))) {
                refused += this.rows[target.row].cells[target.col].text === target.text ? 0 : 1;
                continue;
            }
            const after = this.changeFor(column, date, target.text);
            if (after !== undefined) {
                const cell = this.serverCell(column, date);
                edits.push({ indicatorId: column.id, date: date.date, after, column, cell });
            }
        }
        const accepted = await this.withReasons(edits);
        if (accepted.length) {
            this.applyEdits(accepted);
        }
        return { written: accepted.length, refused };
    }

    /** @returns {Object|null|undefined} the change, null: as the server has it, undefined: nothing happened */
    changeFor(column, date, text) {
        const before = this.changes.get(column.id, date.date);
        const parsed = parseCellText(text);
        const stored = shownValue(column, this.serverCell(column, date));
        if (!parsed.invalid && parsed.value === stored) {
            return before ? null : undefined;
        }
        if (before && (parsed.invalid ? before.text === text : !before.invalid && before.value === parsed.value)) {
            return undefined;
        }
        const { version = false } = before || this.serverCell(column, date) || {};
        const change = { indicatorId: column.id, date: date.date, reason: before?.reason, version };
        return parsed.invalid ? { ...change, value: null, invalid: true, text } : { ...change, value: parsed.value };
    }

    /** Overriding what was collected or approved takes a reason, asked once for all cells of the step. */
    async withReasons(edits) {
        const asking = edits.filter(({ column, cell, after }) => after && needsReason(column, cell) && !after.reason);
        if (!asking.length) {
            return edits;
        }
        const reason = await this.askReason({
            columns: [...new Set(asking.map(({ column }) => column))],
            count: asking.length,
            corrections: asking.filter(({ cell }) => isCorrection(cell)).length,
        });
        if (!reason) {
            this.notify(); // the cells show what they held
            return edits.filter((edit) => !asking.includes(edit));
        }
        for (const { after } of asking) {
            after.reason = reason;
        }
        return edits;
    }

    applyEdits(edits) {
        for (const { indicatorId, date } of edits) {
            this.errors.delete(cellKey(indicatorId, date));
        }
        this.changes.apply(edits);
        this.refresh(edits.map(({ date }) => date));
    }

    /** @returns {{row: number, col: number}|null} a cell that went back (or came again) */
    replay(direction) {
        const steps = this.changes[direction]();
        this.refresh(steps.map(({ date }) => date));
        return steps.length ? this.locate(steps[0].indicatorId, steps[0].date) : null;
    }

    locate(indicatorId, date) {
        const row = this.rows.findIndex((line) => line.date === date);
        const col = this.columns.findIndex((column) => column.id === indicatorId);
        return row < 0 || col < 0 ? null : { row, col };
    }

    discard() {
        this.changes.clear();
        this.errors.clear();
        this.receive(this.grid);
        this.notify();
    }

    // --- saving ------------------------------------------------------------------------------------------------------

    get isDirty() {
        return this.changes.size > 0;
    }

    /** @returns {{indicatorId: number, date: string, message: string}[]} refused and unreadable cells, in order */
    get problems() {
        const unreadable = this.changes
            .values()
            .filter((change) => change.invalid)
            .map(({ indicatorId, date, text }) => {
                return { indicatorId, date, message: _t("“%s” is not a number", text) };
            });
        const refused = [...this.errors].map(([key, message]) => {
            const [indicatorId, date] = key.split("|");
            return { indicatorId: Number(indicatorId), date, message };
        });
        return [...unreadable, ...refused].sort((a, b) => a.date.localeCompare(b.date));
    }

    /** @returns {Promise<number|false>} how many figures were saved; false: refused, everything is as before */
    async save() {
        await this.pending;
        const changes = this.changes.values();
        if (changes.some((change) => change.invalid)) {
            return false;
        }
        const result = await this.call("entry_save", [changes.map((change) => this.payload(change)), ...this.period]);
        if (result.errors?.length) {
            this.errors = new Map(
                result.errors.map((error) => [cellKey(error.indicator_id, error.date), error.message])
            );
            this.receive(this.grid);
            this.notify();
            return false;
        }
        this.changes.clear();
        this.errors.clear();
        this.receive(result.grid);
        this.notify();
        return changes.length;
    }

    /** The version is the one the person saw when typing: somebody else's newer figure is not overwritten. */
    payload({ indicatorId, date, value, reason, version }) {
        return { indicator_id: indicatorId, date, value, reason: reason || false, version };
    }
}
