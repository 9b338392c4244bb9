/**
 * Words and widths for the calendar of a tariff: which hours of a day lie in which period. Knows nothing of the screen.
 *
 * A plan is what the server computes: `periods` [{index, label}], `columns` (labels of the kinds of days), `courses`
 * (lists of [first minute, minute after the last, period index or -1]) and `months` (for each month the course of each
 * column).
 */
import { _t } from "@web/core/l10n/translation";

export const MINUTES = 24 * 60;
/** Index of the minutes that have no period. */
export const HOLE = -1;
const { Info } = luxon;

/** @returns {string} minute of the day as HH:MM; 1440 is 24:00 */
export function clock(minute) {
    const two = (number) => String(number).padStart(2, "0");
    return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** @returns {string[]} names of the twelve months in the user's language */
export function monthNames(length = "short") {
    return Info.months(length);
}

export function periodLabel(plan, index) {
    return plan.periods.find((period) => period.index === index)?.label ?? _t("No period");
}

/** @returns {Object[]} the stretches of a day, with their share of its width */
export function stretches(plan, month, column) {
    return plan.courses[plan.months[month][column]].map(([start, end, index]) => ({
        start,
        end,
        index,
        label: periodLabel(plan, index),
        hours: `${clock(start)}–${clock(end)}`,
        width: (100 * (end - start)) / MINUTES,
    }));
}

/** @returns {Object[]} each period of a day with its hours, dearest first; minutes without period last */
export function hoursByPeriod(plan, month, column) {
    const found = new Map();
    for (const stretch of stretches(plan, month, column)) {
        const own = found.get(stretch.index) || { index: stretch.index, label: stretch.label, hours: [], minutes: 0 };
        own.hours.push(stretch.hours);
        own.minutes += stretch.end - stretch.start;
        found.set(stretch.index, own);
    }
    const rank = ({ index }) => (index === HOLE ? Infinity : index);
    return [...found.values()].sort((one, other) => rank(one) - rank(other));
}

/** @returns {number[]} months (0 to 11) in which a kind of day is the same as in the given month */
export function season(plan, month, column) {
    const course = plan.months[month][column];
    return plan.months.flatMap((courses, other) => (courses[column] === course ? [other] : []));
}
