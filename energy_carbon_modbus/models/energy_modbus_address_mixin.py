"""How a register's address is typed and shown. Shared by points and history records."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..collector.point import address_notations, parse_address


class EnergyModbusAddressMixin(models.AbstractModel):
    """Something that lies at a function and a 0-based address; needs the fields ``name`` and ``function``.

    Whatever notation is typed, hexadecimal is shown: nobody can take 0x084C for another register.
    """

    _name = "energy.modbus.address.mixin"
    _description = "Modbus Address"

    address = fields.Integer(string="Wire Address", help="0-based address as on the wire.")
    address_text = fields.Char(
        string="Address",
        compute="_compute_address_text",
        inverse="_inverse_address_text",
        help="0-based, as 0x084C or 2124; or 1-based register notation with the function in front, as 42125, 4x2125 or "
        "302125. A wire address between 30001 and 49999 is typed in hexadecimal.",
    )
    address_notations = fields.Char(
        compute="_compute_address_notations",
        string="In Other Notations",
        help="The same address 0-based in decimal, and 1-based as manuals with register numbers print it.",
    )

    # === COMPUTE METHODS === #
    @api.depends("address")
    def _compute_address_text(self):
        for record in self:
            record.address_text = f"0x{record.address:04X}"

    @api.depends("address", "function")
    def _compute_address_notations(self):
        for record in self:
            function = int(record.function) if record.function else None
            record.address_notations = " = ".join(filter(None, address_notations(function, record.address)))

    def _inverse_address_text(self):
        for record in self:
            function, address = record._parse_address_text()
            if function and record.function and function != record.function:
                raise ValidationError(
                    self.env._(
                        "%(point)s: the address %(text)s names function %(named)s, the point says %(function)s.",
                        point=record.name,
                        text=record.address_text,
                        named=function,
                        function=record.function,
                    )
                )
            record.write({"address": address, "function": record.function or function})
        # Whatever notation was typed, one is shown.
        self.invalidate_recordset(["address_text"])

    # === ONCHANGE METHODS === #
    @api.onchange("address_text")
    def _onchange_address_text(self):
        """Show at once what was understood: 42125 becomes function 3, 0x084C."""
        if self.address_text:
            function, address = self._parse_address_text()
            self.function = function or self.function
            self.address = address
            self.address_text = f"0x{address:04X}"

    # === BUSINESS METHODS === #
    def _parse_address_text(self) -> tuple[str | bool, int]:
        """The function the typed address names, if it does, and the 0-based address."""
        try:
            function, address = parse_address(self.address_text or "")
        except ValueError as error:
            raise ValidationError(
                self.env._(
                    "%(text)s is no Modbus address. Type it 0-based as 0x084C or 2124, or with the function in front "
                    "as 42125.",
                    text=self.address_text or "-",
                )
            ) from error
        return str(function) if function else False, address
