"""The demo: Odoo on the demo database with the Modbus simulator beside it, until Ctrl-C. Must not know tests."""

import os
import shlex
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import databases, odoo
from .cluster import Server
from .paths import LOGS, PYTHON, ROOT, RUN, Problem
from .processes import end, is_ours
from .progress import step

PID = RUN / "demo.pid"
LOGINS = ROOT / "tools/demo_logins.txt"
SIMULATOR = "energy_carbon_modbus.collector.simulator"
SIMULATOR_PORTS = (15020, 15021)
SIMULATOR_LOG = LOGS / "simulator.log"
FAULTS = RUN / "faults"  # watched by the simulator
FAULT_LIMIT = 15  # seconds until it must have taken notice
START_LIMIT = 180  # seconds until the login page must answer


def chosen_port() -> int:
    text = os.environ.get("ODOO_PORT") or "8069"
    if not text.isdigit():
        raise Problem(f"ODOO_PORT={text} is not a number: set it to a free port such as 8070")
    return int(text)


def refuse_occupied() -> None:
    """Fail before any long step when the demo runs already or a port it needs is taken."""
    if PID.exists() and is_ours(int(PID.read_text()), "run"):
        raise Problem("the demo runs already: stop it with make stop")
    port = chosen_port()
    if not odoo.is_port_free(port):
        raise Problem(f"port {port} is occupied: stop what listens there, or set ODOO_PORT to another port")
    for simulated in SIMULATOR_PORTS:
        if not odoo.is_port_free(simulated):
            raise Problem(f"port {simulated} is occupied: the simulator needs it, stop what listens there")


def run(server: Server) -> None:
    """Start everything, print the address, and wait; whatever ends this also ends what it started."""
    port, started = chosen_port(), []
    PID.write_text(str(os.getpid()))
    try:
        databases.demo(server)
        start_simulator(started)
        with step("start Odoo"):
            odoo_server = start(odoo.server_command(databases.DEMO, f"--http-port={port}"), "odoo.log", started)
            wait_for_page(f"http://127.0.0.1:{port}/web/login", odoo_server, LOGS / "odoo.log")
        announce(port)
        while odoo_server.poll() is None:
            time.sleep(0.5)
        raise Problem(f"Odoo ended by itself: see {(LOGS / 'odoo.log').relative_to(ROOT)}")
    finally:
        for process in reversed(started):
            end(process)
        PID.unlink(missing_ok=True)


def start(command: list[str], log: str, started: list[subprocess.Popen]) -> subprocess.Popen:
    """Start a program in a session of its own, so that Ctrl-C reaches only us and we end it in order."""
    with (LOGS / log).open("wb") as sink:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )
    started.append(process)
    return process


def start_simulator(started: list[subprocess.Popen]) -> None:
    if not (ROOT / f"{SIMULATOR.replace('.', '/')}.py").exists():
        print("  note: the Modbus simulator is not part of this checkout, so no gateway answers")
        return
    FAULTS.write_text("")
    options = ["--fault-file", str(FAULTS), *shlex.split(os.environ.get("SIMULATOR") or "")]
    process = start([str(PYTHON), "-m", SIMULATOR, "--demo", *options], SIMULATOR_LOG.name, started)
    with step("start the Modbus simulator"):
        limit = time.monotonic() + 20
        while any(odoo.is_port_free(port) for port in SIMULATOR_PORTS):
            if process.poll() is not None or time.monotonic() > limit:
                raise Problem("the simulator does not start: see .dev/log/simulator.log")
            time.sleep(0.2)


def wait_for_page(url: str, process: subprocess.Popen, log: Path) -> None:
    limit = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < limit:
        try:
            with urllib.request.urlopen(url, timeout=30) as page:
                page.read()
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):  # not listening yet
            time.sleep(0.2)
    raise Problem(f"Odoo does not answer on {url}: see {log.relative_to(ROOT)}")


def announce(port: int) -> None:
    print(f"\n  Energy and Carbon runs on http://127.0.0.1:{port}\n")
    print(LOGINS.read_text() if LOGINS.exists() else "  login admin, password admin")
    print("  Ctrl-C stops everything.", flush=True)


def fault() -> None:
    """Have the running demo's meters misbehave as FAULT says, and in no other way."""
    wanted = (os.environ.get("FAULT") or "").strip()
    if not wanted:
        raise Problem("say what to break, for example: make fault FAULT=15020:3:silent")
    tell_simulator(wanted)


def repair() -> None:
    """Have all meters of the running demo work again."""
    tell_simulator("")


def tell_simulator(faults: str) -> None:
    """Write the watched file and print what the simulator says to it."""
    if not (PID.exists() and is_ours(int(PID.read_text()), "run")):
        raise Problem("the demo does not run: start it with make run, in another terminal")
    if faults == FAULTS.read_text():
        print("  nothing changed: it is so already")
        return
    heard = len(SIMULATOR_LOG.read_text())
    FAULTS.write_text(faults)
    limit = time.monotonic() + FAULT_LIMIT
    while "faults in force" not in (said := SIMULATOR_LOG.read_text()[heard:]):
        if time.monotonic() > limit:
            raise Problem(f"the simulator takes no notice: see {SIMULATOR_LOG.relative_to(ROOT)}")
        time.sleep(0.2)
    print("".join(f"  {line}\n" for line in said.splitlines()), end="")
    if "not a fault" in said:
        raise Problem("not all of FAULT was understood: energy_carbon_modbus/readme/SIMULATOR.md says how it is typed")


def stop() -> None:
    """Stop a demo started elsewhere, by the process id it left."""
    if PID.exists() and is_ours(int(PID.read_text()), "run"):
        with step("stop the demo"):
            pid = int(PID.read_text())
            os.kill(pid, 15)
            limit = time.monotonic() + 30
            while is_ours(pid, "run"):
                if time.monotonic() > limit:
                    raise Problem(f"the demo (process {pid}) does not stop: end it with `kill {pid}`")
                time.sleep(0.2)
    else:
        print("  the demo does not run")
