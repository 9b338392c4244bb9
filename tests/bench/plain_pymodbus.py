"""What plain pymodbus does with the same wire, to measure ours beside it; the addons themselves do not use it."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Iterable, Sequence

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusTcpClient

Read = tuple[int, int, int]  # unit, first register, number of registers

# It logs each answer it cannot use; a benchmark only counts them.
logging.getLogger("pymodbus").setLevel(logging.CRITICAL)


def sweep(port: int, gateways: int, reads: Sequence[Read], timeout: float) -> int:
    """Read float32 values from many gateways side by side, as a careful hand writes it with asyncio.

    :return: values read
    """

    async def run() -> int:
        return sum(await asyncio.gather(*(_gateway(port, reads, timeout) for _number in range(gateways))))

    return asyncio.run(run())


async def _gateway(port: int, reads: Iterable[Read], timeout: float) -> int:
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=timeout, retries=0)
    if not await client.connect():
        raise ConnectionError("no connection")
    values = 0
    for unit, start, count in reads:
        answer = await client.read_holding_registers(start, count=count, device_id=unit)
        if not answer.isError():
            data = struct.pack(f">{count}H", *answer.registers)
            values += len(struct.unpack(f">{count // 2}f", data))
    client.close()
    return values


def ask(port: int, framer: str, reads: Sequence[Read], timeout: float) -> list[tuple[int, ...] | None]:
    """Registers it takes for the answers to some reads of one connection, one after the other; None for none."""

    async def run() -> list[tuple[int, ...] | None]:
        client = AsyncModbusTcpClient(
            "127.0.0.1", port=port, framer=FramerType(framer), timeout=timeout, retries=0, reconnect_delay=0.05
        )
        await client.connect()
        try:
            return [await _registers(client, *read) for read in reads]
        finally:
            client.close()

    return asyncio.run(run())


async def _registers(client: AsyncModbusTcpClient, unit: int, start: int, count: int) -> tuple[int, ...] | None:
    try:
        answer = await client.read_holding_registers(start, count=count, device_id=unit)
    except ModbusException:
        return None
    return None if answer.isError() else tuple(answer.registers)
