"""Whole parts of a whole, and noise that is the same for ever. Knows neither plant nor time."""

from __future__ import annotations

import zlib

import numpy as np


def allocate(total: int, weights: np.ndarray) -> np.ndarray:
    """Share a whole number out in proportion to weights: whole parts that add up to it (largest remainder).

    :param weights: not negative, not all 0, shape (n,)
    :return: shape (n,), integers

    >>> allocate(10, np.array([1.0, 1.0, 1.0])).tolist()
    [4, 3, 3]
    """
    exact = weights * (total / weights.sum())
    parts = np.floor(exact).astype(np.int64)
    rest = total - int(parts.sum())
    parts[np.argsort(parts - exact, kind="stable")[:rest]] += 1
    return parts


def noise(key: str, count: int) -> np.ndarray:
    """Figures from -1 to 1 that depend on nothing but the key (splitmix64), shape (count,).

    >>> bool((noise("a", 3) == noise("a", 3)).all()), bool((noise("a", 3) == noise("b", 3)).any())
    (True, False)
    """
    seed = zlib.crc32(key.encode()) << 20
    bits = (np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed)) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits.astype(np.float64) / 2.0**63 - 1.0
