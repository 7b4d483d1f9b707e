"""Word's automatic numbers, which stand in no paragraph's text: counted as Word counts them.

In:  the elements `w:numbering` and `w:styles`; then, in reading order, each numbered paragraph's list and level.
Out: the number as printed (`3.2 `, `(b) `), `- ` for any bullet, nothing where the level prints nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from ingest.loading.structure import printed_number


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    all_decimal: bool = False
    never_restarts: bool = False
    style: str | None = None


@dataclass(slots=True)
class _Counting:
    """One list's levels. Lists made from the same pattern go on counting where the other stopped."""

    pattern: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """The numbers of one document. Ask for each paragraph once, in reading order."""

    def __init__(self, numbering: Element | None, num_of_style: Callable[[str], str | None]) -> None:
        self._lists: dict[str, _Counting] = {}
        self._counters: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()
        if numbering is not None:
            self._read(numbering, num_of_style)

    def mark(self, list_id: str, level: int) -> str:
        """Count one paragraph and give what is printed before it."""
        counting = self._lists.get(list_id)
        if counting is None:
            return ""
        counters = self._counters.setdefault(counting.pattern, {})
        own = counting.levels.get(level, _Level())
        if level in counting.starts and (list_id, level) not in self._started:
            counters[level] = counting.starts[level] - 1
        self._started.add((list_id, level))
        counters[level] = counters.get(level, own.start - 1) + 1
        for deeper in [n for n in counters if n > level]:
            if not counting.levels.get(deeper, _Level()).never_restarts:
                del counters[deeper]
        if own.format == "bullet":
            return "- "

        def number(place: re.Match[str]) -> str:
            n = int(place[1]) - 1
            there = counting.levels.get(n, _Level())
            return printed_number(counters.setdefault(n, there.start), "decimal" if own.all_decimal else there.format)

        printed = re.sub(r"%([1-9])", number, own.text).strip()
        return f"{printed} " if printed else ""

    def level_of_style(self, list_id: str, style: str) -> int | None:
        """The level of a list that a paragraph style is tied to."""
        counting = self._lists.get(list_id)
        return next((n for n, level in counting.levels.items() if level.style == style), None) if counting else None

    def _read(self, numbering: Element, num_of_style: Callable[[str], str | None]) -> None:
        patterns: dict[str, dict[int, _Level]] = {}
        borrowed: dict[str, str] = {}
        for pattern in numbering.findall(qn("w:abstractNum")):
            key = pattern.get(qn("w:abstractNumId")) or ""
            patterns[key] = dict(map(_level, pattern.findall(qn("w:lvl"))))
            link = pattern.find(qn("w:numStyleLink"))
            if link is not None:
                borrowed[key] = link.get(qn("w:val")) or ""
        nums = {num.get(qn("w:numId")) or "": num for num in numbering.findall(qn("w:num"))}
        pattern_of = {key: value(num, "w:abstractNumId") or "" for key, num in nums.items()}
        for key, num in nums.items():
            pattern_key = pattern_of[key]
            if pattern_key in borrowed:
                pattern_key = pattern_of.get(num_of_style(borrowed[pattern_key]) or "", pattern_key)
            counting = _Counting(pattern_key, dict(patterns.get(pattern_key, {})))
            for override in num.findall(qn("w:lvlOverride")):
                level = number_or(override.get(qn("w:ilvl")), 0)
                if (start := value(override, "w:startOverride")) is not None:
                    counting.starts[level] = number_or(start, 1)
                if (own := override.find(qn("w:lvl"))) is not None:
                    counting.levels[level] = _level(own)[1]
            self._lists[key] = counting


def value(element: Element | None, *path: str) -> str | None:
    """The `w:val` of the element at the end of this path; None when there is none."""
    for step in path:
        element = element.find(qn(step)) if element is not None else None
    return element.get(qn("w:val")) if element is not None else None


def number_or(text: str | None, otherwise: int) -> int:
    """The whole number this says."""
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,6}", text) else otherwise


def _level(element: Element) -> tuple[int, _Level]:
    legal = element.find(qn("w:isLgl"))
    return number_or(element.get(qn("w:ilvl")), 0), _Level(
        start=number_or(value(element, "w:start"), 1),
        format=value(element, "w:numFmt") or "decimal",
        text=value(element, "w:lvlText") or "",
        all_decimal=legal is not None and legal.get(qn("w:val")) not in ("0", "false"),
        never_restarts=value(element, "w:lvlRestart") == "0",
        style=value(element, "w:pStyle"),
    )
