"""The database server is shared: nobody waits for who uses it, and the last one out stops it."""

import threading

import pytest

from tools import cluster


@pytest.fixture
def calls(tmp_path, monkeypatch):
    """What the cluster was asked to do, with its locks in a folder of the test."""
    asked = []
    for name in ("PGHOST", "PGPORT", "PGUSER"):
        monkeypatch.delenv(name, raising=False)
    for name in ("USERS", "CHANGE", "KEEP"):
        monkeypatch.setattr(cluster, name, tmp_path / name)
    for name in ("start", "stop"):
        monkeypatch.setattr(cluster, name, lambda name=name: asked.append(name))
    monkeypatch.setattr(cluster, "private_server", lambda: cluster.Server("folder", "5432", "odoo"))
    return asked


def test_a_second_command_does_not_wait_for_the_first(calls):
    entered = threading.Event()

    def second():
        with cluster.running():
            entered.set()

    with cluster.running():
        other = threading.Thread(target=second, daemon=True)
        other.start()
        assert entered.wait(30)
        other.join(30)
        assert calls == ["start", "start"]
    assert calls == ["start", "start", "stop"]


def test_a_kept_server_goes_on(calls):
    cluster.KEEP.touch()
    with cluster.running():
        pass
    assert calls == ["start"]
