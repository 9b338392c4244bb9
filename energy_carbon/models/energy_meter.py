"""Ledger of meters: energy measuring instruments."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .energy_type import GAS_REFERENCES


class EnergyNode(models.Model):
    _inherit = "energy.node"

    energy_type_id = fields.Many2one(
        "energy.type",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    model = fields.Char(help="Model of the meter, as on the name plate.")
    accuracy_class = fields.Char(help="0.2S, 0.5S, 1.0 ...")
    metering_level = fields.Selection(
        [
            ("1", "1 - Plant"),
            ("2", "2 - Sub-unit"),
            ("3", "3 - Equipment"),
        ],
        help="Where in the plant this meter measures; not its accuracy.",
    )
    serial_number = fields.Char()
    measuring_range = fields.Char(help="0-630 m³/h, 3×220/380 V 1.5(6) A ...")
    meter_state = fields.Selection(
        [("in_use", "In use"), ("spare", "Spare"), ("faulty", "Faulty"), ("scrapped", "Scrapped")],
        string="State",
        compute="_compute_meter_defaults",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
    )
    meter_role = fields.Selection(
        [
            ("billing", "Billing meter"),
            ("check", "Check meter"),
            ("sub", "Sub-meter"),
            ("virtual", "Virtual meter"),
        ],
        string="Role",
        compute="_compute_meter_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="Billing: the supplier's. Check: beside the billing meter. Virtual: calculated from others.",
    )
    collection = fields.Selection(
        [("collected", "Collected"), ("typed", "Typed"), ("both", "Collected or typed")],
        compute="_compute_meter_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="How readings come in: read from the meter, typed by people, or both.",
    )
    main_meter_id = fields.Many2one(
        "energy.node",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('kind', '=', 'meter'), ('energy_type_id', '=', energy_type_id), ('id', '!=', id)]",
        help="The meter upstream of this one, for the metering balance.",
    )
    sub_meter_ids = fields.One2many("energy.node", "main_meter_id", string="Sub-meters")
    ct_primary = fields.Float(string="CT Primary (A)", digits=(16, 4), aggregator=None, tracking=True)
    ct_secondary = fields.Float(string="CT Secondary (A)", digits=(16, 4), aggregator=None, tracking=True)
    pt_primary = fields.Float(string="PT Primary (V)", digits=(16, 4), aggregator=None, tracking=True)
    pt_secondary = fields.Float(string="PT Secondary (V)", digits=(16, 4), aggregator=None, tracking=True)
    ratio = fields.Float(
        string="Multiplying Factor",
        compute="_compute_ratio",
        store=True,
        precompute=True,
        aggregator=None,
        help="CT x PT; 1 without transformers.",
    )
    digits = fields.Integer(string="Display Digits", aggregator=None, help="Digits of the register before the point.")
    register_maximum = fields.Float(
        digits=(16, 4),
        aggregator=None,
        help="Highest display of the register before it starts again at zero. Leave it empty unless the manual states "
        "it: a drop is then never taken for a rollover.",
    )
    register_step = fields.Float(
        digits=(16, 6), default=0.01, aggregator=None, help="Smallest step of the register, in its own unit."
    )
    gas_reference = fields.Selection(
        GAS_REFERENCES, help="Condition the meter's volume refers to. Empty: that of its energy type."
    )
    calibration_ids = fields.One2many("energy.meter.calibration", "node_id", string="Calibrations")
    last_calibration_date = fields.Date(compute="_compute_calibration", store=True, string="Calibrated On")
    next_calibration_date = fields.Date(
        compute="_compute_calibration", store=True, string="Next Calibration", index="btree_not_null"
    )

    # === COMPUTE METHODS === #
    @api.depends("kind")
    def _compute_meter_defaults(self):
        for node in self:
            meter = node.kind == "meter"
            node.meter_state = meter and (node.meter_state or "in_use")
            node.meter_role = meter and (node.meter_role or "sub")
            node.collection = meter and (node.collection or "both")

    @api.depends("ct_primary", "ct_secondary", "pt_primary", "pt_secondary")
    def _compute_ratio(self):
        for node in self:
            current = node.ct_primary / node.ct_secondary if node.ct_primary and node.ct_secondary else 1.0
            voltage = node.pt_primary / node.pt_secondary if node.pt_primary and node.pt_secondary else 1.0
            node.ratio = current * voltage

    @api.depends("calibration_ids.date", "calibration_ids.next_date")
    def _compute_calibration(self):
        for node in self:
            latest = node.calibration_ids.sorted(lambda c: (c.date, c.id))[-1:]
            node.last_calibration_date = latest.date
            node.next_calibration_date = latest.next_date

    # === CONSTRAINT METHODS === #
    @api.constrains("kind", "energy_type_id")
    def _check_meter_type(self):
        for node in self:
            if node.kind == "meter" and not node.energy_type_id:
                raise ValidationError(
                    self.env._("The meter %(meter)s needs an energy type: what does it measure?", meter=node.name)
                )

    @api.constrains("ct_primary", "ct_secondary", "pt_primary", "pt_secondary")
    def _check_transformers(self):
        for node in self:
            pairs = [(node.ct_primary, node.ct_secondary), (node.pt_primary, node.pt_secondary)]
            if any(bool(primary) != bool(secondary) or min(primary, secondary) < 0 for primary, secondary in pairs):
                raise ValidationError(
                    self.env._(
                        "%(meter)s: a transformer ratio needs both sides, primary and secondary, greater than zero "
                        "(200 / 5). Leave both empty without a transformer.",
                        meter=node.name,
                    )
                )

    @api.constrains("digits", "register_maximum", "register_step")
    def _check_register(self):
        for node in self:
            if node.register_maximum < 0 or node.register_step < 0 or node.digits < 0:
                raise ValidationError(
                    self.env._("%(meter)s: digits, register maximum and step cannot be negative.", meter=node.name)
                )
            if node.register_maximum and node.register_step > node.register_maximum:
                raise ValidationError(
                    self.env._(
                        "%(meter)s: the register step is larger than the register maximum. The step is the smallest "
                        "change shown (0.01), the maximum the highest display (999999.99).",
                        meter=node.name,
                    )
                )

    @api.constrains("main_meter_id", "energy_type_id", "kind")
    def _check_main_meter(self):
        if self._has_cycle("main_meter_id"):
            raise ValidationError(
                self.env._("%(meter)s would be its own main meter: choose another.", meter=self[:1].name)
            )
        for node in self | self.sub_meter_ids:
            main = node.main_meter_id
            if main and (main.kind != "meter" or node.kind != "meter" or main.energy_type_id != node.energy_type_id):
                raise ValidationError(
                    self.env._(
                        "%(main)s cannot be the main meter of %(meter)s: both must be meters of the same energy type.",
                        main=main.complete_name,
                        meter=node.name,
                    )
                )
