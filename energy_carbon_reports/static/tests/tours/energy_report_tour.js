/**
 * An Energy manager looks at a month, folds, changes the period, asks why, comes back and downloads.
 */
import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("energy_report_manager", {
    steps: () => [
        {
            content: "The plant's July is there, with the change against June",
            trigger: ".o_energy_report_head .o_when:contains(July 2024):contains(June 2024)",
        },
        { trigger: '.o_card[data-card="total:cost"] .o_card_note' },
        { trigger: '.o_energy_report_chart[data-chart="course"] canvas' },
        { trigger: 'tr.o_row_difference:contains("Unmetered")' },
        {
            content: "Fold the plant",
            trigger: "tr.o_row_unit:contains(Plant) .o_fold",
            run: "click",
        },
        { trigger: ".o_energy_report_table:not(:has(tr:contains(W1)))" },
        { trigger: "tr.o_row_unit:contains(Plant) .o_fold", run: "click" },
        { trigger: "tr.o_row_unit:contains(W1)" },
        {
            content: "Figures of each energy type; gas has no price",
            trigger: '.nav-link[data-view="details"]',
            run: "click",
        },
        { trigger: 'table[data-matrix="details"] tr:contains(Natural gas) .o_blank:contains(No price)' },
        { trigger: '.nav-link[data-view="course"]', run: "click" },
        { trigger: 'table[data-matrix="course"] tr.o_row_grand_total:contains(Total)' },
        {
            content: "A month back",
            trigger: ".o_step_back",
            run: "click",
        },
        { trigger: ".o_when:contains(June 2024)" },
        { trigger: '.btn[data-kind="year"]', run: "click" },
        { trigger: '.btn.active[data-kind="year"]' },
        { trigger: 'table[data-matrix="course"] tr[data-row="2024-12-01"]' },
        { trigger: '.nav-link[data-view="summary"]', run: "click" },
        {
            content: "Why is it so much?",
            trigger: "tr.o_row_unit:contains(W1) .o_figure.btn",
            run: "click",
        },
        { trigger: ".o_energy_explain_number" },
        { trigger: ".o_breadcrumb a:contains(Energy Report)", run: "click" },
        {
            content: "The report is as it was left",
            trigger: '.btn.active[data-kind="year"]',
        },
        { trigger: ".o_options", run: "click" },
        { trigger: '.modal .o_field_widget[name="in_tonnes"] input', run: "click" },
        { trigger: '.modal button[name="action_show"]', run: "click" },
        { trigger: 'body:not(:has(.modal)) .o_card[data-card="total:coal"] small:contains(tce)' },
        { trigger: ".o_xlsx", run: "click" },
        { trigger: ".o_xlsx:not(:disabled) .fa-file-excel-o" },
    ],
});

registry.category("web_tour.tours").add("energy_report_clerk", {
    steps: () => [
        {
            content: "The forbidden plant of the address is not shown, his own workshop is",
            trigger: ".o_what h2:contains(W2)",
        },
        { trigger: ".o_energy_report:not(:contains(W1)):not(:contains(Cost))" },
        {
            content: "A month without figures says so and leads to the last one that has some",
            trigger: '.o_energy_report_head ~ .o_energy_report_tabs .nav-link[data-view="summary"]',
        },
        { trigger: '.btn[data-kind="year"]', run: "click" },
        { trigger: '.btn.active[data-kind="year"]' },
        { trigger: ".o_step_on", run: "click" },
        { trigger: ".o_energy_report_empty .o_latest:contains(July 2024)", run: "click" },
        { trigger: ".o_when:contains(July 2024)" },
    ],
});
