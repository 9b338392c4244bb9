"""Runs a coroutine for code that has no event loop, such as Odoo's; knows nothing of what it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_blocking(start: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine to its end, from any thread; where a loop already runs, in a thread of its own.

    :param start: makes the coroutine
    :return: what it returns; what it raises is raised
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(start)
    with ThreadPoolExecutor(1, thread_name_prefix="collector") as executor:
        return executor.submit(_run, start).result()


def _run(start: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    # Not asyncio.run: that waits for name look-ups still running in threads, past any deadline.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(start())
    finally:
        loop.run_until_complete(_finish())
        loop.close()


async def _finish() -> None:
    """Let cancelled tasks and closing connections come to their end."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)
