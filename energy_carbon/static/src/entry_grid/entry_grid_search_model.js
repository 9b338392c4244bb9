/**
 * Search of the grid: finds the node of the address bar again, and asks before a click in the tree drops changes.
 */
import { SearchModel } from "@web/search/search_model";
import { stateFromUrl } from "./entry_grid_url";

const NODE_FIELD = "node_id";

export class EntryGridSearchModel extends SearchModel {
    setup() {
        super.setup(...arguments);
        /** Set by the controller: resolves to false when the person wants to stay. */
        this.leaveGuard = async () => true;
        /** A person (or a stored state) has chosen the node: nothing is proposed any more. */
        this.nodeChosen = false;
        this.nodeOfUrl = stateFromUrl(this.env.config).node_id;
    }

    async load(config) {
        this.nodeChosen = Boolean(config.state);
        await super.load(config);
        await this.sectionsPromise;
    }

    /** @returns {Object|undefined} the tree of nodes */
    get nodeCategory() {
        return this.categories.find((category) => category.fieldName === NODE_FIELD);
    }

    /** @returns {number|false} */
    get nodeId() {
        return this.nodeCategory?.activeValueId || false;
    }

    /**
     * @param {number} nodeId
     * @returns {string} its names from the top of what the person may see; empty when it is not in the tree
     */
    nodePath(nodeId) {
        const names = [];
        const values = this.nodeCategory?.values;
        for (let node = values?.get(nodeId); node; node = values.get(node.parentId || null)) {
            names.unshift(node.display_name);
        }
        return names.join(" / ");
    }

    get hasNodes() {
        return (this.nodeCategory?.values.size || 0) > 1;
    }

    async toggleCategoryValue(sectionId, valueId) {
        if (await this.leaveGuard()) {
            this.nodeChosen = true;
            super.toggleCategoryValue(sectionId, valueId);
        } else {
            this.trigger("update"); // the panel shows the old node again
        }
    }

    async clearSections(sectionIds) {
        if (await this.leaveGuard()) {
            super.clearSections(sectionIds);
        }
    }

    /** The node of the address bar; without one, the only unit there is. */
    _ensureCategoryValue(category, valueIds) {
        if (!this.nodeChosen && category.fieldName === NODE_FIELD) {
            if (valueIds.includes(this.nodeOfUrl)) {
                category.activeValueId = this.nodeOfUrl;
            } else if (!category.activeValueId && category.rootIds.length === 2) {
                category.activeValueId = category.rootIds[1];
            }
        }
        super._ensureCategoryValue(category, valueIds);
    }
}
