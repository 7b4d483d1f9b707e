"""The facts in a text, and whether another text holds them.

In:    text as published, or as a digest says it.
Out:   `Fact`s in order, each with the words as they stand; `Held`, which answers whether a text holds one.
Same:  what `figures` reads alike; a name in the plural, the possessive, with & or `and`, with any quotes, or with its
       words in another order close together; an abbreviation and the words whose first letters it is.
Pure:  no I/O.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from evals.completeness.figures import read_figures
from evals.completeness.kinds import Day, Fact, FactKind, folded
from evals.completeness.names import ABBREVIATION, JOINS, Lexicon, comparable_name, read_names, singular


def read_facts(text: str, lexicon: Lexicon, *, heading: bool = False) -> list[Fact]:
    """Every fact of a text, in order."""
    figures, _ = read_figures(text)
    return sorted([*figures, *read_names(text, lexicon, heading=heading)], key=lambda fact: fact.start)


_SAID_OTHERWISE = {
    1.0: r"\b(?:one|single|first)\b|\ban? (?:year|month|week|day|hour)\b",
    2.0: r"\b(?:both|twice|pair|double)\b",
}
_BETWEEN = r" (?:(?:of|for|the|and|to|in|on|with|or) ){0,2}"


class Held:
    """What some text holds, to ask of it whether a fact stands in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        facts, _ = read_figures(text)
        self._values: dict[FactKind, set[float | str]] = {}
        self._days: list[Day] = []
        for fact in facts:
            if isinstance(fact.key, Day):
                self._days.append(fact.key)
            else:
                self._values.setdefault(fact.kind, set()).add(fact.key)
        self._years = {y for d in self._days for y in (d.year, d.until) if y}

    @cached_property
    def name(self) -> str:
        """The whole text as names are compared."""
        return f" {comparable_name(self.text)} "

    @cached_property
    def _words(self) -> list[str]:
        return self.name.split()

    @cached_property
    def _closed_up(self) -> str:
        return self.name.replace(" ", "")

    def holds(self, fact: Fact) -> bool:
        """Whether the fact stands in the text."""
        if isinstance(fact.key, Day):
            return self._holds_day(fact.key)
        if isinstance(fact.key, str) and fact.kind is FactKind.NAME:
            return self._holds_name(fact.key, fact.words)
        if fact.key in self._values.get(fact.kind, ()):
            return True
        other = _SAID_OTHERWISE.get(fact.key) if isinstance(fact.key, float) else None
        return fact.kind is FactKind.NUMBER and bool(other and re.search(other, self.text, re.IGNORECASE))

    def _holds_day(self, day: Day) -> bool:
        if day.until is not None:
            spans = any((d.year, d.until) == (day.year, day.until) for d in self._days)
            return spans or {day.year, day.until} <= self._years
        if day.month is None:
            return day.year in self._years
        in_text = any(
            d.month == day.month and day.day in (None, d.day) and (day.year in (None, d.year) or d.year is None)
            for d in self._days
        )
        return in_text and (day.year is None or day.year in self._years)

    def _holds_name(self, key: str, written: str) -> bool:
        if not key or f" {key} " in self.name or (len(key) > 7 and key.replace(" ", "") in self._closed_up):
            return True
        words = [w for w in key.split() if w not in JOINS]
        if len(words) == 1:
            return self._holds_letters(written)
        if self._near_each_other(words) or self._holds_initials(words):
            return True
        for between in (r" and ", r"(?<=\w)'s "):
            apart = [part for part in re.split(between, folded(written)) if comparable_name(part)]
            if len(apart) > 1 and all(self._holds_name(comparable_name(part), part) for part in apart):
                return True
        if self._holds_in_turn(words):
            return True
        parts = written.split()
        short = [p for p in parts if ABBREVIATION.match(p)]
        rest = comparable_name(" ".join(p for p in parts if p not in short))
        return bool(short) and all(map(self._holds_letters, short)) and (not rest or self._holds_name(rest, rest))

    def _holds_letters(self, written: str) -> bool:
        """Whether an abbreviation, or the words whose first letters it is, stands in the text."""
        bare = re.sub(r"(?<=[A-Z])s$|'s$", "", written)
        if f" {comparable_name(bare)} " in self.name:
            return True
        if county := re.fullmatch(r"([a-z]{4,})s", written.lower()):
            return bool(re.search(rf" {county[1]}[a-z]*shire ", self.name))
        letters = bare.replace("&", "").lower()
        if not ABBREVIATION.match(bare) or not letters.isalpha():
            return False
        return bool(re.search(r" " + _BETWEEN.join(rf"{c}\w*" for c in letters) + " ", self.name))

    def _holds_initials(self, words: Sequence[str]) -> bool:
        letters = "".join(w[0] for w in words)
        return len(letters) > 2 and f" {singular(letters)} " in self.name

    def _holds_in_turn(self, words: Sequence[str]) -> bool:
        """Whether the words are names, of two words or more, run together: `Adam Smith Officer Compact Voice`."""
        return any(
            self._near_each_other(words[:cut])
            and (self._near_each_other(words[cut:]) or self._holds_in_turn(words[cut:]))
            for cut in range(2, len(words) - 1)
        )

    def _near_each_other(self, words: Sequence[str]) -> bool:
        """Whether all the words stand within a few words of one another, in any order."""
        wanted = Counter(words)
        width = len(words) + 6
        at = [n for n, w in enumerate(self._words) if w in wanted]
        return any(not wanted - Counter(self._words[n] for n in at[i:] if n < at[i] + width) for i in range(len(at)))
