/**
 * The pivot of values and balances: a cell that is one figure opens its explanation, any other the rows behind it.
 */
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { PivotRenderer } from "@web/views/pivot/pivot_renderer";
import { pivotView } from "@web/views/pivot/pivot_view";

export class ValuePivotRenderer extends PivotRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
    }

    onOpenView(cell, newWindow) {
        this.measure = cell.measure;
        return super.onOpenView(cell, newWindow);
    }

    async openView(domain, views, context, newWindow) {
        const { resModel } = this.model.metaData;
        const action = await this.orm.call(resModel, "explain_cell", [domain, this.measure], { context });
        if (action) {
            return this.actionService.doAction(action, { newWindow });
        }
        return super.openView(domain, views, context, newWindow);
    }
}

registry.category("views").add("energy_value_pivot", { ...pivotView, Renderer: ValuePivotRenderer });
