import { describe, expect, test } from "@odoo/hoot";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { editableText, formatCellValue, parseCellText } from "@energy_carbon/entry_grid/entry_grid_numbers";

describe.current.tags("headless");

function speak(decimalPoint, thousandsSep) {
    patchWithCleanup(localization, { decimalPoint, thousandsSep, grouping: [3, 0] });
}

test("blank is null, zero is zero", () => {
    speak(".", ",");
    expect(parseCellText("")).toEqual({ value: null });
    expect(parseCellText("  \u00a0 ")).toEqual({ value: null });
    expect(parseCellText("0")).toEqual({ value: 0 });
});

test("numbers with thousand separators, spaces, signs and exponents", () => {
    speak(".", ",");
    expect(parseCellText("1,234,567.25")).toEqual({ value: 1234567.25 });
    expect(parseCellText("1 234.5")).toEqual({ value: 1234.5 });
    expect(parseCellText("1\u202f234")).toEqual({ value: 1234 });
    expect(parseCellText("-12.5")).toEqual({ value: -12.5 });
    expect(parseCellText("\u221212")).toEqual({ value: -12 });
    expect(parseCellText(".5")).toEqual({ value: 0.5 });
    expect(parseCellText("1.2E+05")).toEqual({ value: 120000 });
});

test("a separator in the wrong place is refused, never dropped", () => {
    speak(".", ",");
    expect(parseCellText("1,5")).toEqual({ invalid: true });
    expect(parseCellText("12,34,5")).toEqual({ invalid: true });
    expect(parseCellText("12 kWh")).toEqual({ invalid: true });
    expect(parseCellText("1.2.3")).toEqual({ invalid: true });
    expect(parseCellText("-")).toEqual({ invalid: true });
    expect(parseCellText(".")).toEqual({ invalid: true });
});

test("digits of a Chinese input method", () => {
    speak(".", ",");
    expect(parseCellText("１２３．５")).toEqual({ value: 123.5 });
    expect(parseCellText("12。5")).toEqual({ value: 12.5 });
    expect(parseCellText("1，234")).toEqual({ value: 1234 });
});

test("the user's own decimal sign", () => {
    speak(",", ".");
    expect(parseCellText("1.234,5")).toEqual({ value: 1234.5 });
    expect(parseCellText("1,5")).toEqual({ value: 1.5 });
    expect(parseCellText("12.5")).toEqual({ value: 12.5 }); // no place for a thousand separator: a plain number
    expect(editableText(1234.5)).toBe("1234,5");
});

test("figures show the unit's decimals, typed ones those that were typed", () => {
    speak(".", ",");
    expect(formatCellValue(1234.5, 2)).toBe("1,234.50");
    expect(formatCellValue(1.2345, 2)).toBe("1.23");
    expect(formatCellValue(1.2345, 2, { exact: true })).toBe("1.2345");
    expect(formatCellValue(0.1 + 0.2, 2, { exact: true })).toBe("0.3");
    expect(formatCellValue(1500, 2, { exact: true })).toBe("1,500");
    expect(formatCellValue(0, 2)).toBe("0.00");
    expect(formatCellValue(null, 2)).toBe("");
    expect(formatCellValue(false, 2)).toBe("");
    expect(editableText(0)).toBe("0");
    expect(editableText(null)).toBe("");
});
