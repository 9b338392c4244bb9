/**
 * The tree of templates a node may take: what the search leaves of it and what is ticked. Knows nothing of the screen.
 */

/** Letters as people search them: no case, no full-width forms. */
function searchable(text) {
    return (text || "").normalize("NFKC").toLowerCase();
}

/**
 * @param {Object[]} classes as the server gives them: class > energy type > template
 * @param {string} search words that must all occur in the type, the name or the code
 * @returns {Object[]} the branches that hold a match, order kept
 */
export function filterTree(classes, search) {
    const words = searchable(search).split(/\s+/).filter(Boolean);
    const matches = (type, template) => {
        const text = searchable(`${type.label} ${template.name} ${template.code}`);
        return words.every((word) => text.includes(word));
    };
    return classes
        .map((branch) => ({
            ...branch,
            types: branch.types
                .map((type) => ({ ...type, templates: type.templates.filter((template) => matches(type, template)) }))
                .filter((type) => type.templates.length),
        }))
        .filter((branch) => branch.types.length);
}

/**
 * @param {Object} type
 * @param {Set<number>} chosen
 * @returns {{all: boolean, some: boolean, count: number}} how much of a type is ticked; what is there already counts not
 */
export function typeState(type, chosen) {
    const free = type.templates.filter((template) => !template.present);
    const count = free.filter((template) => chosen.has(template.id)).length;
    return { all: free.length > 0 && count === free.length, some: count > 0, count };
}
