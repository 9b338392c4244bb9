"""Frames survive any cutting of the stream, noise and echoes; what is no answer is never taken for one."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_carbon_modbus.collector.framing import SPOILT, Mbap, Rtu, crc

REQUEST = struct.pack(">BHH", 3, 100, 2)
ANSWER = bytes([3, 4, 0, 1, 0, 2])


def rtu_frame(unit, pdu):
    frame = bytes([unit]) + pdu
    return frame + crc(frame).to_bytes(2, "little")


def mbap_frame(transaction, unit, pdu):
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def feed(framing, data, cuts=()):
    """The answers a stream gives when it arrives cut at some places."""
    places = [0, *sorted(cuts), len(data)]
    pieces = [data[first:last] for first, last in zip(places, places[1:], strict=False)]
    return [found for piece in pieces if piece and (found := framing.feed(piece)) is not None]


def test_crc_of_the_specification():
    # Modbus over serial line 1.02, appendix B: the CRC of 02 07 is 41 12, low byte first on the line.
    assert crc(bytes([0x02, 0x07])) == 0x1241
    assert crc(bytes([0x02, 0x07, 0x41, 0x12])) == 0


@given(st.sets(st.integers(0, 30)))
def test_any_cutting_gives_the_one_answer(cuts):
    framing = Mbap()
    sent = framing.request(7, REQUEST)
    stream = mbap_frame(4711, 7, b"\x03\x02\x99\x99") + mbap_frame(int.from_bytes(sent[:2], "big"), 7, ANSWER)
    assert feed(framing, stream, {cut for cut in cuts if cut < len(stream)}) == [ANSWER]
    framing = Rtu()
    framing.request(7, REQUEST)
    stream = rtu_frame(9, b"\x03\x02\x99\x99") + rtu_frame(7, ANSWER)
    assert feed(framing, stream, {cut for cut in cuts if cut < len(stream)}) == [ANSWER]
    assert framing.late == {9}


@pytest.mark.parametrize("front", [b"\x00", b"\xff\xff", rtu_frame(7, REQUEST), b"\x07"])
def test_rtu_noise_and_echo_in_front_of_the_answer(front):
    framing = Rtu()
    framing.request(7, REQUEST)
    assert feed(framing, front + rtu_frame(7, ANSWER)) == [ANSWER]


@given(st.binary(min_size=1, max_size=64))
def test_rtu_never_takes_bytes_with_a_wrong_checksum(data):
    framing = Rtu()
    framing.request(7, REQUEST)
    for found in feed(framing, data):
        assert found == SPOILT or rtu_frame(7, found) in data


@given(st.integers(0, 8), st.integers(1, 255))
def test_rtu_one_flipped_byte_is_no_answer(place, change):
    frame = bytearray(rtu_frame(7, ANSWER))
    frame[place] ^= change
    framing = Rtu()
    framing.request(7, REQUEST)
    assert ANSWER not in feed(framing, bytes(frame))


def test_after_giving_up_nothing_is_an_answer():
    for framing, frame in ((Mbap(), mbap_frame(1, 7, ANSWER)), (Rtu(), rtu_frame(7, ANSWER))):
        framing.request(7, REQUEST)
        framing.forget()
        assert feed(framing, frame) == []
