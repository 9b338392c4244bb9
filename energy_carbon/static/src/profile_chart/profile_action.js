/**
 * The screen `energy_carbon.profile`: the course of one amount over a day or a week, coloured by tariff period.
 */
import { Component, onWillStart, useState } from "@odoo/owl";
import { deserializeDate, formatDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { figure, percent } from "../explain/explain_model";
import { ProfileChart } from "./profile_chart";
import { byHour, DAYS, loadProfile, PERIOD_COLORS, slotLabel } from "./profile_model";

export class ProfileAction extends Component {
    static template = "energy_carbon.ProfileAction";
    static components = { Layout, ProfileChart };
    static props = { ...standardActionServiceProps };
    static displayName = _t("Hours");
    static path = "energy-hours";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.figure = figure;
        this.percent = percent;
        this.colors = PERIOD_COLORS;
        const { indicator_id, date_from, span } = this.props.action.params || {};
        this.state = useState({
            profile: null,
            loading: false,
            hourly: true,
            request: { indicator_id: Number(indicator_id) || false, date_from, span: span in DAYS ? span : "day" },
        });
        useSetupAction();
        onWillStart(() => this.load({}));
    }

    async load(change) {
        const request = { ...this.state.request, ...change };
        this.state.request = request;
        if (!request.indicator_id || !request.date_from) {
            return;
        }
        this.state.loading = true;
        try {
            this.state.profile = await this.keepLast.add(loadProfile(this.orm, request));
        } finally {
            this.state.loading = false;
        }
        this.props.updateActionState?.({ ...request });
        this.env.config.setDisplayName(_t("Hours: %s", this.profile.title));
    }

    get profile() {
        return this.state.profile;
    }

    get span() {
        return this.state.request.span;
    }

    get isEmpty() {
        return this.profile.total === null;
    }

    get when() {
        const { date_from, date_to } = this.profile;
        const days = [...new Set([date_from, date_to])].map((day) => formatDate(deserializeDate(day)));
        return days.join(" – ");
    }

    get emptyTitle() {
        return _t("No course for %(days)s", { days: this.when });
    }

    get minutesLabel() {
        return _t("%(minutes)s minutes", { minutes: this.profile.minutes });
    }

    get latestLabel() {
        return _t("Show %(day)s", { day: formatDate(deserializeDate(this.profile.latest)) });
    }

    get slots() {
        const { slots, minutes } = this.profile;
        return this.state.hourly && minutes < 60 ? byHour(slots) : slots;
    }

    get several() {
        return this.span === "week";
    }

    label(slot) {
        return slotLabel(slot, this.several);
    }

    get periods() {
        const { periods, labels, total } = this.profile;
        return Object.keys(PERIOD_COLORS)
            .filter((key) => key in periods)
            .map((key) => ({ key, label: labels[key], amount: periods[key], share: total ? periods[key] / total : null }));
    }

    periodLabel(slot) {
        return slot.period ? this.profile.labels[slot.period] : "";
    }

    step(direction) {
        const day = deserializeDate(this.state.request.date_from).plus({ days: direction * DAYS[this.span] });
        return this.load({ date_from: serializeDate(day) });
    }

    chooseDay(ev) {
        if (ev.target.value) {
            return this.load({ date_from: ev.target.value });
        }
    }

    explain() {
        const { indicator_id, date_from, date_to } = this.profile;
        return this.action.doAction({
            type: "ir.actions.client",
            tag: "energy_carbon.explain",
            name: _t("Explain"),
            params: { indicator_id, date_from, date_to },
        });
    }
}

registry.category("actions").add("energy_carbon.profile", ProfileAction);
