"""What can be typed behind the simulator's name, and what its ``--help`` says; knows nothing of sockets."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .demo_plant import DEMO_METERS
from .simulator_faults import MEANINGS, Fault, parse_fault

LOOPBACK = "127.0.0.1"
_DESCRIPTION = """\
Simulated meters behind Modbus TCP gateways, with the registers of the real models. Their counters
go on by the clock: they only grow, agree with the power shown beside them, and a restart takes
them up where they would be.
"""
_EXAMPLES = """\
examples:
  --fault 15020:3:silent --fault 15020:4:late=1.5     two meters misbehave from the beginning
  --fault-file faults, then in another terminal:
      echo 15020:3:silent > faults                    it misbehaves from now on
      echo > faults                                   everything is well again
"""


def read_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line.

    :param arguments: the words behind the program's name; None: those it was started with
    :return: ``host``; ``ports`` (port in use by default port); ``fault`` (list of faults), ``fault_file``, ``rtu``
    :raises SystemExit: something else was typed, or help was asked for
    """
    parser = argparse.ArgumentParser(
        prog="simulator",
        description=_DESCRIPTION,
        epilog=f"{_meters()}\n\n{_kinds()}\n\n{_EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--demo", action="store_true", required=True, help="serve the demo plant")
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (default: this computer only)")
    defaults = sorted({meter.port for meter in DEMO_METERS})
    for number, port in enumerate(defaults, 1):
        parser.add_argument(f"--port{number}", type=int, default=port, help=f"port of gateway {number} ({port})")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault,
        metavar="PORT:UNIT:KIND",
        help="a meter misbehaves from the beginning; may be repeated, see below",
    )
    parser.add_argument(
        "--fault-file",
        type=Path,
        metavar="FILE",
        help="more faults, in the same words; the file is watched, so that meters can be broken and mended meanwhile",
    )
    parser.add_argument("--rtu", type=int, metavar="PORT", help="serve gateway 1's line as RTU over TCP there, too")
    options = parser.parse_args(arguments)
    options.ports = {port: getattr(options, f"port{number}") for number, port in enumerate(defaults, 1)}
    return options


def _fault(text: str) -> Fault:
    try:
        return parse_fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _meters() -> str:
    lines = [
        f"  {meter.port}:{meter.unit_id}  {meter.name} ({meter.manufacturer} {meter.model})" for meter in DEMO_METERS
    ]
    return "\n".join(["meters, as PORT:UNIT:", *lines])


def _kinds() -> str:
    width = max(map(len, MEANINGS)) + 2
    lines = [f"  {kind:<{width}}{meaning}" for kind, meaning in MEANINGS.items()]
    return "\n".join(["faults, as PORT:UNIT:KIND with one of these for KIND:", *lines])
