/**
 * The screen "Management Tree": units, devices and meters as a picture, with the figures of a month.
 */
import { Component, markRaw, onWillStart, reactive, useEffect, useRef, useState, useSubEnv } from "@odoo/owl";
import { AutoComplete } from "@web/core/autocomplete/autocomplete";
import { router } from "@web/core/browser/router";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { monthDays, thisMonth, validMonth } from "../entry_grid/entry_grid_url";
import { MonthPicker } from "../entry_grid/month_picker";
import { PlantBranch } from "./plant_branch";
import { PlantCard } from "./plant_card";
import { usePlantNodeActions } from "./plant_node_actions";
import { PlantNodeMenu } from "./plant_node_menu";
import { LEVELS, PlantTree } from "./plant_tree_model";

const PATH = "energy-management-tree";
/** So many branches opened by hand fit into an address; with more of them it keeps the level alone. */
const MOST_TOGGLED = 60;
/** So many cards of what is not placed are drawn; the list has the others. */
const MOST_UNPLACED = 60;

export class PlantTreeAction extends Component {
    static template = "energy_carbon.PlantTreeAction";
    static components = { AutoComplete, Layout, MonthPicker, PlantBranch, PlantCard };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Management Tree");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.levels = LEVELS;
        this.root = useRef("root");
        const { month, root_id, level, toggled, node_id } = this.request;
        this.toggledAtFirst = String(toggled || "").split(",").map(Number);
        this.state = useState({ month: validMonth(month) || thisMonth(), root_id: Number(root_id) || false, loading: false });
        // Apart from the state: cards and branches follow what they read of it, each for itself.
        this.view = useState(
            reactive({
                tree: null,
                level: LEVELS.includes(Number(level)) ? Number(level) : null,
                open: {},
                selected: Number(node_id) || false,
                scroll: 0,
                unplacedOpen: false,
            })
        );
        this.actions = usePlantNodeActions({
            period: () => monthDays(this.state.month),
            reload: (id) => this.load(id),
        });
        this.menu = usePopover(PlantNodeMenu, { position: "bottom-end", arrow: false, useBottomSheet: this.env.isSmall });
        useSubEnv({ plantScreen: this.screen });
        useSetupAction({ getLocalState: () => this.address });
        onWillStart(() => this.load(this.view.selected));
        useEffect(
            () => this.showSelected(),
            () => [this.view.scroll]
        );
    }

    /** What cards and branches need of the screen. */
    get screen() {
        return {
            view: this.view,
            actions: this.actions,
            dragged: null,
            openMenu: (target, node) => this.menu.open(target, { node, tree: this.view.tree, actions: this.actions }),
            select: (node) => this.select(node),
            toggle: (node) => this.toggle(node),
        };
    }

    /** From where one comes back to, from whoever opened the screen, or from the address bar. */
    get request() {
        const { current } = router;
        return this.props.state || { ...(current.action === PATH ? current : {}), ...this.props.action.params };
    }

    /** What F5 and a colleague need to find the same picture again. */
    get address() {
        const { month, root_id } = this.state;
        const { tree, level, open, selected } = this.view;
        const toggled = tree ? tree.toggled(level, open) : [];
        return {
            month,
            root_id: root_id || undefined,
            level,
            toggled: toggled.length <= MOST_TOGGLED ? toggled.join(",") || undefined : undefined,
            node_id: selected || undefined,
        };
    }

    keepAddress() {
        this.props.updateActionState?.(this.address);
    }

    /** @param {number} [show] a node to be seen then */
    async load(show) {
        const { month, root_id } = this.state;
        this.state.loading = true;
        try {
            const asked = this.orm.call("energy.node", "plant_tree", [month, root_id]);
            this.draw(new PlantTree(await this.keepLast.add(asked)));
        } finally {
            this.state.loading = false;
        }
        if (show) {
            this.show(this.tree.byId.get(show));
        }
        this.keepAddress();
    }

    /** What was open stays open, also when a month has other figures or a node moved. */
    draw(tree) {
        const { view } = this;
        this.state.root_id = tree.rootId;
        if (!view.tree) {
            view.level ??= tree.firstLevel;
            view.open = tree.openNodes(view.level, this.toggledAtFirst);
        } else if (view.tree.rootId !== tree.rootId) {
            view.open = tree.openNodes(view.level);
        }
        view.tree = markRaw(tree);
    }

    get tree() {
        return this.view.tree;
    }

    get isEmpty() {
        return !this.tree.roots.length;
    }

    get mayCreatePlant() {
        return this.tree.keeps.includes("unit");
    }

    get unplaced() {
        return this.tree.unplaced.slice(0, MOST_UNPLACED);
    }

    // === WHAT IS SHOWN === //
    chooseMonth(month) {
        this.state.month = month;
        return this.load();
    }

    chooseRoot(ev) {
        this.state.root_id = Number(ev.target.value) || false;
        return this.load();
    }

    chooseLevel(level) {
        this.view.level = level;
        this.view.open = this.tree.openNodes(level);
        this.keepAddress();
    }

    levelLabel(level) {
        return this.tree.labels.metering_level[level];
    }

    toggle({ id }) {
        this.view.open[id] = !this.view.open[id];
        this.keepAddress();
    }

    /** Who comes back finds the node again. */
    select({ id }) {
        this.view.selected = id;
        this.keepAddress();
    }

    /** Opens the way to a node, marks it and brings it into view. */
    show(node) {
        if (!node) {
            return;
        }
        for (const { id } of this.tree.above(node)) {
            this.view.open[id] = true;
        }
        this.view.unplacedOpen ||= !node.placed;
        this.view.scroll++;
        this.select(node);
    }

    showSelected() {
        if (this.view.scroll) {
            const card = this.root.el?.querySelector(`[data-node="${this.view.selected}"]`);
            card?.scrollIntoView({ block: "center", inline: "center" });
        }
    }

    get searchSources() {
        return [{ placeholder: _t("Searching..."), options: (text) => this.searchOptions(text) }];
    }

    searchOptions(text) {
        const found = this.tree.search(text).map((node) => ({
            label: this.pathOf(node),
            onSelect: () => this.show(node),
        }));
        return found.length || !text ? found : [{ label: _t("Nothing is called so"), cssClass: "text-muted" }];
    }

    pathOf(node) {
        const names = [...this.tree.above(node), node].map(({ name }) => name);
        return [node.code, names.join(" / ")].filter(Boolean).join(" · ");
    }

    print() {
        window.print();
    }

    openUnplaced() {
        return this.action.doAction("energy_carbon.energy_node_action_unplaced");
    }
}

registry.category("actions").add("energy_carbon.plant_tree", PlantTreeAction);
