"""From files to an index: read, divide, embed, verify, switch.

In:   a corpus folder, files added by hand now and before.
Out:  a report of what is indexed. When nothing changed, nothing is written and no model is loaded.
Raises: CorpusInvalid with every mistake found; IndexBusy, StorageFull, DataTooNew, IndexFailed. In each case the index
        is as it was.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.embedding import Embedder
from assistant.errors import CorpusInvalid, IndexMissing, Mistake, StoreUnavailable
from assistant.knowledge import load_knowledge
from assistant.retrieval.generation import (
    ADDED,
    GENERATIONS,
    IndexedDocument,
    Manifest,
    check_format,
    current_generation,
    generation_folder,
    load_manifest,
)
from assistant.settings import SHIPPED_CORPUS
from assistant.values import Document
from ingest.blocks import Anchored
from ingest.dividing import Divided, divide_document, tie_to_originals
from ingest.guards import Progress, room_on_disk, sole_writer, unwatched
from ingest.loading.markdown import load_markdown
from ingest.sources import Overrides, Source, read_sources

DIVISION = 7
"""Raised whenever the same files divide or index otherwise, so that an index is built again."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an `ingest` did. `embedded` counts units; 0 with `changed` False means everything was as before."""

    manifest: Manifest
    changed: bool
    embedded: int
    warnings: tuple[Mistake, ...]


def ingest(
    *,
    data_dir: Path,
    corpus_dir: Path,
    model: str,
    embedder: Callable[[], Embedder],
    chroma_url: str | None = None,
    add: Sequence[Path] = (),
    overrides: Overrides | None = None,
    forget: Sequence[str] = (),
    with_questions: bool = True,
    progress: Progress = unwatched,
) -> Report:
    """Index the corpus folder, what was added before, and `add`; leave out the added documents in `forget`.

    Without `with_questions` the questions written for passages are not indexed (evaluations measure what they add).
    """
    check_format(data_dir)
    with room_on_disk(data_dir), sole_writer(data_dir):
        previous = _previous(data_dir)
        made_from = _Origin(corpus_dir, model, chroma_url, with_questions)
        if previous is not None and not add and not forget and _unchanged(data_dir, previous, made_from):
            return Report(previous, changed=False, embedded=0, warnings=())
        progress("Reading", 0, 1)
        entries, warnings = _gather(data_dir, corpus_dir, previous, add, overrides, forget)
        fingerprint = made_from.fingerprint((e.source.document, e.stored_as) for e in entries if e.added)
        divided: list[Divided] = []
        documents = []
        for number, entry in enumerate(entries, 1):
            mine = divide_document(entry.source.document, entry.source.loaded)
            divided.extend(mine)
            documents.append(_indexed(entry, mine))
            progress("Dividing", number, len(entries))
        _unique(divided)
        divided = tie_to_originals(divided, _shipped_ties(corpus_dir))
        if not with_questions:
            divided = [replace(each, questions=()) for each in divided]
        for entry in entries:
            _keep_copy(data_dir, entry)
        from ingest.generations import Builder  # brings chromadb: not before something has to be written

        builder = Builder(data_dir, previous, chroma_url=chroma_url, progress=progress)
        manifest, embedded = builder.build(
            divided, tuple(documents), embedder, model=model, fingerprint=fingerprint, corpus_dir=corpus_dir
        )
        _drop_copies(data_dir, manifest)
        return Report(manifest, changed=True, embedded=embedded, warnings=warnings)


@dataclass(frozen=True, slots=True)
class _Entry:
    source: Source
    added: bool
    file: Path
    stored_as: str | None = None


def _previous(data_dir: Path) -> Manifest | None:
    """What the generation that answers holds; if that is damaged, the newest that is not: it knows what was added."""
    try:
        return load_manifest(data_dir)
    except IndexMissing:
        return None
    except StoreUnavailable:
        for folder in sorted((data_dir / GENERATIONS).glob("*"), reverse=True):
            with suppress(StoreUnavailable):
                return load_manifest(data_dir, folder.name)
        return None


