"""Starts worker processes (odoo_worker.py) and brings them through their work in an order that the test decides."""

import contextlib
import json
import os
import random
import selectors
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

SCRIPT = Path(__file__).with_name("odoo_worker.py")
# Only to fail instead of hanging: an answer takes milliseconds.
LIMIT = 120
# How often whoever goes on loses precedence.
FALL_BEHIND = 0.2


class Worker:
    """A worker process as the test sees it."""

    def __init__(self, database: str):
        words = [os.environ["EC_ODOO_PYTHON"], str(SCRIPT), os.environ["EC_ODOO_CONF"], database]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.place: str | None = None

    def send(self, do: str, **given) -> None:
        self._write({"do": do, **given})

    def go_on(self) -> None:
        self._write({})

    def _write(self, message: dict) -> None:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def answer(self):
        """Wait for the worker to stop at a place or to be done.

        :return: what it found when it is done; ``place`` is where it stopped, None when it is done
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(LIMIT), f"the worker gave no answer in {LIMIT} s after {self.place!r}"
        line = self.process.stdout.readline()
        assert line, f"the worker ended after {self.place!r}"
        message = json.loads(line)
        assert "error" not in message, message["error"]
        self.place = message.get("at")
        return message.get("done")

    def do(self, do: str, **given):
        """Have something done without a stop."""
        self.send(do, **given)
        return self.answer()

    def kill(self) -> None:
        """SIGKILL: no farewell to the database, no clean-up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait(LIMIT)
        self.process.stdout.close()


@contextlib.contextmanager
def workers(database: str, count: int) -> Iterator[list[Worker]]:
    """Give worker processes on a database; all are ended afterwards."""
    started = [Worker(database) for _number in range(count)]
    try:
        for worker in started:
            worker.answer()
        yield started
    finally:
        for worker in started:
            with contextlib.suppress(BrokenPipeError):
                worker.end()


Choose = Callable[[list[int]], int]


def bring_through(busy: list[Worker], choose: Choose) -> list[str]:
    """Let workers that were sent a command, and may have stopped already, go on one at a time until all are done.

    :param choose: given the numbers of those under way, which of them goes on to its next place
    :return: the places in the order in which they were left, with the worker's number
    """
    for worker in busy:
        if not worker.place:
            worker.answer()
    passed = []
    while waiting := [number for number, worker in enumerate(busy) if worker.place]:
        number = choose(waiting) if len(waiting) > 1 else waiting[0]
        passed.append(f"{number}:{busy[number].place}")
        busy[number].go_on()
        busy[number].answer()
    return passed


def some_order(picks: random.Random, count: int) -> Choose:
    """An order in which some workers run far ahead while others stand still: that is when snapshots grow old.

    Whoever has precedence goes on, and now and then falls behind all others.
    """
    precedence = picks.sample(range(count), count)

    def choose(waiting: list[int]) -> int:
        number = next(number for number in precedence if number in waiting)
        if picks.random() < FALL_BEHIND:
            precedence.remove(number)
            precedence.append(number)
        return number

    return choose


def all_orders(run: Callable[[Choose], None]) -> int:
    """Run something once for every order in which its workers can come through.

    :param run: takes the function ``choose`` of :func:`bring_through`
    :return: number of orders
    """
    prefix, count = [], 0
    while True:
        made = []

        def choose(waiting: list[int], prefix=prefix, made=made) -> int:
            choice = prefix[len(made)] if len(made) < len(prefix) else 0
            made.append((choice, len(waiting)))
            return waiting[choice]

        run(choose)
        count += 1
        while made and made[-1][0] + 1 == made[-1][1]:
            made.pop()
        if not made:
            return count
        prefix = [choice for choice, _options in made]
        prefix[-1] += 1
