"""From files to an index: only what changed is embedded, what was added stays, and mistakes change nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from assistant.embedding import Embedder, Vectors
from assistant.errors import CorpusInvalid, DataTooNew, IndexBusy, StoreUnavailable
from assistant.front_door import Asked, Assistant
from assistant.retrieval.generation import ADDED, FORMAT_FILE, GENERATIONS, current_generation, load_manifest
from assistant.settings import Settings
from assistant.values import Kind
from assistant.wiring import build_assistant
from ingest import Overrides, Report
from ingest.guards import sole_writer

Index = Callable[..., Report]


class Recorder:
    """The real embedder, which remembers what it was asked to embed."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.texts: list[str] = []

    @property
    def name(self) -> str:
        return self._embedder.name

    def embed(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Vectors:
        self.texts += texts
        return self._embedder.embed(texts, on_batch=on_batch)


def no_embedder() -> Embedder:
    raise AssertionError("the model was loaded")


@pytest.fixture
def corpus(small_corpus: Path, tmp_path: Path) -> Path:
    """The small corpus, to be changed."""
    return Path(shutil.copytree(small_corpus, tmp_path / "corpus"))


@pytest.fixture
def data_dir(tmp_path: Path, corpus: Path, index: Index) -> Path:
    """A data folder with the small corpus indexed."""
    index(tmp_path / "data", corpus)
    return tmp_path / "data"


@pytest.fixture
def assistant(data_dir: Path, corpus: Path, settings: Callable[..., Settings]) -> Assistant:
    """A reader of that folder."""
    return build_assistant(settings(data_dir=data_dir, corpus_dir=corpus))


@pytest.fixture
def note(tmp_path: Path) -> Path:
    """A document to add."""
    path = tmp_path / "Receipts.txt"
    path.write_text("About receipts\n\nKeep every receipt for six years in a dry cellar.\n", encoding="utf-8")
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def digest(name: str, body: str, **fields: str) -> str:
    said = {"id": name, "title": name, "kind": "guidance", "status": "historical", "basis": "our own digest", **fields}
    return "---\n" + "".join(f"{key}: {value}\n" for key, value in said.items()) + f"---\n{body}\n"


def ids(manifest_of: Path) -> list[str]:
    return [d.document.id for d in load_manifest(manifest_of).documents]


def test_first_index_embeds_every_text_once(tmp_path: Path, corpus: Path, index: Index, embedder: Embedder) -> None:
    recorder = Recorder(embedder)
    report = index(tmp_path / "data", corpus, embedder=lambda: recorder)
    assert report.changed
    assert report.embedded == len(recorder.texts) == len(set(recorder.texts)) <= report.manifest.units
    assert report.manifest.passages == 7
    assert report.warnings == ()


def test_unchanged_corpus_embeds_nothing_loads_no_model_and_writes_nothing(
    data_dir: Path, corpus: Path, index: Index
) -> None:
    def state() -> dict[str, int]:
        return {str(p): p.lstat().st_mtime_ns for p in data_dir.rglob("*") if p.name != "ingest.lock"}

    before = state()
    report = index(data_dir, corpus, embedder=no_embedder)
    assert (report.changed, report.embedded) == (False, 0)
    assert report.manifest == load_manifest(data_dir)
    assert state() == before


def test_changed_document_embeds_its_own_changed_texts_alone(
    data_dir: Path, corpus: Path, index: Index, embedder: Embedder
) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    recorder = Recorder(embedder)
    report = index(data_dir, corpus, embedder=lambda: recorder)
    assert sorted(recorder.texts) == [
        "Derby > Volunteers\nVolunteers get their bus fares back within three days.",
        "Volunteers: Volunteers get their bus fares back within three days.",
    ]
    assert report.embedded == 2


def test_vectors_that_were_kept_are_those_of_an_index_made_anew(
    data_dir: Path, corpus: Path, tmp_path: Path, index: Index, settings: Callable[..., Settings]
) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    index(data_dir, corpus)
    index(tmp_path / "anew", corpus)
    found = [
        build_assistant(settings(data_dir=folder, corpus_dir=corpus)).search("paying late", limit=100)
        for folder in (data_dir, tmp_path / "anew")
    ]
    assert [(f.passage, pytest.approx(f.score, abs=2e-3)) for f in found[0]] == [(f.passage, f.score) for f in found[1]]


def test_reordered_and_renamed_files_embed_nothing(data_dir: Path, corpus: Path, index: Index) -> None:
    (corpus / "derby-accord.md").rename(corpus / "a-derby.md")
    report = index(data_dir, corpus, embedder=no_embedder)
    assert (report.changed, report.embedded) == (True, 0)


def test_document_taken_out_of_the_corpus_is_found_no_more(
    data_dir: Path, corpus: Path, index: Index, assistant: Assistant
) -> None:
    (corpus / "derby-accord.md").unlink()
    report = index(data_dir, corpus, embedder=no_embedder)
    assert report.embedded == 0
    assert "derby-accord" not in ids(data_dir)
    assert all(f.passage.document.id != "derby-accord" for f in assistant.search("bus fares", limit=100))


def test_another_model_embeds_everything(data_dir: Path, corpus: Path, index: Index, embedder: Embedder) -> None:
    recorder = Recorder(embedder)
    index(data_dir, corpus, model="tuned-0123456789ab", embedder=lambda: recorder)
    assert len(recorder.texts) > 20
    assert load_manifest(data_dir).model == "tuned-0123456789ab"


def test_index_without_the_questions_is_another_index(data_dir: Path, corpus: Path, index: Index) -> None:
    bare = index(data_dir, corpus, with_questions=False, embedder=no_embedder)
    assert bare.changed
    assert bare.manifest.units < 35
    assert index(data_dir, corpus, with_questions=False, embedder=no_embedder).changed is False
    assert index(data_dir, corpus).changed is True


def test_added_file_is_indexed_beside_the_corpus_with_a_warning_of_what_it_lacks(
    data_dir: Path, corpus: Path, note: Path, index: Index, assistant: Assistant
) -> None:
    report = index(data_dir, corpus, add=[note])
    assert assistant.search("how long to keep receipts", limit=1)[0].passage.document.id == "receipts"
    [entry] = [d for d in report.manifest.documents if d.added]
    assert (entry.document.title, entry.path) == ("About receipts", "Receipts.txt")
    [warning] = report.warnings
    assert "Receipts.txt.yaml" in str(warning)


def test_added_document_survives_a_plain_ingest_and_the_loss_of_its_file(
    data_dir: Path, corpus: Path, note: Path, index: Index, assistant: Assistant
) -> None:
    said = Overrides(kind=Kind.CODE, area="Merton", title="On receipts", published="2012-03")
    index(data_dir, corpus, add=[note], overrides=said)
    before = load_manifest(data_dir).documents[-1]
    note.unlink()
    assert index(data_dir, corpus, embedder=no_embedder).changed is False
    edit(corpus / "derby-accord.md", "ten days", "three days")
    assert index(data_dir, corpus).changed
    after = load_manifest(data_dir).documents[-1]
    assert after == before
    assert (after.document.kind, after.document.area) == (Kind.CODE, "Merton")
    assert (after.document.title, after.document.published) == ("On receipts", "2012-03")
    found = assistant.search("how long to keep receipts", limit=1, area="Merton", kind=Kind.CODE)
    assert found[0].passage.text.endswith("dry cellar.")


def test_added_folder_is_indexed_whole(data_dir: Path, corpus: Path, tmp_path: Path, index: Index) -> None:
    folder = tmp_path / "more"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("Alpha\n\nKeep the minutes of each meeting.\n", encoding="utf-8")
    (folder / "deep" / "b.md").write_text("# Beta\n\nSend the agenda a week before.\n", encoding="utf-8")
    index(data_dir, corpus, add=[folder])
    assert ids(data_dir)[-2:] == ["a", "deep-b"]
    assert len(list((data_dir / ADDED).iterdir())) == 2


def test_file_added_again_replaces_what_it_was(
    data_dir: Path, corpus: Path, note: Path, index: Index, assistant: Assistant
) -> None:
    index(data_dir, corpus, add=[note])
    edit(note, "six years", "nine years")
    index(data_dir, corpus, add=[note])
    assert ids(data_dir).count("receipts") == 1
    assert "nine years" in assistant.search("how long to keep receipts", limit=1)[0].passage.text
    assert len(list((data_dir / ADDED).iterdir())) == 1


def test_added_document_is_forgotten_when_somebody_says_so(
    data_dir: Path, corpus: Path, note: Path, index: Index, assistant: Assistant
) -> None:
    index(data_dir, corpus, add=[note])
    index(data_dir, corpus, forget=["receipts"], embedder=no_embedder)
    assert "receipts" not in ids(data_dir)
    assert list((data_dir / ADDED).iterdir()) == []
    assert all(f.passage.document.id != "receipts" for f in assistant.search("receipts", limit=100))
    assert index(data_dir, corpus, embedder=no_embedder).changed is False


def test_only_what_was_added_can_be_forgotten(data_dir: Path, corpus: Path, note: Path, index: Index) -> None:
    with pytest.raises(CorpusInvalid, match=r"derby-accord: no added document has this id\.\n  Added documents: none"):
        index(data_dir, corpus, forget=["derby-accord"])
    index(data_dir, corpus, add=[note])
    with pytest.raises(CorpusInvalid, match="Added documents: receipts"):
        index(data_dir, corpus, forget=["recipes"])


def test_added_document_cannot_take_the_id_of_another(
    data_dir: Path, corpus: Path, tmp_path: Path, index: Index
) -> None:
    (tmp_path / "mine.md").write_text(digest("derby-accord", "Another text."), encoding="utf-8")
    before = current_generation(data_dir)
    with pytest.raises(CorpusInvalid, match="derby-accord"):
        index(data_dir, corpus, add=[tmp_path / "mine.md"])
    assert current_generation(data_dir) == before
    assert not (data_dir / ADDED).exists()


def test_added_file_that_is_called_like_a_digest_gets_an_id_of_its_own(
    data_dir: Path, corpus: Path, tmp_path: Path, index: Index
) -> None:
    (tmp_path / "derby-accord.txt").write_text("Another text.\n", encoding="utf-8")
    for _ in range(2):
        index(data_dir, corpus, add=[tmp_path / "derby-accord.txt"])
        assert {"derby-accord", "derby-accord-original"} <= set(ids(data_dir))


def test_kept_copy_that_is_gone_is_told_with_both_ways_out(
    data_dir: Path, corpus: Path, note: Path, index: Index
) -> None:
    index(data_dir, corpus, add=[note])
    for kept in (data_dir / ADDED).iterdir():
        kept.unlink()
    edit(corpus / "derby-accord.md", "ten days", "three days")
    with pytest.raises(CorpusInvalid, match=r"kept copy of receipts(.|\n)*Add the file again, or .*--forget receipts"):
        index(data_dir, corpus)
    assert index(data_dir, corpus, forget=["receipts"]).changed


ORIGINAL = "Notes from the council\n\nA body shall give twelve weeks of notice in writing before any grant is ended.\n"
DIGEST = digest(
    "short-notes",
    "# Short notes\n\n## Notice\n\nTwelve weeks, in writing. {p. 1}\n<!-- asked\nhow long before the money stops\n"
    "in the original: give twelve weeks of notice in writing\n-->\n\n"
    "## Elsewhere\n\nOther councils give six weeks. {p. 2}\n<!-- asked\nwhat do others give\n"
    "in the original: other councils are content with six\n-->",
)


def test_added_original_makes_the_passages_that_restate_it_give_way(
    data_dir: Path, corpus: Path, tmp_path: Path, index: Index, assistant: Assistant
) -> None:
    (corpus / "short-notes.md").write_text(DIGEST, encoding="utf-8")
    index(data_dir, corpus)
    query = "how long before the money stops"

    def found() -> set[str]:
        return {f.passage.document.id for f in assistant.search(query, limit=100)} & {"short-notes", "council-notes"}

    assert assistant.search(query, limit=1)[0].passage.text == "Twelve weeks, in writing."
    (tmp_path / "council-notes.txt").write_text(ORIGINAL, encoding="utf-8")
    index(data_dir, corpus, add=[tmp_path / "council-notes.txt"])
    best = assistant.search(query, limit=1)[0]
    assert best.passage.document.id == "council-notes"
    texts = {f.passage.text for f in assistant.search("weeks", limit=100) if f.passage.document.id == "short-notes"}
    assert "Twelve weeks, in writing." not in texts
    assert "Other councils give six weeks." in texts
    answer = assistant.answer(Asked(question=query))
    assert {c.document.id for c in answer.citations} == {"council-notes"}
    index(data_dir, corpus, forget=["council-notes"])
    assert assistant.search(query, limit=1)[0].passage.text == "Twelve weeks, in writing."


@pytest.mark.parametrize("damage", ["gone", "cut"])
@pytest.mark.parametrize(
    "name", ["passages.jsonl", "units.npz", "vectors.npy", "words.json", "lexical/text/frequencies.json"]
)
def test_damaged_index_is_built_again_though_nothing_changed(
    tmp_path: Path, small_data: Path, small_corpus: Path, index: Index, settings: Callable[..., Settings],
    name: str, damage: str,
) -> None:  # fmt: skip
    data_dir = tmp_path / "data"
    shutil.copytree(small_data, data_dir, symlinks=True)
    path = data_dir / GENERATIONS / str(current_generation(data_dir)) / name
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert index(data_dir, small_corpus).changed
    assistant = build_assistant(settings(data_dir=data_dir, corpus_dir=small_corpus))
    assert assistant.search("bus fares", limit=1)[0].passage.document.id == "derby-accord"


def test_lost_store_is_built_again_though_nothing_changed(data_dir: Path, corpus: Path, index: Index) -> None:
    shutil.rmtree(data_dir / GENERATIONS / str(current_generation(data_dir)) / "chroma")
    report = index(data_dir, corpus, embedder=no_embedder)
    assert (report.changed, report.embedded) == (True, 0)


def test_added_documents_survive_the_loss_of_the_newest_manifest(
    data_dir: Path, corpus: Path, note: Path, index: Index
) -> None:
    index(data_dir, corpus, add=[note])
    edit(corpus / "derby-accord.md", "ten days", "three days")
    index(data_dir, corpus)
    (data_dir / GENERATIONS / str(current_generation(data_dir)) / "manifest.json").write_text("", encoding="utf-8")
    assert index(data_dir, corpus).changed
    assert "receipts" in ids(data_dir)


def test_mistakes_are_all_told_at_once_and_change_nothing(data_dir: Path, corpus: Path, index: Index) -> None:
    before = current_generation(data_dir)
    edit(corpus / "derby-accord.md", "kind: code", "kind: leaflet")
    edit(corpus / "pay-table.md", "published: 2010", "published: 2010-02-30")
    with pytest.raises(CorpusInvalid) as raised:
        index(data_dir, corpus, embedder=no_embedder)
    assert [m.where.removeprefix(f"{corpus}/") for m in raised.value.mistakes] == [
        "derby-accord.md:6",
        "pay-table.md:5",
    ]
    assert current_generation(data_dir) == before
    assert len(list((data_dir / GENERATIONS).iterdir())) == 1


def test_two_passages_of_one_name_are_a_mistake(data_dir: Path, corpus: Path, index: Index) -> None:
    edit(corpus / "accord-2009.md", "{#1.2 promise 1.2}", "{#1.1 promise 1.2}")
    with pytest.raises(CorpusInvalid, match=r"accord-2009#ending-money/1\.1: two passages have this id"):
        index(data_dir, corpus)


def test_successor_may_be_a_document_that_was_added(data_dir: Path, corpus: Path, note: Path, index: Index) -> None:
    index(data_dir, corpus, add=[note])
    edit(corpus / "accord-2009.md", "superseded_by: accord-2024", "superseded_by: receipts")
    index(data_dir, corpus)
    assert load_manifest(data_dir).documents[0].document.superseded_by == "receipts"


def test_mistake_in_a_table_stops_the_index(data_dir: Path, corpus: Path, index: Index) -> None:
    (corpus / "tables" / "vocabulary.yaml").write_text("- term: a\n", encoding="utf-8")
    with pytest.raises(CorpusInvalid, match=r"vocabulary\.yaml:1"):
        index(data_dir, corpus)


def test_folder_of_a_newer_version_is_not_touched(data_dir: Path, corpus: Path, index: Index) -> None:
    (data_dir / FORMAT_FILE).write_text(json.dumps({"format": 999}), encoding="utf-8")
    edit(corpus / "derby-accord.md", "ten days", "three days")
    before = sorted((data_dir / GENERATIONS).iterdir())
    with pytest.raises(DataTooNew):
        index(data_dir, corpus, embedder=no_embedder)
    assert sorted((data_dir / GENERATIONS).iterdir()) == before


def test_second_ingest_at_once_is_refused_and_the_first_goes_on(data_dir: Path, corpus: Path, index: Index) -> None:
    with sole_writer(data_dir), pytest.raises(IndexBusy):
        index(data_dir, corpus)
    assert index(data_dir, corpus, embedder=no_embedder).changed is False


def test_progress_tells_each_stage_to_its_end(tmp_path: Path, corpus: Path, index: Index) -> None:
    told: list[tuple[str, int, int]] = []
    index(tmp_path / "data", corpus, progress=lambda *step: told.append(step))
    assert list(dict.fromkeys(stage for stage, _, _ in told)) == [
        "Reading",
        "Dividing",
        "Embedding",
        "Storing",
        "Verifying",
    ]
    last = {stage: (done, total) for stage, done, total in told}
    assert all(done == total for stage, (done, total) in last.items() if stage != "Reading")


@pytest.mark.usefixtures("_connections_left_open")
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_server_that_dies_while_indexing_leaves_the_old_index_answering(
    data_dir: Path,
    corpus: Path,
    index: Index,
    assistant: Assistant,
    start_chroma: Callable[[], AbstractContextManager[str]],
) -> None:
    before = current_generation(data_dir)
    with ExitStack() as running:
        url = running.enter_context(start_chroma())

        def stop(stage: str, done: int, total: int) -> None:
            if stage == "Storing" and done == total:
                running.close()

        with pytest.raises(StoreUnavailable, match="Start it, or unset COMPACT_CHROMA_URL"):
            index(data_dir, corpus, chroma_url=url, progress=stop)
    assert current_generation(data_dir) == before
    assert len(list((data_dir / GENERATIONS).iterdir())) == 1
    assert assistant.search("bus fares", limit=1)[0].passage.document.id == "derby-accord"
