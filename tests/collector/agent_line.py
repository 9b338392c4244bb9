"""A libmodbus line as Odoo would describe it to an agent, for the agent's tests."""

from __future__ import annotations

import struct

from peers import LibmodbusServer

from energy_carbon_modbus.collector.agent_wire import gateway_to_wire
from energy_carbon_modbus.collector.link import LinkSettings
from energy_carbon_modbus.collector.point import Point
from energy_carbon_modbus.collector.results import Gateway


def set_float(server: LibmodbusServer, unit: int, address: int, value: float) -> None:
    """Have a meter's input registers show a float32."""
    server.set(unit, 4, address, struct.unpack(">2H", struct.pack(">f", value)))


def points(units: int = 2, each: int = 3) -> list[Point]:
    """Float points of meters 1, 2 ...; the key of meter 1's second point is 12."""
    return [
        Point(key=10 * unit + place + 1, unit_id=unit, function=4, address=2 * place, datatype="float32")
        for unit in range(1, units + 1)
        for place in range(each)
    ]


def gateway_wire(port: int, interval: float = 1.0, units: int = 2, key: int = 5) -> dict:
    """What Odoo sends for a gateway."""
    gateway = Gateway(
        key=key,
        settings=LinkSettings("127.0.0.1", port, timeout=0.5),
        points=points(units),
        max_registers={unit: 60 for unit in range(1, units + 1)},
        cycle_seconds=interval,
    )
    return {"name": f"line {key}", "interval": interval, "gateway": gateway_to_wire(gateway)}


def set_meters(server: LibmodbusServer, units: int = 2) -> None:
    """Meters whose points show 100 times the unit plus the place."""
    for unit in range(1, units + 1):
        for place in range(3):
            set_float(server, unit, 2 * place, 100.0 * unit + place)
