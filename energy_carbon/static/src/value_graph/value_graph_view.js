/**
 * The graph of values and balances: a bar or point that is one figure opens its explanation, any other the rows behind it.
 */
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

export class ValueGraphRenderer extends GraphRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
    }

    /** Lines have points to open, too; Odoo's own graph links bars and slices only. */
    onGraphClicked(ev, isMiddleClick) {
        const { disableLinking, mode } = this.model.metaData;
        if (disableLinking || mode !== "line") {
            return super.onGraphClicked(ev, isMiddleClick);
        }
        const [point] = this.chart.getElementsAtEventForMode(ev, "nearest", { intersect: false }, false);
        const domain = point && this.chart.data.datasets[point.datasetIndex].domains?.[point.index];
        if (domain) {
            this.onGraphClickedFinal(domain, isMiddleClick);
        }
    }

    async openView(domain, views, context, newWindow) {
        const { measure, resModel } = this.model.metaData;
        const action = await this.orm.call(resModel, "explain_cell", [domain, measure], { context });
        if (action) {
            return this.actionService.doAction(action, { newWindow });
        }
        return super.openView(domain, views, context, newWindow);
    }
}

registry.category("views").add("energy_value_graph", { ...graphView, Renderer: ValueGraphRenderer });
