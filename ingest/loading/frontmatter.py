"""What a file says of itself: YAML at the head of a Markdown file, or in a file beside another.

In:   text, `where` it comes from (a path, for messages), and the names of the areas there are.
Out:  `FrontMatter`: the fields of a `Document` that are right, the line of each, every mistake, and the body.
How:  values are taken as they are written: 2010-12 stays text, whatever YAML makes of it.
Raises: nothing for a mistake, which is in `mistakes`, so that those of many files can be shown together.
Pure: no I/O.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import yaml

from assistant.errors import CorpusInvalid, Mistake
from assistant.values import Document, DocumentStatus, Kind, Theme
from assistant.written import date_problem, either, first_day, last_day, nearest

REQUIRED = ("id", "title", "kind", "status", "basis")
"""What a Markdown file of a corpus folder has to say."""

UNDATED = "undated"
"""What `published` says of a document that bears no date."""
MAX_FRONT_MATTER_CHARS = 50_000
"""More than this is not front matter, and would be slow to read."""

EXAMPLE = """\
---
id: wexley-local-compact-2024
title: "Wexley Local Compact"
publisher: "Wexley Borough Council"
published: 2024-03
kind: local-compact
status: in-force
jurisdiction: England
basis: "The text as signed."
---"""

_HOW_TO_WRITE = {
    "id": "id: wexley-local-compact-2024",
    "title": 'title: "Wexley Local Compact"',
    "kind": "kind: guidance",
    "status": "status: historical",
    "basis": 'basis: "The text as signed."',
}
_YAML_REMEDY = (
    "Write each field as `name: value` at the start of a line; put a value that has ': ', '#', a quotation mark or "
    "another sign at its beginning in double quotes."
)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What was read.

    fields: right values, by their name in `Document`.
    lines:  for each of them, the line it stands on, from 1.
    body:   the text below, "" for a sidecar; `first_line` is the line it begins on.
    """

    fields: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()
    body: str = ""
    first_line: int = 1

    def document(self) -> Document:
        """The document described. Raises CorpusInvalid with every mistake when there are any."""
        if self.mistakes:
            raise CorpusInvalid(self.mistakes)
        return Document.model_validate(dict(self.fields))


def has_front_matter(text: str) -> bool:
    """Whether the first line that is not blank is `---`."""
    return _opening(text.split("\n")) is not None


def read_front_matter(text: str, *, where: str, areas: Collection[str] | None, complete: bool = True) -> FrontMatter:
    """Read the front matter of a Markdown file.

    areas: the names an area may have; None: any.
    complete: whether a field of `REQUIRED` that is not there is a mistake.
    """
    lines = text.split("\n")
    opening = _opening(lines)
    if opening is None:
        mistake = Mistake(f"{where}:1", "no front matter.", f"Begin the file with, for example:\n{_indented(EXAMPLE)}")
        return FrontMatter(mistakes=(mistake,), body=text)
    closing = next((i for i in range(opening + 1, len(lines)) if lines[i].rstrip() in ("---", "...")), None)
    if closing is None:
        what = "the front matter that begins here does not end."
        remedy = "Put a line of --- under its last field. If this line is meant as a rule across the page, write ***."
        return FrontMatter(mistakes=(Mistake(f"{where}:{opening + 1}", what, remedy),), body=text)
    found = _read_fields("\n".join(lines[opening + 1 : closing]), where, opening + 2, areas, complete)
    return FrontMatter(
        fields=found.fields,
        lines=found.lines,
        mistakes=found.mistakes,
        body="\n".join(lines[closing + 1 :]),
        first_line=closing + 2,
    )


def read_sidecar(yaml_text: str, *, where: str, areas: Collection[str] | None, complete: bool = False) -> FrontMatter:
    """Read a file of fields that stands beside another file. Lines of `---` around them do no harm."""
    return _read_fields(re.sub(r"\n---\s*$", "\n", yaml_text), where, 1, areas, complete)


def date_mistake(name: str, written: str, where: str) -> Mistake | None:
    """What is wrong with a date that may be a year, a year and month, or a day; None when nothing is."""
    if problem := date_problem(written):
        return Mistake(where, f"{name} is '{written}'. {problem[0]}", problem[1])
    return None


def area_mistake(written: str, where: str, areas: Collection[str] | None) -> Mistake | None:
    """What is wrong with the name of an area; None when nothing is."""
    if areas is None or written in areas:
        return None
    remedy = f"{nearest(written, areas)}Use a name from tables/places.csv, or add the place there."
    return Mistake(where, f"area is '{written}', which is no place we know.", remedy)


