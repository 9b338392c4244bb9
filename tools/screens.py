"""Which screens are looked at, and by whom: every entry of the Energy menu, and forms and pictures behind them.

Where a screen needs a record or a day, it is looked up in the database; a screen whose record is not there (a plant
in an empty database) is left out. Must not know the browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from .odoo_client import Client

ROLES = ("manager", "clerk", "engineer", "accountant", "auditor", "viewer", "admin")
APP = "energy_carbon.menu_energy_root"
# Who looks at a part of the menu, or an entry of it; what he does not see is looked at by the first of the others who does.
ROLE_OF = {
    "energy_carbon.menu_energy_entry": "clerk",
    "energy_carbon.menu_energy_care": "accountant",
    "energy_carbon_modbus.menu_energy_collection": "engineer",
    "energy_carbon_reports.menu_energy_reports": "auditor",
    "energy_carbon.menu_energy_setup": "admin",
}
UNIT, DEVICE, METER = ("energy_carbon.energy_node_action_" + kind for kind in ("unit", "device", "meter"))
MONTHS, DAYS = "energy_carbon.energy_value_month_action", "energy_carbon.energy_value_action"


@dataclass(frozen=True)
class Screen:
    """:ivar path: what follows ``/odoo/`` in the address"""

    name: str
    role: str
    path: str


@dataclass(frozen=True)
class Form:
    """The form of a record: an action, its model, and which record; None is a new one."""

    name: str
    role: str
    action: str
    model: str
    domain: list | None
    order: str = "id"


FORMS = (
    Form("unit-plant", "manager", UNIT, "energy.node", [("kind", "=", "unit"), ("parent_id", "=", False)]),
    Form("unit-workshop", "clerk", UNIT, "energy.node", [("kind", "=", "unit"), ("parent_id", "!=", False)]),
    Form("unit-new", "manager", UNIT, "energy.node", None),
    Form("device", "engineer", DEVICE, "energy.node", [("kind", "=", "device")]),
    Form("device-new", "manager", DEVICE, "energy.node", None),
    Form("meter", "engineer", METER, "energy.node", [("kind", "=", "meter")]),
    Form("meter-new", "engineer", METER, "energy.node", None),
    Form("user", "admin", "base.action_res_users", "res.users", [("login", "=", "clerk")]),
    Form("indicator", "manager", "energy_carbon.energy_indicator_action", "energy.indicator",
         [("template_id.code", "=", "EL.CONS"), ("node_id.parent_id", "=", False)]),
    Form("energy-type", "manager", "energy_carbon.energy_type_action", "energy.type", []),
    Form("factor", "manager", "energy_carbon.energy_factor_action", "energy.factor", [("basis", "=", "location")]),
    Form("tariff", "accountant", "energy_carbon.energy_tariff_action", "energy.tariff", []),
    Form("tariff-new", "accountant", "energy_carbon.energy_tariff_action", "energy.tariff", None),
    Form("tariff-calendar", "accountant", "energy_carbon.energy_tariff_calendar_action", "energy.tariff.calendar", []),
    Form("template", "manager", "energy_carbon.energy_indicator_template_action", "energy.indicator.template", []),
    Form("allocation", "manager", "energy_carbon.energy_allocation_action", "energy.allocation", []),
    Form("target", "manager", "energy_carbon.energy_target_action", "energy.target", []),
    Form("restatement", "auditor", "energy_carbon.energy_restatement_action", "energy.restatement", [], "id desc"),
    Form("gateway", "engineer", "energy_carbon_modbus.energy_modbus_gateway_action", "energy.modbus.gateway", []),
    Form("gateway-new", "engineer", "energy_carbon_modbus.energy_modbus_gateway_action", "energy.modbus.gateway", None),
    Form("point-table", "engineer", "energy_carbon_modbus.energy_modbus_map_action", "energy.modbus.map", []),
)  # fmt: skip


def all_screens(clients: dict[str, Client]) -> list[Screen]:
    return [*menu_screens(clients), *form_screens(clients), *value_screens(clients)]


# === MENUS === #
def menu_screens(clients: dict[str, Client]) -> Iterator[Screen]:
    """A screen for each entry of the menu that some role sees."""
    seen: dict[str, dict[str, Screen]] = {}
    for role, client in clients.items():
        menus = client.menus()
        app = next((menu for menu in menus.values() if menu.get("xmlid") == APP), None)
        for section in app["children"] if app else []:
            for leaf in leaves(menus, section):
                screen = Screen(name_of(leaf), role, f"action-{leaf['actionID']}")
                seen.setdefault(leaf["xmlid"], {"section": menus[str(section)]["xmlid"]})[role] = screen
    for entry, found in seen.items():
        section = found.pop("section")
        wanted = ROLE_OF.get(entry) or ROLE_OF.get(section, "manager")
        yield found.get(wanted) or next(iter(found.values()))


def leaves(menus: dict, number: int) -> Iterator[dict]:
    menu = menus[str(number)]
    if menu["actionID"]:
        yield menu
    for child in menu["children"]:
        yield from leaves(menus, child)


def name_of(menu: dict) -> str:
    """``energy_carbon.menu_energy_meter_change`` is ``menu-meter-change``."""
    return "menu-" + menu["xmlid"].split(".menu_energy_")[1].replace("_", "-")


# === RECORDS === #
def form_screens(clients: dict[str, Client]) -> Iterator[Screen]:
    for form in FORMS:
        record = "new"
        if form.domain is not None:
            found = clients[form.role].call(form.model, "search", form.domain, order=form.order, limit=1)
            record = str(found[0]) if found else ""
        if record:
            yield Screen(f"form-{form.name}", form.role, f"action-{form.action}/{record}")


# === VALUES === #
def value_screens(clients: dict[str, Client]) -> Iterator[Screen]:
    """Pivot and graph of values; explanation, hours, picture and report of the plant in its last month with figures."""
    manager = clients["manager"]
    for name, action in (("months", MONTHS), ("days", DAYS)):
        for view in ("graph", "pivot"):
            yield Screen(f"{name}-{view}", "manager", f"action-{action}?view_type={view}")
    domain = [("template_id.code", "=", "EL.CONS"), ("quality", "in", ("measured", "entered", "estimated"))]
    fields = ["indicator_id", "node_id", "date"]
    days = manager.call("energy.value", "search_read", domain, fields, order="depth, date desc", limit=1)
    if not days:
        return
    day = days[0]
    indicator, last = day["indicator_id"][0], day["date"]
    month = complete_month(last)
    figure, whole = {"indicator_id": indicator}, {"date_from": month.replace(day=1), "date_to": month}
    yield Screen("explain-day", "auditor", f"energy-explain?{urlencode({**figure, 'date_from': last, 'date_to': last})}")
    yield Screen("explain-month", "auditor", f"energy-explain?{urlencode({**figure, **whole})}")
    carbon = {**figure, **whole, "measure": "carbon"}
    yield Screen("explain-carbon", "auditor", f"energy-explain?{urlencode(carbon)}")
    yield Screen("hours", "viewer", f"energy-hours?{urlencode({**figure, 'date_from': last})}")
    picture = {"month": f"{month:%Y-%m}", "level": 3}
    for role in ("manager", "clerk"):
        yield Screen(f"tree-{role}", role, f"energy-management-tree?{urlencode(picture)}")
    report = {"period_kind": "month", "date_from": month, "node_id": day["node_id"][0], "levels": "units"}
    for view in ("summary", "details", "course"):
        yield Screen(f"report-{view}", "manager", f"energy-report?{urlencode({**report, 'view': view})}")
    last_year = {**report, "view": "details", "compare": "last_year"}
    yield Screen("report-last-year", "manager", f"energy-report?{urlencode(last_year)}")


def complete_month(last_day: str) -> date:
    """Last day of the last month that is over on a day."""
    day = date.fromisoformat(last_day)
    tomorrow = day + timedelta(1)
    return day if tomorrow.month != day.month else day.replace(day=1) - timedelta(1)
