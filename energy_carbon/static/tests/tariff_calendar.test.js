import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, queryAll } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";
import { mailModels } from "@mail/../tests/mail_test_helpers";
import { clock, hoursByPeriod, monthNames, season, stretches } from "@energy_carbon/tariff_calendar/calendar_plan";

describe.current.tags("desktop");

const WINTER = [
    [0, 480, 3],
    [480, 720, 1],
    [720, 1440, 2],
];
const SUMMER = [
    [0, 480, 3],
    [480, 570, 0],
    [570, 1200, 1],
    [1200, 1440, -1],
];
const PLAN = {
    periods: [
        { index: 0, label: "Sharp" },
        { index: 1, label: "Peak" },
        { index: 2, label: "Flat" },
        { index: 3, label: "Valley" },
    ],
    columns: ["Workday", "Weekend"],
    courses: [WINTER, SUMMER],
    months: Array.from({ length: 12 }, (_one, month) => [[5, 6, 7].includes(month) ? 1 : 0, 0]),
};

class EnergyTariff extends models.Model {
    _name = "energy.tariff";

    name = fields.Char();
    calendar_plan = fields.Json();
    day_plan = fields.Json();

    _records = [
        {
            id: 1,
            name: "10 kV",
            day_plan: PLAN,
            calendar_plan: {
                versions: [
                    { label: "from 2024-03-01", plan: { ...PLAN, columns: ["All Days"], months: PLAN.months.map(() => [0]) } },
                    { label: "from 2026-07-01", plan: PLAN },
                ],
                chosen: 1,
            },
        },
        { id: 2, name: "New", day_plan: false, calendar_plan: { versions: [], chosen: 0 } },
    ];
}

defineModels({ ...mailModels, EnergyTariff });

const openForm = (field, resId = 1) =>
    mountView({
        type: "form",
        resModel: "energy.tariff",
        resId,
        arch: `<form><field name="${field}" widget="energy_tariff_calendar"/></form>`,
    });

test("a day is cut into stretches with their share of its width", () => {
    expect(clock(0)).toBe("00:00");
    expect(clock(570)).toBe("09:30");
    expect(clock(1440)).toBe("24:00");
    expect(stretches(PLAN, 6, 0).map(({ hours, width }) => [hours, width])).toEqual([
        ["00:00–08:00", 100 / 3],
        ["08:00–09:30", 6.25],
        ["09:30–20:00", 43.75],
        ["20:00–24:00", 100 / 6],
    ]);
});

test("hours by period, dearest first, and what has no period last", () => {
    expect(hoursByPeriod(PLAN, 6, 0).map(({ index, minutes }) => [index, minutes])).toEqual([
        [0, 90],
        [1, 630],
        [3, 480],
        [-1, 240],
    ]);
});

test("months with the same day are a season", () => {
    expect(season(PLAN, 6, 0)).toEqual([5, 6, 7]);
    expect(season(PLAN, 6, 1)).toHaveLength(12);
    expect(monthNames("long")[6]).toBe("July");
});

test("all months and kinds of days show, this month in large", async () => {
    mockDate("2026-01-15 12:00:00");
    await openForm("day_plan");
    expect(queryAllTexts(".o_energy_tariff_year thead th")).toEqual(["", "Workday", "Weekend"]);
    expect(".o_energy_tariff_year tbody tr").toHaveCount(12);
    expect(".o_energy_tariff_year button").toHaveCount(24);
    expect(".o_energy_tariff_day h4").toHaveText(
        "January, Workday (the same in: Jan, Feb, Mar, Apr, May, Sep, Oct, Nov, Dec)"
    );
    expect(queryAllTexts(".o_energy_tariff_hours b")).toEqual(["Peak", "Flat", "Valley"]);
    expect(queryAllTexts(".o_energy_tariff_hours span")).toEqual([
        ...["08:00–12:00", "4 h"],
        ...["12:00–24:00", "12 h"],
        ...["00:00–08:00", "8 h"],
    ]);
    expect(queryAllTexts(".o_energy_tariff_legend li")).toEqual(["Sharp", "Peak", "Flat", "Valley"]);
});

test("a click shows another day; minutes without period stand out", async () => {
    mockDate("2026-01-15 12:00:00");
    await openForm("day_plan");
    await contains(".o_energy_tariff_year tbody tr:eq(6) button:eq(0)").click();
    await animationFrame();
    expect(".o_energy_tariff_day h4").toHaveText("July, Workday (the same in: Jun, Jul, Aug)");
    expect(".o_energy_tariff_bar_large .o_energy_period_none").toHaveCount(1);
    expect(queryAllTexts(".o_energy_tariff_hours b").at(-1)).toBe("No period");
    expect(queryAllTexts(".o_energy_tariff_hours span").slice(-2)).toEqual(["20:00–24:00", "4 h"]);
    expect(queryAll(".o_energy_tariff_chosen")).toHaveLength(1);
});

test("of several versions the one of today shows, and another can be chosen", async () => {
    await openForm("calendar_plan");
    expect(queryAllTexts(".o_energy_tariff_version option")).toEqual(["from 2024-03-01", "from 2026-07-01"]);
    expect(queryAllTexts(".o_energy_tariff_year thead th")).toEqual(["", "Workday", "Weekend"]);
    await contains(".o_energy_tariff_version select").select("0");
    await animationFrame();
    expect(queryAllTexts(".o_energy_tariff_year thead th")).toEqual(["", "All Days"]);
});

test("nothing to show yet says what to do", async () => {
    await openForm("calendar_plan", 2);
    expect(".o_energy_tariff_calendar p").toHaveText(/^No hours to show yet: add a band/);
});
