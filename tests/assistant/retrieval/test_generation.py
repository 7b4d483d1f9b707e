"""A generation on disk: which one answers, and what is said when it cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.errors import DataTooNew, IndexMissing, SettingInvalid, StoreUnavailable
from assistant.retrieval.generation import (
    CURRENT_FILE,
    FORMAT,
    FORMAT_FILE,
    Manifest,
    check_format,
    current_generation,
    generation_folder,
    load_manifest,
)


def test_folder_that_was_never_written_is_fine_and_has_no_generation(tmp_path: Path) -> None:
    check_format(tmp_path / "data")
    assert current_generation(tmp_path / "data") is None


@pytest.mark.parametrize("content", ["", "\n"])
def test_empty_name_is_no_generation(tmp_path: Path, content: str) -> None:
    (tmp_path / CURRENT_FILE).write_text(content, encoding="utf-8")
    assert current_generation(tmp_path) is None


def test_generation_that_answers_is_the_one_that_is_named(small_data: Path) -> None:
    manifest = load_manifest(small_data)
    assert manifest.id == current_generation(small_data)
    assert generation_folder(small_data, manifest.id).is_dir()


def test_manifest_says_what_is_indexed_and_from_what(small_data: Path, small_corpus: Path, model: str) -> None:
    manifest = load_manifest(small_data)
    assert manifest.model == model
    assert manifest.corpus_dir == str(small_corpus)
    assert [d.document.id for d in manifest.documents] == [
        "accord-2009",
        "accord-2024",
        "derby-accord",
        "merton-story",
        "pay-table",
    ]
    assert sum(d.passages for d in manifest.documents) == manifest.passages == 7
    assert sum(d.words for d in manifest.documents) == manifest.words
    assert not any(d.added for d in manifest.documents)


def test_manifest_survives_the_way_through_its_file(small_data: Path) -> None:
    manifest = load_manifest(small_data)
    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest


def test_nothing_indexed_is_told_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match=r"compact-assistant ingest`, or set COMPACT_DATA_DIR"):
        load_manifest(tmp_path)


def test_folder_of_an_older_or_this_version_is_read(tmp_path: Path) -> None:
    for written in range(FORMAT + 1):
        (tmp_path / FORMAT_FILE).write_text(json.dumps({"format": written}), encoding="utf-8")
        check_format(tmp_path)


def test_folder_of_a_newer_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FORMAT_FILE).write_text(json.dumps({"format": FORMAT + 1}), encoding="utf-8")
    with pytest.raises(DataTooNew, match=r"newer version(.|\n)*set COMPACT_DATA_DIR to another folder"):
        current_generation(tmp_path)


def test_data_folder_that_is_a_file_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x", encoding="utf-8")
    with pytest.raises(SettingInvalid, match=r"COMPACT_DATA_DIR is .*, which is a file"):
        current_generation(tmp_path / "data")


def test_manifest_that_cannot_be_read_is_told_with_what_to_run(tmp_path: Path) -> None:
    (tmp_path / CURRENT_FILE).write_text("g\n", encoding="utf-8")
    generation_folder(tmp_path, "g").mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="Run `compact-assistant ingest`"):
        load_manifest(tmp_path)
    (generation_folder(tmp_path, "g") / "manifest.json").write_text('{"id": "g"}', encoding="utf-8")
    with pytest.raises(StoreUnavailable, match="Run `compact-assistant ingest`"):
        load_manifest(tmp_path)
