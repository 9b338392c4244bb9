"""The database server: a private PostgreSQL cluster shared by all commands of this checkout, or the one PG* name.

Each command holds a shared lock while it uses the cluster; the last one out stops it, so nothing is left running.
Must not know Odoo.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .debian import PG_BIN
from .paths import DEV, RUN, Problem, is_root
from .progress import must_run, step

OWNER = "postgres"
ROLE = "odoo"
PORT = "5432"  # only names the socket: the private cluster listens on no network address
LONGEST_SOCKET = 107  # bytes, a limit of the kernel
FOLDER_NOTE = DEV / "pg.folder"
KEEP = RUN / "cluster.keep"
USERS = RUN / "cluster.lock"
CHANGE = RUN / "cluster-change.lock"
SETTINGS = """
listen_addresses = ''
# a development server: what a crash of the machine loses is made again
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
shared_buffers = 512MB
max_wal_size = 4GB
"""


@dataclass(frozen=True)
class Server:
    """How to reach the database server."""

    host: str
    port: str
    role: str

    def environment(self) -> dict[str, str]:
        return {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.role}


def is_external() -> bool:
    return any(os.environ.get(name) for name in ("PGHOST", "PGPORT", "PGUSER"))


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Give a server that accepts connections; stop the private one when no command uses it any more."""
    if is_external():
        yield external_server()
        return
    with USERS.open("a") as users:
        with changing():
            start()
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield private_server()
        finally:
            stop_unless_used(users)


@contextlib.contextmanager
def changing() -> Iterator[None]:
    """Wait for other commands that start or stop the cluster; those that only use it are not waited for."""
    with CHANGE.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def external_server() -> Server:
    server = Server(
        os.environ.get("PGHOST", "/var/run/postgresql"),
        os.environ.get("PGPORT", PORT),
        os.environ.get("PGUSER", os.environ.get("USER", ROLE)),
    )
    probe = sql(server, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    if probe.returncode:
        reason = (probe.stderr.strip().splitlines() or ["no answer"])[0]
        where = f"{server.host}:{server.port}"
        raise Problem(f"PostgreSQL at {where} refuses {server.role}: {reason}; check PGHOST, PGPORT, PGUSER")
    if probe.stdout.strip() != "t":
        raise Problem(f"role {server.role} may not create databases: run `ALTER ROLE {server.role} CREATEDB` on it")
    return server


def private_server() -> Server:
    return Server(str(folder()), PORT, ROLE)


def sql(server: Server, statement: str, database: str = "postgres") -> subprocess.CompletedProcess:
    """Run one statement and give the finished process; values come one row a line, columns parted by a bar."""
    psql = shutil.which("psql") or str(PG_BIN / "psql")
    environment = {**os.environ, **server.environment()}
    command = [psql, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
    return subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def folder() -> Path:
    """Return the cluster's folder: in .dev, or under /tmp when PostgreSQL cannot reach or name a socket in .dev."""
    if FOLDER_NOTE.exists():
        return Path(FOLDER_NOTE.read_text().strip())
    place = DEV / "pg"
    socket = len(os.fsencode(place / f".s.PGSQL.{PORT}"))
    reachable = not is_root() or subprocess.run([*as_owner(), "test", "-x", DEV], capture_output=True).returncode == 0
    if socket > LONGEST_SOCKET or not reachable:
        place = Path(tempfile.mkdtemp(prefix="energy-carbon-pg-"))
    place.mkdir(mode=0o700, exist_ok=True)
    if is_root():
        shutil.chown(place, OWNER, OWNER)
    FOLDER_NOTE.write_text(f"{place}\n")
    return place


def as_owner() -> list[str]:
    """Return the words that make PostgreSQL run as a user it accepts: it refuses root."""
    return ["runuser", "-u", OWNER, "--"] if is_root() else []


def is_up() -> bool:
    status = [*as_owner(), PG_BIN / "pg_ctl", "-D", folder() / "data", "status"]
    return subprocess.run(status, capture_output=True, cwd="/").returncode == 0


def start() -> None:
    place = folder()
    if not (place / "data/ready").exists():
        create(place)
    if is_up():
        return
    command = [*as_owner(), PG_BIN / "pg_ctl", "-D", place / "data", "-l", place / "server.log"]
    with step("start PostgreSQL"):
        advice = f"PostgreSQL does not start: see {place}/server.log, or run make clean"
        must_run([*command, "-o", f"-k {place}", "-w", "start"], "postgresql.log", advice, cwd="/")
    answer = sql(private_server(), "SELECT 1")
    if answer.returncode:
        raise Problem(f"PostgreSQL refuses connections: {answer.stderr.strip()}; run make clean")


def create(place: Path) -> None:
    """Make the cluster and Odoo's role; the role is no superuser, so a test sees the rights a real one has."""
    data = place / "data"
    if data.exists():
        shutil.rmtree(data)
    with step("make a PostgreSQL cluster"):
        command = [PG_BIN / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        advice = f"initdb failed in {place}: run make clean"
        must_run([*as_owner(), *command], "postgresql.log", advice, cwd="/")
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        single = [*as_owner(), PG_BIN / "postgres", "--single", "-D", data, "postgres"]
        subprocess.run(
            single, input=f"CREATE ROLE {ROLE} LOGIN CREATEDB\n", text=True, check=True, capture_output=True, cwd="/"
        )
        (data / "ready").touch()


def stop_unless_used(users) -> None:
    """Stop the cluster when this was its last user and nobody asked to keep it."""
    with changing():
        fcntl.flock(users, fcntl.LOCK_UN)
        with contextlib.suppress(BlockingIOError):  # another command uses the cluster: it will stop it
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not KEEP.exists():
                stop()


def stop_if_unused() -> None:
    with USERS.open("a") as users:
        stop_unless_used(users)


def stop() -> None:
    """Stop the private cluster if it runs."""
    if FOLDER_NOTE.exists() and (folder() / "data/ready").exists() and is_up():
        command = [*as_owner(), PG_BIN / "pg_ctl", "-D", folder() / "data", "-m", "fast", "-w", "stop"]
        must_run(command, "postgresql.log", "PostgreSQL does not stop: see its log", append=True, cwd="/")


def remove() -> None:
    """Delete the cluster's folder, which may lie outside .dev."""
    if FOLDER_NOTE.exists():
        shutil.rmtree(folder(), ignore_errors=True)
        FOLDER_NOTE.unlink()
