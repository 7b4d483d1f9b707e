"""Readers over real data folders: before the first index, across a switch, and when something is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.embedding import model_folder
from assistant.errors import DataTooNew, IndexMissing, StoreUnavailable
from assistant.front_door import Asked, Assistant
from assistant.retrieval.generation import CURRENT_FILE, FORMAT, FORMAT_FILE, GENERATIONS, current_generation
from assistant.settings import BUNDLED_MODEL, Settings
from assistant.wiring import build_assistant
from ingest import Report

Index = Callable[..., Report]
QUESTION = Asked(question="How quickly are volunteers' bus fares refunded?")


@pytest.fixture
def corpus(small_corpus: Path, tmp_path: Path) -> Path:
    """The small corpus, to be changed."""
    return Path(shutil.copytree(small_corpus, tmp_path / "corpus"))


@pytest.fixture
def assistant(tmp_path: Path, corpus: Path, index: Index, settings: Callable[..., Settings]) -> Assistant:
    """An assistant over an index of its own."""
    index(tmp_path / "data", corpus)
    return build_assistant(settings(data_dir=tmp_path / "data", corpus_dir=corpus))


def change_derby(corpus: Path) -> None:
    path = corpus / "derby-accord.md"
    path.write_text(path.read_text(encoding="utf-8").replace("ten days", "three days"), encoding="utf-8")


def test_before_anything_is_indexed_people_are_told_what_to_run(
    tmp_path: Path, settings: Callable[..., Settings]
) -> None:
    assistant = build_assistant(settings(data_dir=tmp_path / "data"))
    with pytest.raises(
        IndexMissing, match=r"No index generation in .*data\.\nBuild one with `compact-assistant ingest`"
    ):
        assistant.answer(QUESTION)
    assert not (tmp_path / "data").exists()


def test_assistant_made_before_the_first_index_answers_after_it(
    tmp_path: Path, corpus: Path, index: Index, settings: Callable[..., Settings]
) -> None:
    assistant = build_assistant(settings(data_dir=tmp_path / "data", corpus_dir=corpus))
    with pytest.raises(IndexMissing):
        assistant.search("fares")
    index(tmp_path / "data", corpus)
    assert assistant.search("bus fares")[0].passage.document.id == "derby-accord"


def test_reader_answers_from_the_new_generation_after_a_switch(
    assistant: Assistant, tmp_path: Path, corpus: Path, index: Index
) -> None:
    before = assistant.answer(QUESTION)
    assert "ten days" in before.statements[0].text
    change_derby(corpus)
    report = index(tmp_path / "data", corpus)
    after = assistant.answer(QUESTION)
    assert "three days" in after.statements[0].text
    assert after.generation == report.manifest.id != before.generation
    assert before.citations[0].passage_id == after.citations[0].passage_id


@pytest.mark.usefixtures("assistant")
def test_reader_of_another_process_sees_the_switch(
    tmp_path: Path, corpus: Path, index: Index, environment: dict[str, str]
) -> None:
    asks = "from bots.cli import main; main()"
    reader = subprocess.Popen(
        [sys.executable, "-c", asks, "ask", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment | {"PYTHONUNBUFFERED": "1", "COMPACT_CORPUS_DIR": str(corpus)},
        cwd=tmp_path,
        text=True,
    )
    with reader:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def ask() -> str:
            reader.stdin.write(f"{QUESTION.question}\n")
            reader.stdin.flush()
            return json.loads(reader.stdout.readline())["statements"][0]["text"]

        assert "ten days" in ask()
        change_derby(corpus)
        index(tmp_path / "data", corpus)
        assert "three days" in ask()
        reader.stdin.close()
    assert reader.returncode == 0


def test_questions_asked_while_generations_switch_are_all_answered(
    assistant: Assistant, tmp_path: Path, corpus: Path, index: Index
) -> None:
    seen: set[str] = set()
    done = False

    def keep_asking() -> None:
        while not done:
            seen.add(assistant.answer(QUESTION).statements[0].text)

    path = corpus / "derby-accord.md"
    text = path.read_text(encoding="utf-8")
    said = [f"Volunteers get their bus fares back within {n} days." for n in ("ten", "three", "four", "five")]
    with ThreadPoolExecutor(2) as threads:
        asking = [threads.submit(keep_asking) for _ in range(2)]
        try:
            for each in said:
                path.write_text(text.replace(said[0], each), encoding="utf-8")
                index(tmp_path / "data", corpus)
                end = time.monotonic() + 30
                while each not in seen and time.monotonic() < end and not any(a.done() for a in asking):
                    time.sleep(0.01)
            for each in said:  # and faster than a reader can follow
                path.write_text(text.replace(said[0], each), encoding="utf-8")
                index(tmp_path / "data", corpus)
        finally:
            done = True
        for each in asking:
            each.result(timeout=60)
    assert seen == set(said)


@pytest.mark.usefixtures("assistant")
def test_index_of_another_model_is_told_to_be_made_again(
    tmp_path: Path, corpus: Path, settings: Callable[..., Settings]
) -> None:
    tuned = tmp_path / "tuned"
    shutil.copytree(model_folder(BUNDLED_MODEL), tuned, copy_function=os.symlink)
    other = build_assistant(settings(data_dir=tmp_path / "data", corpus_dir=corpus, embedding_model=str(tuned)))
    with pytest.raises(IndexMissing, match=r"made with the model all-MiniLM(.|\n)*Run `compact-assistant ingest`"):
        other.answer(QUESTION)


def test_open_reader_notices_that_the_index_was_made_again_with_another_model(
    assistant: Assistant, tmp_path: Path, corpus: Path, index: Index
) -> None:
    assistant.answer(QUESTION)
    index(tmp_path / "data", corpus, model="tuned-0123456789ab")
    with pytest.raises(IndexMissing, match="made with the model tuned-0123456789ab"):
        assistant.answer(QUESTION)
    index(tmp_path / "data", corpus)
    assert assistant.answer(QUESTION).statements


def test_data_of_a_newer_version_is_left_alone(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "data" / FORMAT_FILE).write_text(json.dumps({"format": FORMAT + 1}), encoding="utf-8")
    with pytest.raises(DataTooNew, match=rf"format {FORMAT + 1}; this version reads up to {FORMAT}"):
        assistant.answer(QUESTION)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}', '{"format": "new"}'])
def test_format_that_cannot_be_read_is_told_with_its_path(assistant: Assistant, tmp_path: Path, content: str) -> None:
    (tmp_path / "data" / FORMAT_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(StoreUnavailable, match=r"format\.json cannot be read"):
        assistant.answer(QUESTION)


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "passages.jsonl", "units.npz", "vectors.npy", "words.json", "lexical/text/frequencies.json"],
)
@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_damaged_generation_is_told_and_what_to_run(
    tmp_path: Path, small_data: Path, small_corpus: Path, settings: Callable[..., Settings], name: str, damage: str
) -> None:
    data_dir = tmp_path / "damaged"
    shutil.copytree(small_data, data_dir, symlinks=True)
    path = data_dir / GENERATIONS / str(current_generation(data_dir)) / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assistant = build_assistant(settings(data_dir=data_dir, corpus_dir=small_corpus))
    with pytest.raises(StoreUnavailable, match="Run `compact-assistant ingest`"):
        assistant.answer(QUESTION)


def test_damaged_chroma_store_is_told_and_what_to_run(
    tmp_path: Path, small_data: Path, small_corpus: Path, settings: Callable[..., Settings]
) -> None:
    data_dir = tmp_path / "damaged"
    shutil.copytree(small_data, data_dir, symlinks=True)
    store = data_dir / GENERATIONS / str(current_generation(data_dir)) / "chroma" / "chroma.sqlite3"
    store.write_bytes(b"not a database" * 1000)
    assistant = build_assistant(settings(data_dir=data_dir, corpus_dir=small_corpus))
    with pytest.raises(StoreUnavailable, match="Run `compact-assistant ingest`"):
        assistant.answer(QUESTION)


def test_generation_named_but_gone_is_told(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "data" / CURRENT_FILE).write_text("20200101T000000-abcdef\n", encoding="utf-8")
    with pytest.raises(StoreUnavailable, match="Run `compact-assistant ingest`"):
        assistant.answer(QUESTION)
