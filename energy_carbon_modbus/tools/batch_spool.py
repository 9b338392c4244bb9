"""Readings on disk that PostgreSQL did not take, until it does. Imports no odoo.

A file a batch, written beside its place and renamed, so that there are whole files only; a batch stays until what it
holds is committed, and stored twice it is stored once, since a moment's first value wins.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

BATCH = np.dtype([("indicator", "i8"), ("time", "i8"), ("value", "f8"), ("quality", "i2")])
_FOLDER = "energy_carbon_modbus"


class BatchSpool:
    """The batches of one database on this host.

    :param data_folder: Odoo's data folder
    :param database: ``database.uuid``, so that a copy of the database does not take them
    """

    def __init__(self, data_folder: str, database: str) -> None:
        self.folder = Path(data_folder) / _FOLDER / database

    def keep(self, key: int, batch: np.ndarray) -> Path:
        """Write a batch; it is on the disk when this returns.

        :param key: the gateway's id, for people who look into the folder
        :param batch: of ``BATCH``, shape (n,)
        :raises OSError: the disk does not take it
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / f"{time.time_ns():020d}-{key}-{os.getpid()}.npy"
        fresh = place.with_suffix(".tmp")
        with fresh.open("wb") as file:
            np.save(file, batch)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(place)
        directory = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return place

    def batches(self) -> Iterator[tuple[Path, np.ndarray]]:
        """Each batch with its file, the oldest first; a file that cannot be read is put aside as ``.bad``."""
        for place in sorted(self.folder.glob("*.npy")):
            try:
                batch = np.load(place, allow_pickle=False)
                if batch.dtype != BATCH:
                    raise ValueError(f"{place} holds {batch.dtype}")
            except FileNotFoundError:  # another process wrote it and is done
                continue
            except (ValueError, OSError, EOFError):
                self.put_aside(place)
                continue
            yield place, batch

    def done(self, place: Path) -> None:
        """The batch is committed."""
        place.unlink(missing_ok=True)

    def put_aside(self, place: Path) -> None:
        """Leave a batch that can never be stored to people."""
        place.rename(place.with_suffix(".bad"))
