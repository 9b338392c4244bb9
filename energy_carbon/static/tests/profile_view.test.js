import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { byHour, datasets } from "@energy_carbon/profile_chart/profile_model";
import { contains, getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { defineEnergyModels } from "./energy_test_helpers";

describe.current.tags("desktop");
defineEnergyModels();

const LABELS = { sharp: "Sharp", peak: "Peak", flat: "Flat", valley: "Valley", deep_valley: "Deep Valley" };

function slot(time, amount, period, offset = "+0800") {
    return { day: "2026-07-15", time, offset, amount, period };
}

const SLOTS = [
    slot("07:00", 1, "valley"),
    slot("07:15", 2, "valley"),
    slot("07:30", null, "valley"),
    slot("07:45", 4, "peak"),
    slot("08:00", null, "peak"),
    slot("08:15", null, "peak"),
    slot("08:30", null, "peak"),
    slot("08:45", null, "peak"),
];

function profile(values) {
    return {
        indicator_id: 11,
        title: "Meter 11 / Total energy",
        indicator: "Total energy",
        node: "Plant A / Meter 11",
        unit: "kWh",
        date_from: "2026-07-15",
        date_to: "2026-07-15",
        minutes: 15,
        slots: SLOTS,
        labels: LABELS,
        periods: { valley: 3, peak: 4 },
        total: 7,
        latest: false,
        ...values,
    };
}

function mockProfile(answer = (args) => profile({ date_from: args[1] })) {
    const asked = [];
    onRpc("energy.indicator", "day_profile", ({ args }) => {
        asked.push(args);
        return answer(args);
    });
    return asked;
}

async function openProfile(params = { indicator_id: 11, date_from: "2026-07-15" }) {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "energy_carbon.profile", params });
    await animationFrame();
}

test("quarter-hours make hours; a missing one is not zero", () => {
    const hours = byHour(SLOTS);
    expect(hours.map(({ time, amount, period }) => [time, amount, period])).toEqual([
        ["07:00", 7, "valley"],
        ["08:00", null, "peak"],
    ]);
    const twice = byHour([slot("02:00", 1, "", "+0200"), slot("02:00", 2, "", "+0100")]);
    expect(twice.map(({ amount }) => amount)).toEqual([1, 2]);
});

test("one colour a period, and each slot in one of them", () => {
    const sets = datasets(SLOTS, LABELS, "Amount");
    expect(sets.map(({ label }) => label)).toEqual(["Peak", "Valley"]);
    for (const index of SLOTS.keys()) {
        expect(sets.filter(({ data }) => data[index] !== null).length).toBeLessThan(2);
    }
});

test("the course with its table and its periods", async () => {
    const asked = mockProfile();
    await openProfile();
    expect(asked).toEqual([[11, "2026-07-15", 1]]);
    expect(".o_energy_profile_chart canvas").toHaveCount(1);
    expect(".o_energy_profile_number").toHaveText("7");
    expect(".o_energy_profile_slots_table tbody tr").toHaveCount(2);
    expect(queryAllTexts(".o_energy_profile_periods tbody tr")).toEqual(["Peak 4 kWh 57.14 %", "Valley 3 kWh 42.86 %"]);
    await contains(".o_energy_profile_slots").click();
    expect(".o_energy_profile_slots_table tbody tr").toHaveCount(8);
    expect(".o_energy_profile_slots_table tbody tr:eq(2)").toHaveText("07:30 – Valley");
});

test("the next day, a week", async () => {
    const asked = mockProfile();
    await openProfile();
    await contains(".o_energy_profile_after").click();
    expect(asked.at(-1)).toEqual([11, "2026-07-16", 1]);
    await contains(".o_energy_profile_week").click();
    expect(asked.at(-1)).toEqual([11, "2026-07-16", 7]);
    await contains(".o_energy_profile_before").click();
    expect(asked.at(-1)).toEqual([11, "2026-07-09", 7]);
});

test("a day without slots offers the last one that has them", async () => {
    const asked = mockProfile((args) =>
        args[1] === "2026-07-15" ? profile({ total: null, latest: "2026-07-01", periods: {} }) : profile()
    );
    await openProfile();
    expect(".o_energy_profile_empty").toHaveCount(1);
    expect(".o_energy_profile_chart").toHaveCount(0);
    await contains(".o_energy_profile_latest").click();
    expect(asked.at(-1)).toEqual([11, "2026-07-01", 1]);
    expect(".o_energy_profile_chart").toHaveCount(1);
});

test("without a figure the screen says how to choose one", async () => {
    mockProfile();
    await openProfile({});
    expect(".o_energy_profile").toHaveText(/Which figure/);
});
