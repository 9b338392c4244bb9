"""Rows in and out of PostgreSQL as packed numpy records (binary COPY). Knows no table of the product.

The binary COPY format is described in PostgreSQL's manual, SQL COPY, "Binary Format": an 11-byte signature, two 4-byte
words, then for each row a 2-byte field count and for each field a 4-byte length and its bytes, big-endian; a trailer of
two bytes ends the file.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
# PostgreSQL counts dates and timestamps from 1 January 2000.
PG_EPOCH_SECONDS = 946_684_800
PG_EPOCH_ORDINAL = 730_120
SIZES = {"i2": 2, "i4": 4, "i8": 8, "f8": 8}
FLOAT8_OID = 701
CHUNK = 2**20  # bytes handed to PostgreSQL at once
# A float8[] without NULLs: dimensions, flags, element type, length, lower bound; then each element with its length.
ARRAY_HEADER = [(name, ">i4") for name in ("dimensions", "flags", "oid", "length", "lower")]
ELEMENT = [("size", ">i4"), ("value", ">f8")]


def _record_type(columns: Mapping[str, str | np.dtype]) -> np.dtype:
    """A packed record with the field count and each field's length before its bytes."""
    fields = [("n_fields", ">i2")]
    for name, kind in columns.items():
        fields += [(f"{name}__length", ">i4"), (name, f">{kind}" if isinstance(kind, str) else kind)]
    return np.dtype(fields)


def _array_type(length: int) -> np.dtype:
    return np.dtype([*ARRAY_HEADER, ("elements", ELEMENT, (length,))])


def copy_in(cursor, table: str, columns: Mapping[str, np.ndarray]) -> int:
    """Append arrays to a table.

    :param cursor: an open Odoo cursor
    :param table: name of the table, trusted
    :param columns: column name -> array, all of one length; int16, int32, int64 and float64 arrive as they are, a
        float64 array of two dimensions as float8[]. Dates are int32 days since 2000-01-01, timestamps int64 microseconds since
        then. NaN arrives as NaN, not NULL
    :return: number of rows
    """
    kinds = {
        name: array.dtype.str[1:] if array.ndim == 1 else _array_type(array.shape[1]) for name, array in columns.items()
    }
    n = len(next(iter(columns.values())))
    records = np.empty(n, _record_type(kinds))
    records["n_fields"] = len(columns)
    for name, array in columns.items():
        if array.ndim == 1:
            records[f"{name}__length"] = SIZES[kinds[name]]
            records[name] = array
        else:
            records[f"{name}__length"] = kinds[name].itemsize
            _fill_array(records[name], array)
    names = ", ".join(f'"{name}"' for name in columns)
    data = io.BytesIO(b"".join((HEADER, records.data, TRAILER)))
    cursor._obj.copy_expert(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)', data, CHUNK)
    return n


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


def copy_in_mixed(cursor, table: str, columns: Mapping[str, np.ndarray | Nullable | Labels]) -> int:
    """Append arrays to a table, columns with NULLs and texts among them.

    Rows with the same NULLs and texts have records of one layout; so many groups of rows go out one after another.

    :param columns: as in :func:`copy_in`, one-dimensional, or :class:`Nullable` or :class:`Labels`
    :return: number of rows
    """
    key = np.zeros(len(_codes(next(iter(columns.values())))), np.int64)
    for column in columns.values():
        if isinstance(column, Nullable):
            key = key * 2 + column.null
        elif isinstance(column, Labels):
            key = key * (len(column.labels) + 1) + column.codes
    _keys, first, group = np.unique(key, return_index=True, return_inverse=True)
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group))
    parts = [
        _records(columns, rows, int(one)) for rows, one in zip(np.split(order, ends[:-1]), first, strict=True)
    ]
    names = ", ".join(f'"{name}"' for name in columns)
    data = io.BytesIO(b"".join((HEADER, *parts, TRAILER)))
    cursor._obj.copy_expert(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)', data, CHUNK)
    return len(key)


def _codes(column: np.ndarray | Nullable | Labels) -> np.ndarray:
    return column.codes if isinstance(column, Labels) else getattr(column, "array", column)


def _records(columns: Mapping[str, np.ndarray | Nullable | Labels], rows: np.ndarray, one: int) -> memoryview:
    """The records of rows that all have the NULLs and texts of the row ``one``."""
    kinds, values, lengths = {}, {}, {}
    for name, column in columns.items():
        array = _codes(column)
        if isinstance(column, Labels):
            text = column.labels[array[one] - 1].encode() if array[one] else None
            lengths[name] = -1 if text is None else len(text)
            if text:
                kinds[name], values[name] = np.dtype(f"S{len(text)}"), text
        elif isinstance(column, Nullable) and column.null[one]:
            lengths[name] = -1
        else:
            kinds[name], values[name], lengths[name] = array.dtype.str[1:], array[rows], array.dtype.itemsize
    fields = [("n_fields", ">i2")]
    for name in columns:
        fields.append((f"{name}__length", ">i4"))
        if name in kinds:
            fields.append((name, f">{kinds[name]}" if isinstance(kinds[name], str) else kinds[name]))
    records = np.empty(len(rows), np.dtype(fields))
    records["n_fields"] = len(columns)
    for name, length in lengths.items():
        records[f"{name}__length"] = length
    for name, value in values.items():
        records[name] = value
    return records.data


def _fill_array(field: np.ndarray, array: np.ndarray) -> None:
    field["dimensions"], field["flags"], field["oid"] = 1, 0, FLOAT8_OID
    field["length"], field["lower"] = array.shape[1], 1
    field["elements"]["size"], field["elements"]["value"] = SIZES["f8"], array


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
    out = io.BytesIO()
    cursor._obj.copy_expert(f"COPY ({cursor.mogrify(query, params).decode()}) TO STDOUT (FORMAT binary)", out)
    data, at, rows = out.getbuffer(), len(HEADER), []
    while (n_fields := int.from_bytes(data[at : at + 2], signed=True)) >= 0:
        at += 2
        fields = []
        for _field in range(n_fields):
            length = int.from_bytes(data[at : at + 4])
            fields.append(bytes(data[at + 4 : at + 4 + length]))
            at += 4 + length
        rows.append((int.from_bytes(fields[0]), *fields[1:]))
    return rows


def array_values(data: bytes, n: int) -> np.ndarray:
    """Values of n float8[] of the same length, as ``array_send`` gives them, shape (n, length)."""
    head = np.dtype(ARRAY_HEADER).itemsize
    length = (len(data) // n - head) // np.dtype(ELEMENT).itemsize if n else 0
    return np.frombuffer(data, _array_type(length))["elements"]["value"].astype(np.float64)


def pg_timestamp(seconds: np.ndarray) -> np.ndarray:
    """UTC epoch seconds -> microseconds since PostgreSQL's epoch."""
    return (np.asarray(seconds, np.int64) - PG_EPOCH_SECONDS) * 1_000_000


def pg_date(ordinals: np.ndarray) -> np.ndarray:
    """Proleptic Gregorian ordinals (``date.toordinal``) -> days since PostgreSQL's epoch."""
    return (np.asarray(ordinals) - PG_EPOCH_ORDINAL).astype(np.int32)
