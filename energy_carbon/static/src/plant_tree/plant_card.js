/**
 * A node of the picture: what it is, what it used, what it lacks.
 */
import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";
import { coverageText, figure, qualityClass } from "../explain/explain_model";

const ICONS = {
    plant: "fa-industry",
    workshop: "fa-building",
    process: "fa-sitemap",
    service: "fa-fire",
    office: "fa-briefcase",
    living: "fa-home",
    tenant: "fa-key",
    device: "fa-cogs",
    meter: "fa-tachometer",
};
const MARK_CLASSES = { danger: "text-bg-danger", warning: "text-bg-warning", info: "text-bg-light text-muted border" };
/** How sure these are goes without saying. */
const SURE = ["measured", "entered"];

export class PlantCard extends Component {
    static template = "energy_carbon.PlantCard";
    static props = { node: Object };

    setup() {
        this.screen = this.env.plantScreen;
        this.view = useState(this.screen.view);
        this.qualityClass = qualityClass;
        this.markClass = (level) => MARK_CLASSES[level];
    }

    get node() {
        return this.props.node;
    }

    get tree() {
        return this.view.tree;
    }

    get icon() {
        return ICONS[this.node.kind === "unit" ? this.node.unit_type : this.node.kind] || "fa-building";
    }

    get kindLabel() {
        const { kind, unit_type } = this.node;
        if (kind === "unit") {
            return this.tree.labels.unit_type[unit_type] || _t("Unit");
        }
        return kind === "device" ? _t("Device") : _t("Meter");
    }

    /** Code and kind; of a meter what it measures, where in the plant, and in which role. */
    get details() {
        const { code, kind, metering_level } = this.node;
        const kept = kind === "meter" ? [this.tree.labels.metering_level[metering_level], this.role] : [this.kindLabel];
        return [code, ...kept].filter(Boolean).join(" · ");
    }

    /** Of a meter, with the meter upstream of it. */
    get role() {
        const { meter_role, main_meter } = this.node;
        const role = this.tree.labels.meter_role[meter_role] || "";
        const main = main_meter && (this.tree.byId.get(main_meter.id)?.name || main_meter.name);
        return main ? _t("%(role)s of %(main_meter)s", { role, main_meter: main }) : role;
    }

    amount({ value, unit }) {
        const text = figure(value, Math.abs(value) < 1 ? 4 : 2);
        return typeof value === "number" && unit ? `${text} ${unit}` : text;
    }

    /** Why a figure is worth a second look; nothing when it was measured or typed, or is not there at all. */
    doubt({ value, quality, coverage }) {
        if (value === null || SURE.includes(quality)) {
            return "";
        }
        const label = this.tree.labels.quality[quality];
        return [label, coverage && coverageText({ coverage, quality })].filter(Boolean).join(" · ");
    }

    unmetered({ share }) {
        const text = formatFloat(share * 100, { digits: [16, 1], trailingZeros: false });
        return _t("%s unmetered", `${text} %`);
    }

    explain(params) {
        this.screen.select(this.node);
        return this.screen.actions.explain(params);
    }

    open() {
        this.screen.select(this.node);
        return this.screen.actions.open(this.node);
    }

    openMenu(ev) {
        this.screen.select(this.node);
        this.screen.openMenu(ev.currentTarget, this.node);
    }

    // === DRAG AND DROP === //
    get draggable() {
        return !this.env.isSmall && this.tree.mayMove(this.node);
    }

    onDragStart(ev) {
        this.screen.dragged = this.node;
        ev.dataTransfer.effectAllowed = "move";
        ev.dataTransfer.setData("text/plain", this.node.name);
    }

    onDragEnd() {
        this.screen.dragged = null;
    }

    onDragOver(ev) {
        if (this.screen.dragged && this.tree.accepts(this.node, this.screen.dragged)) {
            ev.preventDefault();
            ev.currentTarget.classList.add("o_energy_target");
        }
    }

    onDragLeave(ev) {
        ev.currentTarget.classList.remove("o_energy_target");
    }

    onDrop(ev) {
        const { dragged } = this.screen;
        this.onDragLeave(ev);
        if (dragged && this.tree.accepts(this.node, dragged)) {
            ev.preventDefault();
            this.screen.actions.move([dragged.id], this.node);
        }
    }
}
