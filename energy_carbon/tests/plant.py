"""Building plants in tests: nodes, indicators by template code, typed figures, readings."""

from contextlib import contextmanager
from datetime import UTC, date, datetime

from odoo.tests import TransactionCase


class PlantCase(TransactionCase):
    """Short words for what an Energy manager and a clerk do through the screens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env["res.company"].create({"name": "Test Works"})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company.ids))
        cls.plant = cls.node("Plant A", "unit", unit_type="plant")

    @classmethod
    def node(cls, name, kind="unit", parent=None, **values):
        values = dict(values, name=name, kind=kind, parent_id=parent.id if parent else False, company_id=cls.company.id)
        return cls.env["energy.node"].create(values)

    @classmethod
    def add(cls, node, code, **values):
        """An indicator of a template, with its usual formula when it is computed and none is given."""
        template = cls.env["energy.indicator.template"].search([("code", "=", code)])
        indicator = cls.env["energy.indicator"].create({"node_id": node.id, "template_id": template.id, **values})
        indicator._set_default_terms()
        return indicator

    @classmethod
    def formula(cls, indicator, *sources, role="sum"):
        """Set the terms: indicators, or (indicator, coefficient) pairs."""
        indicator.term_ids.filtered(lambda term: term.role == role).unlink()
        for source in sources:
            source, coefficient = source if isinstance(source, tuple) else (source, 1.0)
            cls.env["energy.indicator.term"].create(
                {"indicator_id": indicator.id, "source_id": source.id, "coefficient": coefficient, "role": role}
            )
        return indicator

    @classmethod
    def enter(cls, indicator, day, value, last=None, **values):
        values = dict(values, indicator_id=indicator.id, date_from=day, date_to=last or day, value=value)
        return cls.env["energy.entry"].create(values)

    @classmethod
    def read_at(cls, indicator, *readings, **options):
        """Append readings given as (local-time-free UTC datetime or epoch seconds, register)."""
        times = [
            int(t.replace(tzinfo=UTC).timestamp()) if isinstance(t, datetime) else t for t, _value in readings
        ]
        values = [value for _time, value in readings]
        return cls.env["energy.reading"]._append([indicator.id] * len(times), times, values, **options)

    @classmethod
    def price(cls, type_code, price, day=date(2020, 1, 1), uom=None):
        energy_type = cls.type(type_code)
        return cls.env["energy.tariff"].create(
            {
                "name": f"Price {type_code}",
                "energy_type_id": energy_type.id,
                "company_id": cls.company.id,
                "price_ids": [(0, 0, {"date_from": day, "price": price, "uom_id": (uom or energy_type.uom_id).id})],
            }
        )

    @classmethod
    def type(cls, code):
        return cls.env["energy.type"].search([("code", "=", code)])

    @classmethod
    def compute(cls):
        cls.env.flush_all()
        cls.env["energy.calculation"]._process()

    def row(self, indicator, day):
        """The stored row of a day, as a dict of what SQL holds (None is missing)."""
        return self._one("energy_value", "date", indicator, day)

    def month(self, indicator, first):
        return self._one("energy_value_month", "month", indicator, first)

    def _one(self, table, column, indicator, day):
        self.env.cr.execute(f"SELECT * FROM {table} WHERE indicator_id = %s AND {column} = %s", [indicator.id, day])
        rows = self.env.cr.dictfetchall()
        return rows[0] if rows else None

    @contextmanager
    def assert_refused(self, exception, message):
        """Expect a refusal whose text matches, and take back what was written before it (as a request would)."""
        with self.assertRaises(exception) as raised:
            yield
        self.assertRegex(str(raised.exception), message)

    def assert_near(self, value, expected, relative=1e-9):
        self.assertIsNotNone(value)
        self.assertLessEqual(abs(value - expected), relative * max(1.0, abs(expected)), f"{value} is not {expected}")
