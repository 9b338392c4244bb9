"""Physical factors of steam: mass to heat by enthalpy."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.steam import OutsideRange, saturation_temperature, steam_enthalpy, water_enthalpy
from ..tools.uom import uom_factor

DRIVING = ("steam_enthalpy", "feed_water_enthalpy")


class EnergyFactorSteam(models.Model):
    """A physical factor from tonnes of steam to GJ states the enthalpy of the steam less that of the feed water.

    Both are typed from the supply contract, or computed of pressure and temperature by IAPWS-IF97.
    """

    _inherit = "energy.factor"

    is_steam = fields.Boolean(compute="_compute_is_steam")
    steam_pressure = fields.Float(digits=(16, 4), help="Absolute pressure in MPa: 0.7 MPa on the gauge is 0.8 MPa.")
    steam_temperature = fields.Float(digits=(16, 2), help="In °C. Leave it empty for dry saturated steam.")
    feed_water_temperature = fields.Float(digits=(16, 2), help="In °C, of the water or condensate that is returned.")
    steam_enthalpy = fields.Float(
        digits=(16, 4),
        compute="_compute_steam_enthalpy",
        store=True,
        readonly=False,
        precompute=True,
        help="In kJ/kg. Computed from pressure and temperature where they are given.",
    )
    feed_water_enthalpy = fields.Float(
        digits=(16, 4),
        compute="_compute_feed_water_enthalpy",
        store=True,
        readonly=False,
        precompute=True,
        help="In kJ/kg; it is deducted, for the heat in the feed water was not bought.",
    )
    saturation_note = fields.Char(compute="_compute_saturation_note")

    # === COMPUTE METHODS === #
    @api.depends("kind", "uom_id", "target_uom_id")
    def _compute_is_steam(self):
        """Whether the factor turns a mass into energy."""
        tonne, gigajoule = self.env.ref("uom.product_uom_ton"), self.env.ref("energy_carbon.uom_gj")
        for factor in self:
            factor.is_steam = bool(
                factor.kind == "physical"
                and factor.uom_id
                and factor.target_uom_id
                and factor.uom_id._has_common_reference(tonne)
                and factor.target_uom_id._has_common_reference(gigajoule)
            )

    @api.depends("steam_pressure", "steam_temperature")
    def _compute_steam_enthalpy(self):
        for factor in self:
            factor.steam_enthalpy = factor.steam_enthalpy
            if factor.steam_pressure:
                factor.steam_enthalpy = factor._by_formulation(
                    steam_enthalpy, factor.steam_pressure, factor.steam_temperature or None
                )

    @api.depends("feed_water_temperature")
    def _compute_feed_water_enthalpy(self):
        for factor in self:
            factor.feed_water_enthalpy = factor.feed_water_enthalpy
            if factor.feed_water_temperature:
                factor.feed_water_enthalpy = factor._by_formulation(water_enthalpy, factor.feed_water_temperature)

    def _by_formulation(self, function, *arguments) -> float:
        """Enthalpy in kJ/kg; 0 outside the range, which the check then refuses in words."""
        try:
            return function(*arguments)
        except OutsideRange:
            return 0.0

    @api.depends("is_steam", "steam_enthalpy", "feed_water_enthalpy")
    def _compute_value(self):
        """Heat bought with a unit of steam; any other value as before."""
        steam = self.filtered(lambda factor: factor.is_steam and factor.steam_enthalpy)
        tonne, gigajoule = self.env.ref("uom.product_uom_ton"), self.env.ref("energy_carbon.uom_gj")
        for factor in steam:
            per_tonne = (factor.steam_enthalpy - factor.feed_water_enthalpy) / 1000
            to_target = uom_factor(gigajoule, factor.target_uom_id)
            factor.value = per_tonne * uom_factor(factor.uom_id, tonne) * to_target
        return super(EnergyFactorSteam, self - steam)._compute_value()

    @api.depends("steam_pressure", "is_steam")
    def _compute_saturation_note(self):
        for factor in self:
            try:
                boiling = saturation_temperature(factor.steam_pressure) if factor.is_steam else None
            except OutsideRange:
                boiling = None
            factor.saturation_note = boiling and self.env._("Water boils at %(degrees)s °C.", degrees=f"{boiling:.1f}")

    # === CONSTRAINT METHODS === #
    @api.constrains("steam_pressure", "steam_temperature", "feed_water_temperature", *DRIVING)
    def _check_steam(self):
        for factor in self:
            if message := factor._steam_problem():
                raise ValidationError(
                    self.env._("%(factor)s: %(problem)s", factor=factor.display_name, problem=message)
                )

    def _figure_problem(self) -> str | None:
        return self._steam_problem() or super()._figure_problem()

    def _steam_problem(self) -> str | None:
        """What is wrong with pressure, temperature or enthalpies and what to do, or None."""
        given = self.steam_pressure or self.steam_temperature or self.feed_water_temperature or self.steam_enthalpy
        if not given:
            return None
        if not self.is_steam:
            return self.env._("enthalpies belong to a physical conversion of steam from a mass to an energy, such as t to GJ.")
        if self.steam_temperature and not self.steam_pressure:
            return self.env._("the steam's temperature needs its pressure; leave both empty to type the enthalpy.")
        try:
            if self.steam_pressure:
                steam_enthalpy(self.steam_pressure, self.steam_temperature or None)
            if self.feed_water_temperature:
                water_enthalpy(self.feed_water_temperature)
        except OutsideRange:
            return self.env._(
                "this is no steam at %(pressure)s MPa absolute and %(temperature)s °C, or lies outside 0 to 800 °C and "
                "16.5 MPa. State the absolute pressure, and no temperature for saturated steam.",
                pressure=f"{self.steam_pressure:g}",
                temperature=f"{self.steam_temperature:g}",
            )
        if not 0 <= self.feed_water_enthalpy < self.steam_enthalpy:
            return self.env._("the feed water's enthalpy must be zero or more and below that of the steam.")
        return None
