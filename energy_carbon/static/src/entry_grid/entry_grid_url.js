/**
 * Node and month of the grid in the address bar, so that F5, a bookmark and a colleague find them again; and how
 * months and days are written.
 */
import { router } from "@web/core/browser/router";

const { DateTime } = luxon;

/**
 * @param {{actionId: number|false, actionXmlId: string|false}} config of the running action
 * @returns {{node_id?: number, month?: string}} nothing when the address is another screen's
 */
export function stateFromUrl({ actionId, actionXmlId }) {
    const { action, node_id, month } = router.current;
    if (action && action !== actionId && action !== actionXmlId) {
        return {};
    }
    return { node_id: Number(node_id) || undefined, month: validMonth(month) };
}

/**
 * @param {any} month
 * @returns {string|undefined} YYYY-MM when it is one
 */
export function validMonth(month) {
    const parsed = DateTime.fromFormat(String(month ?? ""), "yyyy-MM");
    return parsed.isValid ? parsed.toFormat("yyyy-MM") : undefined;
}

export function thisMonth() {
    return DateTime.local().toFormat("yyyy-MM");
}

/**
 * @param {string} month YYYY-MM
 * @param {number} step in months
 * @returns {string}
 */
export function shiftMonth(month, step) {
    return DateTime.fromFormat(month, "yyyy-MM").plus({ months: step }).toFormat("yyyy-MM");
}

/**
 * @param {string} month YYYY-MM
 * @returns {[string, string]} first and last day
 */
export function monthDays(month) {
    const first = DateTime.fromFormat(month, "yyyy-MM");
    return [first.toISODate(), first.endOf("month").toISODate()];
}

/**
 * @param {string} date YYYY-MM-DD
 * @returns {string} day and weekday as the user's language writes them
 */
export function dayLabel(date) {
    return DateTime.fromISO(date).toFormat("dd ccc");
}

/**
 * @param {string} month YYYY-MM
 * @returns {string} as the user's language writes it
 */
export function monthLabel(month) {
    return DateTime.fromFormat(month, "yyyy-MM").toLocaleString({ year: "numeric", month: "long" });
}
