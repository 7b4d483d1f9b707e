"""The tables that champions keep in `corpus/tables/`, read and checked.

In:   a corpus folder. A table it lacks is the shipped one.
Out:  frozen rows.
Raises: CorpusInvalid with every mistake found, by file and line.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz import process

from assistant.errors import CorpusInvalid, Mistake
from assistant.settings import SHIPPED_CORPUS

VOCABULARY = "vocabulary.yaml"
PLACES = "places.csv"
PLACE_COLUMNS = ("name", "official_name", "type", "nation", "region", "county", "from", "until", "replaced_by")


class Term(BaseModel):
    """A row of the vocabulary: forms that mean the same, or near enough for a search."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    term: str
    also: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    years: str | None = None
    not_: str | None = Field(default=None, alias="not")
    source: str

    @property
    def forms(self) -> tuple[str, ...]:
        """Every form, the field's own term first."""
        return tuple(dict.fromkeys((self.term, *self.also, *self.now)))


@dataclass(frozen=True, slots=True)
class Place:
    """A council's area: what it is called, what it lies in, and when it was."""

    name: str
    official_name: str
    type: str
    nation: str
    region: str
    county: str
    since: dt.date | None
    until: dt.date | None
    replaced_by: str


class Places:
    """The gazetteer, looked up by any name without regard to case."""

    def __init__(self, places: list[Place]) -> None:
        self.all = tuple(places)
        self._by_name: dict[str, Place] = {}
        for place in places:
            self._by_name.setdefault(place.name.casefold(), place)
        for place in places:
            self._by_name.setdefault(place.official_name.casefold(), place)

    def find(self, name: str) -> Place | None:
        """The place of this name, None when the table has none."""
        return self._by_name.get(" ".join(name.split()).casefold())

    def nearest(self, name: str) -> list[str]:
        """Up to three names that look like this one, best first."""
        found = process.extract(name.casefold(), list(self._by_name), limit=6, score_cutoff=70)
        return list(dict.fromkeys(self._by_name[key].name for key, _, _ in found))[:3]

    @property
    def names(self) -> frozenset[str]:
        """The short names."""
        return frozenset(place.name for place in self.all)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Every table."""

    vocabulary: tuple[Term, ...]
    places: Places
    sha256: str


def load_knowledge(corpus_dir: Path) -> Knowledge:
    """Read all tables of a corpus folder."""
    mistakes: list[Mistake] = []
    digest = hashlib.sha256()
    terms = list(_vocabulary(_table(corpus_dir, VOCABULARY), mistakes, digest))
    places = list(_places(_table(corpus_dir, PLACES), mistakes, digest))
    if mistakes:
        raise CorpusInvalid(mistakes)
    return Knowledge(tuple(terms), Places(places), digest.hexdigest())


def _table(corpus_dir: Path, name: str) -> Path:
    own = corpus_dir / "tables" / name
    return own if own.exists() else SHIPPED_CORPUS / "tables" / name


def _read(path: Path, mistakes: list[Mistake], digest: Any) -> str:
    try:
        data = path.read_bytes()
        digest.update(data)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mistakes.append(Mistake(str(path), f"byte {error.start} is not UTF-8.", "Save the file as UTF-8."))
    except OSError as error:
        mistakes.append(Mistake(str(path), f"it cannot be read ({error.strerror}).", "Allow this user to read it."))
    return ""


def _vocabulary(path: Path, mistakes: list[Mistake], digest: Any) -> Iterator[Term]:
    text = _read(path, mistakes, digest)
    try:
        rows = yaml.safe_load(text) or []
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        mistakes.append(
            Mistake(f"{path}:{line}", "this is not YAML.", "Indent with spaces; quote text that has a colon.")
        )
        return
    if not isinstance(rows, list):
        mistakes.append(Mistake(str(path), "the table is not a list.", "Begin each row with `- term:`."))
        return
    lines = [node.start_mark.line + 1 for node in root.value] if isinstance(root, yaml.SequenceNode) else []
    for row, line in zip(rows, lines, strict=True):
        try:
            yield Term.model_validate(row)
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


def _places(path: Path, mistakes: list[Mistake], digest: Any) -> Iterator[Place]:
    reader = csv.DictReader(_read(path, mistakes, digest).splitlines())
    if tuple(reader.fieldnames or ()) != PLACE_COLUMNS:
        mistakes.append(
            Mistake(f"{path}:1", f"the columns are {reader.fieldnames}.", f"Use exactly: {','.join(PLACE_COLUMNS)}.")
        )
        return
    for row in reader:
        where = f"{path}:{reader.line_num}"
        if None in row or None in row.values():
            mistakes.append(Mistake(where, "this row has too many or too few cells.", "Quote a cell that has a comma."))
            continue
        dates: dict[str, dt.date | None] = {}
        for column in ("from", "until"):
            try:
                dates[column] = dt.date.fromisoformat(row[column]) if row[column] else None
            except ValueError:
                mistakes.append(
                    Mistake(where, f"{column} is {row[column]!r}.", "Write year-month-day, for example 2009-04-01.")
                )
        if not row["name"]:
            mistakes.append(Mistake(where, "the name is empty.", "Give the council's short name."))
        if len(dates) == 2:
            yield Place(
                name=row["name"],
                official_name=row["official_name"],
                type=row["type"],
                nation=row["nation"],
                region=row["region"],
                county=row["county"],
                since=dates["from"],
                until=dates["until"],
                replaced_by=row["replaced_by"],
            )
