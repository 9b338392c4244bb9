/**
 * Numbers as people type, paste and read them, in the signs of the user's language. Knows nothing of the grid.
 */
import { localization } from "@web/core/l10n/localization";
import { formatFloat } from "@web/core/utils/numbers";
import { escapeRegExp } from "@web/core/utils/strings";

const MOST_DECIMALS = 6;
const ENGLISH = { decimalPoint: ".", thousandsSep: "," };

/**
 * Full-width digits and signs of a Chinese input method become plain ones; every kind of blank becomes a space.
 *
 * @param {string} text
 * @returns {string}
 */
function plainText(text) {
    return text
        .normalize("NFKC")
        .replace(/\u3002/g, ".")
        .replace(/[\u2212\u2013]/g, "-")
        .replace(/\s+/g, " ")
        .trim();
}

/**
 * The number a text stands for, or NaN. Thousand separators count only where they belong, so that "1,5" typed by
 * someone who means one and a half is refused instead of being read as fifteen.
 *
 * @param {string} text
 * @param {{decimalPoint: string, thousandsSep: string}} signs
 * @returns {number}
 */
function strictNumber(text, { decimalPoint, thousandsSep }) {
    const separator = thousandsSep?.trim() ? `[${escapeRegExp(thousandsSep)} ]` : " ";
    const point = escapeRegExp(decimalPoint);
    const pattern = new RegExp(
        `^([+-]?)(\\d+|\\d{1,3}(?:${separator}\\d{2,3})*${separator}\\d{3})?(?:${point}(\\d*))?(e[+-]?\\d{1,2})?$`,
        "i"
    );
    const match = text.match(pattern);
    if (!match || (match[2] === undefined && !match[3])) {
        return NaN;
    }
    const [, sign, whole = "0", fraction = "", exponent = ""] = match;
    return Number(`${sign}${whole.replace(/\D/g, "")}.${fraction || "0"}${exponent}`);
}

/**
 * @param {string} text what stands in a cell
 * @returns {{value: number|null}|{invalid: true}} blank is null, never zero
 */
export function parseCellText(text) {
    const plain = plainText(text || "");
    if (!plain) {
        return { value: null };
    }
    let value = strictNumber(plain, localization);
    if (Number.isNaN(value)) {
        value = strictNumber(plain, ENGLISH);
    }
    return Number.isFinite(value) ? { value } : { invalid: true };
}

/**
 * @param {number} value
 * @returns {number} decimals needed to show the value as it was typed
 */
function decimalsOf(value) {
    const tolerance = 1e-9 * Math.max(1, Math.abs(value));
    let shown = 0;
    while (shown < MOST_DECIMALS && Math.abs(Number(value.toFixed(shown)) - value) > tolerance) {
        shown++;
    }
    return shown;
}

/**
 * @param {number|null|false|undefined} value
 * @param {number} decimals
 * @param {{exact?: boolean}} [options] exact: the decimals somebody typed, no more
 * @returns {string}
 */
export function formatCellValue(value, decimals = 2, { exact = false } = {}) {
    if (typeof value !== "number") {
        return "";
    }
    return formatFloat(value, { digits: [16, exact ? decimalsOf(value) : decimals] });
}

/**
 * @param {number|null|false|undefined} value
 * @returns {string} the number as one would type it: no thousand separators, all its digits
 */
export function editableText(value) {
    return typeof value === "number" ? String(value).replace(".", localization.decimalPoint) : "";
}