class _Problem(Exception):
    """One wrong value: what it is, and the remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def _opening(lines: list[str]) -> int | None:
    first = next((i for i, line in enumerate(lines) if line.strip()), None)
    return first if first is not None and lines[first].rstrip() == "---" else None


def _read_fields(
    yaml_text: str, where: str, first_line: int, areas: Collection[str] | None, complete: bool
) -> FrontMatter:
    mistakes: list[Mistake] = []
    fields: dict[str, object] = {}
    lines: dict[str, int] = {}
    pairs = _pairs(yaml_text, where, first_line, mistakes)
    given: dict[str, int] = {}
    for name, node, line in pairs or ():
        here = f"{where}:{line}"
        if name not in _FIELDS:
            remedy = f"{nearest(name, _FIELDS)}The fields are {', '.join(_FIELDS)}."
            mistakes.append(Mistake(here, f"there is no field '{name}'.", remedy))
        elif name in given:
            what = f"{name} stands here a second time; the first is on line {given[name]}."
            mistakes.append(Mistake(here, what, "Keep one of the two."))
        else:
            given[name] = line
            try:
                value = _FIELDS[name](name, node)
            except _Problem as problem:
                mistakes.append(Mistake(here, problem.what, problem.remedy))
                continue
            fields[_DOCUMENT_FIELD.get(name, name)] = value
            lines[_DOCUMENT_FIELD.get(name, name)] = line
    if pairs is not None:
        mistakes += [
            Mistake(
                f"{where}:{max(1, first_line - 1)}",
                f"{name} is missing.",
                f"Add a line such as `{_HOW_TO_WRITE[name]}`.",
            )
            for name in REQUIRED
            if complete and name not in given
        ]
        mistakes += _disagreements(fields, lines, given, where, areas)
    in_order = sorted(mistakes, key=lambda mistake: int(mistake.where.rpartition(":")[2]))
    return FrontMatter(fields=fields, lines=lines, mistakes=tuple(in_order))


def _pairs(
    yaml_text: str, where: str, first_line: int, mistakes: list[Mistake]
) -> list[tuple[str, yaml.Node, int]] | None:
    """Each field's name, value and line, in order; None when the text is not a list of fields at all."""
    if len(yaml_text) > MAX_FRONT_MATTER_CHARS:
        what = f"the fields take {len(yaml_text):,} characters; at most {MAX_FRONT_MATTER_CHARS:,} are read."
        mistakes.append(
            Mistake(f"{where}:{first_line}", what, "Keep to what describes the document; the rest is its text.")
        )
        return None
    try:
        root = yaml.compose(yaml_text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mistakes.append(_yaml_mistake(error, yaml_text, where, first_line))
        return None
    except RecursionError:
        mistakes.append(Mistake(f"{where}:{first_line}", "this is not YAML: too many brackets.", _YAML_REMEDY))
        return None
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode):
        line = first_line + root.start_mark.line
        mistakes.append(Mistake(f"{where}:{line}", "these are not fields with values.", _YAML_REMEDY))
        return None
    pairs = []
    for key, node in root.value:
        line = first_line + key.start_mark.line
        if isinstance(key, yaml.ScalarNode):
            pairs.append((key.value, node, line))
        else:
            mistakes.append(Mistake(f"{where}:{line}", "the name of a field is a list.", _YAML_REMEDY))
    return pairs


def _yaml_mistake(error: yaml.YAMLError, yaml_text: str, where: str, first_line: int) -> Mistake:
    if isinstance(error, yaml.reader.ReaderError):
        line = yaml_text.count("\n", 0, error.position)
        what = f"it holds the control character U+{ord(str(error.character)):04X}"
    else:
        # A quotation that is never closed is noticed at the end; it is wrong where it begins.
        unclosed = getattr(error, "context", None) == "while scanning a quoted scalar"
        mark = getattr(error, "context_mark" if unclosed else "problem_mark", None)
        line = mark.line if mark else 0
        what = str(getattr(error, "problem", None) or error)
    seen = (yaml_text.split("\n") + [""] * (line + 1))[line].strip()
    return Mistake(f"{where}:{first_line + line}", f"this is not YAML: {what}: {seen[:80]!r}.", _YAML_REMEDY)


