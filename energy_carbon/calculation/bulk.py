"""Rows in and out of PostgreSQL as packed numpy records (binary COPY). Knows no table of the product.

The binary COPY format is described in PostgreSQL's manual, SQL COPY, "Binary Format": an 11-byte signature, two 4-byte
words, then for each row a 2-byte field count and for each field a 4-byte length and its bytes, big-endian; a trailer of
two bytes ends the file.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
# PostgreSQL counts dates and timestamps from 1 January 2000.
PG_EPOCH_SECONDS = 946_684_800
PG_EPOCH_ORDINAL = 730_120
SIZES = {"i2": 2, "i4": 4, "i8": 8, "f8": 8}
FLOAT8_OID = 701
PIECE = 2**18  # bytes of records made at once: what is sent stays in the processor's cache
# A float8[] without NULLs: dimensions, flags, element type, length, lower bound; then each element with its length.
ARRAY_HEADER = [(name, ">i4") for name in ("dimensions", "flags", "oid", "length", "lower")]
ELEMENT = [("size", ">i4"), ("value", ">f8")]


def _record_type(columns: Mapping[str, str | np.dtype | None]) -> np.dtype:
    """A packed record with the field count and each field's length before its bytes; None: a NULL, without bytes."""
    fields = [("n_fields", ">i2")]
    for name, kind in columns.items():
        fields.append((f"{name}__length", ">i4"))
        if kind is not None:
            fields.append((name, f">{kind}" if isinstance(kind, str) else kind))
    return np.dtype(fields)


def _array_type(length: int) -> np.dtype:
    return np.dtype([*ARRAY_HEADER, ("elements", ELEMENT, (length,))])


@dataclass(frozen=True)
class Nullable:
    """A column with NULLs: what stands in the array at a NULL does not matter."""

    array: np.ndarray
    null: np.ndarray


@dataclass(frozen=True)
class Labels:
    """A text column of few different texts: code 0 is NULL, code 1 the first of the labels."""

    codes: np.ndarray
    labels: list[str]


def copy_in(
    cursor, table: str, columns: Mapping[str, np.ndarray | Nullable | Labels], rows: np.ndarray | None = None
) -> int:
    """Append arrays to a table.

    Rows with the same NULLs and texts have records of one layout; so many groups of rows go out one after another.

    :param cursor: an open Odoo cursor
    :param table: name of the table, trusted
    :param columns: column name -> array, all of one length; bool, int16, int32, int64 and float64 arrive as they are, a
        float64 array of two dimensions as float8[]. Dates are int32 days since 2000-01-01, timestamps int64 microseconds since
        then. NaN arrives as NaN, not NULL; columns with NULLs and texts are :class:`Nullable` and :class:`Labels`
    :param rows: which rows of the arrays; None: all
    :return: number of rows
    """
    rows = np.arange(len(_values(next(iter(columns.values()))))) if rows is None else rows
    if len(rows):
        names = ", ".join(f'"{name}"' for name in columns)
        pieces = _file(columns, rows)
        # Each piece is made when it is asked for, while PostgreSQL still works on the one before.
        file = SimpleNamespace(read=lambda _size: next(pieces, b""))
        cursor._obj.copy_expert(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)', file)
    return len(rows)


def _file(columns: Mapping[str, np.ndarray | Nullable | Labels], rows: np.ndarray) -> Iterator[bytes]:
    yield HEADER
    for own in _layouts(columns, rows):
        yield from _records(columns, own)
    yield TRAILER


def _values(column: np.ndarray | Nullable | Labels) -> np.ndarray:
    return column.codes if isinstance(column, Labels) else getattr(column, "array", column)


def _layouts(columns: Mapping[str, np.ndarray | Nullable | Labels], rows: np.ndarray) -> list[np.ndarray]:
    """The rows that have the same NULLs and texts together."""
    key = np.zeros(len(rows), np.int64)
    for column in columns.values():
        if isinstance(column, Nullable):
            key = key * 2 + column.null[rows]
        elif isinstance(column, Labels):
            key = key * (len(column.labels) + 1) + column.codes[rows]
    if (key == key[0]).all():
        return [rows]
    order = np.argsort(key, kind="stable")
    return np.split(rows[order], np.flatnonzero(np.diff(key[order])) + 1)