def _whole(data_dir: Path, manifest: Manifest) -> bool:
    folder = generation_folder(data_dir, manifest.id)
    if manifest.chroma_url is None and not (folder / "chroma" / "chroma.sqlite3").exists():
        return False
    sizes = {name: (folder / name).stat().st_size for name in manifest.sizes if (folder / name).exists()}
    return bool(sizes) and sizes == manifest.sizes


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an index is made from, besides documents added by hand."""

    corpus_dir: Path
    model: str
    chroma_url: str | None
    with_questions: bool

    def fingerprint(self, added: Iterable[tuple[Document, str | None]]) -> str:
        """A hash that is the same as long as nothing changed. Reads every file, and takes none apart."""
        state = {
            "division": DIVISION,
            "model": self.model,
            "chroma": self.chroma_url,
            "questions": self.with_questions,
            "corpus": _hashes(self.corpus_dir),
            "ties": [] if self.corpus_dir == SHIPPED_CORPUS else _hashes(SHIPPED_CORPUS),
            "added": [[document.model_dump(mode="json"), stored_as] for document, stored_as in added],
        }
        return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def _hashes(folder: Path) -> list[tuple[str, str]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


def _unchanged(data_dir: Path, previous: Manifest, origin: _Origin) -> bool:
    added = [(entry.document, entry.stored_as) for entry in previous.documents if entry.added]
    if previous.id != current_generation(data_dir):
        return False
    try:
        return origin.fingerprint(added) == previous.fingerprint and _whole(data_dir, previous)
    except OSError:
        return False  # reading in earnest says which file, and what to do


def _gather(
    data_dir: Path,
    corpus_dir: Path,
    previous: Manifest | None,
    add: Sequence[Path],
    overrides: Overrides | None,
    forget: Sequence[str],
) -> tuple[list[_Entry], tuple[Mistake, ...]]:
    """Every document to index, the corpus's first, then what was added before, then what is added now."""
    areas = load_knowledge(corpus_dir).places.names
    before = [d for d in previous.documents if d.added] if previous else []
    unknown = set(forget) - {d.document.id for d in before}
    if unknown:
        have = ", ".join(d.document.id for d in before) or "none"
        raise CorpusInvalid(
            [Mistake(name, "no added document has this id.", f"Added documents: {have}.") for name in sorted(unknown)]
        )
    known = {d.document.id for d in before}
    corpus = read_sources(corpus_dir, areas=areas, known_ids=known)
    entries = [_Entry(source, added=False, file=corpus_dir / source.path) for source in corpus.sources]
    warnings = list(corpus.warnings)
    in_corpus = {entry.source.document.id for entry in entries}
    known |= in_corpus
    fresh: list[_Entry] = []
    for path in add:
        found = read_sources(
            path,
            areas=areas,
            overrides=overrides,
            known_ids=known,
            taken_ids=in_corpus,
            require_front_matter=False,
        )
        warnings.extend(found.warnings)
        root = path if path.is_dir() else path.parent
        fresh.extend(_Entry(s, added=True, file=root / s.path, stored_as=_stored_name(s)) for s in found.sources)
        known |= {source.document.id for source in found.sources}
    replaced = {entry.source.document.id for entry in fresh}
    kept = [d for d in before if d.document.id not in replaced and d.document.id not in forget]
    entries += [_restored(data_dir, old) for old in kept] + fresh
    _unique_ids(entries)
    return entries, tuple(warnings)


def _stored_name(source: Source) -> str:
    return source.sha256 + Path(source.path).suffix.lower()


def _restored(data_dir: Path, old: IndexedDocument) -> _Entry:
    """A document added before, read again from the copy that was kept, with what was then said of it."""
    file = data_dir / ADDED / str(old.stored_as)
    if not file.exists():
        raise CorpusInvalid(
            [
                Mistake(
                    str(file),
                    f"the kept copy of {old.document.id} ({old.path}) is gone.",
                    f"Add the file again, or run `compact-assistant ingest --forget {old.document.id}`.",
                )
            ]
        )
    known = [old.document.superseded_by or ""]
    [source] = read_sources(file, areas=None, require_front_matter=False, known_ids=known).sources
    return _Entry(replace(source, document=old.document, path=old.path), added=True, file=file, stored_as=old.stored_as)


def _unique_ids(entries: Sequence[_Entry]) -> None:
    seen: dict[str, _Entry] = {}
    mistakes = []
    for entry in entries:
        name = entry.source.document.id
        if name in seen:
            mistakes.append(
                Mistake(
                    str(entry.file),
                    f"the id {name!r} is already that of {seen[name].file}.",
                    "Give each document an id of its own (`id:` in its front matter or sidecar, or another file name).",
                )
            )
        seen.setdefault(name, entry)
    if mistakes:
        raise CorpusInvalid(mistakes)


def _unique(divided: Sequence[Divided]) -> None:
    twice = [name for name, count in Counter(d.passage.id for d in divided).items() if count > 1]
    if twice:
        raise CorpusInvalid(
            [
                Mistake(name, "two passages have this id.", "Give one of them another key in its braces: `{#key …}`.")
                for name in twice
            ]
        )


def _shipped_ties(corpus_dir: Path) -> list[Anchored]:
    """The questions that the shipped digests tie to originals, when another folder is indexed."""
    if corpus_dir == SHIPPED_CORPUS:
        return []
    files = sorted(SHIPPED_CORPUS.rglob("*.md"))
    return [a for path in files for a in load_markdown(path.read_text(encoding="utf-8")).anchored]


def _indexed(entry: _Entry, divided: Sequence[Divided]) -> IndexedDocument:
    return IndexedDocument(
        document=entry.source.document,
        path=entry.source.path,
        sha256=entry.source.sha256,
        added=entry.added,
        stored_as=entry.stored_as,
        passages=len(divided),
        words=sum(len(d.passage.text.split()) for d in divided),
    )


def _keep_copy(data_dir: Path, entry: _Entry) -> None:
    if entry.stored_as is None:
        return
    kept = data_dir / ADDED / entry.stored_as
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_name(kept.name + ".new")
    shutil.copyfile(entry.file, fresh)
    fresh.replace(kept)


def _drop_copies(data_dir: Path, manifest: Manifest) -> None:
    wanted = {entry.stored_as for entry in manifest.documents}
    folder = data_dir / ADDED
    for kept in folder.iterdir() if folder.is_dir() else ():
        if kept.name not in wanted:
            kept.unlink(missing_ok=True)
