"""A small plant that the tests of all energy addons share."""

from contextlib import contextmanager

from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user


class EnergyCommon(TransactionCase):
    """One company with a plant, two workshops, a device, two meters and a user of each role.

    ::

        plant
          workshop_1 / device_1 / meter_1   (electricity)
          workshop_2 / meter_2              (electricity)

    ``clerk_1`` may see workshop_1, ``clerk_2`` workshop_2, ``viewer`` the plant. Manager, engineer, accountant and
    auditor got the plant when it was created. ``cls.env`` is the superuser in that company: test rights with
    ``with_user``.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls._create_company("Test Castings")
        cls.env.user.write({"company_ids": [Command.link(cls.company.id)], "company_id": cls.company.id})
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True, "allowed_company_ids": cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        for code in ("el", "ng", "st", "wt", "ca"):
            setattr(cls, code, cls.env.ref(f"energy_carbon.type_{code}"))
        cls._create_users()
        cls._create_plant()

    @classmethod
    def _create_company(cls, name):
        currency = cls.env.ref("base.CNY")
        currency.active = True
        return cls.env["res.company"].create(
            {"name": name, "currency_id": currency.id, "country_id": cls.env.ref("base.cn").id}
        )

    @classmethod
    def _create_users(cls):
        for login in ("manager", "clerk_1", "clerk_2", "viewer", "engineer", "accountant", "auditor"):
            role = login.partition("_")[0]
            setattr(cls, login, cls._create_user(f"energy_{login}", f"energy_carbon.group_{role}"))

    @classmethod
    def _create_user(cls, login, groups):
        return new_test_user(
            cls.env,
            login=login,
            groups=groups,
            context={"no_reset_password": True},
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
            tz="Asia/Shanghai",
        )

    @classmethod
    def _create_plant(cls):
        cls.plant = cls._create_node("Plant", unit_type="plant")
        cls.workshop_1 = cls._create_node("W1", parent_id=cls.plant.id)
        cls.workshop_2 = cls._create_node("W2", parent_id=cls.plant.id)
        cls.device_1 = cls._create_node("Furnace", kind="device", parent_id=cls.workshop_1.id, rated_power=500)
        cls.meter_1 = cls._create_meter("Meter 1", cls.device_1)
        cls.meter_2 = cls._create_meter("Meter 2", cls.workshop_2)
        cls.clerk_1.energy_node_ids = cls.workshop_1
        cls.clerk_2.energy_node_ids = cls.workshop_2
        cls.viewer.energy_node_ids = cls.plant

    @classmethod
    def _create_node(cls, name, **values):
        return cls.env["energy.node"].create({"name": name, "kind": "unit", "company_id": cls.company.id, **values})

    @classmethod
    def _create_meter(cls, name, parent, energy_type=None, **values):
        energy_type = energy_type or cls.el
        return cls._create_node(name, kind="meter", parent_id=parent.id, energy_type_id=energy_type.id, **values)

    @contextmanager
    def assert_refused(self, exception, message):
        """Expect a refusal whose text matches, and take back what was written before it (as a request would)."""
        with self.assertRaises(exception) as raised:
            yield
        self.assertRegex(str(raised.exception), message)
