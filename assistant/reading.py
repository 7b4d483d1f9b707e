"""A question as typed becomes a Question: checked, with the date and place it is asked for.

Pure: no I/O, no clock; today's date and the deployment's own area arrive as arguments.
Raises: QuestionInvalid with what to write instead.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

from assistant.errors import QuestionInvalid
from assistant.knowledge import Places
from assistant.retrieval.lexical import STOP_WORDS, words
from assistant.values import Document, DocumentStatus, Kind, Question

MAX_QUESTION_CHARS = 4_000

_YEAR = re.compile(r"(?<![£$€\d.,])(?<!\b[Aa]ct )\b(?:19[89]\d|20[0-4]\d)\b(?!%|,\d)")
"""A year, but no sum of money, and none that is part of the name of an Act."""
_PAST_EDITION = re.compile(
    r"\b(?:original|first|old|former|previous|earlier|superseded)\s+(?:compact|edition|version|text)\b", re.I
)
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}


def read_question(
    text: str,
    *,
    today: dt.date,
    places: Places,
    on: str | None = None,
    area: str | None = None,
    default_area: str | None = None,
    audience: str | None = None,
    conversation_id: str | None = None,
) -> Question:
    """Check what was asked. `on` is a date as written; `area` any name of a council's area."""
    return Question(
        text=clean_question(text),
        on=read_date(on) if on is not None else today,
        area=read_area(area or default_area, places),
        audience=audience,
        conversation_id=conversation_id,
    )


def clean_question(text: str) -> str:
    """The question without characters nobody can see, white space folded."""
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionInvalid(
            f"The question has {len(text):,} characters; at most {MAX_QUESTION_CHARS:,} are read.\n"
            "Ask the one thing you want to know, in a sentence or two."
        )
    seen = "".join(c if c.isspace() or unicodedata.category(c) not in _INVISIBLE else "" for c in text)
    seen = re.sub(r"\s+", " ", seen).strip()
    if not text.strip():
        raise QuestionInvalid('The question is empty.\nWrite one, for example "How much notice before a grant ends?"')
    if not any(c.isalnum() for c in seen):
        raise QuestionInvalid(
            f"The question has no letters or numbers in it (it is {text[:40]!r}).\n"
            'Write it in words, for example "How much notice before a grant ends?"'
        )
    return seen


def asks_about_the_past(text: str, on: dt.date, documents: Iterable[Document]) -> bool:
    """Whether the question names an earlier year or a past edition, so that its own time's text answers first.

    An edition is named by two neighbouring words of the title of an instrument that has been replaced; what follows a
    bracket in a title counts for nothing.
    """
    if any(int(year) < on.year for year in _YEAR.findall(text)) or _PAST_EDITION.search(text):
        return True
    instruments = [document for document in documents if document.kind is Kind.INSTRUMENT]
    replaced = {pair for d in instruments if d.status is DocumentStatus.SUPERSEDED for pair in _pairs(_short(d.title))}
    today = {pair for d in instruments if d.status is not DocumentStatus.SUPERSEDED for pair in _pairs(_short(d.title))}
    return not (replaced - today).isdisjoint(_pairs(text))


def _short(title: str) -> str:
    return title.partition("(")[0]


def _pairs(text: str) -> set[tuple[str, str]]:
    """Neighbouring words that both carry meaning."""
    return {(a, b) for a, b in pairwise(words(text)) if a not in STOP_WORDS and b not in STOP_WORDS}


def read_date(written: str) -> dt.date:
    """A date written year-month-day."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written.strip()):
            raise ValueError(written)
        return dt.date.fromisoformat(written.strip())
    except ValueError as error:
        raise QuestionInvalid(
            f"That date does not exist: {written!r}. Use year-month-day, for example 2026-03-31."
        ) from error


def read_area(name: str | None, places: Places) -> str | None:
    """The place's own short name."""
    if name is None or not name.strip():
        return None
    place = places.find(name)
    if place is not None:
        return place.name
    near = places.nearest(name)
    hint = f"Did you mean {' or '.join(near)}?" if near else "Give the name of a council, for example Merton."
    raise QuestionInvalid(f"We know no council area called {name!r}.\n{hint}")
