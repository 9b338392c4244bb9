/**
 * The form "Set Up": nothing is kept before its own button is pressed, so whoever leaves with something typed is asked.
 */
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

export class SetupFormController extends FormController {
    static template = "energy_carbon.SetupFormView";

    /** Odoo would store the form unasked: a half-typed setup, first passwords among it. */
    async beforeLeave({ forceLeave } = {}) {
        return forceLeave || !this.isTyped || this.confirmLeave();
    }

    /** A form that was refused is stored, but not applied; one that was applied leaves the page for good. */
    get isTyped() {
        return this.model.root.dirty || Boolean(this.model.root.resId);
    }

    async beforeVisibilityChange() {}

    async beforeUnload(ev) {
        if (this.model.root.dirty) {
            ev.preventDefault();
            ev.returnValue = "Unsaved changes";
        }
    }

    confirmLeave() {
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                {
                    title: _t("Leave without saving?"),
                    body: _t("What you typed here is not saved yet: press Save Setup to keep it."),
                    confirmLabel: _t("Leave"),
                    confirm: () => resolve(true),
                    cancelLabel: _t("Stay"),
                    cancel: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }
}

registry.category("views").add("energy_setup", { ...formView, Controller: SetupFormController });