def _records(columns: Mapping[str, np.ndarray | Nullable | Labels], rows: np.ndarray) -> Iterator[bytes]:
    """The records of rows of one layout, piece by piece."""
    kinds, constant, varying = {}, {}, {}
    for name, column in columns.items():
        array = _values(column)
        if isinstance(column, Labels):
            text = column.labels[array[rows[0]] - 1].encode() if array[rows[0]] else None
            kinds[name] = np.dtype(f"S{len(text)}") if text is not None else None
            constant[name] = text
        elif isinstance(column, Nullable) and column.null[rows[0]]:
            kinds[name] = None
        else:
            kinds[name] = array.dtype.str[1:] if array.ndim == 1 else _array_type(array.shape[1])
            varying[name] = array
    records = _template(kinds, constant, len(rows))
    targets = [
        (records[name] if array.ndim == 1 else records[name]["elements"]["value"], array)
        for name, array in varying.items()
    ]
    for begin in range(0, len(rows), len(records)):
        chosen = rows[begin : begin + len(records)]
        for target, array in targets:
            target[: len(chosen)] = array[chosen]
        yield records[: len(chosen)].tobytes()


def _template(kinds: Mapping[str, str | np.dtype | None], constant: Mapping[str, bytes], n: int) -> np.ndarray:
    """Records of a piece (at most n) with all that is the same in every row; the rest is filled in piece by piece."""
    dtype = _record_type(kinds)
    records = np.zeros(min(n, max(PIECE // dtype.itemsize, 1)), dtype)
    records["n_fields"] = len(kinds)
    for name, kind in kinds.items():
        records[f"{name}__length"] = -1 if kind is None else dtype[name].itemsize
        if kind is not None and dtype[name].names:
            own = records[name]
            own["dimensions"], own["oid"], own["length"], own["lower"] = 1, FLOAT8_OID, own["elements"].shape[1], 1
            own["elements"]["size"] = SIZES["f8"]
        elif kind is not None and name in constant:
            records[name] = constant[name]
    return records


def copy_out(cursor, query: str, params, columns: Mapping[str, str]) -> np.ndarray:
    """The rows of a query as a record array.

    :param query: SQL with %s place-holders whose columns have exactly the types of ``columns`` and are never NULL
    :param columns: name -> "i2", "i4", "i8" or "f8"
    :return: native-endian record array with those fields
    """
    out = io.BytesIO()
    statement = cursor.mogrify(query, params).decode()
    cursor._obj.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", out)
    dtype = _record_type(columns)
    rows = np.frombuffer(out.getbuffer()[len(HEADER) : -len(TRAILER)], dtype)
    result = np.empty(len(rows), [(name, kind) for name, kind in columns.items()])
    for name in columns:
        result[name] = rows[name]
    return result


def copy_out_bytes(cursor, query: str, params) -> list[tuple]:
    """The rows of a query with few, long rows: an int4 first, then bytea columns, none of them NULL."""
    # What comes each time are whole rows (PostgreSQL's manual, PQgetCopyData); they need not be put together.
    messages: list[bytes] = []
    statement = cursor.mogrify(query, params).decode()
    cursor._obj.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", SimpleNamespace(write=messages.append))
    return [row for message in messages for row in _rows_of(message)]


def _rows_of(message: bytes) -> Iterator[tuple]:
    """Rows of a message; the first one begins with the header, the last one is the trailer."""
    data, at = memoryview(message), len(HEADER) if message.startswith(HEADER[:11]) else 0
    while at < len(data) and (n_fields := int.from_bytes(data[at : at + 2], signed=True)) >= 0:
        at += 2
        fields = []
        for _field in range(n_fields):
            length = int.from_bytes(data[at : at + 4])
            fields.append(data[at + 4 : at + 4 + length])
            at += 4 + length
        yield (int.from_bytes(fields[0]), *fields[1:])


def array_values(data: bytes, n: int) -> np.ndarray:
    """Values of n float8[] of the same length, as ``array_send`` gives them, shape (n, length)."""
    head = np.dtype(ARRAY_HEADER).itemsize
    length = (len(data) // n - head) // np.dtype(ELEMENT).itemsize if n else 0
    return np.frombuffer(data, _array_type(length))["elements"]["value"].astype(np.float64)


def pg_timestamp(seconds: np.ndarray) -> np.ndarray:
    """UTC epoch seconds -> microseconds since PostgreSQL's epoch."""
    return (np.asarray(seconds, np.int64) - PG_EPOCH_SECONDS) * 1_000_000


def nullable_date(dates: Sequence[date | None]) -> Nullable:
    """Dates, some of which may be missing, as a column."""
    ordinals = np.array([day.toordinal() if day else PG_EPOCH_ORDINAL for day in dates], np.int64)
    return Nullable(pg_date(ordinals), np.array([day is None for day in dates]))


def pg_day(days: np.ndarray) -> np.ndarray:
    """datetime64[D] -> days since PostgreSQL's epoch."""
    return (days - np.datetime64("2000-01-01", "D")).astype(np.int32)


def pg_date(ordinals: np.ndarray) -> np.ndarray:
    """Proleptic Gregorian ordinals (``date.toordinal``) -> days since PostgreSQL's epoch."""
    return (np.asarray(ordinals) - PG_EPOCH_ORDINAL).astype(np.int32)