def _disagreements(
    fields: Mapping[str, object],
    lines: Mapping[str, int],
    given: Collection[str],
    where: str,
    areas: Collection[str] | None,
) -> Iterator[Mistake]:
    """What is wrong with fields that are each well written."""
    area = fields.get("area")
    if isinstance(area, str) and (mistake := area_mistake(area, f"{where}:{lines['area']}", areas)):
        yield mistake
    since, until = fields.get("in_force_from"), fields.get("in_force_until")
    if isinstance(since, str) and isinstance(until, str) and first_day(since) > last_day(until):
        what = f"in_force_from is '{since}', which is after in_force_until '{until}'."
        yield Mistake(f"{where}:{lines['in_force_from']}", what, "Write the earlier date in in_force_from.")
    status = fields.get("status")
    if status is DocumentStatus.SUPERSEDED and "superseded_by" not in given:
        what = "status is 'superseded', but no superseded_by says by what."
        remedy = "Add `superseded_by:` with the id of the later document; if there is none, write `status: historical`."
        yield Mistake(f"{where}:{lines['status']}", what, remedy)
    if "superseded_by" in fields and isinstance(status, DocumentStatus) and status is not DocumentStatus.SUPERSEDED:
        what = f"superseded_by is '{fields['superseded_by']}', but status is '{status}'."
        yield Mistake(
            f"{where}:{lines['superseded_by']}", what, "Write `status: superseded`, or take superseded_by out."
        )


def _text(name: str, node: yaml.Node) -> str:
    """The value as written, with single spaces."""
    if not isinstance(node, yaml.ScalarNode):
        raise _Problem(f"{name} is a list.", f"Write one value: `{name}: …`.")
    if not node.tag.startswith("tag:yaml.org,"):
        raise _Problem(f"{name} begins with '{node.tag}', which YAML does not read as text.", _YAML_REMEDY)
    value = " ".join(node.value.split())
    if not value or (node.style is None and value in ("~", "null")):
        raise _Problem(f"{name} has no value.", "Write one, or take the line out.")
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise _Problem(f"{name} holds the control character U+{ord(character):04X}.", "Take it out.")
    return value


def _id(name: str, node: yaml.Node) -> str:
    value = _text(name, node)
    if not _SLUG.fullmatch(value):
        suggested = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-") or "wexley-local-compact-2024"
        remedy = f"Use lower-case letters, digits and single hyphens, for example '{suggested}'."
        raise _Problem(f"{name} is '{value}'.", remedy)
    return value


def _one_of(options: type[StrEnum]) -> Callable[[str, yaml.Node], StrEnum]:
    def read(name: str, node: yaml.Node) -> StrEnum:
        value = _text(name, node)
        if value not in list(options):
            remedy = f"Use {either([str(option) for option in options])}."
            if options is DocumentStatus:
                remedy += " If a later document replaces this one, write 'superseded' and name it in superseded_by."
            raise _Problem(f"{name} is '{value}'.", remedy)
        return options(value)

    return read


def _date(name: str, node: yaml.Node) -> str:
    value = _text(name, node)
    if mistake := date_mistake(name, value, ""):
        raise _Problem(mistake.what, mistake.remedy)
    return value


def _published(name: str, node: yaml.Node) -> str | None:
    """A date; None for what says of itself that it bears none."""
    return None if _text(name, node) == UNDATED else _date(name, node)


def _address(name: str, node: yaml.Node) -> str:
    value = _text(name, node)
    if not re.fullmatch(r"https?://[^\s/]\S*", value):
        raise _Problem(f"{name} is '{value}'.", "Write the whole address, beginning with https:// or http://.")
    return value


def _year(name: str, node: yaml.Node) -> int:
    value = _text(name, node)
    if not re.fullmatch(r"[12][0-9]{3}", value):
        raise _Problem(f"{name} is '{value}'.", "Write one year in four digits, for example 2008.")
    return int(value)


def _names(name: str, node: yaml.Node) -> tuple[str, ...]:
    """A list of texts, each once."""
    if not isinstance(node, yaml.SequenceNode):
        raise _Problem(f"{name} is not a list.", f"Write a list, for example `{name}: [{_LISTS[name]}]`.")
    return tuple(dict.fromkeys(_text(f"an entry of {name}", item) for item in node.value))


def _themes(name: str, node: yaml.Node) -> tuple[Theme, ...]:
    values = _names(name, node)
    for value in values:
        if value not in list(Theme):
            remedy = f"{nearest(value, Theme)}The themes are {', '.join(Theme)}."
            raise _Problem(f"{name} has '{value}', which is no theme.", remedy)
    return tuple(Theme(value) for value in values)


_FIELDS: Mapping[str, Callable[[str, yaml.Node], object]] = {
    "id": _id,
    "title": _text,
    "publisher": _text,
    "published": _published,
    "kind": _one_of(Kind),
    "status": _one_of(DocumentStatus),
    "superseded_by": _id,
    "in_force_from": _date,
    "in_force_until": _date,
    "jurisdiction": _text,
    "area": _text,
    "binds": _text,
    "source_url": _address,
    "licence": _text,
    "basis": _text,
    "year": _year,
    "themes": _themes,
    "sources": _names,
    "last_checked": _date,
    "checked_against": _text,
}
_LISTS = {"themes": "volunteering, managing_change", "sources": "Champions pack 2010, IVAR 2008"}
_DOCUMENT_FIELD = {"source_url": "url"}


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))
