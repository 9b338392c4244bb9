"""The edge agent as a program: started as people start it, killed, cut off, and asked how it fares."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from energy_carbon_modbus.collector.agent import CANNOT_START, main
from energy_carbon_modbus.collector.spool import Spool

from .agent_line import gateway_wire, set_meters
from .fake_odoo import FakeOdoo

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0


class Site:
    """A folder with an agent's configuration file."""

    def __init__(self, folder: Path, url: str, **settings: object) -> None:
        self.folder = folder
        self.spool = folder / "spool.db"
        self.key_file = folder / "key"
        self.key_file.write_text("k\n")
        known = {"url": url, "spool": "spool.db", "key_file": "key", "push_seconds": 0.2, "fetch_seconds": 0.3}
        lines = [f"{name} = {json.dumps(value)}" for name, value in {**known, "timeout_seconds": 5, **settings}.items()]
        self.file = folder / "agent.toml"
        self.file.write_text("\n".join(lines))

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "energy_carbon_modbus.collector.agent", "--config", str(self.file), *options]

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen]:
        with open(self.folder / "log", "ab") as log:
            process = subprocess.Popen(self.command(), cwd=ROOT, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def run(self, *options: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*options), cwd=ROOT, capture_output=True, text=True, check=False)

    def status(self) -> tuple[int, dict]:
        done = self.run("--status", "--json")
        return done.returncode, json.loads(done.stdout)

    def waiting(self) -> int:
        with Spool(self.spool) as spool:
            return spool.count()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()


