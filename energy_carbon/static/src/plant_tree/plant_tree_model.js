/**
 * The management tree out of the server's flat list: what hangs where, what is open, what a search finds. Knows nothing of
 * the screen.
 */

/** Metering levels: what hangs at the plant, at all units, at equipment. */
export const LEVELS = [1, 2, 3];
/** Up to so many nodes all units are open at first. */
const FEW_NODES = 40;
/** What may hang under what, as the server has it. */
const PARENT_KINDS = { unit: ["unit"], device: ["unit"], meter: ["unit", "device"] };
/** At a unit: what measures the whole of it, then what is below it, then its other meters. */
const KIND_RANK = { unit: 1, device: 2, meter: 3 };

function rank({ kind, meter_role }) {
    return kind === "meter" && ["billing", "check"].includes(meter_role) ? 0 : KIND_RANK[kind];
}

export class PlantTree {
    /** @param {Object} answer of `energy.node.plant_tree` */
    constructor({ nodes, types, templates, labels, keeps, roots, root_id }) {
        Object.assign(this, { types, templates, labels, keeps, choices: roots, rootId: root_id });
        this.byId = new Map(nodes.map((node) => [node.id, { ...node, children: [], parentNode: null }]));
        const all = [...this.byId.values()];
        for (const node of all) {
            const parent = this.byId.get(node.parent);
            if (parent) {
                node.parentNode = parent;
                parent.children.push(node);
            }
        }
        for (const node of all) {
            node.children.sort((one, other) => rank(one) - rank(other));
        }
        const tops = all.filter((node) => !node.parentNode);
        this.roots = tops.filter((node) => node.placed);
        this.unplaced = tops.filter((node) => !node.placed);
        tops.forEach((node) => this.count(node));
    }

    /** How many nodes are below, and how many of them need somebody. */
    count(node) {
        node.below = 0;
        node.amiss = 0;
        for (const child of node.children) {
            this.count(child);
            node.below += 1 + child.below;
            node.amiss += child.amiss + (child.marks.some(({ level }) => level !== "info") ? 1 : 0);
        }
    }

    get size() {
        return this.roots.reduce((sum, root) => sum + 1 + root.below, 0);
    }

    get firstLevel() {
        return this.size <= FEW_NODES ? 2 : 1;
    }

    /** Whether a node is open when the tree is opened to a metering level. */
    opensAt(node, level) {
        return Boolean(node.children.length) && (!node.parentNode || level >= (node.kind === "unit" ? 2 : 3));
    }

    /**
     * @param {number} level 1 to 3
     * @param {Iterable<number>} toggled ids of nodes that are open where the level has them closed, or the other way round
     * @returns {{[id: number]: boolean}} the nodes that are open
     */
    openNodes(level, toggled = []) {
        const changed = new Set(toggled);
        const open = {};
        for (const node of this.byId.values()) {
            if (this.opensAt(node, level) !== changed.has(node.id)) {
                open[node.id] = true;
            }
        }
        return open;
    }

    /** The reverse of `openNodes`. */
    toggled(level, open) {
        const nodes = [...this.byId.values()];
        return nodes.filter((node) => this.opensAt(node, level) !== Boolean(open[node.id])).map(({ id }) => id);
    }

    /** @returns {Object[]} what a node hangs under, the root first */
    above(node) {
        return node.parentNode ? [...this.above(node.parentNode), node.parentNode] : [];
    }

    /**
     * @param {string} text a part of a name or code
     * @param {number} most
     * @returns {Object[]} nodes, those that begin with the text first
     */
    search(text, most = 12) {
        const wanted = text.trim().toLowerCase();
        if (!wanted) {
            return [];
        }
        const place = ({ name, code }) =>
            [name, code].map((word) => word.toLowerCase().indexOf(wanted)).filter((at) => at >= 0);
        const found = [...this.byId.values()].filter((node) => place(node).length);
        return found.sort((one, other) => Math.min(...place(one)) - Math.min(...place(other))).slice(0, most);
    }

    /** Whether the reader may place or move a node; a root of the tree is moved by nobody. */
    mayMove(node) {
        return this.keeps.includes(node.kind) && (!node.placed || node.kind !== "unit" || Boolean(node.parentNode));
    }

    /** Kinds that the reader may hang under a node. */
    kindsBelow(node) {
        return ["unit", "device", "meter"].filter(
            (kind) => node.placed && this.keeps.includes(kind) && PARENT_KINDS[kind].includes(node.kind)
        );
    }

    /** Whether a node may be moved under another one. */
    accepts(target, node) {
        return (
            this.mayMove(node) &&
            this.kindsBelow(target).includes(node.kind) &&
            node.parentNode !== target &&
            target !== node &&
            !this.above(target).includes(node) &&
            target.company_id === node.company_id
        );
    }
}
