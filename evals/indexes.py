"""Indexes that evaluations search: built in a folder of their own, with the product's own parts.

An index is used again by the next run. It is built anew when its documents or any code of ours that indexes changed;
texts that are as they were keep their vectors, so that only what is new is embedded.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from assistant.errors import IndexMissing, SettingInvalid, StoreUnavailable
from assistant.knowledge import load_knowledge
from assistant.retrieval.generation import generation_folder, load_manifest
from assistant.retrieval.retriever import CompactRetriever
from assistant.settings import Settings, load_settings
from assistant.wiring import CurrentRetriever, build_embedder, model_of
from ingest import ingest

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
    own = settings_for(corpus_dir, data_dir, settings)
    model = model_of(own)
    code = _code_sha256()
    _doubt_index_by_other_code(own.data_dir, code)
    ingest(
        data_dir=own.data_dir,
        corpus_dir=own.corpus_dir,
        model=model,
        embedder=lambda: build_embedder(own, model),
        with_questions=questions,
    )
    (own.data_dir / _MADE_BY).write_text(code, encoding="utf-8")
    return CurrentRetriever(own, load_knowledge(own.corpus_dir)).get()


def settings_for(corpus_dir: Path, data_dir: Path, settings: Settings | None = None) -> Settings:
    """These settings with folders of an evaluation's own, and Chroma embedded."""
    base = settings or load_settings()
    folders = {"corpus_dir": corpus_dir.absolute(), "data_dir": data_dir.absolute(), "chroma_url": None}
    return base.model_copy(update=folders)


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
