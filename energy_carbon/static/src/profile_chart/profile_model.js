/**
 * Asks for the slots of some days and gives them the shape of a chart and a table. Knows nothing of the screen.
 */
import { deserializeDate, formatDate } from "@web/core/l10n/dates";

/** From the dearest to the cheapest; the last is a day without a time-of-use tariff. */
export const PERIOD_COLORS = {
    sharp: "#a4262c",
    peak: "#e8743b",
    flat: "#f2c94c",
    valley: "#6fb98f",
    deep_valley: "#2f6f9f",
    "": "#6c8ebf",
};
export const DAYS = { day: 1, week: 7 };

/**
 * @param {Object} orm
 * @param {{indicator_id: number, date_from: string, span: "day"|"week"}} request
 */
export function loadProfile(orm, { indicator_id, date_from, span }) {
    return orm.call("energy.indicator", "day_profile", [indicator_id, date_from, DAYS[span]]);
}

/** Quarter-hours of the same local hour added up; a missing one leaves the hour what is known, all missing leave it blank. */
export function byHour(slots) {
    const hours = [];
    for (const slot of slots) {
        const time = `${slot.time.slice(0, 2)}:00`;
        const before = hours.at(-1);
        if (before && before.day === slot.day && before.time === time && before.offset === slot.offset) {
            before.parts.push(slot);
        } else {
            hours.push({ day: slot.day, time, offset: slot.offset, parts: [slot] });
        }
    }
    return hours.map(({ parts, ...hour }) => {
        const known = parts.filter(({ amount }) => amount !== null);
        const amount = known.length ? known.reduce((sum, slot) => sum + slot.amount, 0) : null;
        return { ...hour, amount, period: longest(parts) };
    });
}

/** The period that most of the slots lie in. */
function longest(slots) {
    const counts = {};
    for (const { period } of slots) {
        counts[period] = (counts[period] || 0) + 1;
    }
    return Object.keys(counts).sort((one, other) => counts[other] - counts[one])[0];
}

/** A dataset a period, so that the legend names them; bars of one slot lie at the same place. */
export function datasets(slots, labels, amountLabel) {
    const used = Object.keys(PERIOD_COLORS).filter((key) => slots.some(({ period }) => period === key));
    return used.map((key) => ({
        label: labels[key] || amountLabel,
        data: slots.map(({ period, amount }) => (period === key ? amount : null)),
        backgroundColor: PERIOD_COLORS[key],
        grouped: false,
    }));
}

/** @returns {string} the day before the hour where several days are shown */
export function slotLabel(slot, several) {
    return several ? `${formatDate(deserializeDate(slot.day))} ${slot.time}` : slot.time;
}
