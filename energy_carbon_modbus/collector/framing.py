"""Requests to bytes and bytes to answers, for Modbus TCP and RTU; knows nothing of sockets, time or meters.

Sources: Modbus messaging on TCP/IP 1.0b (header), Modbus over serial line 1.02 (RTU frame, CRC). A framing is fed what
arrives and gives the answer to the last request once it is whole; everything else that arrives is passed over.
"""

from __future__ import annotations

import struct

_HEADER = struct.Struct(">HHHB")
_MOST_IN_HEADER = 254  # unit and at most 253 bytes of function and data
_LEAST_FRAME = 5  # RTU: unit, function, exception code, CRC
_FIXED_FRAMES = {5: 8, 6: 8, 15: 8, 16: 8}
_COUNTED_FUNCTIONS = (1, 2, 3, 4, 23)

SPOILT = b""  # bytes arrived that are no answer and cannot become one


class Mbap:
    """Modbus TCP: the answer repeats the request's transaction id, so a late one is known by its own."""

    def __init__(self) -> None:
        self._transaction = 0
        self._unit = -1
        self._rest = b""

    @property
    def fragment(self) -> bool:
        """Whether the beginning of a frame has arrived and its end has not."""
        return bool(self._rest)

    def request(self, unit: int, pdu: bytes) -> bytes:
        """The frame of a request.

        :param unit: slave address
        :param pdu: function and data
        """
        self._transaction = self._transaction + 1 & 0xFFFF
        self._unit = unit
        return _HEADER.pack(self._transaction, 0, len(pdu) + 1, unit) + pdu

    def feed(self, data: bytes) -> bytes | None:
        """Take what arrived.

        :return: function and data of the answer, ``SPOILT``, or None while it is not whole yet
        """
        if self._rest:
            data = self._rest + data
        while len(data) >= _HEADER.size:
            transaction, protocol, length, unit = _HEADER.unpack_from(data)
            if protocol or not 2 < length <= _MOST_IN_HEADER:
                # There is no mark to find the next frame's beginning by.
                self._rest = b""
                return SPOILT
            end = 6 + length
            if len(data) < end:
                break
            answer, data = data[7:end], data[end:]
            if transaction == self._transaction and unit == self._unit:
                self._rest = data
                return answer
        self._rest = data
        return None

    def forget(self) -> None:
        """Pass over the answer to the last request, should it still come."""
        self._unit = -1

    def clear(self) -> None:
        """Drop what arrived so far: the connection is another one."""
        self._rest = b""
        self.forget()


class Rtu:
    """RTU frames, on a serial line or through TCP: unit, function and CRC are all that tells answers apart.

    :ivar late: units whose frames arrived while another one's answer was awaited
    """

    def __init__(self) -> None:
        self.late: set[int] = set()
        self._unit = self._function = -1
        self._rest = b""

    @property
    def fragment(self) -> bool:
        """Whether part of an answer of the slave asked last has arrived."""
        return bool(self._rest) and self._rest[0] == self._unit

    def request(self, unit: int, pdu: bytes) -> bytes:
        """The frame of a request; what arrived before it is no answer to it.

        :param unit: slave address
        :param pdu: function and data
        """
        self._unit, self._function, self._rest = unit, pdu[0], b""
        frame = bytes([unit]) + pdu
        return frame + crc(frame).to_bytes(2, "little")

    def feed(self, data: bytes) -> bytes | None:
        """Take what arrived; frames of other slaves and noise in front of the answer are passed over.

        :return: function and data of the answer, ``SPOILT``, or None while it is not whole yet
        """
        data = self._rest + data
        while len(data) >= _LEAST_FRAME:
            size = _size(data)
            if len(data) < size:
                break
            if crc(data[:size]):
                start = self._next_start(data)
                if start is None:
                    self._rest = b""
                    return SPOILT if self._size_is_known(data) else self._wait_for_more(data)
                data = data[start:]
                continue
            if data[0] == self._unit:
                self._rest = b""
                return data[1 : size - 2]
            self.late.add(data[0])
            data = data[size:]
        self._rest = data
        return None

    def forget(self) -> None:
        """Pass over the answer to the last request, should it still come."""
        self._unit = self._function = -1

    def clear(self) -> None:
        """Drop what arrived so far."""
        self._rest = b""
        self.forget()

    def _wait_for_more(self, data: bytes) -> None:
        self._rest = data

    def _size_is_known(self, data: bytes) -> bool:
        """Whether a frame that begins so says how long it is (43, device identification, does not)."""
        return data[0] != self._unit or data[1] != self._function or data[1] in _COUNTED_FUNCTIONS

    def _next_start(self, data: bytes) -> int | None:
        """Where behind noise, or behind the request's own echo, the answer begins; None when it does not."""
        for start in range(1, len(data) - 1):
            if data[start] != self._unit or data[start + 1] & 0x7F != self._function:
                continue
            size = _size(data[start:]) if len(data) - start >= _LEAST_FRAME else _LEAST_FRAME
            if len(data) - start < size or not crc(data[start : start + size]):
                return start
        return None


def _size(data: bytes) -> int:
    """Bytes of the frame that begins here, by its function; all there are when the function does not tell."""
    function = data[1]
    if function & 0x80:
        return _LEAST_FRAME
    if function in _COUNTED_FUNCTIONS:
        return _LEAST_FRAME + data[2]
    return _FIXED_FRAMES.get(function, len(data))


def _crc_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0xA001 if byte & 1 else byte >> 1
    return byte


_CRC_TABLE = [_crc_of_byte(byte) for byte in range(256)]


def crc(frame: bytes) -> int:
    """CRC-16 of Modbus RTU (serial line specification 1.02, 6.2.2).

    :return: 0 for a whole frame with its own CRC
    """
    value, table = 0xFFFF, _CRC_TABLE
    for byte in frame:
        value = value >> 8 ^ table[(value ^ byte) & 0xFF]
    return value
