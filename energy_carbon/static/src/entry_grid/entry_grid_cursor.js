/**
 * The cell a person stands on and the block selected from it. Knows rows and columns by number only.
 */

function clamp(number, count) {
    return Math.max(0, Math.min(count - 1, number));
}

export class GridCursor {
    constructor() {
        /** The active cell: typing goes here. */
        this.row = 0;
        this.col = 0;
        /** The other corner of the selected block. */
        this.endRow = 0;
        this.endCol = 0;
        /** Column Enter goes back to after a line was typed with Tab, as in a spreadsheet. */
        this.tabStart = null;
        this.rows = 0;
        this.cols = 0;
    }

    /** The grid changed its size: stay on it. */
    resize(rows, cols) {
        this.rows = rows;
        this.cols = cols;
        this.moveTo(this.row, this.col);
    }

    /** @returns {{top: number, bottom: number, left: number, right: number}} the selected block */
    get range() {
        return {
            top: Math.min(this.row, this.endRow),
            bottom: Math.max(this.row, this.endRow),
            left: Math.min(this.col, this.endCol),
            right: Math.max(this.col, this.endCol),
        };
    }

    get isBlock() {
        return this.row !== this.endRow || this.col !== this.endCol;
    }

    moveTo(row, col) {
        this.row = clamp(row, this.rows);
        this.col = clamp(col, this.cols);
        this.endRow = this.row;
        this.endCol = this.col;
        this.tabStart = null;
    }

    /** Selects from the active cell to here. */
    extendTo(row, col) {
        this.endRow = clamp(row, this.rows);
        this.endCol = clamp(col, this.cols);
    }

    /**
     * @param {number} rowStep
     * @param {number} colStep
     * @param {{extend?: boolean, jump?: boolean}} options extend the selection; jump to the sheet's edge
     */
    step(rowStep, colStep, { extend = false, jump = false } = {}) {
        const far = jump ? this.rows + this.cols : 1;
        const [row, col] = extend ? [this.endRow, this.endCol] : [this.row, this.col];
        const target = [row + rowStep * far, col + colStep * far];
        if (extend) {
            this.extendTo(...target);
        } else {
            this.moveTo(...target);
        }
    }

    selectAll() {
        this.moveTo(0, 0);
        this.extendTo(this.rows - 1, this.cols - 1);
    }

    /**
     * Right, and at the end of a line to the next one.
     *
     * @param {boolean} back
     * @returns {boolean} false at the grid's end: focus may leave it, the keyboard is never trapped
     */
    tab(back) {
        const start = this.tabStart ?? this.col;
        const index = this.row * this.cols + this.col + (back ? -1 : 1);
        if (index < 0 || index >= this.rows * this.cols) {
            return false;
        }
        const row = Math.floor(index / this.cols);
        const wrapped = row !== this.row;
        this.moveTo(row, index % this.cols);
        this.tabStart = wrapped ? this.col : start;
        return true;
    }

    /** Down (or up); after a line typed with Tab, to where that line began. */
    enter(back) {
        const col = back ? this.col : (this.tabStart ?? this.col);
        this.moveTo(this.row + (back ? -1 : 1), col);
    }
}
