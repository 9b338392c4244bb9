"""Words in the context by which steps of one request tell each other what is still to come.

A client sends a context of its own with every call. What it sends is JSON, never this object: so it cannot pretend to be
such a step and write past locks, checks or the journal.
"""

from enum import Enum


class InnerStep(Enum):
    """The only member says: one of the product's own methods put this word here."""

    OWN = 1


def within(records, word: str):
    """The records in a context that says that the caller's step is not over."""
    return records.with_context(**{word: InnerStep.OWN})


def is_within(env, word: str) -> bool:
    """Whether one of the product's own methods put this word into the context."""
    return env.context.get(word) is InnerStep.OWN
