"""Read the documents of a folder: what each says of itself, and its blocks.

In:   a corpus folder, or a folder or file that somebody adds; the names of the areas there are.
Out:  `Sources` in path order, with warnings for what was filled in or left out.
Whence a document's fields: the caller's overrides, then its front matter or the `NAME.yaml` beside it, then what the
      file itself tells, then defaults (guidance, historical), which are warned of.
Raises: CorpusInvalid with every mistake in every file; a folder with one mistake gives no sources at all, but for
      who asks for those that are right.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.errors import CorpusInvalid, Mistake
from assistant.values import Document, DocumentStatus, Kind
from assistant.written import nearest
from ingest.blocks import Loaded
from ingest.loading.files import SIDECAR, FoundFile, decode_text, find_files, read_file
from ingest.loading.frontmatter import (
    FrontMatter,
    area_mistake,
    date_mistake,
    has_front_matter,
    read_front_matter,
    read_sidecar,
)
from ingest.loading.markdown import load_markdown
from ingest.loading.text import load_text
from ingest.loading.unreadable import Unreadable

DEFAULT_BASIS = "the original text, as added"
_WANTED = ("title", "kind", "status", "publisher", "published", "jurisdiction")
"""Fields whose absence is warned of."""
_TEMPLATE = {
    "id": "wexley-guide-2010",
    "title": "what it is called",
    "publisher": "who published it",
    "published": "2010-12",
    "kind": "guidance",
    "status": "historical",
    "jurisdiction": "England",
    "area": "the one place it is about",
    "basis": "whose words these are, and of which edition",
}
"""The fields shown to somebody who has written none, each with what to put."""
_QUOTED = ("title", "publisher", "jurisdiction", "area", "basis")
_WORD = re.compile(r"[^\W_]")
_NO_WORDS_REMEDY = "Put the document's text in it (a scan needs text recognition first), or remove it."
_NOTHING = Loaded(title=None, blocks=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What whoever adds documents says of them all. It wins over what the files say; None says nothing."""

    kind: Kind | None = None
    area: str | None = None
    title: str | None = None
    published: str | None = None

    def given(self) -> dict[str, object]:
        """The fields that are set."""
        fields = {"kind": self.kind, "area": self.area, "title": self.title, "published": self.published}
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One document with its blocks. `path` is relative to the root, with forward slashes; `sha256` is of the file."""

    document: Document
    loaded: Loaded
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sources:
    """What was read, in path order, and what is doubtful about it.

    left_out: ids of documents with mistakes; None when the id of one of them could not be read.
    """

    sources: tuple[Source, ...]
    warnings: tuple[Mistake, ...] = ()
    left_out: frozenset[str] | None = frozenset()


def read_sources(
    root: Path,
    *,
    areas: Collection[str] | None,
    overrides: Overrides | None = None,
    known_ids: Collection[str] = (),
    taken_ids: Collection[str] = (),
    require_front_matter: bool = True,
) -> Sources:
    """Read every document under `root`.

    areas: the names an area may have; None: any.
    known_ids: ids of documents that are held already, which one of these may name in superseded_by.
    taken_ids: ids that a document which names none for itself must not get; it gets its own with `-original` after it.
    require_front_matter: whether a Markdown file must say what it is, as in a corpus folder; if not, it may be
        without, like a file of any other format.
    """
    sources, mistakes = read_right_sources(
        root,
        areas=areas,
        overrides=overrides,
        known_ids=known_ids,
        taken_ids=taken_ids,
        require_front_matter=require_front_matter,
    )
    if mistakes:
        raise CorpusInvalid(mistakes)
    return sources


def read_right_sources(
    root: Path,
    *,
    areas: Collection[str] | None,
    overrides: Overrides | None = None,
    known_ids: Collection[str] = (),
    taken_ids: Collection[str] = (),
    require_front_matter: bool = True,
) -> tuple[Sources, list[Mistake]]:
    """As `read_sources`, but gives the documents of the files that are right, and every mistake beside them."""
    found = find_files(root)
    given = (overrides or Overrides()).given()
    readings = [_read(file, areas, given, taken_ids, strict=require_front_matter) for file in found.files]
    mistakes = [
        *_override_mistakes(given, areas, len(found.files)),
        *found.mistakes,
        *(mistake for reading in readings for mistake in reading.mistakes),
        *_duplicate_ids(readings),
        *_wrong_successors(readings, known_ids, are_all=not found.mistakes),
    ]
    right = [reading for reading in readings if not reading.mistakes]
    warnings = [*found.warnings, *(warning for reading in right for warning in reading.warnings())]
    wrong = [reading.text("id") for reading in readings if reading.mistakes]
    left_out = None if found.mistakes or None in wrong else frozenset(filter(None, wrong))
    return Sources(tuple(reading.source() for reading in right), tuple(warnings), left_out), mistakes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What could be read of one file, right or not.

    said:   what the file and the caller say of the document; `fields` is that with defaults below it, or, when
            there are mistakes in it, nothing more than what is right.
    place:  the path of the file that says it, or should.
    """

    file: FoundFile
    place: str
    said: Mapping[str, object] = field(default_factory=dict)
    fields: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    loaded: Loaded = _NOTHING
    sha256: str = ""
    mistakes: tuple[Mistake, ...] = ()

    def text(self, name: str) -> str | None:
        """A field that is text, None when it is not known."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def where(self, name: str) -> str:
        """Where this field is said."""
        return f"{self.place}:{self.lines[name]}" if name in self.lines else self.place

    def source(self) -> Source:
        document = Document.model_validate(dict(self.fields))
        return Source(document=document, loaded=self.loaded, path=self.file.relative, sha256=self.sha256)

    def warnings(self) -> Iterator[Mistake]:
        """What had to be filled in, and what is needed for the document to count."""
        missing = [name for name in _WANTED if name not in self.said]
        if missing:
            taken = " and ".join(f"{name} '{self.fields[name]}'" for name in missing if name in self.fields)
            what = f"{_listed(missing)} not given{f'; taken for now: {taken}' if taken else ''}."
            yield Mistake(self.place, what, self._what_to_write(missing))
        if self.fields.get("kind") is Kind.LOCAL_COMPACT and "area" not in self.fields:
            what = "kind is 'local-compact', but no area says whose, so it governs nowhere."
            yield Mistake(self.where("kind"), what, "Add `area:` with the name of the place.")

    def _what_to_write(self, missing: Sequence[str]) -> str:
        """The lines to write, with what is known; the rest as comments, so that they do no harm as they stand."""
        if self.lines:
            return f"Add to {self.place}:\n" + _yaml(missing, self.fields)
        names = [name for name in _TEMPLATE if name in self.fields or name in missing]
        if self.file.ending == ".md":
            return f"Begin {self.place} with these lines, corrected:\n    ---\n{_yaml(names, self.fields)}\n    ---"
        return f"Write {self.file.path}{SIDECAR} with these lines, corrected:\n{_yaml(names, self.fields)}"


def _read(
    file: FoundFile,
    areas: Collection[str] | None,
    given: Mapping[str, object],
    taken_ids: Collection[str],
    *,
    strict: bool,
) -> _Reading:
    where = str(file.path)
    try:
        read = read_file(file.path, where=where)
        text = decode_text(read.data, where=where) if file.ending in (".md", ".txt") else ""
    except CorpusInvalid as error:
        return _Reading(file=file, place=where, mistakes=error.mistakes)
    place, described = _described(file, text, areas, strict)
    mistakes = list(described.mistakes)
    loaded = _NOTHING
    try:
        loaded = _load(file.ending, read.data, described)
        if not any(_WORD.search(block.text) for block in loaded.blocks):
            mistakes.append(Mistake(where, "there is no word in this file below its title.", _NO_WORDS_REMEDY))
    except Unreadable as error:
        mistakes.append(Mistake(where, error.what, error.remedy))
    said = {**described.fields, **given}
    return _Reading(
        file=file,
        place=place,
        said=said,
        fields=said if described.mistakes else {**_defaults(file, loaded, taken_ids), **said},
        lines=described.lines,
        loaded=loaded,
        sha256=read.sha256,
        mistakes=tuple(mistakes),
    )


def _described(file: FoundFile, text: str, areas: Collection[str] | None, strict: bool) -> tuple[str, FrontMatter]:
    """What describes the document, with the text to load as its body; and the path of the file that does."""
    where = str(file.path)
    in_itself = file.ending == ".md" and (has_front_matter(text) or (strict and file.sidecar is None))
    if in_itself:
        found = read_front_matter(text, where=where, areas=areas, complete=strict)
        if file.sidecar is not None:
            twice = Mistake(str(file.sidecar), f"{where} has front matter too.", "Keep one of the two.")
            found = replace(found, mistakes=(*found.mistakes, twice))
        return where, found
    if file.sidecar is None:
        return where, FrontMatter(body=text)
    beside = str(file.sidecar)
    try:
        fields = decode_text(read_file(file.sidecar, where=beside).data, where=beside)
    except CorpusInvalid as error:
        return beside, FrontMatter(mistakes=error.mistakes, body=text)
    complete = strict and file.ending == ".md"
    return beside, replace(read_sidecar(fields, where=beside, areas=areas, complete=complete), body=text)


def _load(ending: str, data: bytes, described: FrontMatter) -> Loaded:
    """Take a file apart. A loader is imported when a file needs it: those of PDF and Word are slow to import."""
    match ending:
        case ".md":
            return load_markdown(described.body, first_line=described.first_line)
        case ".txt":
            return load_text(described.body)
        case ".pdf":
            from ingest.loading.pdf import load_pdf

            return load_pdf(data)
        case ".docx":
            from ingest.loading.docx import load_docx

            return load_docx(data)
        case _:
            from ingest.loading.html import load_html

            return load_html(data)


def _defaults(file: FoundFile, loaded: Loaded, taken_ids: Collection[str]) -> dict[str, object]:
    """What a document is taken to be where nobody says."""
    path = Path(file.relative)
    name = _slug(path.with_suffix("").as_posix())
    return {
        "id": f"{name}-original" if name in taken_ids else name,
        "title": loaded.title or path.stem,
        "kind": Kind.GUIDANCE,
        "status": DocumentStatus.HISTORICAL,
        "basis": DEFAULT_BASIS,
    }


def _slug(path: str) -> str:
    """A path as an id: ASCII letters, digits and hyphens; of a path that has none, its hash."""
    plain = unicodedata.normalize("NFKD", path).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return slug or f"document-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def _override_mistakes(given: Mapping[str, object], areas: Collection[str] | None, files: int) -> Iterator[Mistake]:
    title, area, published = given.get("title"), given.get("area"), given.get("published")
    if isinstance(title, str) and not title.strip():
        yield Mistake("--title", "the title is empty.", "Write one, or leave --title out.")
    elif title is not None and files > 1:
        what = f"'{title}' would be the title of {files} documents."
        yield Mistake("--title", what, "Add them one by one, or leave --title out.")
    if isinstance(area, str) and (mistake := area_mistake(area, "--area", areas)):
        yield mistake
    if isinstance(published, str) and (mistake := date_mistake("published", published, "--published")):
        yield mistake


def _duplicate_ids(readings: Iterable[_Reading]) -> Iterator[Mistake]:
    first: dict[str, _Reading] = {}
    for reading in readings:
        id_ = reading.text("id")
        if id_ is not None and first.setdefault(id_, reading) is not reading:
            what = f"id is '{id_}', which {first[id_].where('id')} has too."
            remedy = "Give one of the two another id, in its front matter or in a file NAME.yaml beside it."
            yield Mistake(reading.where("id"), what, remedy)


def _wrong_successors(readings: Sequence[_Reading], known_ids: Collection[str], *, are_all: bool) -> Iterator[Mistake]:
    """A superseded_by that leads nowhere, which cannot be told while some id could not be read, or that leads back."""
    ids = {*known_ids, *(id_ for reading in readings if (id_ := reading.text("id")))}
    may_miss = are_all and all(reading.text("id") for reading in readings)
    successor = {id_: reading.text("superseded_by") for reading in readings if (id_ := reading.text("id"))}
    for reading in readings:
        id_, next_id = reading.text("id"), reading.text("superseded_by")
        where = reading.where("superseded_by")
        if next_id is None:
            continue
        if next_id == id_:
            yield Mistake(where, f"superseded_by is '{next_id}', the document itself.", "Name the later document.")
        elif next_id not in ids and may_miss:
            remedy = f"{nearest(next_id, ids - {id_})}Write the id of a document that is here or was added before."
            yield Mistake(where, f"superseded_by is '{next_id}', which is the id of no document.", remedy)
        elif id_ is not None:
            chain = [id_]
            while (following := successor.get(chain[-1])) and following not in chain:
                chain.append(following)
            if following == id_ == min(chain):  # each circle is told once
                what = f"superseded_by leads round: {' -> '.join([*chain, id_])}."
                yield Mistake(where, what, "Let each name a later document, and the last none.")


def _yaml(names: Iterable[str], fields: Mapping[str, object]) -> str:
    return "\n".join(f"    {_yaml_line(name, fields.get(name))}" for name in names)


def _yaml_line(name: str, value: object) -> str:
    if value is None:
        return f"# {name}: {_TEMPLATE[name]}"
    return f"{name}: {json.dumps(str(value), ensure_ascii=False) if name in _QUOTED else value}"


def _listed(names: Sequence[str]) -> str:
    return f"{names[0]} is" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} are"
