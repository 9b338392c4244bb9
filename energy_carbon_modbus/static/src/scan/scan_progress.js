/**
 * The progress of a line scan: asks the server for slice after slice and shows how far it is. Knows nothing of Modbus.
 */
import { Component, onWillUnmount, useEffect, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

export class ScanProgress extends Component {
    static template = "energy_carbon_modbus.ScanProgress";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ stopping: false, failed: false });
        this.alive = true;
        this.running = false;
        useEffect(
            () => {
                this.run();
            },
            () => [this.props.record.resId, this.props.record.data.state]
        );
        onWillUnmount(() => {
            this.alive = false;
        });
    }

    get goesOn() {
        const { stopping, failed } = this.state;
        return this.alive && !stopping && !failed && this.props.record.data.state === "running";
    }

    get percent() {
        return Math.round(this.props.record.data.progress);
    }

    /** One slice after the other. A failure is shown by the web client and stops here; the scan can be taken up again. */
    async run() {
        if (this.running) {
            return;
        }
        this.running = true;
        try {
            while (this.goesOn) {
                await this.call("scan_step");
            }
        } catch (error) {
            this.state.failed = true;
            throw error;
        } finally {
            this.running = false;
        }
    }

    async call(method) {
        await this.orm.call(this.props.record.resModel, method, [[this.props.record.resId]]);
        if (this.alive) {
            await this.props.record.load();
        }
    }

    stop() {
        this.state.stopping = true;
        return this.call("action_stop").finally(() => {
            this.state.stopping = false;
        });
    }

    again() {
        this.state.failed = false;
        return this.run();
    }
}

registry.category("view_widgets").add("energy_modbus_scan", {
    component: ScanProgress,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "progress", type: "float" },
        { name: "stage", type: "char" },
    ],
});
