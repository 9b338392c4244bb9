/**
 * What a cell and a column show: from the server's figures, unsaved changes and errors to text, marks and tooltip.
 */
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { cellKey } from "./entry_grid_changes";
import { editableText, formatCellValue } from "./entry_grid_numbers";

export const QUALITY_LABELS = {
    measured: _t("Measured"),
    entered: _t("Entered"),
    estimated: _t("Estimated"),
    partial: _t("Partial"),
    missing: _t("Missing"),
};

const STATE_LABELS = {
    draft: _t("Draft"),
    submitted: _t("Submitted"),
    approved: _t("Approved"),
};

/** Why a computed figure is blank or partial. */
const PROBLEM_LABELS = {
    missing_input: _t("Missing input"),
    zero_denominator: _t("Denominator is zero"),
    no_price: _t("No price or factor"),
    partial_price: _t("Price or factor missing for a part"),
};

/** What the figures of a column are when they are no amounts. */
const MODE_LABELS = { gauge: _t("Mean of the day"), stock: _t("Stock"), ratio: _t("Ratio") };

/** Kinds of indicators whose days may be added up. */
const SUMMABLE_KINDS = ["counter", "amount", "derived"];

function isNumber(value) {
    return typeof value === "number";
}

/**
 * The figure that stands in the cell: what somebody typed, or else the value that was collected or computed. In a
 * register column that is the register, never the amount of the day.
 */
export function shownValue(column, cell) {
    if (isNumber(cell?.entered)) {
        return cell.entered;
    }
    if (column.entry_mode === "register" && column.source === "entered") {
        return null;
    }
    return isNumber(cell?.value) ? cell.value : null;
}

/** A collected figure that somebody replaced; the original is kept. */
export function isOverridden(column, cell) {
    return column.source === "collected" && isNumber(cell?.entered) && !isGap(column, cell);
}

/** Whether a person may type here at all. */
export function isTypable(column, date, cell) {
    return Boolean((column.editable || column.overridable) && !date.future && !cell?.locked);
}

/** A collected figure is overridden, an approved one corrected with a reason only. */
export function needsReason(column, cell) {
    return (isOverride(column) && !isGap(column, cell)) || isCorrection(cell);
}

export function isOverride(column) {
    return !column.editable && Boolean(column.overridable);
}

/** A day on which a meter that is kept both ways gave nothing: people type it without giving a reason. */
function isGap(column, cell) {
    const typed = isNumber(cell?.entered);
    return Boolean(column.both_ways) && !isNumber(typed ? cell.original : cell?.value);
}

export function isCorrection(cell) {
    return cell?.state === "approved";
}

/** Sums are shown for amounts only: never of registers, gauges, stocks or ratios. */
export function isSummable(column) {
    const register = column.entry_mode === "register" && column.source === "entered";
    return !register && (!column.kind || SUMMABLE_KINDS.includes(column.kind));
}

function personOf({ user, when }) {
    return when
        ? _t("By %(user)s, %(when)s", { user, when: formatDateTime(deserializeDateTime(when)) })
        : _t("By %s", user);
}

/** A tooltip of several lines; the template takes them as text. */
function tooltipInfo(lines) {
    return lines.length ? JSON.stringify({ lines }) : undefined;
}

function remarksOn(column, date, cell, change, error) {
    const before = formatCellValue(cell?.original, column.decimals, { exact: true });
    return [
        error,
        change && (change.reason ? _t("Not saved yet. Reason: %s", change.reason) : _t("Not saved yet")),
        isOverridden(column, cell) && _t("Typed over what was collected"),
        before && (isOverridden(column, cell) ? _t("Collected: %s", before) : _t("Before: %s", before)),
        cell?.user && personOf(cell),
        cell?.reason && _t("Reason: %s", cell.reason),
        cell?.quality && cell.quality !== "missing" && _t("Quality: %s", QUALITY_LABELS[cell.quality] || cell.quality),
        column.source === "computed" && cell?.problem && (PROBLEM_LABELS[cell.problem] || cell.problem),
        cell?.state && _t("State: %s", STATE_LABELS[cell.state] || cell.state),
        protectionOf(column, date, cell),
    ]
        .filter(Boolean)
        .map(String);
}

