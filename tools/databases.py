"""The databases and how each is made: base, template, test copies, the ONLY databases and the demo.

What a database holds is written in its PostgreSQL comment as JSON, only after it was made completely. Must not know
tests.
"""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator

from . import odoo, odoo_tree
from .cluster import Server, sql
from .paths import ADDONS, RUN, Problem, addon_hash, files_hash
from .progress import step
from .venv import PINS

DEMO = "energy_demo"
BASE_MODULES = "base,web,mail,uom,product"
LANGUAGES = "--load-language=en_US,zh_CN"  # the first becomes the language of new users
TEMPLATE = "ec_template_"
# The demo's gateways are off in its data: only beside the simulator does anybody answer them.
POLLING_ON = 'env["energy.modbus.gateway"]._enable_demo_polling()\nenv.cr.commit()\n'


@contextlib.contextmanager
def lock(name: str, exclusive: bool = True) -> Iterator[None]:
    """Wait for other commands of this checkout that do the same."""
    with (RUN / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH)
        yield


def value(server: Server, statement: str, database: str = "postgres") -> str:
    answer = sql(server, statement, database)
    if answer.returncode:
        raise Problem(f"PostgreSQL refused `{statement}`: {answer.stderr.strip()}")
    return answer.stdout.strip()


def state(server: Server, database: str) -> dict | None:
    """Return what a database holds, or None when it is absent or was not made completely."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = "
    text = value(server, f"{query}'{database}'")
    return json.loads(text) if text.startswith("{") else None


def set_state(server: Server, database: str, holds: dict) -> None:
    value(server, f"COMMENT ON DATABASE \"{database}\" IS '{json.dumps(holds)}'")


def names(server: Server, prefix: str) -> list[str]:
    return value(server, f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%'").split()


def exists(server: Server, database: str) -> bool:
    return database in names(server, database)


def drop_if_there(server: Server, database: str) -> None:
    if exists(server, database):
        odoo.drop(database)


def base_name() -> str:
    return "ec_base_" + files_hash([PINS], f"{odoo_tree.library()}{BASE_MODULES}{LANGUAGES}")


def base(server: Server) -> str:
    """Return the database with Odoo's own apps and both languages; it does not depend on our addons."""
    name = base_name()
    with lock("base"):
        if state(server, name) is None:
            drop_if_there(server, name)
            with step("make the base database (40 s)"):
                odoo.update(name, "-i", BASE_MODULES, LANGUAGES, log="base.log")
            set_state(server, name, {"ready": True})
    return name


@contextlib.contextmanager
def template(server: Server) -> Iterator[str]:
    """Give the database with the three addons as they are now, made once per content; nobody drops it meanwhile."""
    name = TEMPLATE + addon_hash()
    with lock(name, exclusive=False):
        with lock("template"):
            if state(server, name) is None:
                make_template(server, name)
                drop_old_templates(server, name)
        yield name


def make_template(server: Server, name: str) -> None:
    source = base(server)
    drop_if_there(server, name)
    with step(f"install the addons in {name}"):
        odoo.duplicate(source, name)
        odoo.update(name, "-i", ",".join(ADDONS), log="template.log")
    set_state(server, name, {"ready": True})


def drop_old_templates(server: Server, current: str) -> None:
    for name in set(names(server, TEMPLATE)) - {current}:
        path = RUN / f"{name}.lock"
        with path.open("a") as file, contextlib.suppress(BlockingIOError):  # a running test still copies from it
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            odoo.drop(name)
            path.unlink()


@contextlib.contextmanager
def copy(server: Server, source: str) -> Iterator[str]:
    """Give a copy of a database under a name of its own, dropped afterwards."""
    name = f"ec_test_{os.getpid()}"
    drop_if_there(server, name)
    odoo.duplicate(source, name)
    try:
        yield name
    finally:
        odoo.drop(name)


def changed_options(holds: dict, wanted: list[str]) -> tuple[list[str], dict]:
    """Return Odoo's options that bring a database holding some addons up to date, and what it holds then."""
    fresh = {addon: addon_hash([addon]) for addon in wanted}
    install = [addon for addon in wanted if addon not in holds]
    update = [addon for addon in wanted if addon in holds and holds[addon] != fresh[addon]]
    options = (["-i", ",".join(install)] if install else []) + (["-u", ",".join(update)] if update else [])
    return options, {**holds, **fresh}


def demo(server: Server) -> None:
    """Make the demo database, make it again when a run was interrupted, or update the addons that changed."""
    holds = state(server, DEMO)
    options, fresh = changed_options(holds or {}, list(ADDONS))
    if holds is None:
        drop_if_there(server, DEMO)
        with step("make the demo database (1-3 minutes)"):
            odoo.update(DEMO, "-i", f"{BASE_MODULES},{','.join(ADDONS)}", LANGUAGES, "--with-demo", log="demo.log")
            odoo.run_script(DEMO, POLLING_ON, "demo-polling.log")
    elif options:
        with step("update the demo database: an addon changed"):
            odoo.update(DEMO, *options, log="demo.log")
    set_state(server, DEMO, fresh)
