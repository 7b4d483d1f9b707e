"""Figures, percentages, sums of money, dates and addresses in a text.

Read alike: a number in words and in digits; % and per cent; £4m, £4 million and £4,000,000; any order of day, month and
      year; 2008-09, 2008/9 and 2008 to 2009.
Left out, as they can be told from no other word: the words one, first, second, third, half and quarter, unless with a
      unit or in digits; the number that a list item or a row of a table begins with.
Pure: no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from evals.completeness.kinds import Day, Fact, FactKind, Key, folded

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "spring",
    "summer",
    "autumn",
    "winter",
]
_MONTH = "(" + "|".join([f"{m}|{m[:3]}\\b\\.?" if n < 12 else m for n, m in enumerate(_MONTHS)]) + ")"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"((?:1[89]|20)\d\d)"
_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORTH = (
    {word: n for n, word in enumerate(_UNITS)}
    | {word: n * 10 for n, word in enumerate(_TENS) if n > 1}
    | {"dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
)
_ORDINALS = ["fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"]
_SCALES = ("hundred", "thousand", "million", "billion")
_SPELT = rf"(?:{'|'.join(sorted(_WORTH, key=len, reverse=True))})"
_SPELT_RUN = rf"(?:an? )?{_SPELT}(?:(?:[ -]|,? and ){_SPELT})*"
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9, "": 1.0}
_FRACTIONS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1}

_Reader = Callable[[re.Match[str]], Sequence[tuple[FactKind, Key]]]


def _month(word: str) -> int:
    return next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(word.lower().rstrip(".")))


def _int(digits: str | None) -> int | None:
    return int(digits) if digits else None


def _span(match: re.Match[str]) -> list[tuple[FactKind, Key]]:
    first, last = int(match[1]), match[2]
    until = int(str(first)[: 4 - len(last)] + last)
    if not first < until <= first + 60:
        return [(FactKind.DATE, Day(first))]
    return [(FactKind.DATE, Day(first, until=until))]


def _percent(match: re.Match[str]) -> list[tuple[FactKind, Key]]:
    return [(FactKind.PERCENT, value) for part in match.group("a", "b") if part and (value := number(part)) is not None]


def _spelt(match: re.Match[str]) -> list[tuple[FactKind, Key]]:
    value = number(match[0])
    return [] if value is None or match[0].lower() == "one" else [(FactKind.NUMBER, value)]


_RULES: tuple[tuple[str, _Reader], ...] = (
    (
        r"(?:https?://|www\.)[^\s<>()\[\]|;]*[^\s<>()\[\]|;.,:'\"]|[\w.+-]+@[\w-]+\.[\w.-]*\w",
        lambda m: [(FactKind.ADDRESS, _address(m[0]))],
    ),
    (r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b", lambda m: [(FactKind.ADDRESS, m[0].lower())]),
    (r"\b(?:\+44|0)\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}\b", lambda m: [(FactKind.ADDRESS, re.sub(r"\D", "", m[0]))]),
    (
        rf"\b{_DAY}\s*(?:-|to|and|&)\s*{_DAY}\s+(?:of )?{_MONTH},?(?: {_YEAR})?\b",
        lambda m: [(FactKind.DATE, Day(_int(m[4]), _month(m[3]), int(d))) for d in m.group(1, 2)],
    ),
    (
        rf"\b{_DAY} (?:of )?{_MONTH},?(?: {_YEAR})?\b",
        lambda m: [(FactKind.DATE, Day(_int(m[3]), _month(m[2]), int(m[1])))],
    ),
    (
        rf"\b{_MONTH} {_DAY}(?:,? {_YEAR})?\b(?!\d)",
        lambda m: [(FactKind.DATE, Day(_int(m[3]), _month(m[1]), int(m[2])))],
    ),
    (rf"\b{_MONTH},? (?:of )?{_YEAR}\b", lambda m: [(FactKind.DATE, Day(int(m[2]), _month(m[1])))]),
    (
        r"\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)?\d\d)\b",
        lambda m: [(FactKind.DATE, Day(int(m[3]) % 100 + 2000, int(m[2]), int(m[1])))],
    ),
    (
        rf"\b{_YEAR}-(\d\d)-(\d\d)\b",
        lambda m: [(FactKind.DATE, Day(int(m[1]), int(m[2]), int(m[3])))],
    ),
    (rf"\b{_YEAR} ?(?:-|/|to) ?((?:(?:19|20)\d)?\d{{1,2}})\b", _span),
    (rf"\b{_YEAR}s\b", lambda m: [(FactKind.DATE, f"{m[1]}s")]),
    (
        rf"£ ?({_DIGITS}) ?(k|m|bn|thousand|million|billion)?\b",
        lambda m: [(FactKind.MONEY, _digits(m[1]) * _SCALE[(m[2] or "").lower()])],
    ),
    (
        rf"\b(?:(?P<a>{_DIGITS}) ?(?:-|to|and) ?)?(?P<b>{_DIGITS}|{_SPELT_RUN}) ?"
        r"(?:%|per ?cent\b|percentage points?\b)",
        _percent,
    ),
    (
        r"\b(two|three|four|nine|an?|one)[ -](third|quarter|fifth|tenth)s?\b|\bhalf\b",
        lambda m: (
            [(FactKind.NUMBER, round(_WORTH.get(m[1].lower(), 1) * _FRACTIONS[m[2].lower()], 4))]
            if m[1] and not (m[1].lower() in ("a", "an", "one") and m[2].lower() != "quarter")
            else []
        ),
    ),
    (rf"\b{_YEAR}\b(?!,\d)", lambda m: [(FactKind.DATE, Day(int(m[1])))]),
    (r"\bone[ -](?=(?:year|month|week|day|hour)s?\b)", lambda _: [(FactKind.NUMBER, 1.0)]),
    (
        rf"\b(?:{'|'.join(_ORDINALS)})\b",
        lambda m: [(FactKind.NUMBER, float(_ORDINALS.index(m[0].lower()) + 4))],
    ),
    (
        rf"(?<!\w)(?<!\d[.,])({_DIGITS}) ?(k|m|bn|thousand|million|billion)\b",
        lambda m: [(FactKind.NUMBER, _digits(m[1]) * _SCALE[m[2].lower()])],
    ),
    (
        rf"(?<!\w)(?<!\d[.,])({_DIGITS})(?:st|nd|rd|th)?(?![\d,]\d)(?![A-Za-z])",
        lambda m: [(FactKind.NUMBER, _digits(m[1]))],
    ),
    (rf"\b{_SPELT_RUN}\b", _spelt),
    (
        rf"(?<=\b[Ii]n |\b[Bb]y ){_MONTH}\b|(?<=\bsince ){_MONTH}\b|\b(?:{'|'.join(_MONTHS[:4] + _MONTHS[5:12])})\b",
        lambda m: [(FactKind.DATE, Day(month=_month(m[0])))],
    ),
)
_READERS = tuple((re.compile(pattern, re.IGNORECASE), reader) for pattern, reader in _RULES)
_ENUMERATOR = re.compile(r"^\s*(?:\W*\d{1,2}(?:\.\d+)*[.)]\s|\(?[a-z][.)]\s|[-•▪]\s)")
_SERIAL = re.compile(r"^\d{1,2}\.?\t")


def _address(text: str) -> str:
    return re.sub(r"^https?://|^www\.|/$", "", re.sub(r"^https?://", "", text.lower()))


def _digits(text: str) -> float:
    return float(text.replace(",", ""))


def number(text: str) -> float | None:
    """What a number in digits or words comes to; None for words that are none (`a dozen` is 12)."""
    if re.fullmatch(_DIGITS, text):
        return _digits(text)
    total, here = 0.0, 0.0
    words = [w for w in re.findall(r"[a-z]+", text.lower()) if w not in ("a", "an", "and")]
    for word in words:
        if word not in _WORTH:
            return None
        if word == "dozen":
            here = max(here, 1) * 12
        elif word == "hundred":
            here = max(here, 1) * 100
        elif word in _SCALES:
            total, here = total + max(here, 1) * _WORTH[word], 0.0
        else:
            here += _WORTH[word]
    return total + here if words else None


def read_figures(text: str) -> tuple[list[Fact], str]:
    """Every fact that is no name, in order; and the text with those facts blanked out."""
    left = folded(text)
    for pattern in (_SERIAL, _ENUMERATOR):
        source = text if pattern is _SERIAL else left
        if enumerator := pattern.match(source):
            left = " " * enumerator.end() + left[enumerator.end() :]
    found: list[Fact] = []
    for pattern, reader in _READERS:
        for match in list(pattern.finditer(left)):
            kept = reader(match)
            found += [Fact(kind, text[match.start() : match.end()], key, *match.span()) for kind, key in kept]
            if kept:
                blank = re.sub(r"[^\s]", "\x00", match[0])
                left = left[: match.start()] + blank + left[match.end() :]
    return sorted(found, key=lambda fact: fact.start), left
