"""The vectors in Chroma: this product's one use of chromadb.

Embedded and on disk by default, a server by one setting. A collection holds the units of one generation under their
numbers, with the metadata that searches filter by; it is written once and never changed.

Similarity is the cosine: 1 is the same direction, 0 unrelated.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.embedding import Vectors
from assistant.errors import StoreUnavailable

ADD_BATCH = 2_000
QUERY_BATCH = 500
SAME_VECTOR = 1e-4
"""Cosine distance below which two vectors are one."""
Metadata = Mapping[str, str | int | float | bool]


class UnitStore:
    """One collection of unit vectors."""

    def __init__(self, client: Any, collection: Any) -> None:
        self._collection = collection
        weakref.finalize(self, client.close)  # Chroma by itself keeps every store open for as long as the process lives

    @classmethod
    def create(cls, name: str, *, folder: Path, url: str | None) -> UnitStore:
        """A new, empty collection in `folder`, or on the server at `url`."""
        client = _client(folder, url)
        try:
            collection = client.create_collection(
                name, embedding_function=None, configuration={"hnsw": {"space": "cosine", "ef_search": 80}}
            )
        except _chroma_errors() as error:
            client.close()
            raise StoreUnavailable(f"Chroma would not make the collection {name!r} ({error}).") from error
        return cls(client, collection)

    @classmethod
    def open(cls, name: str, *, folder: Path, url: str | None) -> UnitStore:
        """The collection of this name."""
        client = _client(folder, url)
        try:
            return cls(client, client.get_collection(name, embedding_function=None))
        except _chroma_errors() as error:
            client.close()
            raise StoreUnavailable(
                f"Chroma has no collection {name!r} at {url or folder}.\n"
                "Run `compact-assistant ingest` to build it again."
            ) from error

    @staticmethod
    def delete(name: str, *, folder: Path, url: str | None) -> None:
        """Remove a collection from a server; one on disk goes with its folder."""
        if url is None:
            return
        with closing(_client(folder, url)) as client, suppress(*_chroma_errors()):  # it may not be there
            client.delete_collection(name)

    def add(self, vectors: Vectors, metadata: Sequence[Metadata]) -> Iterator[int]:
        """Add units in order. Yields how many each step added."""
        for start in range(0, len(vectors), ADD_BATCH):
            end = min(start + ADD_BATCH, len(vectors))
            self._collection.add(
                ids=[str(number) for number in range(start, end)],
                embeddings=vectors[start:end],
                metadatas=[dict(row) for row in metadata[start:end]],
            )
            yield end - start

    def count(self) -> int:
        """How many units there are."""
        return int(self._collection.count())

    def nearest(self, vector: Vectors, limit: int, where: dict[str, Any] | None = None) -> list[tuple[int, float]]:
        """Numbers of the nearest units with their similarity, nearest first."""
        try:
            found = self._collection.query(
                query_embeddings=[vector], n_results=limit, where=where, include=["distances"]
            )
        except _chroma_errors(OSError, ValueError) as error:
            raise StoreUnavailable(
                f"Chroma did not answer ({error}).\nRun `compact-assistant doctor` to see what is wrong."
            ) from error
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(int(number), 1.0 - float(distance)) for number, distance in pairs]

    def reachable(self, numbers: Sequence[int], vectors: Vectors) -> list[int]:
        """Of these units, those that a query with their own vector finds (or finds one with the very same vector)."""
        found_ones: list[int] = []
        for start in range(0, len(numbers), QUERY_BATCH):
            asked = numbers[start : start + QUERY_BATCH]
            found = self._collection.query(
                query_embeddings=list(vectors[start : start + QUERY_BATCH]), n_results=1, include=["distances"]
            )
            for number, ids, distances in zip(asked, found["ids"], found["distances"], strict=True):
                if ids and (ids[0] == str(number) or distances[0] < SAME_VECTOR):
                    found_ones.append(number)
        return found_ones


def server_version(url: str) -> str:
    """The version of the Chroma server at `url`. Raises StoreUnavailable when there is none."""
    with closing(_client(Path(), url)) as client:
        return str(client.get_version())


def _chroma_errors(*others: type[Exception]) -> tuple[type[Exception], ...]:
    """What Chroma raises, and others. Importing it takes half a second, which commands that search nothing save."""
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    return ChromaError, HTTPError, *others


def _client(folder: Path, url: str | None) -> Any:
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    options = ChromaSettings(anonymized_telemetry=False)
    try:
        if url is None:
            return chromadb.PersistentClient(path=str(folder), settings=options)
        address = urlsplit(url)
        secure = address.scheme == "https"
        port = address.port or (443 if secure else 8000)
        return chromadb.HttpClient(host=address.hostname or "localhost", port=port, ssl=secure, settings=options)
    except _chroma_errors(OSError, ValueError) as error:
        where = f"the Chroma server at {url}" if url else f"the Chroma store in {folder}"
        remedy = (
            "Start it, or unset COMPACT_CHROMA_URL." if url else "Run `compact-assistant ingest` to build it again."
        )
        raise StoreUnavailable(f"{where} cannot be opened ({error}).\n{remedy}") from error
