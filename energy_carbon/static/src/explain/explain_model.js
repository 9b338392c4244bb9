/**
 * Asks the server why a figure is what it is, and words its parts. Knows nothing of the screen.
 */
import { deserializeDate, deserializeDateTime, formatDate, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";

const QUALITY_CLASSES = {
    measured: "text-bg-success",
    entered: "text-bg-info",
    estimated: "text-bg-warning",
    partial: "text-bg-warning",
    missing: "text-bg-danger",
};

/**
 * @param {Object} orm
 * @param {{indicator_id?: number, balance_id?: number, date_from: string, date_to: string, measure?: string}} request
 *     an indicator's figure, or the difference of a balance; measure: which figure of the same energy is meant (its standard
 *     coal, carbon, cost); none: its amount
 * @returns {Promise<Object>} the explanation as the server gives it
 */
export function loadExplanation(orm, { indicator_id, balance_id, date_from, date_to, measure }) {
    if (balance_id) {
        return orm.call("energy.balance", "explain", [balance_id, date_from, date_to]);
    }
    return orm.call("energy.indicator", "explain", [indicator_id, date_from, date_to, measure || false]);
}

/**
 * @returns {Promise<Object[]>} amount, share and cost of the figure by tariff period
 */
export function loadPeriods(orm, { indicator_id, date_from, date_to }) {
    return orm.call("energy.indicator", "explain_periods", [indicator_id, date_from, date_to]);
}

/**
 * @param {number|null|undefined} share of the whole
 * @returns {string}
 */
export function percent(share) {
    return typeof share === "number" ? `${formatFloat(share * 100, { digits: [16, 2] })} %` : "";
}

/**
 * @param {number|null|false|undefined} value
 * @param {number} [most] decimals at most
 * @returns {string} blank stays blank, it is not zero
 */
export function figure(value, most = 6) {
    if (typeof value !== "number") {
        return "–";
    }
    const size = Math.abs(value);
    const decimals = size >= 1000 ? 2 : size >= 1 ? Math.min(4, most) : most;
    return formatFloat(value, { digits: [16, decimals], trailingZeros: false });
}

/** A factor, price or register keeps the digits of its source, without what binary fractions add behind them. */
export function exactFigure(value) {
    if (typeof value !== "number") {
        return "–";
    }
    // 15 digits are what a number surely holds; more of them would be noise.
    const whole = Math.abs(value) < 1 ? 0 : Math.floor(Math.log10(Math.abs(value))) + 1;
    return formatFloat(value, { digits: [16, Math.max(0, Math.min(8, 15 - whole))], trailingZeros: false });
}

export function day(date) {
    return date ? formatDate(deserializeDate(date)) : "";
}

/** @param {string} time of the server, in UTC */
export function moment(time) {
    return time ? formatDateTime(deserializeDateTime(time)) : "";
}

export function period({ date_from, date_to }) {
    return date_from === date_to ? day(date_from) : `${day(date_from)} – ${day(date_to)}`;
}

export function qualityClass(quality) {
    return QUALITY_CLASSES[quality] || "text-bg-secondary";
}

/**
 * @param {{coverage: {present: number, expected: number}, quality: string}} explanation coverage in source-days
 * @returns {string}
 */
export function coverageText({ coverage, quality }) {
    if (quality === "partial" && coverage?.expected && coverage.present >= coverage.expected) {
        return _t("Readings of a part of a day are missing or still to come");
    }
    return coverage?.expected ? _t("%(present)s of %(expected)s source-days have a value", coverage) : "";
}
