"""Who is on a line: what comes back from each unit address, and which meter model it may be.

Knows no meter by name and stores nothing; a caller with little time works in slices.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from .codec import GOOD, decode
from .framing import crc
from .link import CLOSED, CONNECT, EXCEPTION, SILENCE, TCP, Answer, Frame, Link, LinkSettings
from .point import Point
from .runner import run_blocking

ANSWERS = "answers"
REFUSES = "exception"
DAMAGED = "damaged"
SILENT = "silent"
NO_WAY = "no_way"
UNREACHED = "connect"
DROPPED = "closed"
OUTCOMES = (ANSWERS, REFUSES, DAMAGED, SILENT, NO_WAY, DROPPED, UNREACHED)

# The exceptions by which a gateway itself says that nobody behind it answered.
_GATEWAY_EXCEPTIONS = (10, 11)
_LATE_FRAME = 5  # least bytes of an RTU frame
# Names of the objects of function 43/14 (Modbus application protocol 1.1b3, 6.21, table "object id").
_IDENTITY_NAMES = {0: "vendor", 1: "product", 2: "revision", 3: "url", 4: "name", 5: "model", 6: "application"}
# A model is told by values that cannot be anything else; after so many that do not fit it is another one.
_MISSES_ENOUGH = 2
# Least share of the evidence asked for that must fit.
_LEAST_SHARE = 0.75
# Below this a float is the bits of something else.
_LEAST_NUMBER = 1e-6
# Quantities (by the beginning of their code in the point tables) by which a model shows itself: least and greatest
# value, and how much that tells. A mains frequency in its place is no accident, a counter may be any number.
_TELLING = {
    "frequency": (45.0, 65.0, 3.0),
    "voltage_ln": (40.0, 500.0, 2.0),
    "voltage_ll": (60.0, 900.0, 2.0),
    "power_factor": (-1.0, 1.0, 1.5),
    "temperature": (-40.0, 250.0, 1.0),
    "signal_quality": (1.0, 99.0, 1.0),
    "import_active_energy_total": (0.0, 1e9, 1.0),
    "combined_active_energy_total": (0.0, 1e9, 1.0),
    "volume": (0.0, 1e9, 1.0),
    "gas_": (-1e3, 1e9, 1.0),
    "flow": (-1e5, 1e5, 0.5),
    "current": (0.0, 1e5, 0.5),
}
MOST_EVIDENCE = 5


@dataclass(slots=True)
class Sighting:
    """What came back from one unit address.

    :ivar outcome: ``answers``; ``exception`` (a device, or it would be silent); ``damaged`` (bytes came, but no sound
        frame: CRC error); ``silent``; ``no_way`` (the gateway reports silence, exception 10 or 11); ``closed`` (the
        gateway closed the connection); ``connect``
    :ivar exception_code: with ``exception`` and ``no_way``
    :ivar seconds: from the request to the answer or to giving up
    :ivar identity: of function 43/14: ``vendor``, ``product``, ``revision`` ...; empty when the device does not tell
    :ivar late: unit addresses whose sound answers came after their time-out, while this one was asked
    :ivar frames: (``tx`` or ``rx``, bytes) in order
    """

    unit_id: int
    outcome: str
    exception_code: int | None = None
    seconds: float = 0.0
    identity: dict[str, str] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    frames: list[Frame] = field(default_factory=list)

    @property
    def present(self) -> bool:
        """Whether a device of that address is there for certain."""
        return self.outcome in (ANSWERS, REFUSES)


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value by which a model shows itself.

    :ivar point: where it lies; its unit id is replaced by the one that is asked
    :ivar low: least value that fits, in the point's unit
    :ivar high: greatest value that fits
    :ivar weight: how much it tells: a mains frequency more than a counter, which may be anything
    """

    point: Point
    low: float
    high: float
    weight: float


@dataclass(frozen=True, slots=True)
class Model:
    """A meter model as a point table describes it.

    :ivar key: the caller's id
    :ivar evidence: what to ask for, the most telling first
    """

    key: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """How well a model fits a device.

    :ivar fits: values that lay where they must
    :ivar asked: values asked for
    :ivar weight: of those that fit
    :ivar share: weight that fits of the weight asked for, 0 to 1
    """

    key: int
    fits: int
    asked: int
    weight: float
    share: float


# === WHO IS THERE === #
def look_around(
    settings: LinkSettings, units: Sequence[int], probe: tuple[int, int, int], seconds: float
) -> list[Sighting]:
    """Ask unit addresses one after the other until the time is up; at least one is asked.

    :param settings: of the gateway
    :param units: addresses, 0 to 255
    :param probe: function, 0-based address and count of the read that is tried
    :param seconds: after which no further address is asked
    :return: one sighting for each address asked, in order
    """
    return run_blocking(lambda: _look_around(settings, units, probe, seconds))


async def _look_around(
    settings: LinkSettings, units: Sequence[int], probe: tuple[int, int, int], seconds: float
) -> list[Sighting]:
    begun, seen = time.monotonic(), []
    async with Link(settings) as link:
        for unit in units:
            if seen and time.monotonic() - begun > seconds:
                break
            seen.append(await look_at(link, unit, probe))
            if seen[-1].outcome == UNREACHED:
                break
    return seen


async def look_at(link: Link, unit: int, probe: tuple[int, int, int]) -> Sighting:
    """Ask one unit address whether anybody is there, and who.

    :param link: with ``trace`` set, without which damage cannot be told from silence on RTU
    :param probe: function, 0-based address and count
    """
    answer = await link.read(unit, *probe)
    sighting = Sighting(unit, outcome_of(answer, link.settings.framer), answer.exception_code, answer.seconds)
    sighting.frames += answer.frames
    sighting.late = _late_units(answer.frames, unit) if link.settings.framer != TCP else set()
    if sighting.present:
        identity = await link.identify(unit)
        sighting.frames += identity.frames
        sighting.identity = {} if identity.error else identity_of(identity.pdu)
    return sighting


