"""What a step of the page What to Try is made of. Knows nothing of any model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Button:
    """A way to a screen.

    :ivar key: its name within the step
    :ivar label: what it says, in the reader's language
    :ivar open: gives the action of the screen
    :ivar groups: xml ids of the groups that may press it, any of them; empty for every role
    """

    key: str
    label: str
    open: Callable[[], dict]
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try.

    :ivar key: its name
    :ivar sequence: where it stands; steps are numbered in this order
    :ivar title: in a few words, in the reader's language
    :ivar texts: paragraphs: what to do and what is seen then
    :ivar buttons: ways to the screens it needs, the first one first
    :ivar commands: lines to type in a terminal
    """

    key: str
    sequence: int
    title: str
    texts: list[str]
    buttons: list[Button] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
