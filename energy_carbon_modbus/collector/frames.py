"""Raw frames as people read them, for *Test read*; knows nothing of how they came."""

from __future__ import annotations

from collections.abc import Iterable

from .link import Frame


def frame_lines(frames: Iterable[Frame]) -> list[str]:
    """One line a frame: its direction and its bytes in hexadecimal.

        >>> frame_lines([("tx", bytes([1, 3, 0, 16]))])
        ['tx 01 03 00 10']

    :param frames: ``Answer.frames``
    """
    return [f"{direction} {data.hex(' ')}" for direction, data in frames]
