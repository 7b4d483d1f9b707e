"""One generation of the index on disk: what `ingest` writes and the retriever reads.

    DATA/format.json                     which version of this layout wrote the folder
    DATA/current                         the id of the generation that answers; replaced in one step
    DATA/generations/ID/manifest.json    what is in it, from what
                       /passages.jsonl   the passages, one a line, in index order
                       /units.npz        for each unit: its passage's number and its kind
                       /vectors.npy      for each unit: its vector; read by mapping, not loading
                       /lexical/text, /lexical/asked    the two BM25 fields
                       /words.json       the corpus's own words, for mending spelling
                       /chroma/          the Chroma store (absent when a Chroma server is set)

A *unit* is what is embedded: a whole passage with its headings, one of its sentences, one of its table's rows, or one
question written for it. Units stand in passage order.
"""

from __future__ import annotations

import json
from enum import IntEnum
from pathlib import Path

from pydantic import Field, ValidationError

from assistant.errors import DataTooNew, IndexMissing, SettingInvalid, StoreUnavailable
from assistant.values import Document, Value

FORMAT = 1
"""Raised whenever the layout changes so that older code cannot read it."""

FORMAT_FILE = "format.json"
CURRENT_FILE = "current"
GENERATIONS = "generations"
MODELS = "models"
ADDED = "added"


class UnitKind(IntEnum):
    """What a vector stands for."""

    WHOLE = 0
    SENTENCE = 1
    QUESTION = 2


class IndexedDocument(Value):
    """A document in a generation, and the file it came from."""

    document: Document
    path: str
    sha256: str
    added: bool = Field(description="True for a file added by hand, False for one of the corpus folder.")
    stored_as: str | None = Field(default=None, description="For an added file: its copy's name in the data folder.")
    passages: int
    words: int


class Manifest(Value):
    """What a generation holds."""

    id: str
    created: str
    model: str
    fingerprint: str = Field(description="Hash of everything it was made from: equal means nothing changed.")
    corpus_dir: str
    documents: tuple[IndexedDocument, ...]
    passages: int
    units: int
    words: int
    collection: str = "units"
    chroma_url: str | None = None
    sizes: dict[str, int] = Field(default_factory=dict, description="Bytes of each file, but for Chroma's and this.")


def check_format(data_dir: Path) -> None:
    """Raise DataTooNew when a newer version wrote this folder."""
    path = data_dir / FORMAT_FILE
    try:
        written = int(json.loads(path.read_text(encoding="utf-8"))["format"])
    except FileNotFoundError:
        return
    except NotADirectoryError as error:
        raise SettingInvalid(
            f"COMPACT_DATA_DIR is {data_dir}, which is a file or lies under one.\nSet it to a folder."
        ) from error
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise StoreUnavailable(
            f"{path} cannot be read ({error}).\nMove {data_dir} away and run `compact-assistant ingest`."
        ) from error
    if written > FORMAT:
        raise DataTooNew(
            f"{data_dir} was written by a newer version (format {written}; this version reads up to {FORMAT}).\n"
            "Install that version again, or set COMPACT_DATA_DIR to another folder."
        )


def current_generation(data_dir: Path) -> str | None:
    """The id of the generation that answers, None when nothing is indexed."""
    check_format(data_dir)
    return named_generation(data_dir)


def named_generation(data_dir: Path) -> str | None:
    """As `current_generation`, for a folder whose format is known already."""
    try:
        return (data_dir / CURRENT_FILE).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def generation_folder(data_dir: Path, generation: str) -> Path:
    """Where this generation lies."""
    return data_dir / GENERATIONS / generation


def load_manifest(data_dir: Path, generation: str | None = None) -> Manifest:
    """The manifest of a generation, by default the one that answers. Raises IndexMissing when there is none."""
    known = generation or current_generation(data_dir)
    if known is None:
        raise IndexMissing(
            f"No index generation in {data_dir}.\n"
            "Build one with `compact-assistant ingest`, or set COMPACT_DATA_DIR to where one is."
        )
    path = generation_folder(data_dir, known) / "manifest.json"
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StoreUnavailable(
            f"{path} cannot be read.\nRun `compact-assistant ingest` to build the index again from the documents."
        ) from error
