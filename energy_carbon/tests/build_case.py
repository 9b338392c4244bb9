"""Building indicators in tests, as an Energy manager does."""

from odoo.fields import Command
from odoo.tests import new_test_user

from .plant import PlantCase


class BuildCase(PlantCase):
    """Short words for what an Energy manager does on the screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("build_manager", "energy_carbon.group_manager")

    @classmethod
    def _user(cls, login, group, nodes=None):
        user = new_test_user(
            cls.env,
            login=login,
            groups=group,
            context={"no_reset_password": True},
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        user.energy_node_ids = nodes or cls.plant
        return user

    @classmethod
    def propose(cls, nodes=None, user=None):
        """The comparison as the user sees it."""
        nodes = (cls.plant if nodes is None else nodes).with_user(user or cls.manager)
        nodes = nodes.with_context(allowed_company_ids=cls.company.ids)
        build = nodes.action_build_indicators()["context"]["energy_build_id"]
        return nodes.env["energy.build"].browse(build)

    @classmethod
    def apply(cls, nodes=None, user=None, **values):
        build = cls.propose(nodes, user)
        build.write(values)
        build.action_apply()
        return build

    def open_lines(self, build):
        return build.line_ids.filtered(lambda line: line.action not in ("keep", "hint"))

    def at(self, node, code):
        return self.env["energy.indicator"].search([("node_id", "=", node.id), ("template_id.code", "=", code)])

    def hints(self, build):
        return {(line.node_id.name, line.reason) for line in build.line_ids if line.action == "hint"}


class WorkshopCase(BuildCase):
    """A workshop with two devices and their meters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.el = cls.type("EL")
        cls.workshop = cls.node("W1", "unit", cls.plant)
        cls.devices = [cls.node(name, "device", cls.workshop) for name in ("Press", "Furnace")]
        cls.meters = [
            cls.node(f"M {device.name}", "meter", device, energy_type_id=cls.el.id, collection="typed")
            for device in cls.devices
        ]
