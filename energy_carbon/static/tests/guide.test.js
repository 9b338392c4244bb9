import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, getService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { defineEnergyModels } from "./energy_test_helpers";

describe.current.tags("desktop");
defineEnergyModels();

const STEPS = [
    {
        key: "break",
        title: "Break a meter",
        texts: ["Type the line.", "See what happens."],
        commands: ["make fault FAULT=15020:3:silent", "make repair"],
        buttons: [
            { key: "lines", label: "Lines", reason: "Only for: Engineer" },
            { key: "journal", label: "Journal", reason: "" },
        ],
    },
    {
        key: "type",
        title: "Type a day",
        texts: ["Choose a day."],
        commands: [],
        buttons: [{ key: "entry", label: "Entry", reason: "Only for: Clerk" }],
    },
];

async function openGuide() {
    onRpc("energy.guide", "steps", () => STEPS);
    await mountWithCleanup(WebClient);
    await getService("action").doAction({ type: "ir.actions.client", tag: "energy_carbon.guide" });
    await animationFrame();
}

test("steps are numbered; the first button one may press stands out, the others tell why not", async () => {
    await openGuide();
    expect(queryAllTexts(".o_energy_guide_number")).toEqual(["1", "2"]);
    expect(".o_energy_guide_commands").toHaveText("make fault FAULT=15020:3:silent\nmake repair");
    expect("[data-step=break] [data-button=journal]").toHaveClass("btn-primary");
    expect("[data-step=break] [data-button=lines]:disabled").toHaveCount(1);
    expect("[data-step=break] span[data-tooltip='Only for: Engineer']").toHaveCount(1);
    expect("[data-step=break] .o_energy_guide_reason").toHaveText("Lines · Only for: Engineer");
    expect("[data-step=break].o_refused").toHaveCount(0);
    expect("[data-step=type].o_refused .o_energy_guide_reason").toHaveText("Entry · Only for: Clerk");
});

test("a button opens what the server says", async () => {
    onRpc("energy.guide", "open_step", ({ args }) => {
        expect.step(args.join(" "));
        return { type: "ir.actions.client", tag: "energy_carbon.explain", params: {} };
    });
    await openGuide();
    await contains("[data-step=break] [data-button=journal]").click();
    expect.verifySteps(["break journal"]);
    expect(".o_energy_explain").toHaveCount(1);
});
