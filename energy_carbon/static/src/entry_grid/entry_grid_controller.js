/**
 * The screen around the sheet: month, Save and Discard, banners, and the question before changes are lost.
 */
import { Component, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useModelWithSampleData } from "@web/model/model";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { SearchBar } from "@web/search/search_bar/search_bar";
import { useSearchBarToggler } from "@web/search/search_bar/search_bar_toggler";
import { standardViewProps } from "@web/views/standard_view_props";
import { ReasonDialog, UnsavedDialog } from "./entry_grid_dialogs";
import { EntryGridProblems } from "./entry_grid_problems";
import { MonthPicker } from "./month_picker";
import { stateFromUrl, thisMonth } from "./entry_grid_url";

const RECALCULATION_DELAY = 4000;

export class EntryGridController extends Component {
    static template = "energy_carbon.EntryGridView";
    static components = { EntryGridProblems, Layout, MonthPicker, SearchBar };
    static props = { ...standardViewProps, Model: Function, Renderer: Function };

    setup() {
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.rootRef = useRef("root");
        this.searchBarToggler = useSearchBarToggler();
        /** Filled by the sheet: commit what is being typed, go to a cell. */
        this.sheet = {};
        this.model = useModelWithSampleData(this.props.Model, {
            month: this.props.state?.month || stateFromUrl(this.env.config).month || thisMonth(),
            askReason: (about) => this.askReason(about),
        });
        this.env.searchModel.leaveGuard = () => this.confirmLeave();
        useSetupAction({
            rootRef: this.rootRef,
            beforeLeave: ({ forceLeave } = {}) => forceLeave || this.confirmLeave(),
            beforeUnload: (ev) => this.beforeUnload(ev),
            getLocalState: () => ({ month: this.model.month }),
        });
        useEffect(
            (node_id, month) => {
                this.props.updateActionState?.({ node_id: node_id || undefined, month });
            },
            () => [this.env.searchModel.nodeId, this.model.month]
        );
        this.followCalculation();
    }

    // --- what is shown -----------------------------------------------------------------------------------------------

    get hasNodes() {
        return this.env.searchModel.hasNodes;
    }

    /** The company has no plant yet, so that the server sends the way to the setup in place of the help. */
    get needsSetup() {
        return Boolean(this.props.info.noContentHelp?.toString().includes("o_energy_setup_hint"));
    }

    get canEdit() {
        return this.model.editable;
    }

    get saveLabel() {
        const count = this.model.changes.size;
        return count ? _t("Save (%s)", count) : _t("Save");
    }

    /** While figures are being computed the sheet looks again, unless somebody is typing. */
    followCalculation() {
        let timer;
        useEffect(
            (grid) => {
                if (grid.calculating) {
                    timer = browser.setTimeout(() => this.lookAgain(), RECALCULATION_DELAY);
                }
                return () => browser.clearTimeout(timer);
            },
            () => [this.model.grid]
        );
        onWillUnmount(() => browser.clearTimeout(timer));
    }

    async lookAgain() {
        if (!this.model.isDirty) {
            await this.model.fetch();
        }
    }

    // --- month -------------------------------------------------------------------------------------------------------

    async showMonth(month) {
        if (month !== this.model.month && (await this.confirmLeave())) {
            await this.model.showMonth(month);
        }
    }

    // --- saving ------------------------------------------------------------------------------------------------------

    async save() {
        this.sheet.commit?.();
        await this.model.pending;
        if (!this.model.isDirty) {
            return true;
        }
        const saved = await this.model.save();
        if (saved === false) {
            this.notification.add(_t("Nothing was saved: some cells need your attention."), { type: "danger" });
            return false;
        }
        const text = saved === 1 ? _t("One figure saved.") : _t("%s figures saved.", saved);
        this.notification.add(text, { type: "success" });
        return true;
    }

    discard() {
        this.model.discard();
    }

    goTo(problem) {
        const place = this.model.locate(problem.indicatorId, problem.date);
        if (place) {
            this.sheet.goTo(place);
        }
    }

    // --- questions ---------------------------------------------------------------------------------------------------

    /**
     * @param {{columns: Object[], count: number, corrections: number}} about what is overridden or corrected
     * @returns {Promise<string|null>}
     */
    askReason(about) {
        return new Promise((resolve) => {
            this.dialog.add(ReasonDialog, { ...about, confirm: resolve }, { onClose: () => resolve(null) });
        });
    }

    /** @returns {Promise<boolean>} whether the person may leave: nothing to lose, saved, or thrown away */
    async confirmLeave() {
        this.sheet.commit?.();
        await this.model.pending;
        if (!this.model.isDirty) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(
                UnsavedDialog,
                {
                    count: this.model.changes.size,
                    save: async () => resolve(await this.save()),
                    discard: () => {
                        this.discard();
                        resolve(true);
                    },
                },
                { onClose: () => resolve(false) }
            );
        });
    }

    beforeUnload(ev) {
        if (this.model.isDirty) {
            ev.preventDefault();
            ev.returnValue = _t("Some figures are not saved.");
        }
    }
}
