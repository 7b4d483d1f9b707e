"""Build a generation of the index beside the one in use, verify it, and switch to it in one step.

A reader sees the old generation or the new one, never half: everything is written to a folder of its own, read back
and counted, and only then named in the file `current`, which is replaced in one step. Killed at any moment before
that, the old one still answers; what was left lying is cleared away next time.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, Vectors
from assistant.errors import IndexFailed
from assistant.retrieval.chroma import UnitStore
from assistant.retrieval.generation import (
    CURRENT_FILE,
    FORMAT,
    FORMAT_FILE,
    GENERATIONS,
    IndexedDocument,
    Manifest,
    UnitKind,
    generation_folder,
    load_manifest,
)
from assistant.retrieval.lexical import LexicalField, terms, words
from assistant.sentences import sentence_spans
from assistant.text import plain
from ingest.dividing import Divided
from ingest.guards import Progress, room_on_disk, storage_full

KEY_BYTES = 16
BYTES_A_UNIT = 12_000
"""What one unit takes on disk at most: its vector twice, Chroma's log and index, and its share of the text."""


@dataclass(frozen=True, slots=True)
class Units:
    """What is embedded, in passage order."""

    texts: tuple[str, ...]
    owners: NDArray[np.int32]
    kinds: NDArray[np.uint8]


def keys_of(texts: Sequence[str]) -> NDArray[np.bytes_]:
    """A hash of each text, by which its vector is found again."""
    digests = [hashlib.blake2b(text.encode(), digest_size=KEY_BYTES).hexdigest() for text in texts]
    return np.array(digests, dtype=f"S{2 * KEY_BYTES}")


def known_vectors(data_dir: Path, manifest: Manifest | None, model: str) -> dict[bytes, Vectors]:
    """Vectors of a generation by their texts' hashes; none when there is no such generation, or it is damaged."""
    if manifest is None or manifest.model != model:
        return {}
    folder = generation_folder(data_dir, manifest.id)
    try:
        with (folder / "units.npz").open("rb") as file:
            keys = np.load(file)["keys"]
        vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        return dict(zip(keys, vectors, strict=True))
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return {}


def units_of(divided: Sequence[Divided]) -> Units:
    """Every unit of these passages: the whole, its sentences, its table rows, its questions."""
    texts: list[str] = []
    owners: list[int] = []
    kinds: list[int] = []
    for number, each in enumerate(divided):
        passage = each.passage
        place = passage.document.area
        headings = [*([place] if place else []), *passage.heading_path]
        shown = plain(passage.text)
        mine = [(UnitKind.WHOLE, "\n".join(filter(None, [" > ".join(headings), shown])))]
        under = f"{headings[-1]}: " if headings else ""
        for start, end in sentence_spans(passage.text):
            mine.append((UnitKind.SENTENCE, under + plain(passage.text[start:end])))
        mine.extend((UnitKind.SENTENCE, row) for row in each.rows)
        mine.extend((UnitKind.QUESTION, question) for question in dict.fromkeys(each.questions))
        for kind, text in mine:
            texts.append(text)
            owners.append(number)
            kinds.append(kind)
    return Units(tuple(texts), np.array(owners, dtype=np.int32), np.array(kinds, dtype=np.uint8))


