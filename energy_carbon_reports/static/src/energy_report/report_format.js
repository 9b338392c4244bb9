/**
 * How a report's figures are worded, and which rows show. Knows nothing of the screen.
 */
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";

export const BLANK = "–";

/**
 * @param {number|undefined} value
 * @param {number} [decimals]
 * @returns {string} a blank stays blank, it is not zero
 */
export function figure(value, decimals = 2) {
    return typeof value === "number" ? formatFloat(value, { digits: [16, decimals] }) : "";
}

/** @param {number|undefined} share 0.963 -> "96.3 %" */
export function percent(share) {
    return typeof share === "number" ? `${formatFloat(share * 100, { digits: [16, 1] })} %` : "";
}

/**
 * @param {number|undefined} change relative change
 * @returns {{text: string, direction: "up"|"down"|"same"}|null} null when there is nothing to compare with
 */
export function delta(change) {
    if (typeof change !== "number") {
        return null;
    }
    const rounded = Math.round(change * 1000) / 1000;
    const sign = rounded > 0 ? "+" : rounded < 0 ? "−" : "";
    return {
        text: `${sign}${percent(Math.abs(rounded))}`,
        direction: rounded > 0 ? "up" : rounded < 0 ? "down" : "same",
    };
}

/** Whether a column shows something incomplete of a cell, which is marked then. */
export function isPartial(column, cell) {
    const marks = { figure: cell?.partial, previous: cell?.previous_partial, coverage: cell?.coverage < 1 };
    return Boolean(marks[column.kind]);
}

/** A change of or against an incomplete figure says little, so it is neither good nor bad. */
export function direction(change, cell) {
    return cell.partial || cell.previous_partial ? "same" : change.direction;
}

/**
 * What a reader should know about a figure: why it is blank or incomplete, and what it is compared with.
 *
 * @param {Object} cell
 * @param {Object<string, string>} reasons reason -> text
 * @param {string} [compared] name of the compared period
 */
export function cellTitle(cell, reasons, compared = "") {
    const lines = [];
    if (cell.reason && reasons[cell.reason]) {
        lines.push(reasons[cell.reason]);
    }
    if (cell.expected && cell.present < cell.expected) {
        lines.push(
            _t("Coverage %(percent)s: %(present)s of %(expected)s source-days have a value", {
                percent: percent(cell.present / cell.expected),
                present: cell.present,
                expected: cell.expected,
            })
        );
    }
    if (cell.estimated) {
        lines.push(_t("Partly estimated"));
    }
    if (compared && typeof cell.previous === "number") {
        lines.push(`${compared}: ${figure(cell.previous, cell.decimals)} ${cell.unit || ""}`.trim());
        if (cell.previous_partial) {
            lines.push(_t("The compared figure is incomplete"));
        }
    }
    return lines.join("\n");
}

/** Reasons that stand in the cell itself; the others only show when one points at it. */
const SPOKEN = ["no_price", "no_factor"];

/** @returns {string} what a cell without a figure says */
export function blankText(cell, reasons) {
    return SPOKEN.includes(cell?.reason) ? reasons[cell.reason] || BLANK : "";
}

/**
 * Rows that no folded row hides.
 *
 * @param {{key: string, parent: string}[]} rows
 * @param {Set<string>} folded keys of folded rows
 */
export function visibleRows(rows, folded) {
    const hidden = new Set();
    return rows.filter((row) => {
        if (row.parent && (folded.has(row.parent) || hidden.has(row.parent))) {
            hidden.add(row.key);
            return false;
        }
        return true;
    });
}

/** Keys of the rows that have others below them. */
export function foldableKeys(rows) {
    return new Set(rows.map((row) => row.parent).filter(Boolean));
}

/**
 * Headings over neighbouring columns of one group.
 *
 * @param {{group: string, label: string}[]} columns
 * @returns {{key: string, label: string, span: number, alone: boolean}[]} alone: heading and column are one
 */
export function columnGroups(columns) {
    const groups = [];
    for (const column of columns) {
        const last = groups.at(-1);
        if (last && column.group && last.group === column.group) {
            last.span++;
            last.alone = false;
        } else {
            groups.push({
                key: column.key,
                group: column.group,
                label: column.group || column.label,
                span: 1,
                alone: !column.group || column.group === column.label,
            });
        }
    }
    return groups;
}

/** Above this many rows only the units directly below the first one are unfolded. */
const MOST_ROWS = 200;

/**
 * Rows to fold at first, so that a large plant does not drown the reader.
 *
 * @param {{key: string, parent: string, depth: number}[]} rows
 */
export function firstFolded(rows) {
    const foldable = foldableKeys(rows);
    const deep = rows.filter((row) => row.depth > 0 && foldable.has(row.key));
    return new Set(rows.length > MOST_ROWS ? deep.map((row) => row.key) : []);
}

/** Options worth a place in the address bar. */
export function urlState(options, view) {
    const { date_to, in_tonnes, types, ...rest } = options;
    return {
        ...rest,
        date_to: options.period_kind === "free" ? date_to : undefined,
        in_tonnes: in_tonnes ? 1 : undefined,
        types: types || undefined,
        view: view === "summary" ? undefined : view,
    };
}
