"""A meter line on 127.0.0.1 and a gateway to it, for the Odoo tests of this addon."""

import socketserver
import struct
import threading
from contextlib import contextmanager

from odoo.addons.energy_carbon.tests.common import EnergyCommon

ILLEGAL_ADDRESS = 2


def float_registers(value: float) -> list[int]:
    """The two registers of a float32, highest word first."""
    return list(struct.unpack(">2H", struct.pack(">f", value)))


def long_registers(value: int) -> list[int]:
    """The two registers of an unsigned 32-bit number, highest word first."""
    return [value >> 16, value & 0xFFFF]


class _Connection(socketserver.BaseRequestHandler):
    """Answers Modbus TCP reads (functions 3 and 4) from the line's registers."""

    def handle(self):
        while header := self._receive(7):
            transaction, _protocol, length, unit = struct.unpack(">HHHB", header)
            function, start, count = struct.unpack(">BHH", self._receive(length - 1))
            self.server.requests.append((unit, function, start, count))
            answer = self._answer(unit, function, start, count)
            if answer is not None:
                self.request.sendall(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)

    def _answer(self, unit: int, function: int, start: int, count: int) -> bytes | None:
        registers = self.server.registers.get(unit)
        if registers is None:
            return None  # nobody of that address on the line
        places = [(function, address) for address in range(start, start + count)]
        values = [registers.get(place) for place in places]
        refused = not self.server.refused.isdisjoint((unit, *place) for place in places)
        if refused or all(value is None for value in values):
            return struct.pack(">BB", function | 0x80, ILLEGAL_ADDRESS)
        return struct.pack(f">BB{count}H", function, 2 * count, *(value or 0 for value in values))

    def _receive(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                piece = self.request.recv(count - len(data))
            except OSError:  # the client went away in the middle
                return b""
            if not piece:
                return b""
            data += piece
        return data


class Line(socketserver.ThreadingTCPServer):
    """Meters behind one TCP address; a meter that is not set is silent.

    A read of nothing that is set is refused, and one that touches a ``refused`` (unit, function, address); as in many
    meters, a hole between values reads as zero.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Connection)
        self.registers: dict[int, dict[tuple[int, int], int]] = {}
        self.refused: set[tuple[int, int, int]] = set()
        self.requests: list[tuple[int, int, int, int]] = []

    @property
    def port(self) -> int:
        return self.server_address[1]

    def set(self, unit: int, function: int, address: int, registers: list[int]):
        meter = self.registers.setdefault(unit, {})
        meter.update({(function, address + place): register for place, register in enumerate(registers)})


class ModbusCommon(EnergyCommon):
    """Gateway ``line A`` with ``meter_1`` (unit 1, SDM630) and ``meter_2`` (unit 2, ADL400) behind it.

    Both meters have the indicator total forward active energy; ``meter_1`` has active power too.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.line = cls._start_line()
        cls.sdm630 = cls.env.ref("energy_carbon_modbus.map_eastron_sdm630")
        cls.adl400 = cls.env.ref("energy_carbon_modbus.map_acrel_adl400")
        cls.gateway = cls._create_gateway("line A", cls.line.port)
        cls.meter_1.write({"modbus_gateway_id": cls.gateway.id, "modbus_unit": 1, "modbus_map_id": cls.sdm630.id})
        cls.meter_2.write({"modbus_gateway_id": cls.gateway.id, "modbus_unit": 2, "modbus_map_id": cls.adl400.id})
        cls.forward_1 = cls._create_indicator(cls.meter_1, "EL.FWD")
        cls.power_1 = cls._create_indicator(cls.meter_1, "EL.P")
        cls.forward_2 = cls._create_indicator(cls.meter_2, "EL.FWD")

    def setUp(self):
        super().setUp()
        self._set_meters(forward_1=100.0, forward_2=200.0)
        self.line.refused.clear()
        self.line.requests.clear()

    @classmethod
    def _start_line(cls) -> Line:
        line = Line()
        thread = threading.Thread(target=line.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()

        def stop():
            line.shutdown()
            line.server_close()
            thread.join()

        cls.addClassCleanup(stop)
        return line

    @classmethod
    def _create_gateway(cls, name: str, port: int, **values):
        gateway = cls.env["energy.modbus.gateway"].create(
            # The short time-out keeps tests with silent peers short.
            {"name": name, "host": "127.0.0.1", "port": port, "timeout": 0.3, "node_id": cls.plant.id, **values}
        )
        gateway.action_polling_on()
        return gateway

    @classmethod
    def _create_indicator(cls, meter, code: str, **values):
        template = cls.env["energy.indicator.template"].search([("code", "=", code)])
        return cls.env["energy.indicator"].create({"node_id": meter.id, "template_id": template.id, **values})

    @classmethod
    def _set_meters(cls, forward_1: float | None = None, forward_2: float | None = None):
        """What the meters' displays show, in kWh; None: that meter is off."""
        cls.line.registers.clear()
        if forward_1 is not None:
            # SDM630: input registers, float32; 0x0048 forward active energy in kWh, 0x0034 active power in W
            cls.line.set(1, 4, 0x0048, float_registers(forward_1))
            cls.line.set(1, 4, 0x0034, float_registers(12_500.0))
        if forward_2 is not None:
            # ADL400: holding registers; 0x084C forward active energy, 0.1 kWh
            cls.line.set(2, 3, 0x084C, long_registers(round(forward_2 * 10)))

    @contextmanager
    def polling(self):
        """The gateway model on a cursor of its own that may commit, as the scheduled action has it."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cursor:
            yield self.env(cr=cursor, su=True)["energy.modbus.gateway"]

    def poll(self, now: float | None = None) -> int:
        """Run the scheduled action's work; returns the gateways read."""
        with self.polling() as gateways:
            return gateways._poll_due(now)

    def readings(self, indicator) -> list[tuple]:
        """(time, register) of all readings, oldest first."""
        rows = self.env["energy.reading"].search([("indicator_id", "=", indicator.id)], order="time")
        return [(row.time, row.value) for row in rows]

    def journal(self, gateway=None):
        gateway = gateway or self.gateway
        return self.env["energy.modbus.poll"].search([("gateway_id", "=", gateway.id)])
