/**
 * The lines of Build Indicators as a list and, on a phone, as cards: counts on top, ticks at a click.
 */
import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { BuildSummary } from "./build_summary";

export class BuildListRenderer extends ListRenderer {
    static template = "energy_carbon.BuildList";
    static components = { ...ListRenderer.components, BuildSummary };
}

export class BuildKanbanRenderer extends KanbanRenderer {
    static template = "energy_carbon.BuildKanban";
    static components = { ...KanbanRenderer.components, BuildSummary };
}

registry.category("views").add("energy_build_list", { ...listView, Renderer: BuildListRenderer });
registry.category("views").add("energy_build_kanban", { ...kanbanView, Renderer: BuildKanbanRenderer });
