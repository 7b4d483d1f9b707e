"""A generation is built apart, verified, and switched to in one step; whatever goes wrong, the old one answers."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.embedding import Embedder
from assistant.errors import IndexBusy, IndexFailed, SettingInvalid, StorageFull
from assistant.front_door import Asked
from assistant.retrieval.chroma import UnitStore
from assistant.retrieval.generation import ADDED, CURRENT_FILE, GENERATIONS, UnitKind, current_generation
from assistant.settings import Settings
from assistant.values import Document, Passage
from assistant.wiring import build_assistant
from ingest import Report, generations
from ingest.dividing import Divided
from ingest.generations import clear_old, keys_of, switch, units_of
from ingest.guards import room_on_disk, sole_writer

Index = Callable[..., Report]
REPOSITORY = Path(__file__).resolve().parents[2]
QUESTION = Asked(question="How quickly are volunteers' bus fares refunded?")


@pytest.fixture
def corpus(small_corpus: Path, tmp_path: Path) -> Path:
    """The small corpus, to be changed."""
    return Path(shutil.copytree(small_corpus, tmp_path / "corpus"))


@pytest.fixture
def data_dir(tmp_path: Path, corpus: Path, index: Index) -> Path:
    """A data folder with the small corpus indexed."""
    index(tmp_path / "data", corpus)
    return tmp_path / "data"


def change_derby(corpus: Path, days: str = "three days") -> None:
    path = corpus / "derby-accord.md"
    path.write_text(path.read_text(encoding="utf-8").replace("ten days", days), encoding="utf-8")


@pytest.fixture
def answer(data_dir: Path, corpus: Path, settings: Callable[..., Settings]) -> Callable[[], str]:
    """What a reader that opens the data folder now answers."""
    return lambda: build_assistant(settings(data_dir=data_dir, corpus_dir=corpus)).answer(QUESTION).statements[0].text


def generations_in(data_dir: Path) -> set[str]:
    return {path.name for path in (data_dir / GENERATIONS).iterdir()}


def test_units_are_the_whole_its_sentences_its_rows_and_its_questions_in_passage_order() -> None:
    document = Document(id="a", title="A", area="Merton")
    first = Passage(id="a#1", document=document, heading_path=("Top", "Low"), locator="1", text="Give notice. Pay up.")
    second = Passage(id="a#2", document=Document(id="b", title="B"), locator="2", text="Alone.")
    units = units_of([Divided(first, questions=("how long", "how long", "why"), rows=("A: 1",)), Divided(second)])
    assert units.texts == (
        "Merton > Top > Low\nGive notice. Pay up.",
        "Low: Give notice.",
        "Low: Pay up.",
        "A: 1",
        "how long",
        "why",
        "Alone.",
        "Alone.",
    )
    assert units.owners.tolist() == [0, 0, 0, 0, 0, 0, 1, 1]
    assert [UnitKind(k).name for k in units.kinds] == [
        "WHOLE", "SENTENCE", "SENTENCE", "SENTENCE", "QUESTION", "QUESTION", "WHOLE", "SENTENCE",
    ]  # fmt: skip
    assert len(keys_of(units.texts)) == 8
    assert keys_of(units.texts)[6] == keys_of(units.texts)[7]


def test_switch_names_the_generation_in_one_step(tmp_path: Path) -> None:
    switch(tmp_path, "one")
    switch(tmp_path, "two")
    assert current_generation(tmp_path) == "two"
    assert sorted(path.name for path in tmp_path.iterdir()) == [CURRENT_FILE, "format.json"]


def test_reader_never_sees_a_switch_half_done(tmp_path: Path) -> None:
    switch(tmp_path, "one")
    done = False

    def keep_reading() -> set[str | None]:
        seen = set()
        while not done:
            seen.add(current_generation(tmp_path))
        return seen

    with ThreadPoolExecutor(1) as thread:
        reading = thread.submit(keep_reading)
        for n in range(300):
            switch(tmp_path, "two" if n % 2 else "one")
        done = True
    assert reading.result() <= {"one", "two"}


def test_old_generations_go_and_those_to_keep_stay(tmp_path: Path) -> None:
    for name in ("old", "kept", "half"):
        (tmp_path / GENERATIONS / name / "chroma").mkdir(parents=True)
    (tmp_path / GENERATIONS / "half" / "manifest.json").write_text("{", encoding="utf-8")
    clear_old(tmp_path, keep={"kept"})
    assert generations_in(tmp_path) == {"kept"}
    clear_old(tmp_path / "nothing", keep=set())


def test_generation_before_is_kept_for_readers_that_have_it_open(data_dir: Path, corpus: Path, index: Index) -> None:
    kept = []
    for days in ("three days", "four days", "five days"):
        kept.append(current_generation(data_dir))
        change_derby(corpus, days)
        path = corpus / "derby-accord.md"
        index(data_dir, corpus)
        path.write_text(path.read_text(encoding="utf-8").replace(days, "ten days"), encoding="utf-8")
    assert generations_in(data_dir) == {kept[-1], current_generation(data_dir)}


def test_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    told = pytest.raises(IndexBusy, match=r"Another `ingest` is running in .*\nWait")
    with sole_writer(tmp_path), told, sole_writer(tmp_path):
        raise AssertionError("two at once")
    with sole_writer(tmp_path):
        pass  # the lock is given back


def test_data_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    told = pytest.raises(SettingInvalid, match=r"cannot be written \(.*\)\.\nAllow .* or set COMPACT_DATA_DIR")
    with told, sole_writer(tmp_path / "file" / "data"):
        raise AssertionError("written")


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError(errno.EFBIG, "File too large"),
        RuntimeError("database or disk is full"),
    ],
)
def test_full_disk_is_told_as_such_whoever_noticed(tmp_path: Path, error: Exception) -> None:
    told = pytest.raises(StorageFull, match=r"no room left in .* MB free(.|\n)*Free some space")
    with told as raised, room_on_disk(tmp_path):
        raise error
    assert raised.value.__cause__ is error


def test_other_errors_are_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Permission"), room_on_disk(tmp_path):
        raise PermissionError(errno.EACCES, "Permission denied")


def test_too_little_room_is_noticed_before_anything_is_embedded(
    data_dir: Path, corpus: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_derby(corpus)
    usage = shutil.disk_usage(data_dir)._replace(free=1000)
    monkeypatch.setattr(generations.shutil, "disk_usage", lambda _: usage)
    before = generations_in(data_dir)

    def unused() -> Embedder:
        raise AssertionError("the model was loaded")

    with pytest.raises(StorageFull):
        index(data_dir, corpus, embedder=unused)
    assert generations_in(data_dir) == before


def lose_the_last_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    add = UnitStore.add

    def losing(self: UnitStore, vectors: Any, metadata: Any) -> Any:
        yield from add(self, vectors[:-1], metadata[:-1])

    monkeypatch.setattr(UnitStore, "add", losing)


def mix_up_the_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as were added, and none of them where it should be."""
    add = UnitStore.add

    def mixed(self: UnitStore, vectors: Any, metadata: Any) -> Any:
        yield from add(self, np.roll(vectors, 100, axis=1), metadata)

    monkeypatch.setattr(UnitStore, "add", mixed)