/** Why nobody may type here, if so. */
function protectionOf(column, date, cell) {
    if (cell?.lock) {
        return cell.lock;
    }
    if (cell?.locked) {
        return isCorrection(cell) ? _t("Approved: an Energy manager can correct it") : _t("Locked");
    }
    if (date.future) {
        return _t("This day has not come yet");
    }
    if (!column.editable && !column.overridable) {
        const labels = { computed: _t("Computed: cannot be typed"), collected: _t("Collected: cannot be typed") };
        return labels[column.source] || _t("You may not change this");
    }
    return "";
}

/**
 * @returns {Object} everything the template of one cell needs
 */
export function cellView(column, date, cell, change, error) {
    const value = change ? change.value : shownValue(column, cell);
    const typed = Boolean(change) || isNumber(cell?.entered);
    const invalid = Boolean(change?.invalid);
    const view = {
        key: cellKey(column.id, date.date),
        value: invalid ? null : value,
        text: invalid ? change.text : formatCellValue(value, column.decimals, { exact: typed }),
        editText: invalid ? change.text : editableText(value),
        typable: isTypable(column, date, cell),
        error: error || (invalid ? _t("“%s” is not a number", change.text) : ""),
        dirty: Boolean(change),
    };
    view.remarks = remarksOn(column, date, cell, change, view.error);
    view.tooltip = tooltipInfo(view.remarks);
    view.classes = {
        o_dirty: view.dirty,
        o_error: Boolean(view.error),
        o_readonly: !view.typable,
        o_estimated: !change && (cell?.quality === "estimated" || cell?.quality === "partial"),
        o_overridden: isOverridden(column, cell) || Boolean(change?.reason),
    };
    return view;
}

/**
 * @param {Object} column
 * @param {string} path of its node: names alone may occur twice in a plant
 * @returns {Object} everything the header and the footer of one column need
 */
export function columnView(column, path) {
    const register = column.entry_mode === "register";
    return {
        ...column,
        path: path || column.node,
        isRegister: register && column.source === "entered",
        modeLabel:
            MODE_LABELS[column.kind] || (register && column.source === "entered" ? _t("Register") : _t("Amount")),
        sourceLabel: { computed: _t("Computed"), collected: _t("Collected") }[column.source] || "",
        tooltip: tooltipInfo(
            [
                `${path || column.node} / ${column.name}`,
                column.unit,
                column.source === "entered" &&
                    (register ? _t("Type the register at the end of the day") : _t("Type the amount of the day")),
                isOverride(column) && _t("Collected by itself; may be overridden with a reason"),
                column.both_ways && _t("May be typed on days on which the meter gave nothing"),
            ]
                .filter(Boolean)
                .map(String)
        ),
    };
}

/**
 * Neighbouring columns of one node stand under one heading.
 *
 * @param {Object[]} columns
 * @returns {{key: number, nodeId: number, node: string, path: string, span: number}[]}
 */
export function nodeHeadings(columns) {
    const headings = [];
    for (const column of columns) {
        const last = headings.at(-1);
        if (last && last.nodeId === column.node_id) {
            last.span++;
        } else {
            headings.push({
                key: column.id,
                nodeId: column.node_id,
                node: column.node,
                path: column.path,
                span: 1,
            });
        }
    }
    return headings;
}

/**
 * Where typing goes on: the first day of the first column that is still blank.
 *
 * @param {Object[]} rows
 * @returns {{row: number, col: number}}
 */
export function firstBlank(rows) {
    for (let col = 0; col < (rows[0]?.cells.length || 0); col++) {
        const row = rows.findIndex(({ cells }) => cells[col].typable && cells[col].value === null);
        if (row >= 0) {
            return { row, col };
        }
    }
    return { row: 0, col: 0 };
}

/**
 * @param {Object[]} columns
 * @param {Object[]} rows as the renderer holds them
 * @returns {{text: string, tooltip: string}[]} sum of each column alone; blank days are not zero
 */
export function columnSums(columns, rows) {
    return columns.map((column, index) => {
        if (!isSummable(column)) {
            return { text: "", tooltip: _t("Not added up: no sum of registers, stocks or gauges") };
        }
        const values = rows.map((row) => row.cells[index].value).filter(isNumber);
        if (!values.length) {
            return { text: "", tooltip: _t("No values yet") };
        }
        const sum = values.reduce((total, value) => total + value, 0);
        return {
            text: formatCellValue(sum, column.decimals, { exact: column.source === "entered" }),
            tooltip: _t("%(present)s of %(days)s days have a value", { present: values.length, days: rows.length }),
        };
    });
}
