/**
 * A small plant for the tests of the screens: two units, five indicators, and a server that answers as the real one.
 */
import { queryAll, queryFirst } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";
import { mailModels } from "@mail/../tests/mail_test_helpers";

const { DateTime } = luxon;

export class EnergyNode extends models.Model {
    _name = "energy.node";

    name = fields.Char();
    parent_id = fields.Many2one({ relation: "energy.node" });

    _records = [
        { id: 1, name: "Plant A", parent_id: false },
        { id: 2, name: "Workshop 1", parent_id: 1 },
        { id: 3, name: "Meter 11", parent_id: 2 },
        { id: 4, name: "Plant B", parent_id: false },
    ];
}

export class EnergyIndicator extends models.Model {
    _name = "energy.indicator";

    name = fields.Char();
    node_id = fields.Many2one({ relation: "energy.node" });

    _records = [{ id: 11, name: "Total forward active energy", node_id: 3 }];
    _views = {
        list: `<list js_class="energy_entry_grid"><field name="name"/></list>`,
        search: `<search>
                <field name="name"/>
                <filter name="named" string="Named energy" domain="[('name', 'ilike', 'energy')]"/>
                <searchpanel><field name="node_id" expand="1" limit="0"/></searchpanel>
            </search>`,
    };
}

export function defineEnergyModels() {
    defineModels({ ...mailModels, EnergyNode, EnergyIndicator });
}

export const COLUMNS = [
    column({ id: 11, name: "Total forward active energy", node_id: 3, node: "Meter 11", unit: "kWh" }),
    column({ id: 12, name: "Water volume", node_id: 3, node: "Meter 11", unit: "m3", entry_mode: "register" }),
    column({ id: 13, name: "Output [P1]", node_id: 2, node: "Workshop 1", unit: "t", product: "P1", decimals: 3 }),
    column({
        id: 14,
        name: "Gas volume",
        node_id: 2,
        node: "Workshop 1",
        unit: "m3",
        source: "collected",
        editable: false,
        overridable: true,
    }),
    column({
        id: 15,
        name: "electricity consumption",
        node_id: 2,
        node: "Workshop 1",
        unit: "kWh",
        source: "computed",
        editable: false,
    }),
];

function column(values) {
    return {
        source: "entered",
        entry_mode: "amount",
        editable: true,
        overridable: false,
        decimals: 2,
        product: false,
        kind: "amount",
        ...values,
    };
}

export function cell(values) {
    return {
        value: null,
        entered: null,
        quality: "entered",
        origin: "entered",
        state: "submitted",
        user: false,
        reason: "",
        version: "1/x",
        locked: false,
        ...values,
    };
}

/** The answer of `entry_grid`: all days of the period, figures on the first two. */
export function makeGrid(dateFrom, dateTo, overrides = {}) {
    const dates = [];
    for (let day = DateTime.fromISO(dateFrom); day <= DateTime.fromISO(dateTo); day = day.plus({ days: 1 })) {
        dates.push({ date: day.toISODate(), label: String(day.day), weekend: day.weekday > 5, future: false });
    }
    const [first, second] = dates;
    return {
        dates,
        columns: COLUMNS,
        cells: {
            11: {
                [first.date]: cell({ value: 100, entered: 100, user: "Wang" }),
                [second.date]: cell({ value: 1234.5, entered: 1234.5 }),
            },
            12: { [first.date]: cell({ value: 7, entered: 507 }) },
            14: {
                [first.date]: cell({ value: 80, quality: "measured", origin: "collected" }),
                [second.date]: cell({
                    value: 90,
                    entered: 90,
                    original: 85,
                    user: "Li",
                    when: "2026-07-02 01:30:00",
                    reason: "meter changed",
                }),
            },
            15: { [first.date]: cell({ value: 33.3, quality: "estimated", origin: "computed" }) },
        },
        more: 0,
        calculating: false,
        ...overrides,
    };
}

/**
 * @param {{grid?: Object, errors?: Function}} options extra keys of the grid; errors of a saving
 * @returns {{loads: Array[], saves: Array[]}} what the server was asked
 */
export function mockEntryServer({ grid = {}, errors = () => [] } = {}) {
    const asked = { loads: [], saves: [] };
    onRpc("energy.indicator", "entry_grid", ({ args }) => {
        asked.loads.push(args);
        return makeGrid(args[1], args[2], grid);
    });
    onRpc("energy.indicator", "entry_save", ({ args }) => {
        const [changes, , dateFrom, dateTo] = args;
        asked.saves.push(args);
        const refused = errors(changes);
        const saved = makeGrid(dateFrom, dateTo, grid);
        for (const { indicator_id, date, value } of refused.length ? [] : changes) {
            saved.cells[indicator_id] ??= {};
            saved.cells[indicator_id][date] = cell({ value, entered: value, version: 2 });
        }
        return { errors: refused, grid: saved };
    });
    return asked;
}

export async function mountEntryGrid(params = {}) {
    return mountView({
        type: "list",
        resModel: "energy.indicator",
        context: { searchpanel_default_node_id: 1 },
        ...params,
    });
}

export function cellSelector(row, col) {
    return `tr[data-row="${row}"] td[data-col="${col}"]`;
}

/** Text of a cell, whether the cursor stands in it or not. */
export function cellText(row, col) {
    const element = queryFirst(cellSelector(row, col));
    return element.matches("[aria-current]") ? queryFirst(".o_energy_grid_input").value : element.textContent;
}

export async function clickCell(row, col) {
    const element = queryFirst(cellSelector(row, col));
    await contains(element.matches("[aria-current]") ? ".o_energy_grid_input" : element).click();
    await animationFrame();
}

/** @returns {[number, number]} where the cursor stands */
export function activePlace() {
    const [active] = queryAll("td[aria-current]");
    return [Number(active.parentElement.dataset.row), Number(active.dataset.col)];
}

/** Puts a text on the clipboard and pastes it where the focus is. */
export async function pasteText(text) {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    document.activeElement.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true })
    );
    await animationFrame();
    await animationFrame();
}