def outcome_of(answer: Answer, framer: str) -> str:
    """What an answer says about the address it came from, one of ``OUTCOMES``.

    :param answer: with its frames
    :param framer: ``socket`` or an RTU one: only RTU frames carry a CRC by which damage shows
    """
    if answer.error is None:
        return ANSWERS
    if answer.error == EXCEPTION:
        return NO_WAY if answer.exception_code in _GATEWAY_EXCEPTIONS else REFUSES
    if answer.error == CONNECT:
        return UNREACHED
    if answer.error == CLOSED:
        return DROPPED
    if answer.error != SILENCE:
        return DAMAGED
    received = [data for direction, data in answer.frames if direction == "rx"]
    if framer != TCP and any(crc(data) for data in received):
        return DAMAGED
    return SILENT


def identity_of(pdu: bytes) -> dict[str, str]:
    """The objects of an answer to function 43/14; what is cut short is left out.

    :param pdu: function and data
    """
    found: dict[str, str] = {}
    if len(pdu) < 7 or pdu[:2] != b"\x2b\x0e":
        return found
    place = 7
    for _object in range(pdu[6]):
        if place + 2 > len(pdu) or place + 2 + pdu[place + 1] > len(pdu):
            break
        text = pdu[place + 2 : place + 2 + pdu[place + 1]].decode("utf-8", "replace").strip("\0 ")
        name = _IDENTITY_NAMES.get(pdu[place])
        if name and text:
            found[name] = text
        place += 2 + pdu[place + 1]
    return found


def _late_units(frames: Sequence[Frame], unit: int) -> set[int]:
    received = [data for direction, data in frames if direction == "rx"]
    return {data[0] for data in received if len(data) >= _LATE_FRAME and not crc(data)} - {unit}


# === WHAT IT IS === #
def guess_model(
    settings: LinkSettings, unit: int, models: Sequence[Model], seconds: float
) -> tuple[list[Guess], int]:
    """Find out which models fit a device, until the time is up; at least one is tried.

    :param settings: of the gateway
    :param unit: its address
    :param models: in the caller's order
    :param seconds: after which no further model is tried
    :return: the guesses that fit, best first, and how many of the models were tried
    """
    return run_blocking(lambda: _guess_model(settings, unit, models, seconds))


async def _guess_model(
    settings: LinkSettings, unit: int, models: Sequence[Model], seconds: float
) -> tuple[list[Guess], int]:
    begun, tried, guesses = time.monotonic(), 0, []
    known: dict[tuple[int, int, int], Answer] = {}
    async with Link(settings) as link:
        for model in models:
            if tried and time.monotonic() - begun > seconds:
                break
            tried += 1
            guess = await _try_model(link, unit, model, known)
            if guess.share >= _LEAST_SHARE and guess.fits:
                guesses.append(guess)
    return best_first(guesses), tried


def best_first(guesses: Sequence[Guess]) -> list[Guess]:
    """Guesses by how well they fit: all of the evidence before most of it, then more of it before less."""
    return sorted(guesses, key=lambda guess: (-guess.share, -guess.weight))


def model_of(key: int, points: Sequence[tuple[str, Point]]) -> Model | None:
    """What shows a model, from its point table; None when nothing in it does.

    :param key: the caller's id
    :param points: quantity code and place of each point in use
    """
    found = []
    for quantity, point in points:
        limits = next((limits for stem, limits in _TELLING.items() if (quantity or "").startswith(stem)), None)
        # Nothing flows back in most plants: such a counter stands at 0, as a register does that is not there.
        backwards = "reverse" in (quantity or "")
        if limits and not backwards and point.datatype != "string":
            found.append(Evidence(point, *limits))
    found.sort(key=lambda evidence: -evidence.weight)
    return Model(key, _varied(found)) if found else None


def _varied(found: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The most telling, not all of one kind: three phases of a voltage tell hardly more than one."""
    chosen: list[Evidence] = []
    for most_of_a_kind in (1, MOST_EVIDENCE):
        for evidence in found:
            alike = sum(one.low == evidence.low and one.high == evidence.high for one in chosen)
            if len(chosen) < MOST_EVIDENCE and evidence not in chosen and alike < most_of_a_kind:
                chosen.append(evidence)
    return tuple(sorted(chosen, key=lambda evidence: -evidence.weight))


async def _try_model(link: Link, unit: int, model: Model, known: dict[tuple[int, int, int], Answer]) -> Guess:
    fits = asked = 0
    weight = total = 0.0
    for evidence in model.evidence:
        if asked - fits >= _MISSES_ENOUGH:
            total += evidence.weight
            continue
        point = evidence.point
        place = (point.function, point.address, point.count)
        if place not in known:
            known[place] = await link.read(unit, *place)
        asked += 1
        total += evidence.weight
        gained = _gained(evidence, known[place])
        fits += gained > 0
        weight += gained
    return Guess(model.key, fits, asked, weight, weight / total if total else 0.0)


def _gained(evidence: Evidence, answer: Answer) -> float:
    """What an answer adds to the belief in a model: nothing, the evidence's weight, or little for a 0."""
    if answer.error:
        return 0.0
    decoded = decode(evidence.point, answer.registers)
    if decoded.quality != GOOD or decoded.value is None or not evidence.low <= decoded.value <= evidence.high:
        return 0.0
    # Registers that do not exist read as 0 in many meters, and 0 is a plausible counter.
    return evidence.weight if abs(decoded.value) > _LEAST_NUMBER else 0.25 * evidence.weight
