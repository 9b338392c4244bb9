/**
 * The view `energy_entry_grid`: a list of indicators turned round, indicators as columns and days as rows.
 */
import { registry } from "@web/core/registry";
import { EntryGridController } from "./entry_grid_controller";
import { EntryGridModel } from "./entry_grid_model";
import { EntryGridRenderer } from "./entry_grid_renderer";
import { EntryGridSearchModel } from "./entry_grid_search_model";

export const entryGridView = {
    type: "list",
    Controller: EntryGridController,
    Model: EntryGridModel,
    Renderer: EntryGridRenderer,
    SearchModel: EntryGridSearchModel,
    searchMenuTypes: ["filter", "favorite"],

    props: (genericProps, view) => ({ ...genericProps, Model: view.Model, Renderer: view.Renderer }),
};

registry.category("views").add("energy_entry_grid", entryGridView);
