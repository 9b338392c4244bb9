"""Fixtures of the tests that use a real Odoo from outside; run them with `make test ONLY=tests/end_to_end`.

``odoo_database`` names a fresh database with the three addons; ``run_odoo_script(code)`` runs code in its shell and
returns what it prints; ``tests/odoo_session.py`` has more (a server's command line, copies by hand).
"""

import pytest

from tests import odoo_session


@pytest.fixture
def odoo_database():
    """The name of a fresh database with the three addons, dropped after the test."""
    if not odoo_session.is_available():
        pytest.fail("no Odoo to test with: run `make test ONLY=tests/end_to_end`")
    with odoo_session.database() as name:
        yield name


@pytest.fixture
def run_odoo_script(odoo_database):
    """A function that runs code in the Odoo shell of ``odoo_database`` and returns what it prints."""
    return lambda code: odoo_session.run_script(odoo_database, code)
