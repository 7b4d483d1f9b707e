"""The tables that champions keep in `corpus/tables/`, read and checked.

    vocabulary.yaml        which words mean the same to a search
    places.csv             councils, now and since 1998
    towns.csv              towns and districts, and the councils that serve them
    bodies.csv             public bodies and kinds of body, now and since 1998
    local-agreements.csv   Local Compacts and like agreements
    sources.csv            the public documents that statements rest on, by the names locators use
    accepted.csv           doubts of `corpus check` that somebody has looked at and let stand

In:   a corpus folder. A table it lacks is the shipped one.
Out:  frozen rows.
Raises: CorpusInvalid with every mistake found, by file and line.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Protocol, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import process

from assistant.errors import CorpusInvalid, Mistake
from assistant.settings import SHIPPED_CORPUS
from assistant.tables import Cell, Column, Row, read_table
from assistant.written import first_day, last_day, nearest

VOCABULARY = "vocabulary.yaml"
PLACES = "places.csv"
TOWNS = "towns.csv"
BODIES = "bodies.csv"
AGREEMENTS = "local-agreements.csv"
SOURCES = "sources.csv"
ACCEPTED = "accepted.csv"

PLACE_TYPES = (
    "County",
    "Non-metropolitan district",
    "Unitary authority",
    "Metropolitan district",
    "London borough",
    "City corporation",
    "Sui generis",
    "Greater London Authority",
    "Combined authority",
    "Welsh unitary authority",
    "Scottish unitary authority",
    "NI district",
)
NATIONS = ("England", "Wales", "Scotland", "Northern Ireland")
BODY_KINDS = (
    "department",
    "unit_of_department",
    "non_ministerial_department",
    "executive_agency",
    "ndpb",
    "regulator",
    "lottery_distributor",
    "nhs_commissioner",
    "nhs_provider",
    "nhs_national",
    "police",
    "fire",
    "probation",
    "regional_body",
    "council",
    "parish_council",
    "combined_authority",
    "partnership",
    "school",
    "university",
    "housing_association",
    "court",
    "ombudsman",
    "parliament",
    "devolved_government",
    "public_corporation",
    "sector",
    "other",
)
LEVELS = ("national", "regional", "local")
AGREEMENT_KINDS = ("local-compact", "accord", "protocol", "charter", "pledge", "none", "planned")
STATES = ("seen-in-full", "seen-in-part", "summary-only", "name-only", "planned", "none")
GENERAL_RECORD = "general public record"
"""A source for what anybody can look up: when a department was founded, say."""

PLACE_COLUMNS = (
    Column("name", needed=True),
    Column("also", Cell.LIST),
    Column("official_name", needed=True),
    Column("type", needed=True, choices=PLACE_TYPES),
    Column("nation", needed=True, choices=NATIONS),
    Column("region"),
    Column("county"),
    Column("combined_authority"),
    Column("from", Cell.DATE),
    Column("until", Cell.DATE),
    Column("replaced_by", Cell.LIST),
)
TOWN_COLUMNS = (Column("town", needed=True), Column("council", Cell.LIST, needed=True), Column("note"))
BODY_COLUMNS = (
    Column("name", needed=True),
    Column("also", Cell.LIST),
    Column("kind", needed=True, choices=BODY_KINDS),
    Column("level", needed=True, choices=LEVELS),
    Column("from", Cell.DATE),
    Column("until", Cell.DATE),
    Column("replaced_by", Cell.LIST),
    Column("source", Cell.LIST, needed=True),
    Column("note"),
)
AGREEMENT_COLUMNS = (
    Column("area", Cell.LIST),
    Column("title", needed=True),
    Column("kind", needed=True, choices=AGREEMENT_KINDS),
    Column("made", Cell.DATE),
    Column("revised", Cell.DATES),
    Column("until", Cell.DATE),
    Column("signatories", Cell.LIST),
    Column("codes", Cell.LIST),
    Column("binds"),
    Column("document", needed=True),
    Column("source", Cell.LIST, needed=True),
    Column("state", needed=True, choices=STATES),
    Column("last_evidence"),
    Column("last_checked", Cell.DATE, needed=True),
)
SOURCE_COLUMNS = (
    Column("name", needed=True),
    Column("title", needed=True),
    Column("publisher"),
    Column("published"),
    Column("licence"),
    Column("address"),
)
ACCEPTED_COLUMNS = (
    Column("check", needed=True),
    Column("document", needed=True),
    Column("words"),
    Column("reason", needed=True),
)


class Term(BaseModel):
    """A row of the vocabulary: forms that mean the same, or near enough for a search."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    term: str
    also: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    years: str | None = None
    not_: str | None = Field(default=None, alias="not")
    source: str
    where: str = Field(default="", exclude=True, description="File and line; not a field of the table.")

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form, the field's own term first."""
        return tuple(dict.fromkeys((self.term, *self.also, *self.now)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A council's area: what it is called, what it lies in, and when it was.

    since: its first day; None when that was before 1998. until: its last; None when it is there today.
    """

    name: str
    official_name: str
    type: str
    nation: str
    also: tuple[str, ...] = ()
    region: str = ""
    county: str = ""
    combined_authority: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    replaced_by: tuple[str, ...] = ()
    where: str = field(default="", compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called."""
        return (self.name, self.official_name, *self.also)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A town, city or district that is no council's own name, and the councils that serve it today."""

    name: str
    councils: tuple[str, ...]
    note: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A public body, or a kind of public body. Dates are as exact as they are known, "" when they are not."""

    name: str
    also: tuple[str, ...]
    kind: str
    level: str
    since: str
    until: str
    replaced_by: tuple[str, ...]
    sources: tuple[str, ...]
    note: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A Local Compact or like agreement: who made it, whom its parts bind, and how much of it we have seen."""

    areas: tuple[str, ...]
    title: str
    kind: str
    made: str
    revised: tuple[str, ...]
    until: str
    signatories: tuple[str, ...]
    codes: tuple[str, ...]
    binds: str
    document: str
    sources: tuple[str, ...]
    state: str
    last_evidence: str
    last_checked: str
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSource:
    """A public document that statements rest on, by the name locators use."""

    name: str
    title: str
    publisher: str = ""
    published: str = ""
    licence: str = ""
    address: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A doubt that somebody has looked at and let stand: which check, in which document, about which words, and why."""

    check: str
    document: str
    words: str
    reason: str
    where: str = field(default="", compare=False)


class Places:
    """The gazetteer, looked up by any name without regard to case. What exists today goes before what is gone."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.all = tuple(places)
        self.names = frozenset(place.name for place in places)
        """The short names."""
        self._by_name: dict[str, Place] = {}
        today_first = sorted(places, key=lambda place: place.until is not None)
        for kind_of_name in ((lambda p: (p.name,)), (lambda p: (p.official_name,)), (lambda p: p.also)):
            for place in today_first:
                for name in kind_of_name(place):
                    self._by_name.setdefault(name.casefold(), place)

    def find(self, name: str) -> Place | None:
        """The place of this name, None when the table has none."""
        return self._by_name.get(" ".join(name.replace("’", "'").split()).casefold())

    def nearest(self, name: str) -> list[str]:
        """Up to three names that look like this one, best first."""
        found = process.extract(name.casefold(), list(self._by_name), limit=6, score_cutoff=70)
        return list(dict.fromkeys(self._by_name[key].name for key, _, _ in found))[:3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """Every table."""

    vocabulary: tuple[Term, ...]
    places: Places
    towns: tuple[Town, ...]
    bodies: tuple[Body, ...]
    agreements: tuple[Agreement, ...]
    sources: tuple[NamedSource, ...]
    accepted: tuple[Accepted, ...]
    sha256: str


def load_knowledge(corpus_dir: Path) -> Knowledge:
    """Read all tables of a corpus folder."""
    knowledge, mistakes = read_knowledge(corpus_dir)
    if mistakes:
        raise CorpusInvalid(mistakes)
    return knowledge


def read_knowledge(corpus_dir: Path) -> tuple[Knowledge, list[Mistake]]:
    """As `load_knowledge`, but gives what is right, and every mistake beside it."""
    tables = _Tables(corpus_dir)
    terms = tuple(tables.vocabulary())
    places = Places([_place(row) for row in tables.rows(PLACES, PLACE_COLUMNS)])
    towns = [_made(Town, row, name="town", councils="council") for row in tables.rows(TOWNS, TOWN_COLUMNS)]
    bodies = tuple(_made(Body, row, since="from", sources="source") for row in tables.rows(BODIES, BODY_COLUMNS))
    agreements = [
        _made(Agreement, row, areas="area", sources="source") for row in tables.rows(AGREEMENTS, AGREEMENT_COLUMNS)
    ]
    sources = tuple(_made(NamedSource, row) for row in tables.rows(SOURCES, SOURCE_COLUMNS))
    accepted = tuple(_made(Accepted, row) for row in tables.rows(ACCEPTED, ACCEPTED_COLUMNS))
    mistakes = tables.mistakes
    mistakes += _twice("town", towns)
    mistakes += _twice("body", bodies)
    mistakes += _twice("source", sources)
    mistakes += _place_mistakes(places)
    mistakes += _successions("body", bodies)
    if tables.is_own(PLACES):
        # A shipped row about a place that this folder does not know says nothing here.
        towns = [t for t in towns if tables.is_own(TOWNS) or places.names.issuperset(t.councils)]
        agreements = [a for a in agreements if tables.is_own(AGREEMENTS) or places.names.issuperset(a.areas)]
    if PLACES not in tables.unread:
        for town in towns:
            mistakes += _unknown_places(town.where, "council", town.councils, places)
        for agreement in agreements:
            mistakes += _unknown_places(agreement.where, "area", agreement.areas, places)
    knowledge = Knowledge(
        vocabulary=terms,
        places=places,
        towns=tuple(towns),
        bodies=bodies,
        agreements=tuple(agreements),
        sources=sources,
        accepted=accepted,
        sha256=tables.digest.hexdigest(),
    )
    return knowledge, mistakes


class _Tables:
    """The files of one corpus folder, with what is wrong in them. Of those in `unread` no row could be read."""

    def __init__(self, corpus_dir: Path) -> None:
        self._own = corpus_dir / "tables"
        self.mistakes: list[Mistake] = []
        self.unread: set[str] = set()
        self.digest = hashlib.sha256()

    def is_own(self, name: str) -> bool:
        """Whether the folder has this table itself."""
        return (self._own / name).exists()

    def rows(self, name: str, columns: Sequence[Column]) -> list[Row]:
        """The rows of a CSV table."""
        before = len(self.mistakes)
        path, text = self._read(name)
        rows = [] if text is None else read_table(text, columns, where=str(path), mistakes=self.mistakes)
        if not rows and len(self.mistakes) > before:
            self.unread.add(name)
        return rows

    def vocabulary(self) -> Iterator[Term]:
        """The rows of the vocabulary."""
        path, text = self._read(VOCABULARY)
        if text is not None:
            yield from _terms(path, text, self.mistakes)

    def _read(self, name: str) -> tuple[Path, str | None]:
        path = self._own / name if self.is_own(name) else SHIPPED_CORPUS / "tables" / name
        try:
            data = path.read_bytes()
            self.digest.update(data)
            return path, data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            remedy = "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8)."
            self.mistakes.append(Mistake(f"{path}:{line}", f"byte 0x{data[error.start]:02x} is not UTF-8.", remedy))
        except OSError as error:
            remedy = "Allow this user to read it."
            self.mistakes.append(Mistake(str(path), f"it cannot be read ({error.strerror}).", remedy))
        return path, None


def _terms(path: Path, text: str, mistakes: list[Mistake]) -> Iterator[Term]:
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
        rows = yaml.constructor.SafeConstructor().construct_document(root) if root else []
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        remedy = "Indent with spaces; quote text that has a colon."
        mistakes.append(Mistake(f"{path}:{line}", "this is not YAML.", remedy))
        return
    if not isinstance(rows, list):
        mistakes.append(Mistake(str(path), "the table is not a list.", "Begin each row with `- term:`."))
        return
    lines = [node.start_mark.line + 1 for node in root.value] if isinstance(root, yaml.SequenceNode) else []
    for row, line in zip(rows, lines, strict=True):
        try:
            yield Term.model_validate({**row, "where": f"{path}:{line}"} if isinstance(row, dict) else row)
        except ValidationError as error:
            for problem in error.errors():
                name = ".".join(str(part) for part in problem["loc"]) or "row"
                mistakes.append(
                    Mistake(
                        f"{path}:{line}",
                        f"{name}: {problem['msg'].lower()} (it is {problem['input']!r}).",
                        "A row has term and source, and may have also, now (lists), years and not (text).",
                    )
                )


def _place(row: Row) -> Place:
    return Place(
        name=row.text("name"),
        also=row.list("also"),
        official_name=row.text("official_name"),
        type=row.text("type"),
        nation=row.text("nation"),
        region=row.text("region"),
        county=row.text("county"),
        combined_authority=row.text("combined_authority"),
        since=_day(row.text("from"), first_day),
        until=_day(row.text("until"), last_day),
        replaced_by=row.list("replaced_by"),
        where=row.where,
    )


def _day(written: str, whole: Callable[[str], str]) -> dt.date | None:
    if not written:
        return None
    year, month, day = (int(part) for part in whole(written).split("-"))
    while True:  # a month as if it had 31 days
        try:
            return dt.date(year, month, day)
        except ValueError:
            day -= 1


_Made = TypeVar("_Made", Town, Body, Agreement, NamedSource, Accepted)


def _made(kind: type[_Made], row: Row, **column_of: str) -> _Made:
    """A row as a value of this kind. `column_of` names the column of each field that is called otherwise."""
    names = [each.name for each in fields(kind) if each.name != "where"]
    values: dict[str, Any] = {name: row.values[column_of.get(name, name)] for name in names}
    return kind(**values, where=row.where)


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def where(self) -> str: ...


class _Succeeded(_Named, Protocol):
    @property
    def replaced_by(self) -> tuple[str, ...]: ...


def _twice(what: str, rows: Iterable[_Named]) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for row in rows:
        first = seen.setdefault(row.name.casefold(), row.where)
        if first != row.where:
            remedy = "Keep one of the two rows, or tell them apart by name."
            yield Mistake(row.where, f"the {what} '{row.name}' stands in {first} too.", remedy)


def _place_mistakes(places: Places) -> Iterator[Mistake]:
    yield from _twice("place", places.all)
    yield from _successions("place", places.all)
    for place in places.all:
        for column, name in (("county", place.county), ("combined_authority", place.combined_authority)):
            if name:
                yield from _unknown_places(place.where, column, (name,), places)
        if place.since and place.until and place.since > place.until:
            what = f"from is {place.since}, which is after until {place.until}."
            yield Mistake(place.where, what, "Write its first day in from, its last in until.")
        if place.until is None and place.replaced_by:
            what = f"'{place.name}' was replaced by {', '.join(place.replaced_by)}, but until is empty."
            yield Mistake(place.where, what, "Write its last day in until, or take replaced_by out.")


def _unknown_places(where: str, column: str, names: Iterable[str], places: Places) -> Iterator[Mistake]:
    for name in names:
        if name not in places.names:
            remedy = f"{nearest(name, places.names)}Use a name of {PLACES}."
            yield Mistake(where, f"{column} is '{name}', which is no place we know.", remedy)


def _successions(what: str, rows: Sequence[_Succeeded]) -> Iterator[Mistake]:
    """A replaced_by that names no row of the table, or that leads round."""
    by_name = {row.name: row for row in rows}
    for row in rows:
        for name in row.replaced_by:
            if name not in by_name:
                remedy = f"{nearest(name, by_name)}Write a name of this table."
                yield Mistake(row.where, f"replaced_by is '{name}', which is no {what} we know.", remedy)
        if row.name in _after(row.name, by_name):
            what_leads = f"replaced_by leads from '{row.name}' back to itself."
            yield Mistake(row.where, what_leads, "Let each name a later one, and the last none.")


def _after(name: str, by_name: dict[str, Any]) -> set[str]:
    """Everything that came after it."""
    seen: set[str] = set()
    waiting = list(by_name[name].replaced_by)
    while waiting:
        following = waiting.pop()
        if following not in seen and following in by_name:
            seen.add(following)
            waiting += by_name[following].replaced_by
    return seen
