/**
 * A node with what hangs below it, as far as it is open.
 */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { PlantCard } from "./plant_card";

export class PlantBranch extends Component {
    static template = "energy_carbon.PlantBranch";
    static components = { PlantCard };
    static props = { node: Object };

    setup() {
        this.view = useState(this.env.plantScreen.view);
    }

    get node() {
        return this.props.node;
    }

    get isOpen() {
        return Boolean(this.view.open[this.node.id]);
    }

    get toggleLabel() {
        return this.isOpen ? _t("Close %s", this.node.name) : _t("Open %s", this.node.name);
    }

    toggle() {
        this.env.plantScreen.toggle(this.node);
    }
}

PlantBranch.components.PlantBranch = PlantBranch;
