"""What people write by hand, and what to write instead: dates, and names that look like others. Pure: no I/O."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

from rapidfuzz import process

_PARTIAL_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_TURNED = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4})")
_HOW_TO_WRITE_A_DATE = "Use year-month-day, for example 2026-03-31; 2026-03 or 2026 if no more is known."


def date_problem(written: str) -> tuple[str, str] | None:
    """What is wrong with a date, and what to write; None when it is a year, a year and month, or a day."""
    if turned := _TURNED.fullmatch(written):
        first, second, year = (int(part) for part in turned.groups())
        options = [f"{year}-{m:02}-{d:02}" for d, m in ((first, second), (second, first)) if _is_day(year, m, d)]
        if options:
            return "That date is turned round.", f"Write year-month-day: {either(list(dict.fromkeys(options)))}."
    parts = _PARTIAL_DATE.fullmatch(written)
    if not parts:
        return "That is not a date.", _HOW_TO_WRITE_A_DATE
    if not _is_day(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1)):
        return "That date does not exist.", _HOW_TO_WRITE_A_DATE
    return None


def first_day(date: str) -> str:
    """The first day that a year, a month or a day may mean."""
    return date + "-01-01"[len(date) - len("2010") :]


def last_day(date: str) -> str:
    """The last day that a year, a month or a day may mean (a month as if it had 31), to compare as text."""
    return date + "-12-31"[len(date) - len("2010") :]


def nearest(name: str, names: Iterable[str]) -> str:
    """`Did you mean 'a' or 'b'? ` for up to three names that look like this one, "" when none does."""
    spelt = {each.casefold(): str(each) for each in sorted(names)}
    found = process.extract(name.casefold(), list(spelt), limit=3, score_cutoff=70)
    return f"Did you mean {either([repr(spelt[key]) for key, _, _ in found])}? " if found else ""


def either(options: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True
