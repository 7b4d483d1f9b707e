"""The vectors in Chroma: embedded in temporary folders, and on a real server on this machine."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding import Vectors
from assistant.errors import StoreUnavailable
from assistant.retrieval import chroma
from assistant.retrieval.chroma import UnitStore, server_version

METADATA = [{"document": name, "kind": 1} for name in ("a", "a", "b", "b", "c")]


def served(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test that is a client of a server."""
    return pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")(
        pytest.mark.usefixtures("_connections_left_open")(test)
    )


def unit_vectors(count: int = 5) -> Vectors:
    vectors = np.random.default_rng(7).standard_normal((count, 384)).astype(np.float32)
    result: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return result


def filled(folder: Path, vectors: Vectors, *, url: str | None = None) -> UnitStore:
    store = UnitStore.create("units-x", folder=folder, url=url)
    metadata = METADATA if len(vectors) == len(METADATA) else [{"document": "a", "kind": 1}] * len(vectors)
    assert sum(store.add(vectors, metadata)) == len(vectors)
    return store


def test_nearest_unit_is_the_one_with_the_vector_asked_for(tmp_path: Path) -> None:
    vectors = unit_vectors()
    store = filled(tmp_path, vectors)
    assert store.count() == 5
    for number, vector in enumerate(vectors):
        found = store.nearest(vector, 5)
        assert found[0] == (number, pytest.approx(1.0, abs=1e-5))
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_similarity_is_the_cosine(tmp_path: Path) -> None:
    vectors = unit_vectors()
    found = dict(filled(tmp_path, vectors).nearest(vectors[0], 5))
    for number, vector in enumerate(vectors):
        assert found[number] == pytest.approx(float(vector @ vectors[0]), abs=1e-4)


def test_search_keeps_to_what_is_asked_for(tmp_path: Path) -> None:
    vectors = unit_vectors()
    store = filled(tmp_path, vectors)
    assert {n for n, _ in store.nearest(vectors[0], 5, {"document": {"$in": ["b", "c"]}})} == {2, 3, 4}
    assert store.nearest(vectors[0], 5, {"document": {"$in": ["nothing"]}}) == []


def test_store_opened_again_holds_what_was_added(tmp_path: Path) -> None:
    vectors = unit_vectors()
    filled(tmp_path, vectors)
    again = UnitStore.open("units-x", folder=tmp_path, url=None)
    assert again.count() == 5
    assert again.nearest(vectors[3], 1)[0][0] == 3


def test_units_are_added_in_steps_and_all_can_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma, "ADD_BATCH", 40)
    monkeypatch.setattr(chroma, "QUERY_BATCH", 30)
    vectors = unit_vectors(100)
    store = UnitStore.create("units-x", folder=tmp_path, url=None)
    assert list(store.add(vectors, [{"document": "a"}] * 100)) == [40, 40, 20]
    assert store.reachable(range(100), vectors) == list(range(100))


def test_unit_that_was_never_added_is_not_reached(tmp_path: Path) -> None:
    vectors = unit_vectors(6)
    store = filled(tmp_path, vectors[:5])
    assert store.reachable(range(6), vectors) == [0, 1, 2, 3, 4]


def test_unit_with_the_vector_of_another_is_reached(tmp_path: Path) -> None:
    vectors = np.repeat(unit_vectors(1), 5, axis=0)
    assert filled(tmp_path, vectors).reachable(range(5), vectors) == [0, 1, 2, 3, 4]


def test_missing_collection_is_told_and_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"no collection 'units-y' at .*\nRun `compact-assistant ingest`"):
        UnitStore.open("units-y", folder=tmp_path, url=None)


def test_collection_that_is_there_already_is_not_made_again(tmp_path: Path) -> None:
    filled(tmp_path, unit_vectors())
    with pytest.raises(StoreUnavailable, match="would not make the collection 'units-x'"):
        UnitStore.create("units-x", folder=tmp_path, url=None)


def test_store_that_is_no_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreUnavailable, match="Run `compact-assistant ingest`"):
        UnitStore.open("units-x", folder=tmp_path, url=None)


def test_server_that_does_not_answer_is_told_with_its_address(tmp_path: Path) -> None:
    with pytest.raises(
        StoreUnavailable, match=r"http://127\.0\.0\.1:9 cannot be opened(.|\n)*unset COMPACT_CHROMA_URL"
    ):
        UnitStore.create("units-x", folder=tmp_path, url="http://127.0.0.1:9")


@served
def test_server_keeps_collections_as_a_folder_does(tmp_path: Path, chroma_server: str) -> None:
    vectors = unit_vectors()
    store = filled(tmp_path, vectors, url=chroma_server)
    assert store.count() == 5
    assert UnitStore.open("units-x", folder=tmp_path, url=chroma_server).nearest(vectors[2], 1)[0][0] == 2
    assert server_version(chroma_server)
    assert list(tmp_path.iterdir()) == []
    UnitStore.delete("units-x", folder=tmp_path, url=chroma_server)
    UnitStore.delete("units-x", folder=tmp_path, url=chroma_server)
    with pytest.raises(StoreUnavailable):
        UnitStore.open("units-x", folder=tmp_path, url=chroma_server)


@served
def test_server_that_stops_answering_is_told(
    tmp_path: Path, start_chroma: Callable[[], AbstractContextManager[str]]
) -> None:
    vectors = unit_vectors()
    with start_chroma() as url:
        store = filled(tmp_path, vectors, url=url)
    with pytest.raises(StoreUnavailable, match="Chroma did not answer"):
        store.nearest(vectors[0], 1)
