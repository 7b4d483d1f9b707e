"""A version of the corpus: a folder, or what a revision of the git repository held that the corpus lies in.

A revision is exported into a folder of its own, which is there as long as the version is open; a mistake in one of its
files is told by revision and path, as git writes them: `HEAD:corpus/guidance/pack.md:7`.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.errors import CallerError, CorpusInvalid, Mistake
from assistant.knowledge import (
    ACCEPTED,
    ACCEPTED_COLUMNS,
    AGREEMENT_COLUMNS,
    AGREEMENTS,
    BODIES,
    BODY_COLUMNS,
    PLACE_COLUMNS,
    PLACES,
    SOURCE_COLUMNS,
    SOURCES,
    TOWN_COLUMNS,
    TOWNS,
    VOCABULARY,
    Knowledge,
    load_knowledge,
)
from assistant.tables import Column, read_table
from evals.corpus_diff import Corpus, Part, Row, Table
from ingest.dividing import divide_document
from ingest.sources import Source, read_sources

CSV_TABLES: Mapping[str, tuple[tuple[Column, ...], tuple[str, ...]]] = {
    PLACES: (PLACE_COLUMNS, ("name",)),
    TOWNS: (TOWN_COLUMNS, ("town",)),
    BODIES: (BODY_COLUMNS, ("name",)),
    AGREEMENTS: (AGREEMENT_COLUMNS, ("title",)),
    SOURCES: (SOURCE_COLUMNS, ("name",)),
    ACCEPTED: (ACCEPTED_COLUMNS, ("check", "document", "words")),
}
"""Each table's columns, and those by which a row is known again."""
_NOT_FOR_US = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What git tells its hooks of another folder than the one we ask about."""
_WHAT_IS_PAST = (
    "What {} holds cannot be put right any more: this version of the product does not read it.\n"
    "Give a later revision, or a folder with a corrected copy of it."
)


@dataclass(frozen=True, slots=True)
class Version:
    """A corpus to read. `name` is for people; `commit` is set for a revision."""

    name: str
    folder: Path
    commit: str | None = None

    def as_json(self) -> dict[str, str | None]:
        """For tools. The folder of a revision is gone by then, and is not told."""
        return {"name": self.name, "folder": None if self.commit else str(self.folder), "commit": self.commit}


@contextmanager
def open_version(given: str, corpus_dir: Path) -> Iterator[Version]:
    """The folder of this name, else this revision of the repository that holds `corpus_dir`.

    Raises CallerError for what is neither.
    """
    folder = Path(given).expanduser()
    if folder.is_dir():
        yield Version(str(folder.resolve()), folder.resolve())
        return
    top, prefix = _repository(given, corpus_dir)
    commit = _commit(given, top)
    with tempfile.TemporaryDirectory(prefix="compact-corpus-") as scratch:
        exported = Path(scratch).resolve() / "corpus"
        exported.mkdir()
        _export(given, commit, top, prefix, exported)
        try:
            yield Version(f"{given} ({commit[:7]})", exported, commit)
        except CorpusInvalid as error:
            shown = f"{given}:{prefix}" if prefix else given
            told = [_moved(mistake, str(exported), shown) for mistake in error.mistakes]
            if any(mistake.where.startswith(shown) for mistake in told):
                told[-1] = replace(told[-1], remedy=f"{told[-1].remedy}\n\n{_WHAT_IS_PAST.format(given)}")
            raise CorpusInvalid(told) from error


def read_version(version: Version) -> Corpus:
    """Everything that is compared. Raises CorpusInvalid with every mistake."""
    knowledge = load_knowledge(version.folder)
    sources = read_sources(version.folder, areas=knowledge.places.names).sources
    parts = tuple(part for source in sources for part in _parts(source))
    _unique(parts, version.folder)
    documents = {source.document.id: (source.path, source.document) for source in sources}
    return Corpus(documents, parts, _tables(version.folder, knowledge))


def same_files(one: Path, other: Path) -> bool:
    """Whether two folders hold the same, file for file."""
    return _contents(one) == _contents(other)


def _contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).digest() for path in files}


def _parts(source: Source) -> Iterator[Part]:
    for each in divide_document(source.document, source.loaded):
        yield Part(each.passage, source.path, each.line, tuple(dict.fromkeys(each.questions)))


def _unique(parts: tuple[Part, ...], folder: Path) -> None:
    first: dict[str, Part] = {}
    mistakes = []
    for part in parts:
        before = first.setdefault(part.passage.id, part)
        if before is not part:
            what = f"the passage '{part.passage.id}' has the id of the one at {before.where}."
            remedy = "Give one of them another key in its braces: `{#key …}`."
            mistakes.append(Mistake(str(folder / part.where), what, remedy))
    if mistakes:
        raise CorpusInvalid(mistakes)


def _tables(folder: Path, knowledge: Knowledge) -> dict[str, Table]:
    """The folder's own tables: one that it lacks is the shipped one, and says nothing of this version."""
    out = {}
    for name, (columns, key) in CSV_TABLES.items():
        path = folder / "tables" / name
        if path.exists():
            rows = read_table(path.read_text(encoding="utf-8-sig"), columns, where=str(path), mistakes=[])
            out[name] = Table(name, tuple(Row(" · ".join(_words(row.values, key)), row.values) for row in rows))
    if (folder / "tables" / VOCABULARY).exists():
        terms = [(term.term, term.model_dump(by_alias=True)) for term in knowledge.vocabulary]
        rows_of_terms = (Row(term, {name: value or "" for name, value in cells.items()}) for term, cells in terms)
        out[VOCABULARY] = Table(VOCABULARY, tuple(rows_of_terms))
    return out


