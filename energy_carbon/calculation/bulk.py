"""Rows in and out of PostgreSQL as packed numpy records (binary COPY). Knows no table of the product.

The binary COPY format is described in PostgreSQL's manual, SQL COPY, "Binary Format": an 11-byte signature, two 4-byte
words, then for each row a 2-byte field count and for each field a 4-byte length and its bytes, big-endian; a trailer of
two bytes ends the file.
"""

import io
from collections.abc import Mapping

import numpy as np

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
# PostgreSQL counts dates and timestamps from 1 January 2000.
PG_EPOCH_SECONDS = 946_684_800
PG_EPOCH_ORDINAL = 730_120
SIZES = {"i2": 2, "i4": 4, "i8": 8, "f8": 8}
FLOAT8_OID = 701
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
    data = io.BytesIO(HEADER + records.tobytes() + TRAILER)
    cursor._obj.copy_expert(f'COPY "{table}" ({names}) FROM STDIN (FORMAT binary)', data)
    return n


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


def pg_timestamp(seconds: np.ndarray) -> np.ndarray:
    """UTC epoch seconds -> microseconds since PostgreSQL's epoch."""
    return (np.asarray(seconds, np.int64) - PG_EPOCH_SECONDS) * 1_000_000


def pg_date(ordinals: np.ndarray) -> np.ndarray:
    """Proleptic Gregorian ordinals (``date.toordinal``) -> days since PostgreSQL's epoch."""
    return (np.asarray(ordinals) - PG_EPOCH_ORDINAL).astype(np.int32)
