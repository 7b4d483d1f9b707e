"""Indexes that evaluations search: built in a folder of their own, with the product's own parts.

An index is used again by the next run. It is built anew when its documents or any code of ours that indexes changed;
texts that are as they were keep their vectors, so that only what is new is embedded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from assistant.embedding import Embedder, Vectors
from assistant.errors import IndexMissing, SettingInvalid, StoreUnavailable
from assistant.knowledge import load_knowledge
from assistant.retrieval.generation import MODELS, generation_folder, load_manifest
from assistant.retrieval.retriever import CompactRetriever
from assistant.settings import Settings, load_settings
from assistant.wiring import CurrentRetriever, build_embedder, model_of
from ingest import ingest
from ingest.guards import Progress, unwatched

REPOSITORY = Path(__file__).resolve().parent.parent
ORIGINALS_SETTING = "COMPACT_EVAL_ORIGINALS"
_INDEXING_CODE = ("assistant", "ingest")
_MADE_BY = "made-by-code"


def originals_folder() -> Path | None:
    """Where the source documents lie: as set, else in `shared/sources` beside the repository; None: not here."""
    given = os.environ.get(ORIGINALS_SETTING)
    folder = Path(given).expanduser().absolute() if given else REPOSITORY.parent / "shared" / "sources"
    if folder.is_dir():
        return folder
    if given:
        raise SettingInvalid(
            f"{ORIGINALS_SETTING} is {given!r}, which is not a folder.\n"
            "Give the folder of the source documents, or unset it to evaluate over the digests alone."
        )
    return None


def open_index(
    corpus_dir: Path, data_dir: Path, *, questions: bool = True, settings: Settings | None = None
) -> CompactRetriever:
    """Index a folder and open it. Without `questions`, as if nobody had written any for these documents.

    `settings` say which embedding model; by default the environment does.
    """
    own = build_index(corpus_dir, data_dir, questions=questions, settings=settings)
    return CurrentRetriever(own, load_knowledge(own.corpus_dir)).get()


def build_index(
    corpus_dir: Path,
    data_dir: Path,
    *,
    questions: bool = True,
    settings: Settings | None = None,
    borrow_from: Sequence[Path] = (),
    progress: Progress = unwatched,
) -> Settings:
    """As `open_index`, but gives the settings with which the index is opened.

    borrow_from: data folders. Texts that one of them holds are not embedded again, and the model that the first has
        converted is not converted again.
    """
    own = settings_for(corpus_dir, data_dir, settings)
    model = model_of(own)
    code = _code_sha256()
    _doubt_index_by_other_code(own.data_dir, code)
    if borrow_from:
        _borrow_models(borrow_from[0], own.data_dir)
    ingest(
        data_dir=own.data_dir,
        corpus_dir=own.corpus_dir,
        model=model,
        embedder=lambda: _Borrowing(borrow_from, model, lambda: build_embedder(own, model)),
        with_questions=questions,
        progress=progress,
    )
    (own.data_dir / _MADE_BY).write_text(code, encoding="utf-8")
    return own


def settings_for(corpus_dir: Path, data_dir: Path, settings: Settings | None = None) -> Settings:
    """These settings with folders of an evaluation's own, and Chroma embedded."""
    base = settings or load_settings()
    folders = {"corpus_dir": corpus_dir.absolute(), "data_dir": data_dir.absolute(), "chroma_url": None}
    return base.model_copy(update=folders)


class _Borrowing:
    """An embedder that takes the vectors that other indexes have from them, and embeds the rest."""

    def __init__(self, folders: Sequence[Path], model: str, embedder: Callable[[], Embedder]) -> None:
        self._folders = folders
        self._model = model
        self._embedder = embedder

    @property
    def name(self) -> str:
        """Which model."""
        return self._model

    def embed(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Vectors:
        """One unit vector a text, in order."""
        from ingest.generations import keys_of  # brings chromadb

        known = self._known()
        keys = keys_of(texts)
        missing = [i for i, key in enumerate(keys) if key not in known]
        if on_batch is not None and len(missing) < len(texts):
            on_batch(len(texts) - len(missing))
        made = self._embedder().embed([texts[i] for i in missing], on_batch=on_batch) if missing else ()
        fresh = {keys[i]: vector for i, vector in zip(missing, made, strict=True)}
        return np.array([known[key] if key in known else fresh[key] for key in keys], dtype=np.float32)

    def _known(self) -> dict[bytes, Vectors]:
        from ingest.generations import known_vectors

        known: dict[bytes, Vectors] = {}
        for folder in self._folders:
            with suppress(IndexMissing, StoreUnavailable):
                known = known_vectors(folder, load_manifest(folder), self._model) | known
        return known


def _borrow_models(lender: Path, data_dir: Path) -> None:
    """Let this data folder use the converted models of another, where the system knows links; else it has its own."""
    (lender / MODELS).mkdir(parents=True, exist_ok=True)
    data_dir.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        (data_dir / MODELS).symlink_to(lender / MODELS)


def _doubt_index_by_other_code(data_dir: Path, code: str) -> None:
    """Make `ingest` take an index made by other code for changed, and build it again."""
    made_by = data_dir / _MADE_BY
    try:
        manifest = load_manifest(data_dir)
    except (IndexMissing, StoreUnavailable):
        return
    if made_by.is_file() and made_by.read_text(encoding="utf-8") == code:
        return
    doubted = manifest.model_copy(update={"fingerprint": ""})
    (generation_folder(data_dir, manifest.id) / "manifest.json").write_text(
        doubted.model_dump_json(indent=1), encoding="utf-8"
    )


def _code_sha256() -> str:
    digest = hashlib.sha256()
    for room in _INDEXING_CODE:
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()
