/**
 * The menu of a card: what the reader may do with the node.
 */
import { Component } from "@odoo/owl";

export class PlantNodeMenu extends Component {
    static template = "energy_carbon.PlantNodeMenu";
    static props = { node: Object, tree: Object, actions: Object, close: { type: Function, optional: true } };

    get kinds() {
        return this.props.tree.kindsBelow(this.props.node);
    }

    /** Kinds of which something waits to be placed. */
    get waiting() {
        const { node, tree } = this.props;
        return this.kinds.filter((kind) =>
            tree.unplaced.some((one) => one.kind === kind && one.company_id === node.company_id)
        );
    }

    get hasBalance() {
        return this.props.node.rows.some((row) => row.balance);
    }

    run(name, ...args) {
        this.props.close?.();
        return this.props.actions[name](...args);
    }
}
