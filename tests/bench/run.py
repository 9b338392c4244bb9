"""Runs every benchmark and prints one JSON object a line.

A benchmark is a function ``bench_*`` in ``tests/bench/bench_*.py`` that yields dicts with at least ``bench`` and
``seconds``. ``make bench`` sets what ``tests/odoo_session.py`` needs for those that use Odoo.
"""

import importlib
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path


def benchmarks() -> Iterator[Callable[[], Iterator[dict]]]:
    """Yield the benchmark functions, by file name and then in the order they are written."""
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        module = importlib.import_module(f"tests.bench.{file.stem}")
        functions = (item for _name, item in inspect.getmembers(module, inspect.isfunction))
        own = [item for item in functions if item.__name__.startswith("bench_") and item.__module__ == module.__name__]
        yield from sorted(own, key=lambda item: item.__code__.co_firstlineno)


def main() -> None:
    for benchmark in benchmarks():
        for measured in benchmark():
            print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main()
