/**
 * Bars of the slots, one colour a tariff period.
 */
import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { figure } from "../explain/explain_model";
import { datasets, slotLabel } from "./profile_model";

export class ProfileChart extends Component {
    static template = "energy_carbon.ProfileChart";
    static props = { slots: Array, labels: Object, unit: String, several: Boolean };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [this.props.slots]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    draw() {
        this.chart?.destroy();
        /* global Chart */
        this.chart = new Chart(this.canvas.el, this.config);
    }

    get config() {
        const { slots, labels, unit, several } = this.props;
        return {
            type: "bar",
            data: {
                labels: slots.map((slot) => slotLabel(slot, several)),
                datasets: datasets(slots, labels, _t("Amount")),
            },
            options: {
                maintainAspectRatio: false,
                animation: false,
                interaction: { mode: "index", intersect: false },
                plugins: {
                    legend: { position: "bottom", labels: { boxWidth: 12 } },
                    tooltip: {
                        filter: ({ raw }) => raw !== null,
                        callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${figure(raw)} ${unit}` },
                    },
                },
                scales: {
                    x: { grid: { display: false }, ticks: { autoSkip: true, maxRotation: 0 } },
                    y: { beginAtZero: true, title: { display: Boolean(unit), text: unit } },
                },
                datasets: { bar: { categoryPercentage: 1, barPercentage: 0.9 } },
            },
        };
    }
}
