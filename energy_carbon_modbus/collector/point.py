"""What a point of a meter is and where it lies; knows nothing of frames, sockets or plans."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Registers a value takes, by data type; a string's length is the point's own ``length``.
REGISTERS = {
    "int16": 1,
    "uint16": 1,
    "int32": 2,
    "uint32": 2,
    "int64": 4,
    "uint64": 4,
    "float32": 2,
    "float64": 4,
    "bcd16": 1,
    "bcd32": 2,
    "bcd64": 4,
    "bit": 1,
}
DATATYPES = (*REGISTERS, "string")
PAIR = "pair"  # a value of two parts in one stretch of registers, made by ``pair_of``
BIT_FUNCTIONS = (1, 2)
REGISTER_FUNCTIONS = (3, 4)

# The four orders in which devices send the bytes A (highest) B C D ..., as (words reversed, bytes of a word swapped).
# Short and long names mean the same, so that a table may say ABCD for a 64-bit value too.
ORDERS = {
    "AB": (False, False),
    "BA": (False, True),
    "ABCD": (False, False),
    "CDAB": (True, False),
    "BADC": (False, True),
    "DCBA": (True, True),
    "ABCDEFGH": (False, False),
    "GHEFCDAB": (True, False),
    "BADCFEHG": (False, True),
    "HGFEDCBA": (True, True),
}
ORDER_NAMES = {
    1: ("AB", "BA"),
    2: ("ABCD", "CDAB", "BADC", "DCBA"),
    4: ("ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA"),
}

_MODICON_FUNCTIONS = {"0": 1, "1": 2, "3": 4, "4": 3}
_MODICON_DIGITS = {function: digit for digit, function in _MODICON_FUNCTIONS.items()}
_MODICON = re.compile(r"([134])[xX](\d{1,5})|([034])(\d{4})|([0134])(\d{5})")
_HEXADECIMAL = re.compile(r"0[xX][0-9a-fA-F]{1,4}")


@dataclass(frozen=True, slots=True)
class Point:
    """One value of one slave: its place on the wire and how its registers become a number.

    ``value = raw * scale + offset``, in the unit of the point table. Example::

        >>> Point(key=7, unit_id=1, function=3, address=0x0842, datatype="uint32", scale=0.1).count
        2

    :ivar key: the caller's id; points may share a key, addresses or both
    :ivar unit_id: slave address, 0 to 255 (0 is what some gateways call themselves)
    :ivar function: 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers
    :ivar address: 0-based address as on the wire, 0 to 65535
    :ivar datatype: one of ``DATATYPES``, or ``PAIR``
    :ivar order: one of ``ORDERS``; names of another width mean the same shuffle
    :ivar sentinels: raw register values meaning "no value", at the value's full width; a negative one is its two's
        complement. For a float they are bit patterns
    :ivar length: registers of a string or a pair, 1 to 125; unused otherwise
    :ivar bit: for datatype ``bit`` in a register (function 3, 4) its number, 0 the lowest
    :ivar minimum: least plausible value, in the value's unit; None when anything is
    :ivar maximum: greatest plausible value, in the value's unit; None when anything is
    :ivar usual_sentinels: take all ones (unsigned, BCD) and 0x80.. (signed) as "no value" too
    :ivar parts: of a ``pair`` its two points, made by ``pair_of``; each has its own type, order, scale and offset
    :ivar unit_code: the register by whose value the meter says in which unit it counts now; None when it does not
    :ivar unit_factors: (code, what a value under that code is multiplied by); a code that is not in it gives no value
    :raises ValueError: a field is out of its range or does not fit the others
    """

    key: int
    unit_id: int
    function: int
    address: int
    datatype: str
    order: str = "ABCD"
    scale: float = 1.0
    offset: float = 0.0
    sentinels: tuple[int, ...] = ()
    length: int = 0
    bit: int = 0
    minimum: float | None = None
    maximum: float | None = None
    usual_sentinels: bool = True
    parts: tuple[Point, ...] = ()
    unit_code: Point | None = None
    unit_factors: tuple[tuple[int, float], ...] = ()

    def __post_init__(self) -> None:
        self._check_place()
        self._check_type()
        self._check_numbers()

    @property
    def count(self) -> int:
        """Registers (functions 3, 4) or bits (functions 1, 2) the value takes."""
        return self.length if self.datatype in ("string", PAIR) else REGISTERS[self.datatype]

    @property
    def end(self) -> int:
        """The address after the value's last register."""
        return self.address + self.count

    def _check_place(self) -> None:
        if not 0 <= self.unit_id <= 255:
            raise ValueError(f"unit id {self.unit_id} is not between 0 and 255")
        if self.function not in (1, 2, 3, 4):
            raise ValueError(f"function {self.function} is not 1, 2, 3 or 4")
        if not 0 <= self.address <= 0xFFFF:
            raise ValueError(f"address {self.address} is not between 0 and 65535")

    def _check_type(self) -> None:
        if self.datatype not in (*DATATYPES, PAIR):
            raise ValueError(f"data type {self.datatype!r} is not one of {', '.join(DATATYPES)}")
        if self.order not in ORDERS:
            raise ValueError(f"byte order {self.order!r} is not one of {', '.join(ORDERS)}")
        if self.function in BIT_FUNCTIONS and self.datatype != "bit":
            raise ValueError(f"function {self.function} reads bits, not {self.datatype}")
        if self.datatype in ("string", PAIR) and not 1 <= self.length <= 125:
            raise ValueError(f"a {self.datatype} of {self.length} registers does not fit one read (1 to 125)")
        if (self.datatype == PAIR) != (len(self.parts) == 2):
            raise ValueError("a pair has two parts, and only a pair")
        if self.unit_code and self.unit_code.unit_id != self.unit_id:
            raise ValueError(f"the unit code is of slave {self.unit_code.unit_id}, the value of slave {self.unit_id}")
        if not 0 <= self.bit <= 15:
            raise ValueError(f"bit {self.bit} is not between 0 and 15")
        if self.end > 0x10000:
            raise ValueError(f"a {self.datatype} at address {self.address} runs past address 65535")

    def _check_numbers(self) -> None:
        if not self.scale or self.scale - self.scale != 0.0:
            raise ValueError(f"scale {self.scale} must be a finite number other than 0")
        if self.offset - self.offset != 0.0:
            raise ValueError(f"offset {self.offset} must be a finite number")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        bits = 16 * self.count
        for sentinel in self.sentinels:
            if not -(1 << bits - 1) <= sentinel < 1 << bits:
                raise ValueError(f"sentinel {sentinel} does not fit {bits} bits")


