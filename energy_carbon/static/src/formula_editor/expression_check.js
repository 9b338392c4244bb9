/**
 * Asks the server to judge an expression and words where it is wrong. Knows nothing of the screen.
 */

// How much of a long formula is shown on each side of the wrong place.
const AROUND = 30;

/**
 * @param {Object} record an indicator's form
 * @returns {{name: string, sourceId: number|false, source: string, unit: string}[]} what an expression may use
 */
export function variablesOf(record) {
    const terms = record.data.term_ids?.records || [];
    return terms
        .filter(({ data }) => data.variable && (!data.role || data.role === "sum"))
        .map(({ data }) => ({
            name: data.variable,
            sourceId: data.source_id ? data.source_id.id : false,
            source: data.source_id ? data.source_id.display_name : "",
            unit: data.source_unit || "",
        }));
}

/**
 * @param {Object} orm
 * @param {Object} record an indicator's form
 * @param {string} text the expression as it stands in the field
 * @returns {Promise<{ok: boolean, message: string|false, position: number|null}>}
 */
export function checkExpression(orm, record, text) {
    const names = Object.fromEntries(variablesOf(record).map(({ name, sourceId }) => [name, sourceId]));
    return orm.silent.call("energy.indicator", "check_expression", [text, names], {
        template_id: record.data.template_id ? record.data.template_id.id : false,
        uom_id: record.data.uom_id ? record.data.uom_id.id : false,
    });
}

/**
 * @param {string} text
 * @param {number} position in characters as people count them, not in UTF-16 units
 * @returns {{before: string, at: string, after: string}} the text around the place; at the end `at` is a space
 */
export function aroundPlace(text, position) {
    const characters = Array.from(text);
    const begin = Math.max(0, position - AROUND);
    const end = position + 1 + AROUND;
    return {
        before: (begin ? "…" : "") + characters.slice(begin, position).join(""),
        at: characters[position] || "\u00a0",
        after: characters.slice(position + 1, end).join("") + (end < characters.length ? "…" : ""),
    };
}
