"""Check the tables against each other and against the documents. Pure: no I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from assistant.errors import Mistake
from assistant.knowledge import (
    ACCEPTED,
    AGREEMENTS,
    BODIES,
    GENERAL_RECORD,
    PLACES,
    TOWNS,
    VOCABULARY,
    Knowledge,
    Place,
)
from assistant.written import first_day, last_day, nearest
from ingest.checking.findings import CHECKS, Finding, Severity

PLAIN_USAGE = "spelling and everyday usage, no claim made"
"""The source of a row of the vocabulary that claims nothing."""


def check_tables(knowledge: Knowledge, documents: Collection[str] | None, *, today: str) -> Iterator[Finding]:
    """Everything about the tables that reading them does not tell.

    documents: the ids there are; None when some could not be read, so that none can be told to be missing.
    """
    yield from _sources(knowledge)
    yield from _agreements(knowledge, documents, today)
    yield from _accepted(knowledge, documents)
    yield from _bodies(knowledge)
    yield from _successions(knowledge.places.all)
    yield from _names(knowledge)
    yield from _vocabulary(knowledge)


def _finding(check: str, table: str, where: str, what: str, remedy: str, words: str = "") -> Finding:
    return Finding(check, Mistake(where, what, remedy), document=table, words=words)


def _sources(knowledge: Knowledge) -> Iterator[Finding]:
    known = {source.name for source in knowledge.sources}
    if not known:
        return  # the table could not be read, which is told
    rows: list[tuple[str, str, Iterable[str]]] = [(BODIES, b.where, b.sources) for b in knowledge.bodies]
    rows += [(AGREEMENTS, a.where, a.sources) for a in knowledge.agreements]
    for table, where, names in rows:
        for name in names:
            if name not in known and name != GENERAL_RECORD:
                remedy = f"{nearest(name, known)}Use a name of tables/sources.csv, or '{GENERAL_RECORD}'."
                yield _finding(
                    "unknown-source", table, where, f"source is '{name}', which is in no table.", remedy, name
                )
    for term in knowledge.vocabulary:
        if term.source == PLAIN_USAGE:
            continue
        for name in (part.strip() for part in term.source.split(";")):
            if name not in known:
                what = f"the row '{term.term}' has the source '{name}', which is in no table."
                remedy = f"{nearest(name, known)}Use names of tables/sources.csv with ; between, or '{PLAIN_USAGE}'."
                yield _finding("unknown-source", VOCABULARY, term.where, what, remedy, name)


def _agreements(knowledge: Knowledge, documents: Collection[str] | None, today: str) -> Iterator[Finding]:
    for row in knowledge.agreements:
        if documents is not None and row.document not in documents:
            remedy = f"{nearest(row.document, documents)}Write the id of a document of the corpus."
            what = f"document is '{row.document}', which is the id of no document."
            yield _finding("broken-link", AGREEMENTS, row.where, what, remedy, row.document)
        if first_day(row.last_checked) > today:
            what = f"last_checked is '{row.last_checked}', which is to come."
            yield _finding("dates", AGREEMENTS, row.where, what, "Correct the date.", row.last_checked)
        dates = [date for date in (row.made, *row.revised, row.until) if date]
        for earlier, later in pairwise(dates):
            if first_day(earlier) > last_day(later):
                what = f"{earlier} stands before {later}."
                yield _finding("dates", AGREEMENTS, row.where, what, "Put made, revised and until in order.", earlier)


def _accepted(knowledge: Knowledge, documents: Collection[str] | None) -> Iterator[Finding]:
    for row in knowledge.accepted:
        if row.check not in CHECKS:
            remedy = f"{nearest(row.check, CHECKS)}The checks are {', '.join(CHECKS)}."
            yield _finding("broken-link", ACCEPTED, row.where, f"there is no check '{row.check}'.", remedy, row.check)
        elif CHECKS[row.check][0] is Severity.WRONG:
            what = f"'{row.check}' is wrong, not doubtful: it cannot be let stand."
            yield _finding("broken-link", ACCEPTED, row.where, what, "Mend it, and take this row out.", row.check)
        is_file = row.document.endswith((".csv", ".yaml")) or row.check == "left-out"
        if documents is not None and row.document not in documents and not is_file:
            remedy = f"{nearest(row.document, documents)}Write a document's id, or a table's file name."
            what = f"document is '{row.document}', which is the id of no document."
            yield _finding("broken-link", ACCEPTED, row.where, what, remedy, row.document)


def _bodies(knowledge: Knowledge) -> Iterator[Finding]:
    by_name = {body.name: body for body in knowledge.bodies}
    for body in knowledge.bodies:
        if body.since and body.until and first_day(body.since) > last_day(body.until):
            what = f"'{body.name}': from is {body.since}, which is after until {body.until}."
            yield _finding(
                "dates", BODIES, body.where, what, "Write its first day in from, its last in until.", body.name
            )
        if body.replaced_by and not body.until:
            what = f"'{body.name}' was replaced by {', '.join(body.replaced_by)}, but until is empty."
            yield _finding("dates", BODIES, body.where, what, "Write when it ended, as far as known.", body.name)
        for name in body.replaced_by:
            after = by_name.get(name)
            if after and after.until and body.until and last_day(after.until) < first_day(body.until):
                what = f"'{body.name}' ended in {body.until}, after its successor '{name}' had ended in {after.until}."
                yield _finding("dates", BODIES, body.where, what, "Correct one of the dates.", body.name)


def _successions(places: Iterable[Place]) -> Iterator[Finding]:
    by_name = {place.name: place for place in places}
    for place in by_name.values():
        for name in place.replaced_by:
            after = by_name.get(name)
            if after is None or place.until is None or after.since is None:
                continue
            if (after.since - place.until).days > 1:  # it may have been there before, and taken the other over
                what = (
                    f"'{place.name}' ended on {place.until}, but '{name}', which replaced it, began on {after.since}."
                )
                yield _finding("dates", PLACES, place.where, what, "until is the last day it existed.", place.name)


def _names(knowledge: Knowledge) -> Iterator[Finding]:
    """A name that two councils of today share, or that is a town's and a council's."""
    owners: dict[str, set[str]] = defaultdict(set)
    where = {}
    for place in knowledge.places.all:
        if place.until is None:
            for name in place.names:
                owners[name.casefold()].add(place.name)
                where[name.casefold()] = place.where
    for name, who in owners.items():
        if len(who) > 1:
            what = f"'{name}' names {' and '.join(sorted(who))}, which both exist today."
            yield _finding("ambiguous-name", PLACES, where[name], what, "Keep it for one of them.", name)
    for town in knowledge.towns:
        if town.name.casefold() in {name for name, who in owners.items() if who}:
            what = f"'{town.name}' is a council's own name."
            yield _finding("ambiguous-name", TOWNS, town.where, what, "Take the row out.", town.name)


def _vocabulary(knowledge: Knowledge) -> Iterator[Finding]:
    seen: set[str] = set()
    for term in knowledge.vocabulary:
        if term.term.casefold() in seen:
            what = f"the term '{term.term}' has two rows."
            yield _finding("ambiguous-name", VOCABULARY, term.where, what, "Make them one.", term.term)
        seen.add(term.term.casefold())
        for form in term.forms:
            if len(form.strip()) < 2:
                what = f"the row '{term.term}' has the form '{form}', which is too short to be looked for."
                yield _finding("ambiguous-name", VOCABULARY, term.where, what, "Take it out.", form)