def pair_of(
    integer: Point,
    decimal: Point,
    *,
    scale: float = 1.0,
    offset: float = 0.0,
    unit_code: Point | None = None,
    unit_factors: tuple[tuple[int, float], ...] = (),
) -> Point:
    """One value of two: ``(integer part + decimal part) * scale + offset``, always read in one request.

    Two requests could tear it: the integer part from before a carry, the decimal part from after it.

        >>> volume = pair_of(Point(7, 1, 3, 6, "uint32"), Point(0, 1, 3, 8, "float32"))
        >>> volume.key, volume.address, volume.count
        (7, 6, 4)

    :param integer: part before the point, in whole steps of its scale; gives the pair its key
    :param decimal: part behind it, in the same unit
    :param scale: what the sum is multiplied by
    :param offset: what is added then
    :param unit_code: as in ``Point``
    :param unit_factors: as in ``Point``
    :raises ValueError: of different slaves or functions, no numbers, or farther apart than one read reaches
    """
    if (integer.unit_id, integer.function) != (decimal.unit_id, decimal.function):
        raise ValueError("the two parts of a value are read from one slave with one function")
    for part in (integer, decimal):
        if part.datatype in ("bit", "string", PAIR):
            raise ValueError(f"a {part.datatype} is no part of a number")
    start = min(integer.address, decimal.address)
    return Point(
        key=integer.key,
        unit_id=integer.unit_id,
        function=integer.function,
        address=start,
        datatype=PAIR,
        length=max(integer.end, decimal.end) - start,
        scale=scale,
        offset=offset,
        parts=(integer, decimal),
        unit_code=unit_code,
        unit_factors=unit_factors,
    )


def address_notations(function: int | None, address: int) -> tuple[str, str, str]:
    """An address in the three notations of manuals, so that nobody mistakes one for another.

        >>> address_notations(3, 2124)
        ('0x084C', '2124', '402125')

    :param function: 1 to 4; None when it is not known, which leaves the last one empty
    :param address: 0-based
    :return: 0-based hexadecimal, 0-based decimal, and 1-based with the function's digit in front, six digits
    """
    digit = _MODICON_DIGITS.get(function, "")
    return f"0x{address:04X}", str(address), f"{digit}{address + 1:05d}" if digit else ""


def parse_address(text: str | int) -> tuple[int | None, int]:
    """Read an address as manuals print it.

    A number, hexadecimal text or decimal text is the 0-based address of the wire and names no function. Five digits
    beginning with 0, 3 or 4 and six digits are the 1-based notation of old manuals, whose first digit names the
    function; so is ``4x0001``. Five digits beginning with 1 or 2 stay decimal (many meters have such addresses); a wire
    address that happens to lie between 30001 and 49999 is written in hexadecimal, or passed as a number.

        >>> parse_address("0x1000"), parse_address("4096"), parse_address("40001"), parse_address("3x0012")
        ((None, 4096), (None, 4096), (3, 0), (4, 11))

    :param text: the address as typed or read from a file
    :return: function (1 to 4, None when not said) and 0-based address
    :raises ValueError: no such notation, or out of range
    """
    if isinstance(text, int):
        return None, _in_range(text, text)
    entry = text.strip().replace(" ", "")
    if entry[:2] in ("0x", "0X"):
        return None, _in_range(_hexadecimal(entry), text)
    if (match := _MODICON.fullmatch(entry)) and (parts := [part for part in match.groups() if part is not None]):
        return _MODICON_FUNCTIONS[parts[0]], _in_range(int(parts[1]) - 1, text)
    if not entry.isdecimal():
        raise ValueError(f"address {text!r} is neither decimal, 0x hexadecimal nor 4xxxx notation")
    return None, _in_range(int(entry), text)


def _hexadecimal(entry: str) -> int:
    if not _HEXADECIMAL.fullmatch(entry):
        raise ValueError(f"address {entry!r} is no hexadecimal number of 1 to 4 digits")
    return int(entry, 16)


def _in_range(address: int, text: str | int) -> int:
    if not 0 <= address <= 0xFFFF:
        raise ValueError(f"address {text!r} is not between 0 and 65535 on the wire")
    return address