def wait_for(condition: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for: {what}"
        time.sleep(0.05)


@pytest.fixture
def odoo(libmodbus):
    set_meters(libmodbus)
    with FakeOdoo() as odoo:
        odoo.gateways = [gateway_wire(libmodbus.port)]
        yield odoo


@pytest.fixture
def site(tmp_path, odoo):
    return Site(tmp_path, odoo.url)


def test_agent_needs_no_odoo():
    """Not Odoo, and with the models of the addon untouched."""
    code = (
        "import sys; sys.modules['odoo'] = None\n"
        "import energy_carbon_modbus.collector.agent\n"
        "assert not [name for name in sys.modules if name.startswith(('odoo.', 'energy_carbon_modbus.models'))]\n"
        "assert 'pymodbus' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_once_reads_pushes_and_says_so(site, odoo):
    done = site.run("--once")
    assert (done.returncode, done.stderr.count("CRITICAL")) == (0, 0), done.stderr
    assert {key[0]: value for key, value in odoo.stored.items()} == {
        11: 100.0, 12: 101.0, 13: 102.0, 21: 200.0, 22: 201.0, 23: 202.0
    }  # fmt: skip
    assert all(abs(moment - time.time()) < 60 for _key, moment in odoo.stored)
    assert "readings waiting" in done.stdout
    report = odoo.reports[-1]["results"]["5"]
    assert (report["points_ok"], report["points_failed"]) == (6, 0)
    assert len(report["result"]["points"]) == 2, "one good point a meter is enough for its state"


def test_reads_and_pushes_until_told_to_stop(site, odoo):
    with site.running() as process:
        wait_for(lambda: len(odoo.stored) >= 12, "two sweeps")
        code, figures = site.status()
        assert (code, figures["state"], figures["running"], figures["link"]) == (0, "ok", True, "ok")
        second = site.run()
        assert second.returncode == CANNOT_START and "another agent" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert site.status()[1]["running"] is False


def test_starts_without_a_link_by_the_last_configuration(site, odoo):
    site.run("--once")
    odoo.close()
    before = site.waiting()
    with site.running():
        wait_for(lambda: site.waiting() >= before + 6, "readings without a link")
        code, figures = site.status()
    assert (code, figures["link"]) == (1, "unreachable")


def test_never_had_a_configuration_waits_for_it(tmp_path, odoo):
    site = Site(tmp_path, odoo.url)
    odoo.faults = [503] * 2
    with site.running():
        wait_for(lambda: odoo.stored, "readings once Odoo is back")
    assert "unreachable HTTP 503" in site.log


def test_401_keeps_the_spool_and_shows_and_a_new_key_needs_no_restart(site, odoo):
    site.run("--once")
    count = len(odoo.stored)
    site.key_file.write_text("expired")
    with site.running():
        wait_for(lambda: site.spool.exists() and site.waiting() >= 6, "readings that wait")
        code, figures = site.status()
        assert (code, figures["state"], figures["link"]) == (2, "ALARM", "unauthorized")
        assert "401" in figures["link says"]
        assert len(odoo.stored) == count
        assert "unauthorized HTTP 401" in site.log
        site.key_file.write_text("k")
        wait_for(lambda: len(odoo.stored) >= count + 6, "readings under the new key")
        wait_for(lambda: site.status()[1]["link"] == "ok", "link ok")
    assert set(odoo.arrivals.values()) == {1}


def test_killed_at_any_moment_nothing_is_lost_or_stored_twice(site, odoo):
    """SIGKILL again and again, answers dropped meanwhile; whatever was spooled is in Odoo in the end, once."""
    spooled: set = set()
    for turn in range(5):
        odoo.faults = ["drop", None, 500, "drop", "short answer"]
        with site.running() as process:
            begun, calls = time.monotonic(), len(odoo.calls)
            wait_for(lambda: len(odoo.calls) > calls and time.monotonic() > begun + 1.0 + 0.3 * turn, "calls")
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        with Spool(site.spool) as spool:
            spooled |= {one.row for one in spool.batch(100_000)}
    odoo.faults = []
    assert site.run("--once").returncode == 0
    assert site.waiting() == 0
    assert spooled <= {(*key, value) for key, value in odoo.stored.items()}
    assert set(odoo.arrivals.values()) == {1} and odoo.differing == 0
    with Spool(site.spool) as spool:
        assert spool.totals()["stored"] + spool.totals()["known"] >= len(odoo.stored)


def test_weeks_without_a_link(site, odoo):
    """Three weeks of a plant's readings wait; all arrive, in batches of 10,000, while the agent goes on reading."""
    odoo.gateways = [gateway_wire(1, interval=3600.0)]
    site.run("--once")
    begin = int(time.time()) - 21 * 86_400
    rows = [(11, begin + 60 * place, float(place)) for place in range(21 * 1440)]
    with Spool(site.spool) as spool:
        spool.append(rows)
    assert site.run("--once").returncode == 0
    assert [odoo.stored[row[:2]] for row in rows] == [row[2] for row in rows]
    assert odoo.calls.count("append_readings") >= 4


def test_full_spool_stops_asking_with_an_alarm_and_drops_nothing(tmp_path, odoo, libmodbus):
    site = Site(tmp_path, odoo.url, spool_limit_mb=1)
    site.run("--once")
    rows = [(11, 1_750_000_000 + place, float(place)) for place in range(60_000)]
    with Spool(site.spool, 1 << 20) as spool:
        spool.append(rows)
        assert spool.is_full()
    count = site.waiting()
    odoo.key = "another"
    with site.running():
        wait_for(lambda: site.status()[1]["alarms"], "the alarm")
        code, figures = site.status()
        assert code == 2 and "spool is full" in figures["alarms"][0]
        time.sleep(1.5)
        assert site.waiting() == count, "nothing came, nothing went"
        assert "ALARM full" in site.log
        odoo.key = "k"
        wait_for(lambda: len(odoo.stored) > 60_012, "the spooled ones and new ones")
        wait_for(lambda: not site.status()[1]["alarms"], "the end of the alarm")
    assert [odoo.stored[row[:2]] for row in rows] == [row[2] for row in rows]


def test_copy_of_the_database_gets_nothing_until_it_is_accepted(site, odoo):
    site.run("--once")
    odoo.database = "restored"
    count = len(odoo.stored)
    done = site.run("--once")
    assert done.returncode == 2 and "other database" in done.stdout
    assert (len(odoo.stored), site.waiting()) == (count, 6)
    with Spool(site.spool) as spool:
        waiting = {(one.indicator, one.time) for one in spool.batch(10)}
    assert "6 readings will go to the database" in site.run("--accept-database").stdout
    assert site.run("--once").returncode == 0
    assert (waiting <= set(odoo.stored), site.waiting()) == (True, 0)


def test_refused_readings_are_shown_and_can_be_sent_again(site, odoo):
    odoo.refuse = lambda row: "not of this agent" if row[0] == 12 else None
    assert site.run("--once").returncode == 1, "a warning"
    shown = site.run("--dead-letters").stdout.split("\t")
    assert (shown[0], shown[2], shown[3].strip()) == ("12", "101.0", "not of this agent")
    odoo.refuse = lambda row: None
    assert "1 readings will be sent again" in site.run("--retry-refused").stdout
    assert site.run("--once").returncode == 0
    assert 101.0 in [value for (key, _time), value in odoo.stored.items() if key == 12]


def test_clock_that_differs_from_odoos_is_an_alarm(site, odoo):
    odoo.ahead = 3600.0
    done = site.run("--once")
    assert done.returncode == 2 and "differs from Odoo's by -3600 s" in done.stdout
    assert len(odoo.stored) == 6, "an hour off is said; the readings are taken all the same"


def test_configuration_of_a_newer_odoo_is_refused_not_misread(site, odoo):
    odoo.gateways[0]["gateway"]["points"][0]["multiplier_register"] = 7
    done = site.run("--once")
    assert done.returncode == 2 and "update the agent" in done.stdout
    assert odoo.stored == {}


def test_damaged_spool_is_set_aside_with_an_alarm(site, odoo):
    site.run("--once")
    site.spool.write_bytes(b"\0" * 20_000)
    done = site.run("--once")
    assert done.returncode == 2 and "was damaged and set aside" in done.stdout
    [aside] = [path for path in site.folder.glob("spool.db.damaged-*") if path.suffix.startswith(".damaged")]
    assert site.run("--once").returncode == 2, "until somebody has looked at it"
    for path in site.folder.glob(f"{aside.name}*"):
        path.unlink()
    assert site.run("--once").returncode == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("url = 5", "url = 5 does not fit"),
        ('url = "ftp://x"', "https://"),
        ('speed = 1\nurl = "https://x"', "speed is not known"),
        ('url = "https://x"\nkey = "a"', "either key or key_file"),
        ('url = "https://x"\nspool_limit_mb = true', "spool_limit_mb"),
        ('url = "https://x', "agent.toml"),
    ],
)
def test_mistakes_in_the_file_are_named(tmp_path, caplog, line, message):
    file = tmp_path / "agent.toml"
    file.write_text(f'spool = "s.db"\nkey_file = "key"\n{line}\n')
    assert main(["--config", str(file)]) == CANNOT_START
    assert message in caplog.text


def test_status_of_an_agent_that_never_ran(tmp_path, caplog):
    site = Site(tmp_path, "http://127.0.0.1:9")
    assert main(["--config", str(site.file), "--status"]) == CANNOT_START
    assert "never ran" in caplog.text
