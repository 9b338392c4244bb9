"""The first step of What to Try where nothing is there yet: the setup."""

from odoo import api, models

from ..tools.guide import Button, Step


class EnergyGuide(models.AbstractModel):
    _inherit = "energy.guide"

    @api.model
    def _steps(self) -> list[Step]:
        steps = super()._steps()
        return [self._setup_step(), *steps] if self.env["energy.setup"]._is_needed() else steps

    def _setup_step(self) -> Step:
        texts = [
            self.env._(
                "The company with its energy profile, the people with their mobile numbers, and the plants with their regions. "
                "Everything else hangs below a plant."
            ),
            self.env._(
                "After that, under Management: meters and devices first, then workshops and other units; then add indicators. "
                "Without a Meter shows what is still missing."
            ),
        ]
        groups = ("energy_carbon.group_manager", "base.group_erp_manager")
        button = Button("setup", self.env._("Set Up"), lambda: self._screen("energy_setup_action"), groups)
        return Step("setup", 1, self.env._("Set up your company"), texts, [button])
