"""The first hour, as the page What to Try and the README have it: with the simulator, in a browser."""

import asyncio
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import HttpCase, tagged

from ..collector.demo_plant import DEMO_METERS, readings_at
from ..collector.simulator import Fault, Plant, serve
from .common import ModbusCommon

SCREEN = "/odoo/energy-what-to-try"
LINE_PORT = 15020  # of the simulated line, by its default
UNITS = {"meter_1": 3, "meter_2": 2}  # an SDM630 and an ADL400 on that line
SILENCE = Fault(LINE_PORT, UNITS["meter_1"], "silent")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Simulator:
    """The demo plant on free ports, in a thread; faults are given by the default ports."""

    def __init__(self):
        self.ports = {port: free_port() for port in {meter.port for meter in DEMO_METERS}}
        self._plant = Plant(ports=self.ports)
        self._loop, self._listening = asyncio.new_event_loop(), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        self._stop = asyncio.Event()
        announce = lambda _line: self._listening.release()  # noqa: E731
        self._loop.run_until_complete(serve(self._plant, self._stop, announce=announce))

    def start(self):
        self._thread.start()
        for _port in self.ports:
            self._listening.acquire()

    def stop(self):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def set_faults(self, *faults):
        ported = [Fault(self.ports[fault.port], fault.unit_id, fault.kind, fault.value) for fault in faults]
        self._loop.call_soon_threadsafe(self._plant.set_faults, ported)
        # Answers come from that loop one after the other, so what is asked from now on is answered by the new rule.


@tagged("post_install", "-at_install")
class TestFirstHour(ModbusCommon, HttpCase):
    """Plant with two workshops, each with a meter on the simulated line, and a steam meter that is typed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.manager.lang = "en_US"
        cls.simulator = Simulator()
        cls.simulator.start()
        cls.addClassCleanup(cls.simulator.stop)
        cls.gateway.write({"name": "Test line", "port": cls.simulator.ports[LINE_PORT], "timeout": 3.0})
        for name, unit in UNITS.items():
            getattr(cls, name).modbus_unit = unit
        cls.steam_meter = cls._create_meter("Steam meter", cls.workshop_1, cls.st)
        cls._create_indicator(cls.steam_meter, "ST.HEAT", source="entered")
        for node in (cls.device_1, cls.workshop_1, cls.workshop_2, cls.plant):
            cls._create_indicator(node, "EL.CONS")._set_default_terms()
        cls._create_indicator(cls.workshop_1, "ST.CONS")._set_default_terms()
        cls._append_history()

    @classmethod
    def _append_history(cls):
        """What polling would have read since the first of the month before last, each hour."""
        today = fields.Date.context_today(cls.env.user.with_context(tz="Asia/Shanghai"))
        first = today.replace(day=1) - relativedelta(months=2)
        begin = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=8)
        times = range(int(begin.timestamp()), int(time.time()) - 3600, 3600)
        models = {meter.unit_id: meter for meter in DEMO_METERS if meter.port == LINE_PORT}
        rows = [
            reading
            for name, unit in UNITS.items()
            for point in getattr(cls, name)._modbus_points()[0]
            for reading in readings_at(models[unit], point, times)
        ]
        cls.env["energy.reading"]._append(*zip(*rows, strict=True))
        cls.env["energy.calculation"]._process()

    def test_first_hour(self):
        now = time.time()
        self.poll(now - 900)
        self.start_tour(SCREEN, "energy_first_hour_read", login="energy_manager", timeout=180)

        self.simulator.set_faults(SILENCE)
        self.poll(now - 60)
        self._check_alerts(now)
        self.start_tour(SCREEN, "energy_first_hour_broken", login="energy_manager", timeout=120)

        self.simulator.set_faults()
        self.poll(now + 3600)
        self._check_alerts(now + 3600)
        self.start_tour(SCREEN, "energy_first_hour_mended", login="energy_manager", timeout=180)
        self._check_typed()
        if self.env["ir.module.module"]._get("energy_carbon_reports").state == "installed":
            self.start_tour(SCREEN, "energy_first_hour_reports", login="energy_manager", timeout=120)

    def _check_alerts(self, now):
        self.gateway.invalidate_recordset()
        self.gateway._check_alerts(datetime.fromtimestamp(int(now), UTC).replace(tzinfo=None))

    def _check_typed(self):
        """The corrected figure counts, with the reason and the one before."""
        entry = self.env["energy.entry"].search([("node_id", "=", self.steam_meter.id)])
        self.assertRecordValues(
            entry, [{"value": 13.5, "previous_value": 12.5, "corrected": True, "reason": "Misread the display"}]
        )
        used = self.env["energy.value"].search(
            [("node_id", "=", self.workshop_1.id), ("template_id.code", "=", "ST.CONS"), ("date", "=", entry.date_from)]
        )
        self.assertAlmostEqual(used.value, 13.5)
