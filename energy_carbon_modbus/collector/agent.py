"""The edge agent: reads meters beside them, keeps readings on disk and pushes them to an Odoo that cannot reach the plant.

    python -m energy_carbon_modbus.collector.agent --config /etc/energy-agent/agent.toml

Needs no Odoo; pyserial for a serial line. Runs until SIGTERM; ``--status`` asks a running or stopped one how it fares.
"""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
import time
from pathlib import Path

from .agent_board import DAMAGED, FINE, Board, set_alarm, status, status_text
from .agent_link import Uplink
from .agent_settings import Settings, SettingsError, load_settings
from .agent_sweeps import Sweeper
from .runner import run_blocking
from .spool import Spool, SpoolTaken, owned, set_aside_damaged

_logger = logging.getLogger(__name__)

CANNOT_START = 3  # exit state; 0, 1 and 2 are those of --status
_JOIN_SECONDS = 5.0


def main(arguments: list[str] | None = None) -> int:
    """The command line.

    :return: exit state: 0 fine, 1 warning, 2 alarm, 3 the agent cannot start
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = load_settings(options.config)
        if options.status or options.dead_letters:
            return _show(settings, options)
        with owned(settings.spool):
            if options.retry_refused or options.accept_database:
                return _repair(settings, options)
            return _run(settings, options.once)
    except (SettingsError, SpoolTaken, OSError) as error:
        _logger.critical("%s", error)
        return CANNOT_START


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="energy-agent", description="Edge agent of Energy and Carbon")
    parser.add_argument("--config", required=True, help="configuration file (TOML)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--status", action="store_true", help="print the state; exit state 0 fine, 1 warning, 2 alarm")
    what.add_argument("--dead-letters", action="store_true", help="print readings that Odoo refused, with its reasons")
    what.add_argument("--retry-refused", action="store_true", help="send refused readings again at the next start")
    what.add_argument("--accept-database", action="store_true", help="send to the database that answers from now on")
    what.add_argument("--once", action="store_true", help="read every gateway once, push, print the state and end")
    parser.add_argument("--json", action="store_true", help="with --status: print JSON")
    return parser


def _open(settings: Settings) -> Spool:
    return Spool(settings.spool, settings.spool_limit_mb << 20)


def _show(settings: Settings, options: argparse.Namespace) -> int:
    if not Path(settings.spool).exists():
        raise SettingsError(f"there is no spool at {settings.spool}: the agent never ran")
    with _open(settings) as spool:
        if options.dead_letters:
            for indicator, moment, value, reason in spool.dead_letters():
                _say(f"{indicator}\t{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(moment))}\t{value!r}\t{reason}")
            return FINE
        level, figures = status(spool, time.time(), _is_running(settings))
        _say(json.dumps(figures) if options.json else status_text(figures))
        return level


def _say(text: str) -> None:
    """Answer the person at the command line; what happens while it runs goes to the log."""
    sys.stdout.write(f"{text}\n")


def _is_running(settings: Settings) -> bool:
    try:
        with owned(settings.spool):
            return False
    except SpoolTaken:
        return True


def _repair(settings: Settings, options: argparse.Namespace) -> int:
    with _open(settings) as spool:
        if options.retry_refused:
            _say(f"{spool.retry_dead_letters()} readings will be sent again")
        else:
            spool.put(database=None)
            _say(f"{spool.count()} readings will go to the database that answers at {settings.url}")
    return FINE


def _run(settings: Settings, once: bool) -> int:
    board = Board()
    aside = set_aside_damaged(settings.spool)
    with _open(settings) as spool, _open(settings) as uplink_spool:
        # The one alarm that outlives a restart, because nobody but a person can end it, by moving the file away.
        kept = spool.get("alarms", {}).get(DAMAGED, "")
        set_alarm(board, DAMAGED, str(aside) if aside else kept if Path(kept).exists() else "")
        spool.put(alarms=board.alarms)
        board.configuration = spool.get("configuration")
        uplink = Uplink(settings, uplink_spool, board)
        if once:
            return _run_once(Sweeper(spool, board), uplink)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_arguments: board.stop.set())
        _logger.info("started; %s readings wait", spool.count())
        thread = uplink.start()
        run_blocking(Sweeper(spool, board).run)
        thread.join(_JOIN_SECONDS)
        _logger.info("ended; %s readings wait", spool.count())
        return FINE


def _run_once(sweeper: Sweeper, uplink: Uplink) -> int:
    uplink.step()
    run_blocking(sweeper.run_once)
    uplink.next_fetch = 0.0  # what was read is reported too
    uplink.step()
    level, figures = status(uplink.spool, time.time(), running=True)
    _say(status_text(figures))
    return level


if __name__ == "__main__":
    sys.exit(main())
