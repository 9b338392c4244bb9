"""Starts the simulator for tests, as a person does: a process of its own. Knows nothing of what is tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from peers import free_port

from energy_carbon_modbus.collector.demo_plant import DEMO_METERS, points_of
from energy_carbon_modbus.collector.link import LinkSettings
from energy_carbon_modbus.collector.sweep import Gateway

ROOT = Path(__file__).resolve().parents[2]


class Simulator:
    """The simulator as a process of its own on free ports; faults are given by the default ports."""

    def __init__(self, *faults, more=()):
        self.ports = {15020: free_port(), 15021: free_port()}
        typed = []
        for fault in faults:
            typed += ["--fault", self.typed(fault)]
        typed += ["--port1", str(self.ports[15020]), "--port2", str(self.ports[15021]), *more]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "energy_carbon_modbus.collector.simulator", "--demo", *typed],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines = [self.line() for _ in range(2 + ("--rtu" in more) + ("--fault-file" in more))]

    def typed(self, fault):
        """A fault by the ports in use."""
        port, rest = fault.split(":", 1)
        return f"{self.ports[int(port)]}:{rest}"

    def line(self):
        """What the simulator says next."""
        return self.process.stdout.readline().strip()

    def gateways(self, timeout=0.3):
        return [
            Gateway(
                port,
                LinkSettings("127.0.0.1", self.ports[port], timeout=timeout, busy_pause=0.01),
                [
                    point
                    for number, meter in enumerate(DEMO_METERS)
                    if meter.port == port
                    for point in points_of(meter, 100 * number)
                ],
            )
            for port in (15020, 15021)
        ]

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(5)
        self.process.stdout.close()