@pytest.mark.parametrize("damage", [lose_the_last_vector, mix_up_the_vectors])
def test_store_that_loses_vectors_fails_the_index_and_the_old_one_answers(
    data_dir: Path,
    corpus: Path,
    index: Index,
    answer: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[pytest.MonkeyPatch], None],
) -> None:
    before, kept = current_generation(data_dir), generations_in(data_dir)
    change_derby(corpus)
    with monkeypatch.context() as patched:
        damage(patched)
        with pytest.raises(IndexFailed, match=r"The one before still answers\.(.|\n)*Run `compact-assistant ingest`"):
            index(data_dir, corpus)
    assert current_generation(data_dir) == before
    assert generations_in(data_dir) == kept
    assert "ten days" in answer()
    assert index(data_dir, corpus).changed
    assert "three days" in answer()


@pytest.mark.parametrize("stage", ["Reading", "Dividing", "Embedding", "Storing", "Verifying"])
def test_interrupted_at_any_stage_nothing_is_left_behind(
    data_dir: Path, corpus: Path, index: Index, answer: Callable[[], str], stage: str
) -> None:
    kept = generations_in(data_dir)
    change_derby(corpus)

    def interrupt(at: str, done: int, total: int) -> None:
        if at == stage and (done == total or stage == "Reading"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(data_dir, corpus, progress=interrupt)
    assert generations_in(data_dir) == kept
    assert "ten days" in answer()


KILLED = """
import os, signal, sys
from pathlib import Path
from assistant.settings import load_settings
from assistant.wiring import build_embedder, model_of
from ingest import generations, ingest

point = sys.argv[1]
settings = load_settings()
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)

def told(stage, done, total):
    if stage == point and (done == total or stage == "Reading"):
        die()

if point == "writing":
    generations.LexicalField.build = die
elif point == "naming":
    replace = os.replace
    os.replace = lambda fresh, old: die() if Path(old).name == "current" else replace(fresh, old)
elif point == "clearing":
    generations.clear_old = die
model = model_of(settings)
ingest(
    data_dir=settings.data_dir, corpus_dir=settings.corpus_dir, model=model,
    embedder=lambda: build_embedder(settings, model), add=[Path(p) for p in sys.argv[2:]], progress=told,
)
"""


@pytest.mark.parametrize(
    "point", ["Reading", "Dividing", "Embedding", "writing", "Storing", "Verifying", "naming", "clearing"]
)
def test_killed_at_any_moment_the_index_answers_and_the_next_ingest_clears_the_debris(
    data_dir: Path,
    corpus: Path,
    index: Index,
    answer: Callable[[], str],
    environment: dict[str, str],
    tmp_path: Path,
    point: str,
) -> None:
    change_derby(corpus)
    note = tmp_path / "note.txt"
    note.write_text("A note\n\nKeep every receipt for six years.\n", encoding="utf-8")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, point, str(note)],
        env=environment | {"COMPACT_DATA_DIR": str(data_dir), "COMPACT_CORPUS_DIR": str(corpus)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert ("three days" if point == "clearing" else "ten days") in answer()
    report = index(data_dir, corpus, add=[note])
    assert report.changed
    assert "three days" in answer()
    assert current_generation(data_dir) == report.manifest.id
    assert len(generations_in(data_dir)) == 2
    assert len(list((data_dir / ADDED).iterdir())) == 1
    left = {path.name for path in data_dir.iterdir()}
    assert left <= {"added", "current", "format.json", "generations", "ingest.lock", "models"}


def test_killed_while_indexing_for_the_first_time_the_next_ingest_succeeds(
    tmp_path: Path, corpus: Path, index: Index, environment: dict[str, str]
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "Storing"],
        env=environment | {"COMPACT_CORPUS_DIR": str(corpus)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert current_generation(tmp_path / "data") is None
    report = index(tmp_path / "data", corpus)
    assert generations_in(tmp_path / "data") == {report.manifest.id}


def test_lock_of_a_killed_writer_holds_nobody_up(data_dir: Path, corpus: Path, index: Index) -> None:
    script = "import os, signal, sys, pathlib; from ingest.guards import sole_writer\n"
    script += "with sole_writer(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    killed = subprocess.run([sys.executable, "-c", script, str(data_dir)], cwd=REPOSITORY, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    change_derby(corpus)
    assert index(data_dir, corpus).changed


def test_manifest_knows_the_size_of_every_file(data_dir: Path) -> None:
    folder = data_dir / GENERATIONS / str(current_generation(data_dir))
    sizes = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["sizes"]
    assert {"passages.jsonl", "units.npz", "vectors.npy", "words.json"} <= set(sizes)
    assert all((folder / name).stat().st_size == size for name, size in sizes.items())