def _words(values: Mapping[str, str | tuple[str, ...]], columns: tuple[str, ...]) -> list[str]:
    cells = (values[name] for name in columns)
    return [cell if isinstance(cell, str) else ", ".join(cell) for cell in cells if cell]


def _moved(mistake: Mistake, from_: str, to: str) -> Mistake:
    return Mistake(*(text.replace(from_, to) for text in (mistake.where, mistake.what, mistake.remedy)))


def _repository(given: str, corpus_dir: Path) -> tuple[Path, str]:
    """The top folder of the repository, and the corpus folder's path in it."""
    if not corpus_dir.is_dir():
        raise CallerError(
            f"{given!r} is no folder, and the corpus folder of the settings, {corpus_dir}, is not there.\n"
            "Give a corpus folder, or set COMPACT_CORPUS_DIR to the one whose history is meant."
        )
    found = _git(given, "-C", str(corpus_dir), "rev-parse", "--show-toplevel", "--show-prefix")
    if found.returncode:
        raise CallerError(
            f"{given!r} is no folder, and no revision either: git says of {corpus_dir}: {_said(found)}\n"
            f"Give a corpus folder in place of {given!r}."
        )
    top, prefix = found.stdout.decode(errors="replace").split("\n")[:2]
    return Path(top), prefix.strip("/")


def _commit(given: str, top: Path) -> str:
    if not given.startswith("-"):
        found = _git(given, "-C", str(top), "rev-parse", "--verify", "--quiet", f"{given}^{{commit}}")
        if not found.returncode:
            return found.stdout.decode().strip()
    raise CallerError(
        f"{given!r} is neither a folder nor a revision of the repository {top}.\n"
        f"Write a corpus folder, or a revision: HEAD, a branch, a tag, main~3. `git -C {top} log --oneline` lists them."
    )


def _export(given: str, commit: str, top: Path, prefix: str, folder: Path) -> None:
    """Write the corpus as it was at a commit into a folder."""
    packed = _git(given, "-C", str(top), "archive", "--format=tar", f"{commit}:{prefix}" if prefix else commit)
    if packed.returncode:
        raise CallerError(
            f"{given} does not have {prefix or 'a corpus'}: git says: {_said(packed)}\n"
            f"Give a later revision, or a corpus folder. `git -C {top} log --oneline -- {prefix or '.'}` lists those "
            "that have it."
        )
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        for member in archive:
            target = folder / member.name
            if not Path(os.path.normpath(target)).is_relative_to(folder):
                continue
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
            elif member.issym():
                target.symlink_to(member.linkname)
            elif (file := archive.extractfile(member)) is not None:
                target.write_bytes(file.read())


def _git(given: str, *args: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_US}
    try:
        return subprocess.run(["git", *args], capture_output=True, check=False, env=environment | {"LC_ALL": "C"})
    except OSError as error:
        raise CallerError(
            f"{given!r} is no folder, and without git it cannot be looked up as a revision ({error.strerror}).\n"
            f"Install git, or give a corpus folder in place of {given!r}."
        ) from error


def _said(ended: subprocess.CompletedProcess[bytes]) -> str:
    return ended.stderr.decode(errors="replace").strip().split("\n")[0].removeprefix("fatal: ") or "nothing"
