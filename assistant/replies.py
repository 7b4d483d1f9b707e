"""What people are told in our own voice: everything that is not quoted from guidance.

Plain words; what happened and what to do next; never the words of an exception.
"""

from __future__ import annotations

import datetime as dt

from assistant.values import Document, DocumentStatus, ScoredPassage

NOT_IN_GUIDANCE = "The guidance we hold does not say."
NOTHING_CLEAR = "We found nothing that clearly answers this in the guidance we hold."
INSTEAD = (
    "Ask it in other words, or name the place, the body or the document you have in mind.",
    "If you have a document that answers it, add it: `compact-assistant ingest FILE`. Or ask your Compact champion.",
)


def nearest_thing(found: ScoredPassage) -> str:
    """Where the nearest passage is, for an answer that could not be given."""
    passage = found.passage
    return (
        f"The nearest thing we hold is in “{passage.document.title}”, {passage.locator}. It may not be what you need."
    )


def superseded(document: Document, successor: Document | None) -> str:
    """The label for a document that had been replaced by the date asked about."""
    return f"Superseded: “{document.title}” was replaced{_by(successor)}. Quote it only for its own time."


def since_superseded(document: Document, successor: Document | None, on: dt.date) -> str:
    """The label for a document that was in force on the date asked about, and is no longer."""
    return f"“{document.title}” was in force on {full_date(on)}. It has since been replaced{_by(successor)}."


def _by(successor: Document | None) -> str:
    if successor is None:
        return ""
    since = f" ({written_date(successor.in_force_from)})" if successor.in_force_from else ""
    return f" by “{successor.title}”{since}"


def not_yet_in_force(document: Document, on: dt.date) -> str:
    """The label for a document that came after the date asked about."""
    return f"“{document.title}” came later than {full_date(on)}: {written_date(document.in_force_from)}."


def local_elsewhere(document: Document, area: str | None) -> str:
    """The label for a document about one place when the question is not about that place."""
    asked = f" Your question is answered for {area}." if area else ""
    return f"“{document.title}” is about {document.area}; other places have done it otherwise.{asked}"


def historical(documents: list[Document]) -> str:
    """The label for documents of their time."""
    names = "; ".join(f"“{d.title}” ({written_date(d.published)})" for d in documents)
    return f"Of its time, not a rule in force today: {names}."


def own_digest() -> str:
    """Whose words are quoted when the cited documents are digests."""
    return "The words quoted are our digest of each document; the locator says where the original has it."


def check_successor(successor: Document) -> str:
    """The next step when what was found has been replaced."""
    return f"Check what replaced it: “{successor.title}” ({written_date(successor.published)})."


def answered_for(on: dt.date, area: str | None) -> str:
    """The footer of every answer: for which date and place."""
    place = f"in {area}" if area else "no place given"
    return f"As of {full_date(on)}, {place}."


def full_date(date: dt.date) -> str:
    """A date in words: 20 November 2026."""
    return f"{date.day} {date:%B %Y}"


def chip(status: DocumentStatus) -> str:
    """The label after a source."""
    return {
        DocumentStatus.IN_FORCE: "in force",
        DocumentStatus.SUPERSEDED: "SUPERSEDED",
        DocumentStatus.HISTORICAL: "historical",
    }[status]


def written_date(value: str | None) -> str:
    """A date as people write it: `2010-12` is December 2010."""
    if not value:
        return "undated"
    parts = value.split("-")
    month = f"{dt.date(2000, int(parts[1]), 1):%B} " if len(parts) > 1 else ""
    day = f"{int(parts[2])} " if len(parts) > 2 else ""
    return f"{day}{month}{parts[0]}"
