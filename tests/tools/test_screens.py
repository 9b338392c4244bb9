"""Which screens `make screenshot` takes, and who looks at them."""

from datetime import date

import pytest

from tools.screens import APP, ROLES, Screen, complete_month, form_screens, menu_screens


class FakeClient:
    """A user who sees some entries of the menu."""

    def __init__(self, *sections):
        entries = {"1": {"xmlid": APP, "children": [], "actionID": False}}
        for number, (section, leaf) in enumerate(sections, 1):
            entries["1"]["children"].append(number * 10)
            entries[str(number * 10)] = {"xmlid": section, "children": [number * 10 + 1], "actionID": False}
            entries[str(number * 10 + 1)] = {"xmlid": leaf, "children": [], "actionID": number}
        self.entries = entries

    def menus(self):
        return self.entries

    def call(self, _model, _method, domain, **_named):
        return [7] if ("kind", "=", "meter") in domain else []


ENTRY = ("energy_carbon.menu_energy_entry", "energy_carbon.menu_energy_output_entry")
SETTINGS = ("energy_carbon.menu_energy_configuration", "energy_carbon.menu_energy_settings")
SETUP = ("energy_carbon.menu_energy_configuration", "energy_carbon.menu_energy_setup")


def test_each_menu_once_by_the_role_it_is_for():
    clients = {"manager": FakeClient(ENTRY), "clerk": FakeClient(ENTRY), "admin": FakeClient(ENTRY, SETTINGS)}
    assert list(menu_screens(clients)) == [
        Screen("menu-output-entry", "clerk", "action-1"),
        Screen("menu-settings", "admin", "action-2"),
    ]


def test_an_entry_with_a_role_of_its_own():
    """The setup shows an administrator more than the manager, who sees it, too."""
    clients = {"manager": FakeClient(SETUP), "admin": FakeClient(SETUP)}
    assert list(menu_screens(clients)) == [Screen("menu-setup", "admin", "action-1")]


def test_forms_of_records_that_are_not_there_are_left_out():
    clients = dict.fromkeys(ROLES, FakeClient())
    screens = {screen.name: screen.path for screen in form_screens(clients)}
    assert screens["form-meter"].endswith("energy_node_action_meter/7")
    assert screens["form-meter-new"].endswith("energy_node_action_meter/new")
    assert "form-tariff" not in screens


@pytest.mark.parametrize(
    ("last", "expected"), [("2026-11-28", (2026, 10, 31)), ("2026-10-31", (2026, 10, 31)), ("2026-01-05", (2025, 12, 31))]
)
def test_last_month_that_is_over(last, expected):
    assert complete_month(last) == date(*expected)
