/**
 * Blocks of cells as spreadsheets put them on the clipboard: tabs between columns, newlines between rows.
 */

/**
 * @param {string} text
 * @returns {string[][]} rows of cell texts; the newline Excel adds at the end makes no row
 */
export function parseBlock(text) {
    const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
    return lines.map((line) => line.split("\t").map((cell) => cell.replace(/^"(.*)"$/, "$1")));
}

/**
 * @param {string[][]} rows
 * @returns {string}
 */
export function blockText(rows) {
    return rows.map((row) => row.join("\t")).join("\n");
}

/**
 * Where each text of a pasted block lands. One single text fills the whole selection, as in a spreadsheet.
 *
 * @param {string[][]} block
 * @param {{top: number, bottom: number, left: number, right: number}} range the selection
 * @param {{rows: number, cols: number}} size of the grid
 * @returns {{targets: {row: number, col: number, text: string}[], outside: number}}
 */
export function placeBlock(block, range, size) {
    const targets = [];
    let outside = 0;
    if (block.length === 1 && block[0].length === 1) {
        for (let row = range.top; row <= range.bottom; row++) {
            for (let col = range.left; col <= range.right; col++) {
                targets.push({ row, col, text: block[0][0] });
            }
        }
        return { targets, outside };
    }
    block.forEach((texts, rowOffset) => {
        texts.forEach((text, colOffset) => {
            const row = range.top + rowOffset;
            const col = range.left + colOffset;
            if (row < size.rows && col < size.cols) {
                targets.push({ row, col, text });
            } else if (text.trim()) {
                outside++;
            }
        });
    });
    return { targets, outside };
}
