"""Check what documents say of themselves: sources, dates, what replaced what. Pure: no I/O."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence

from assistant.knowledge import Knowledge
from assistant.values import DocumentStatus, Kind
from assistant.written import either, first_day, last_day, nearest
from ingest.checking.findings import Finding
from ingest.checking.texts import Text

CHECKED_WITHIN_DAYS = 2 * 366
"""A document checked longer ago than this is to be looked at again."""
MAX_GAP_DAYS = 62
"""How long after one edition ended the next may begin, where both dates are known to the day or month."""


def check_documents(texts: Sequence[Text], knowledge: Knowledge, *, today: str) -> Iterator[Finding]:
    """Sources, dates and fields of every document."""
    known = frozenset(source.name for source in knowledge.sources)  # none when the table could not be read
    for text in texts:
        yield from _sources(text, known)
        yield from _dates(text, today)
        yield from _checked(text, today)
        yield from _local(text, knowledge)
        yield from _passages_sources(text, known)


def _sources(text: Text, known: Collection[str]) -> Iterator[Finding]:
    document = text.document
    if not document.sources:
        remedy = "Add `sources: [NAME]`, with a name of tables/sources.csv; add the source there first if it is new."
        yield text.finding("no-source", 1, "the document names no sources.", remedy)
    line = text.line_of_field("sources")
    for name in document.sources:
        if known and name not in known:
            remedy = f"{nearest(name, known)}Use a name of tables/sources.csv, or add the source there."
            yield text.finding("unknown-source", line, f"the source '{name}' is in no table.", remedy, name)


def _passages_sources(text: Text, known: Collection[str]) -> Iterator[Finding]:
    """Each passage names its source in its locator, unless the document has only one."""
    listed = text.document.sources
    if not known:
        return
    named: set[str] = set()
    for each in text.divided:
        found = names_in(each.passage.locator, known)
        named.update(found)
        words = each.passage.text[:60]
        reported = each.passage.locator.rpartition("as reported by ")[2].strip()
        if reported != each.passage.locator.strip() and not names_in(reported, known):
            what = f"the locator says 'as reported by {reported}', and that is in no table."
            remedy = f"{nearest(reported, known)}Use a name of tables/sources.csv, or add the source there."
            yield text.finding("unknown-source", each.line, what, remedy, reported)
        elif not found and len(listed) > 1:
            what = f"the passage '{words}…' does not say whose source it has: {each.passage.locator!r}."
            remedy = "End its locator with, for example, `; as reported by NAME`, a name of tables/sources.csv."
            yield text.finding("no-source", each.line, what, remedy, words)
        for name in found:
            if name not in listed:
                what = f"the locator names '{name}', which is not among the document's sources."
                yield text.finding("unlisted-source", each.line, what, f"Add '{name}' to `sources:`.", name)
    if len(listed) > 1:
        for name in listed:
            if name in known and name not in named:
                what = f"no locator names the source '{name}'."
                remedy = "Name it where it bears something out, or take it out of `sources:`."
                yield text.finding("unused-source", text.line_of_field("sources"), what, remedy, name)


def names_in(locator: str, known: Collection[str]) -> list[str]:
    """The sources that a locator names, longest name first so that no name is found inside another."""
    found = []
    for name in sorted((n for n in known if n in locator), key=len, reverse=True):
        if name in locator:
            found.append(name)
            locator = locator.replace(name, " ")
    return found


def _dates(text: Text, today: str) -> Iterator[Finding]:
    document = text.document
    line = text.line_of_field("status")
    governs = document.kind in (Kind.INSTRUMENT, Kind.CODE, Kind.LOCAL_COMPACT)
    if document.status is DocumentStatus.SUPERSEDED and governs and not document.in_force_until:
        what = "it is superseded, but nothing says until when it was in force."
        yield text.finding("dates", line, what, "Add `in_force_until:`, as exact as it is known.", "in_force_until")
    if document.status is not DocumentStatus.HISTORICAL and governs and not document.in_force_from:
        what = "nothing says from when it was in force."
        yield text.finding("dates", line, what, "Add `in_force_from:`, as exact as it is known.", "in_force_from")
    until = document.in_force_until
    if document.status is DocumentStatus.IN_FORCE and until and last_day(until) < today:
        what = f"status is 'in-force', but in_force_until is '{until}'."
        yield text.finding("dates", text.line_of_field("in_force_until"), what, _OUT_OF_FORCE, "in_force_until")
    if document.in_force_from and first_day(document.in_force_from) > today:
        what = f"in_force_from is '{document.in_force_from}', which is to come."
        yield text.finding("dates", text.line_of_field("in_force_from"), what, "Correct the date.", "in_force_from")
    if document.published and first_day(document.published) > today:
        what = f"published is '{document.published}', which is to come."
        yield text.finding("dates", text.line_of_field("published"), what, "Correct the date.", "published")


_OUT_OF_FORCE = "Write `status: superseded` with `superseded_by:`, or `status: historical`; or correct the date."


def _checked(text: Text, today: str) -> Iterator[Finding]:
    document = text.document
    line = text.line_of_field("last_checked")
    lacking = [name for name in ("last_checked", "checked_against") if not getattr(document, name)]
    if lacking:
        remedy = "Add `last_checked:` with the date, and `checked_against:` with what you compared it with."
        yield text.finding("not-checked", line, f"{either(lacking)} is missing.".replace(" or ", " and "), remedy)
    checked = document.last_checked
    if checked and first_day(checked) > today:
        yield text.finding("dates", line, f"last_checked is '{checked}', which is to come.", "Correct the date.")
    elif checked:
        age = dt.date.fromisoformat(today) - dt.date.fromisoformat(first_day(checked))
        if age.days > CHECKED_WITHIN_DAYS:
            what = f"it was last checked on {checked}, over two years ago."
            yield text.finding("not-checked", line, what, "Compare it with its sources, and write today's date.")
    if not document.licence:  # what else is missing, reading the document has told
        remedy = 'Add `licence:`; write "none stated" if the source gives none.'
        yield text.finding("missing-field", 1, "licence is missing.", remedy, "licence")


def _local(text: Text, knowledge: Knowledge) -> Iterator[Finding]:
    document = text.document
    if document.kind is not Kind.LOCAL_COMPACT or not knowledge.agreements:
        return
    rows = [row for row in knowledge.agreements if row.document == document.id]
    if not rows:
        remedy = "Add a row to tables/local-agreements.csv with this document's id."
        yield text.finding("area", 1, "no row of tables/local-agreements.csv names this document.", remedy)
    elif document.area and not any(document.area in row.areas for row in rows):
        has = either([", ".join(row.areas) or "no area" for row in rows])
        what = f"area is '{document.area}', but tables/local-agreements.csv has {has}."
        yield text.finding("area", text.line_of_field("area"), what, "Let both name the same place.", document.area)


def check_successions(texts: Sequence[Text]) -> Iterator[Finding]:
    """Each edition ends where the next begins."""
    by_id = {text.document.id: text for text in texts}
    for text in texts:
        after = by_id.get(text.document.superseded_by or "")
        until = text.document.in_force_until
        since = after.document.in_force_from if after else None
        if after is None or until is None or since is None:
            continue
        line = text.line_of_field("in_force_until")
        if first_day(since) > last_day(until) and _days(last_day(until), first_day(since)) > MAX_GAP_DAYS:
            what = f"it ended in {until}, but '{after.document.id}', which replaced it, began in {since}."
            yield text.finding("dates", line, what, "Close the gap, or say what governed between.", until)
        if last_day(since) < first_day(until) and _days(last_day(since), first_day(until)) > 1:
            what = f"it ended in {until}, after '{after.document.id}', which replaced it, had begun in {since}."
            yield text.finding("dates", line, what, "Let the one end where the other begins.", until)


def _days(earlier: str, later: str) -> int:
    return (_date(later) - _date(earlier)).days


def _date(padded: str) -> dt.date:
    """A date whose day may be past its month's end."""
    year, month, day = map(int, padded.split("-"))
    return dt.date(year, month, min(day, 28)) + dt.timedelta(days=max(0, day - 28))
