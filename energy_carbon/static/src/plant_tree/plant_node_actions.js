/**
 * What can be done with a node of the picture: each opens a screen, a dialog or a wizard that other ways lead to as well.
 */
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";

const MODEL = "energy.node";

/**
 * @param {{period: Function, reload: Function}} screen first and last day of what is shown; shows what has changed
 */
export function usePlantNodeActions({ period, reload }) {
    const orm = useService("orm");
    const action = useService("action");
    const dialog = useService("dialog");

    async function open({ id }) {
        return action.doAction(await orm.call(MODEL, "get_formview_action", [[id]]));
    }

    function explain(params) {
        const [date_from, date_to] = period();
        return action.doAction({
            type: "ir.actions.client",
            tag: "energy_carbon.explain",
            params: { ...params, date_from, date_to },
        });
    }

    function create(kind, parent) {
        const titles = { unit: _t("New Unit"), device: _t("New Device"), meter: _t("New Meter") };
        dialog.add(FormViewDialog, {
            resModel: MODEL,
            title: parent ? `${titles[kind]} · ${parent.name}` : titles[kind],
            context: {
                default_kind: kind,
                default_parent_id: parent?.id || false,
                form_view_ref: `energy_carbon.energy_node_view_form_${kind}`,
            },
            onRecordSaved: (record) => reload(record.resId),
        });
    }

    /** Moving asks from which day on: figures of the days before stay where they are. */
    function move(ids, parent) {
        return action.doAction("energy_carbon.energy_node_move_action", {
            additionalContext: { default_node_ids: ids, default_parent_id: parent?.id || false },
            onClose: () => reload(ids[0]),
        });
    }

    function place(parent, kinds) {
        dialog.add(SelectCreateDialog, {
            resModel: MODEL,
            title: _t("Not Placed Yet"),
            noCreate: true,
            domain: [
                ["placed", "=", false],
                ["kind", "in", kinds],
                ["company_id", "=", parent.company_id],
            ],
            context: { list_view_ref: "energy_carbon.energy_node_view_list" },
            onSelected: (ids) => move(ids, parent),
        });
    }

    async function indicators({ id }) {
        return action.doAction(await orm.call(MODEL, "action_view_indicators", [[id]]));
    }

    async function balances({ id, name }) {
        const months = await action.loadAction("energy_carbon.energy_balance_month_action");
        return action.doAction({
            ...months,
            context: {},
            display_name: `${months.display_name || months.name} · ${name}`,
            domain: [["node_id", "=", id]],
        });
    }

    async function build({ id }) {
        return action.doAction(await orm.call(MODEL, "action_build_indicators", [[id]]));
    }

    return { balances, build, create, explain, indicators, move, open, place };
}
