"""Vectors of statements, kept in the data folder so that the next check embeds only what is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from assistant.embedding import Embedder, Vectors
from ingest.generations import keys_of
from ingest.guards import Progress, unwatched

KEPT = "checked-statements.npz"


def embed_statements(
    texts: Sequence[str],
    *,
    data_dir: Path,
    model: str,
    embedder: Callable[[], Embedder],
    progress: Progress = unwatched,
) -> Vectors:
    """One unit vector a text, in order. `embedder` is called only for texts that no check has embedded before."""
    file = data_dir / KEPT
    known = _kept(file, model)
    keys = keys_of(texts)
    missing = sorted({key: i for i, key in enumerate(keys) if key not in known}.values())
    if missing:
        done = 0

        def on_batch(count: int) -> None:
            nonlocal done
            done += count
            progress("Embedding", done, len(missing))

        made = embedder().embed([texts[i] for i in missing], on_batch=on_batch)
        known |= {keys[i]: vector for i, vector in zip(missing, made, strict=True)}
    vectors = np.array([known[key] for key in keys], dtype=np.float32)
    if missing:
        _keep(file, model, keys, vectors)
    return vectors


def _kept(file: Path, model: str) -> dict[bytes, Vectors]:
    """What was kept; nothing when it is of another model, or cannot be read: then all is embedded again."""
    with suppress(OSError, EOFError, ValueError, KeyError, BadZipFile), file.open("rb") as opened:
        kept = np.load(opened)
        if str(kept["model"]) == model:
            return dict(zip(kept["keys"], kept["vectors"], strict=True))
    return {}


def _keep(file: Path, model: str, keys: np.ndarray, vectors: Vectors) -> None:
    """Write it in one step. A data folder that cannot be written costs time, and nothing else."""
    fresh = file.with_name(f"{file.name}.new")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("wb") as opened:
            np.savez(opened, model=np.array(model), keys=keys, vectors=vectors)
        fresh.replace(file)
