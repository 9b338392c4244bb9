/**
 * What was typed and not saved yet, with its way back. Knows nothing of the server.
 */

/**
 * @typedef {Object} Change
 * @property {number} indicatorId
 * @property {string} date YYYY-MM-DD
 * @property {number|null} value null is blank
 * @property {string} [text] what was typed, when it is no number
 * @property {boolean} [invalid] the text is no number
 * @property {string} [reason] why a collected value is overridden
 * @property {any} version of the server's cell when it was typed over
 */

export function cellKey(indicatorId, date) {
    return `${indicatorId}|${date}`;
}

export class ChangeSet {
    constructor() {
        this.clear();
    }

    clear() {
        /** @type {Map<string, Change>} */
        this.changes = new Map();
        this.undoable = [];
        this.redoable = [];
    }

    get size() {
        return this.changes.size;
    }

    get(indicatorId, date) {
        return this.changes.get(cellKey(indicatorId, date));
    }

    values() {
        return [...this.changes.values()];
    }

    /**
     * One step of the person: all cells of a paste are undone together.
     *
     * @param {{indicatorId: number, date: string, after: Change|null}[]} edits after is null when the cell is again
     *     what the server holds
     */
    apply(edits) {
        const batch = edits.map(({ indicatorId, date, after }) => {
            const key = cellKey(indicatorId, date);
            return { key, indicatorId, date, before: this.changes.get(key) || null, after };
        });
        this.undoable.push(batch);
        this.redoable = [];
        this.write(batch, "after");
    }

    /** @returns {{indicatorId: number, date: string}[]} the cells that went back */
    undo() {
        return this.replay(this.undoable, this.redoable, "before");
    }

    redo() {
        return this.replay(this.redoable, this.undoable, "after");
    }

    replay(from, to, side) {
        const batch = from.pop();
        if (!batch) {
            return [];
        }
        to.push(batch);
        this.write(batch, side);
        return batch;
    }

    write(batch, side) {
        for (const step of batch) {
            if (step[side]) {
                this.changes.set(step.key, step[side]);
            } else {
                this.changes.delete(step.key);
            }
        }
    }
}
