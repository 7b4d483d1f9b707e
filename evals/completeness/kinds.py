"""The values that the readers of facts share, and the plain form of a text that they read. Pure: no I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class FactKind(StrEnum):
    """What sort of fact it is."""

    NUMBER = "number"
    PERCENT = "percent"
    MONEY = "money"
    DATE = "date"
    NAME = "name"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Day:
    """A date as far as it is told. `month` 13 to 16 is spring to winter; `until` is the year in which a span ends."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    until: int | None = None


Key = float | Day | str


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `key` is what is compared: a number, a `Day`, or a name's words. `start`, `end`: offsets of `words`."""

    kind: FactKind
    words: str
    key: Key
    start: int
    end: int


_SAME_LENGTH = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "‑": "-", "−": "-", "\xa0": " "}
    | dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹", " ")
)
_EMPHASIS_ENDS = re.compile(r"(?<=\S)\*+(?!\w)")
_MARKUP = re.compile(r"</?u>|__|\*+")


def folded(text: str) -> str:
    """The text with plain quotes, dashes and spaces and no emphasis marks, every character where it was."""
    plain = _EMPHASIS_ENDS.sub(lambda m: "," * len(m[0]), text.translate(_SAME_LENGTH))
    return _MARKUP.sub(lambda m: " " * len(m[0]), plain)
