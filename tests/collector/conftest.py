"""Makes ``peers`` and the product importable however pytest is started, and gives tests a libmodbus server."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import settings

# No folder of examples in the checkout, no time limit that a busy computer could break.
settings.register_profile("collector", database=None, deadline=None)
settings.load_profile("collector")

_TESTS = Path(__file__).resolve().parents[1]
for folder in (_TESTS, _TESTS.parent):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


@pytest.fixture
def libmodbus():
    """A running libmodbus server."""
    from peers import LibmodbusServer

    with LibmodbusServer() as server:
        yield server
