"""Where sentences begin and end.

In:   a passage's text, verbatim.
Out:  (start, end) character offsets of each sentence or list item, in order, end-exclusive, outer white space
      and bullets left out. A lead-in that ends with a colon is a sentence of its own.
Pure: no I/O.
"""

from __future__ import annotations

import re

_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|cf|vs|no|nos|p|pp|para|paras|ch|vol|ed|eds|mr|mrs|ms|dr|prof|st|rev|hon|ltd|approx|dept|"
    r"fig|art|c|v)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?]+[)\]’”'\"*]*(?=\s|$)|:(?=\s+[-–•▪»*]\s)|\s(?=[-–•▪◦»*]\s+(?![-–•▪◦»*]\s))|\n")
_MARK = re.compile(r"(?:[-–—•▪◦»*|]\s+)+|\s+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Offsets of the sentences of `text`."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        if match.group().startswith(".") and _goes_on(text, match.start(), end):
            continue
        _add(spans, text, start, end)
        start = end
    _add(spans, text, start, len(text))
    return spans


def _goes_on(text: str, dot: int, end: int) -> bool:
    before = text[max(0, dot - 12) : dot + 1]
    after = text[end : end + 2].strip()
    if _ABBREVIATION.search(before):
        return not before[-2:-1].isupper() or len(re.findall(r"[A-Za-z]+", before)[-1:][0]) == 1
    if re.search(r"(?:^|\s)\(?\d{1,3}\.$", before):
        return True
    return after[:1].islower()


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while match := _MARK.match(text, start, end):
        if match.end() == start:
            break
        start = match.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    if re.search(r"\w", text[start:end]):
        spans.append((start, end))