class Builder:
    """Builds one generation."""

    def __init__(
        self, data_dir: Path, previous: Manifest | None, *, chroma_url: str | None, progress: Progress
    ) -> None:
        self._data_dir = data_dir
        self._previous = previous
        self._chroma_url = chroma_url
        self._progress = progress
        stamp = dt.datetime.now(dt.UTC)
        self._created = stamp.isoformat(timespec="seconds")
        self.id = f"{stamp:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        self._folder = generation_folder(data_dir, self.id)

    def build(
        self,
        divided: Sequence[Divided],
        documents: tuple[IndexedDocument, ...],
        embedder: Callable[[], Embedder],
        *,
        model: str,
        fingerprint: str,
        corpus_dir: Path,
    ) -> tuple[Manifest, int]:
        """Write, verify and switch. Gives the manifest and how many units had to be embedded.

        `embedder` is called only when there is something to embed.
        """
        units = units_of(divided)
        if shutil.disk_usage(self._data_dir).free < len(units.texts) * BYTES_A_UNIT:
            raise storage_full(self._data_dir)
        keys = keys_of(units.texts)
        vectors, embedded = self._vectors(units, keys, embedder, model)
        manifest = Manifest(
            id=self.id,
            created=self._created,
            model=model,
            fingerprint=fingerprint,
            corpus_dir=str(corpus_dir),
            documents=documents,
            passages=len(divided),
            units=len(units.texts),
            words=sum(entry.words for entry in documents),
            collection=f"units-{self.id}",
            chroma_url=self._chroma_url,
        )
        try:
            with room_on_disk(self._data_dir):
                self._write(manifest, divided, units, keys, vectors)
                self._verify(manifest, units, vectors)
                switch(self._data_dir, self.id)
        except BaseException:
            self._remove()
            raise
        clear_old(self._data_dir, keep={self.id, self._previous.id if self._previous else self.id})
        return manifest, embedded

    def _vectors(
        self, units: Units, keys: NDArray[np.bytes_], embedder: Callable[[], Embedder], model: str
    ) -> tuple[Vectors, int]:
        """Vectors of all units, those of unchanged texts taken from the generation before."""
        known = known_vectors(self._data_dir, self._previous, model)
        missing = [i for i, key in enumerate(keys) if key not in known]
        fresh: dict[bytes, Vectors] = {}
        if missing:
            first = {keys[i]: i for i in reversed(missing)}
            todo = sorted(first.values())
            done = 0

            def on_batch(count: int) -> None:
                nonlocal done
                done += count
                self._progress("Embedding", done, len(todo))

            self._progress("Embedding", 0, len(todo))
            made = embedder().embed([units.texts[i] for i in todo], on_batch=on_batch)
            fresh = {keys[i]: vector for i, vector in zip(todo, made, strict=True)}
        rows = [known[key] if key in known else fresh[key] for key in keys]
        return np.array(rows, dtype=np.float32), len(fresh)

    def _write(
        self,
        manifest: Manifest,
        divided: Sequence[Divided],
        units: Units,
        keys: NDArray[np.bytes_],
        vectors: Vectors,
    ) -> None:
        self._folder.mkdir(parents=True)
        with (self._folder / "passages.jsonl").open("w", encoding="utf-8") as file:
            for each in divided:
                row = each.passage.model_dump(exclude={"document"})
                row |= {"document": each.passage.document.id, "covered": each.covered}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        np.savez(self._folder / "units.npz", owners=units.owners, kinds=units.kinds, keys=keys)
        np.save(self._folder / "vectors.npy", vectors)
        own = [self._indexed_words(each) for each in divided]
        asked = [" ".join(each.questions) for each in divided]
        LexicalField.build([terms(text) for text in own]).save(self._folder / "lexical" / "text")
        both = [terms(f"{a} {b}") for a, b in zip(own, asked, strict=True)]
        LexicalField.build(both).save(self._folder / "lexical" / "asked")
        counted = Counter(word for text in own for word in words(text))
        (self._folder / "words.json").write_text(json.dumps(counted), encoding="utf-8")
        files = [path for path in self._folder.rglob("*") if path.is_file()]
        sizes = {path.relative_to(self._folder).as_posix(): path.stat().st_size for path in files}
        store = UnitStore.create(manifest.collection, folder=self._folder / "chroma", url=self._chroma_url)
        metadata = [
            {"document": divided[owner].passage.document.id, "passage": int(owner), "kind": int(kind)}
            for owner, kind in zip(units.owners, units.kinds, strict=True)
        ]
        done = 0
        for count in store.add(vectors, metadata):
            done += count
            self._progress("Storing", done, len(vectors))
        written = manifest.model_copy(update={"sizes": sizes})
        (self._folder / "manifest.json").write_text(written.model_dump_json(indent=1), encoding="utf-8")

    @staticmethod
    def _indexed_words(each: Divided) -> str:
        passage = each.passage
        document = passage.document
        return " ".join(
            filter(None, [document.title, document.area, *passage.heading_path, *passage.columns, plain(passage.text)])
        )

    def _verify(self, manifest: Manifest, units: Units, vectors: Vectors) -> None:
        """As many units counted, and as many passages found by query, as were added."""
        store = UnitStore.open(manifest.collection, folder=self._folder / "chroma", url=self._chroma_url)
        if store.count() != manifest.units:
            raise IndexFailed(
                f"The new index holds {store.count()} vectors where {manifest.units} were added. "
                "The one before still answers.\nRun `compact-assistant ingest` again; if it happens twice, `doctor`."
            )
        whole = np.flatnonzero(units.kinds == UnitKind.WHOLE)
        self._progress("Verifying", 0, len(whole))
        reached = store.reachable([int(n) for n in whole], vectors[whole])
        self._progress("Verifying", len(reached), len(whole))
        if len(reached) != len(whole):
            raise IndexFailed(
                f"Of {len(whole)} passages in the new index a query reaches {len(reached)}. "
                "The one before still answers.\nRun `compact-assistant ingest` again; if it happens twice, `doctor`."
            )

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        UnitStore.delete(f"units-{self.id}", folder=self._folder / "chroma", url=self._chroma_url)


def switch(data_dir: Path, generation: str) -> None:
    """Make this generation the one that answers, in one step that survives a crash."""
    _put(data_dir / FORMAT_FILE, json.dumps({"format": FORMAT}))
    _put(data_dir / CURRENT_FILE, generation + "\n")


def _put(path: Path, text: str) -> None:
    """Write a file so that a reader sees all of it or what was there before."""
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def clear_old(data_dir: Path, *, keep: set[str]) -> None:
    """Remove generations that nobody reads any more: all but those to keep."""
    folder = data_dir / GENERATIONS
    for old in folder.iterdir() if folder.is_dir() else ():
        if old.name in keep:
            continue
        try:
            manifest = load_manifest(data_dir, old.name)
            UnitStore.delete(manifest.collection, folder=old / "chroma", url=manifest.chroma_url)
        except Exception:  # noqa: BLE001 - an unfinished generation may be broken in any way; it goes all the same
            pass
        shutil.rmtree(old, ignore_errors=True)
