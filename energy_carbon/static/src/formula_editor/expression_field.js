/**
 * The field in which an expression is written: what is wrong shows while typing, variables are put in by a click.
 */
import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useAutoresize } from "@web/core/utils/autoresize";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useInputField } from "@web/views/fields/input_field_hook";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { _t } from "@web/core/l10n/translation";
import { aroundPlace, checkExpression, variablesOf } from "./expression_check";

const PAUSE_MS = 300;

export class ExpressionField extends Component {
    static template = "energy_carbon.ExpressionField";
    static props = {
        ...standardFieldProps,
        placeholder: { type: String, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.textarea = useRef("textarea");
        this.state = useState({ verdict: null, place: null });
        this.keepLast = new KeepLast();
        this.checkSoon = useDebounced(() => this.check(), PAUSE_MS);
        useInputField({
            getValue: () => this.saved,
            refName: "textarea",
            parse: (text) => text.trim(),
        });
        useAutoresize(this.textarea, { minimumHeight: 50 });
        useEffect(
            () => {
                this.check();
            },
            () => [this.saved, this.props.readonly, this.question]
        );
    }

    get saved() {
        return this.props.record.data[this.props.name] || "";
    }

    get variables() {
        return variablesOf(this.props.record);
    }

    /** What the verdict depends on beside the text. */
    get question() {
        const { template_id, uom_id } = this.props.record.data;
        const names = this.variables.map(({ name, sourceId }) => [name, sourceId]);
        return JSON.stringify([template_id && template_id.id, uom_id && uom_id.id, names]);
    }

    async check() {
        const text = this.textarea.el?.value ?? this.saved;
        if (this.props.readonly || !text.trim()) {
            // What is still on its way no longer counts.
            this.keepLast.add(Promise.resolve());
            Object.assign(this.state, { verdict: null, place: null });
            return;
        }
        const verdict = await this.keepLast.add(checkExpression(this.orm, this.props.record, text));
        const place = Number.isInteger(verdict.position) ? aroundPlace(text, verdict.position) : null;
        Object.assign(this.state, { verdict, place });
    }

    /** @param {string} name put in where the cursor stands */
    insert(name) {
        const field = this.textarea.el;
        field.focus();
        field.setRangeText(name, field.selectionStart, field.selectionEnd, "end");
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
}

export const expressionField = {
    component: ExpressionField,
    displayName: _t("Expression over Variables"),
    supportedTypes: ["text", "char"],
    extractProps: ({ placeholder }) => ({ placeholder }),
};

registry.category("fields").add("energy_expression", expressionField);
