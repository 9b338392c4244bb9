/**
 * The page "What to Try": the first hour's steps as the server has them for this person, and buttons to the screens.
 */
import { Component, markup, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const MODEL = "energy.guide";

export class GuideAction extends Component {
    static template = "energy_carbon.GuideAction";
    static components = { Layout };
    static props = { ...standardActionServiceProps };
    static displayName = _t("What to Try");

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ steps: [], busy: false });
        useSetupAction();
        onWillStart(async () => {
            this.state.steps = await this.orm.call(MODEL, "steps", []);
        });
    }

    /** The first button a person may press is the one to press. */
    isFirst(step, button) {
        return step.buttons.find((one) => !one.reason)?.key === button.key;
    }

    /** Nothing of a step can be done. */
    isRefused(step) {
        return step.buttons.every((button) => button.reason);
    }

    /** Which buttons are grey and why, each reason once. */
    reasons(step) {
        const refused = step.buttons.filter((button) => button.reason);
        return [...new Set(refused.map((button) => button.reason))].map((reason) => {
            const labels = refused.filter((button) => button.reason === reason).map((button) => button.label);
            return `${labels.join(", ")} · ${reason}`;
        });
    }

    async open(step, button) {
        this.state.busy = true;
        try {
            const action = await this.orm.call(MODEL, "open_step", [step.key, button.key]);
            // Text of our own server, as in the answers of a form's buttons: without this its tags would be shown.
            await this.action.doAction(action.help ? { ...action, help: markup(action.help) } : action);
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("actions").add("energy_carbon.guide", GuideAction);
