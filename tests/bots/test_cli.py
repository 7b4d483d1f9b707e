"""The command line as people and scripts use it, as processes of their own, and in this one where cases are many."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import docx
import pytest
from fpdf import FPDF
from PIL import Image
from pypdf import PdfReader, PdfWriter

from assistant.retrieval.generation import FORMAT_FILE, GENERATIONS, current_generation
from assistant.values import Answer

Cli = Callable[..., Any]
NOTICE = "How much notice before a grant ends?"
FARES = "Are volunteers paid their travel costs?"
TRACES = ("Traceback", 'File "')


@pytest.fixture
def corpus(small_corpus: Path, tmp_path: Path) -> Path:
    """The small corpus, to be changed."""
    return Path(shutil.copytree(small_corpus, tmp_path / "corpus"))


@pytest.fixture
def own(inside: Cli, corpus: Path, tmp_path: Path, index: Callable[..., Any]) -> Cli:
    """The command line in this process, over a corpus and an index that the test may change."""
    index(tmp_path / "data", corpus)
    return lambda *args, **options: inside(*args, **{"COMPACT_CORPUS_DIR": corpus, **options})


@pytest.fixture
def reader(cli: Cli, small_data: Path) -> Cli:
    """The command line over the small index, which it only reads."""
    return lambda *args, **options: cli(*args, **{"COMPACT_DATA_DIR": small_data, **options})


@pytest.fixture
def reader_inside(inside: Cli, small_data: Path) -> Cli:
    """The same in this process."""
    return lambda *args, **options: inside(*args, **{"COMPACT_DATA_DIR": small_data, **options})


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


class Ran(NamedTuple):
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


def refused(ran: Ran, *said: str) -> None:
    """A mistake of the caller's: exit 2, nothing on standard output, what to do on standard error, no traceback."""
    assert ran.code == 2, ran
    assert ran.out == ""
    for words in said:
        assert words in ran.err
    assert not any(words in ran.err for words in TRACES)
    assert len(ran.err.strip().splitlines()) > 1


# -- help, and what is no command ------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", "ask", "search", "ingest", "doctor", "evaluate"])
def test_every_command_has_help_with_an_example(cli: Cli, command: str) -> None:
    ran = cli(*filter(None, [command]), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "Usage: " in ran.out
    assert "Example: compact-assistant" in ran.out


def test_version_is_told(cli: Cli) -> None:
    ran = cli("--version")
    assert ran.code == 0
    assert "0." in ran.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--nonsense"], "No such option '--nonsense'"),
        (["nonsense"], "No such command 'nonsense'"),
        (["ask"], "Missing argument 'QUESTION'"),
        (["ask", "x", "--nonsense"], "No such option '--nonsense'"),
        (["search", "x", "--limit", "0"], "0 is not in the range"),
        (["search", "x", "--limit", "many"], "'many' is not a valid integer"),
        (["search", "x", "--kind", "leaflet"], "'case-study'"),
        (["ingest", "--kind", "leaflet"], "'case-study'"),
        (["ingest", "--area", "Derby"], "name the files to add"),
    ],
)
def test_wrong_command_line_is_told_how_to_write_it(inside: Cli, args: list[str], said: str) -> None:
    refused(inside(*args), said, "--help")


# -- before anything is indexed, and settings ------------------------------------------------------------------------


FIRST_COMMANDS = [
    ["ask", NOTICE],
    ["ask", NOTICE, "--json"],
    ["search", "x"],
    ["ingest", "--status"],
    ["ingest", "--status", "--json"],
]


@pytest.mark.parametrize("args", FIRST_COMMANDS)
def test_before_the_first_index_people_are_told_to_make_one(inside: Cli, args: list[str]) -> None:
    refused(inside(*args), "No index generation in", "compact-assistant ingest")


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("COMPACT_EMBEDDING_BACKEND", "gpu", "'openvino'"),
        ("COMPACT_CHROMA_URL", "localhost:8000", "http://host:port"),
        ("COMPACT_CORPUS_DIR", "/nowhere/at/all", "/nowhere/at/all: there is no such file or folder"),
        ("COMPACT_DATA_DIR", "/proc/nowhere", "set COMPACT_DATA_DIR to another folder"),
        ("COMPACT_DATA_DIR", __file__, "which is a file"),
    ],
)
def test_wrong_setting_is_told(inside: Cli, setting: str, value: str, said: str) -> None:
    ran = inside("ingest", **{setting: value})
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_deployments_area_that_nobody_knows_is_told(reader_inside: Cli) -> None:
    refused(
        reader_inside("ask", NOTICE, COMPACT_AREA="Derbyy"), "no council area called 'Derbyy'", "Did you mean Derby"
    )


# -- ingest ----------------------------------------------------------------------------------------------------------


def test_ingest_indexes_and_the_second_time_finds_nothing_changed(cli: Cli) -> None:
    first = cli("ingest")
    assert (first.code, first.err) == (0, "")
    assert first.out.startswith("Indexed 5 documents, 7 passages")
    second = cli("ingest")
    assert (second.code, second.err) == (0, "")
    assert second.out.startswith("Nothing has changed.")
    assert cli("ingest", "--quiet").out == ""


def test_ingest_as_json_says_what_is_indexed_and_what_was_done(own: Cli, corpus: Path) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    said = json.loads(own("ingest", "--json").out)
    assert (said["changed"], said["embedded"]) == (True, 2)
    status = json.loads(own("ingest", "--status", "--json").out)
    assert {name: said[name] for name in status} == status
    assert {"generation", "created", "passages", "documents"} <= set(status)
    assert status["passages"] == 7
    [derby] = [d for d in status["documents"] if d["id"] == "derby-accord"]
    assert (derby["title"], derby["passages"], derby["path"], derby["added"]) == (
        "Derby's Own Accord", 1, "derby-accord.md", False,
    )  # fmt: skip


def test_status_tells_people_what_is_indexed(reader_inside: Cli, small_data: Path, small_corpus: Path) -> None:
    ran = reader_inside("ingest", "--status")
    assert (ran.code, ran.err) == (0, "")
    assert str(current_generation(small_data)) in ran.out
    assert "5 documents, 7 passages" in ran.out
    assert str(small_corpus) in ran.out
    assert "derby-accord: 1 passages, derby-accord.md" in ran.out


LIST_IMPORTS = """
import sys
from bots.cli import main
sys.argv = ["compact-assistant", *sys.argv[1:]]
try:
    main()
finally:
    print("IMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
HEAVY = {"torch", "openvino", "chromadb", "transformers", "sentence_transformers"}


@pytest.mark.parametrize(
    ("args", "without"),
    [
        (["--help"], HEAVY),
        (["ask", "--help"], HEAVY),
        (["ingest", "--status"], HEAVY),
        (["ingest"], HEAVY),
        (["ask", NOTICE], {"torch", "transformers", "sentence_transformers", "pdfplumber", "docx"}),
    ],
)
def test_command_imports_only_what_it_needs(
    environment: dict[str, str], small_data: Path, tmp_path: Path, args: list[str], without: set[str]
) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LIST_IMPORTS, *args],
        env=environment | {"COMPACT_DATA_DIR": str(small_data)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    [imported] = [line.split()[1:] for line in ran.stderr.splitlines() if line.startswith("IMPORTED")]
    assert "bots" in imported
    assert not without & set(imported)


def test_files_of_every_kind_are_added_survive_and_are_forgotten(own: Cli, corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "text.txt").write_text(
        "Receipts\n\nKeep every receipt for six years in a dry cellar.\n", encoding="utf-8"
    )
    (folder / "mark.md").write_text("# Minutes\n\nMinutes of a meeting go round within a week.\n", encoding="utf-8")
    (folder / "page.html").write_text(
        "<!doctype html><title>Keys</title><h1>Keys</h1><p>The spare key hangs behind the clock.</p>", encoding="utf-8"
    )
    write_pdf(folder / "sheet.pdf", "The caretaker waters the ferns on Tuesdays and on Fridays.")
    document = docx.Document()
    document.add_heading("Tea", 1)
    document.add_paragraph("The kettle is descaled with lemon juice every month.")
    document.save(str(folder / "word.docx"))
    added = own("ingest", folder, "--kind", "guidance", "--area", "merton", "--published", "2019-04")
    refused(added, "area is 'merton'", "Did you mean 'Merton'")
    added = own("ingest", folder, "--kind", "guidance", "--area", "Merton", "--published", "2019-04")
    assert added.code == 0, added
    assert "Note: " in added.err
    assert "text.txt.yaml" in added.err
    shutil.rmtree(folder)
    edit(corpus / "derby-accord.md", "ten days", "three days")
    assert own("ingest").out.startswith("Indexed 10 documents")
    queries = ["dry cellar", "minutes of a meeting", "spare key", "ferns", "kettle"]
    ran = own("search", "-", "--area", "Merton", "--limit", "1", stdin="\n".join(queries))
    found = [json.loads(line)["passages"][0]["document"] for line in ran.out.splitlines()]
    assert [d["id"] for d in found] == ["text", "mark", "page", "sheet", "word"]
    assert {d["published"] for d in found} == {"2019-04"}
    assert own("ingest", "--forget", "text", "--forget", "word").code == 0
    status = json.loads(own("ingest", "--status", "--json").out)
    assert [d["id"] for d in status["documents"] if d["added"]] == ["mark", "page", "sheet"]
    refused(own("ingest", "--forget", "text"), "no added document has this id", "mark, page, sheet")


# -- what is wrong with documents ------------------------------------------------------------------------------------


def write_pdf(path: Path, text: str) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.multi_cell(0, 8, text)
    pdf.output(str(path))


def front_matter(corpus: Path, old: str, new: str) -> None:
    edit(corpus / "derby-accord.md", old, new)


def no_front_matter(corpus: Path) -> None:
    (corpus / "bare.md").write_text("# Bare\n\nWords alone.\n", encoding="utf-8")


def encrypted_pdf(corpus: Path) -> None:
    write_pdf(corpus / "locked.pdf", "A secret.")
    writer = PdfWriter(clone_from=PdfReader(corpus / "locked.pdf"))
    writer.encrypt("a password", algorithm="AES-256")
    writer.write(corpus / "locked.pdf")


def scanned_pdf(corpus: Path) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.image(Image.new("L", (600, 800), 200), w=150)
    pdf.output(str(corpus / "scan.pdf"))


def truncated_pdf(corpus: Path) -> None:
    write_pdf(corpus / "half.pdf", "A long text. " * 500)
    data = (corpus / "half.pdf").read_bytes()
    (corpus / "half.pdf").write_bytes(data[: len(data) // 2])


def no_pdf(corpus: Path) -> None:
    (corpus / "cat.pdf").write_bytes(b"This is a picture of a cat.")


def word_bomb(corpus: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as file:
            for _ in range(260):
                file.write(b"<w:p/>" * 170_000)
    (corpus / "bomb.docx").write_bytes(packed.getvalue())


def no_word(corpus: Path) -> None:
    (corpus / "cat.docx").write_bytes(b"PK\x03\x04 and then nothing")


def huge_text(corpus: Path) -> None:
    with (corpus / "huge.txt").open("wb") as file:
        file.truncate(200_000_000)


def latin_text(corpus: Path) -> None:
    (corpus / "latin.txt").write_bytes("Words\nin a café\n".encode("latin-1"))


def empty_file(corpus: Path) -> None:
    (corpus / "empty.txt").touch()


def link_outside(corpus: Path) -> None:
    (corpus.parent / "outside.md").write_text("# Outside\n\nWords.\n", encoding="utf-8")
    (corpus / "link.md").symlink_to(corpus.parent / "outside.md")


def orphaned_sidecar(corpus: Path) -> None:
    (corpus / "gone.pdf.yaml").write_text("title: Gone\n", encoding="utf-8")


def wrong_vocabulary(corpus: Path) -> None:
    (corpus / "tables" / "vocabulary.yaml").write_text("- term: a\n- source: b\n", encoding="utf-8")


def wrong_places(corpus: Path) -> None:
    (corpus / "tables" / "places.csv").write_text("name,until\nDerby,\n", encoding="utf-8")


def twice_the_same_key(corpus: Path) -> None:
    edit(corpus / "accord-2009.md", "{#1.2 promise 1.2}", "{#1.1 promise 1.2}")


def changes(old: str, new: str) -> Callable[[Path], None]:
    """A change to the front matter of derby-accord.md."""
    return lambda corpus: front_matter(corpus, old, new)


MISTAKES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "no front matter": (no_front_matter, "bare.md:1: no front matter", "Begin the file with"),
    "missing field": (changes("basis: ", "# basis: "), "derby-accord.md:1: basis is missing", "Add a line such as"),
    "misspelt field": (changes("basis:", "bassis:"), "derby-accord.md:10: there is no field 'bassis'", "'basis'"),
    "not yaml": (changes("title: ", "title: a: "), "derby-accord.md:3: this is not YAML", "double quotes"),
    "duplicate id": (changes("id: derby-accord", "id: pay-table"), "id is 'pay-table', which", "another id"),
    "id that is none": (changes("id: derby-accord", "id: Derby Accord"), "id is 'Derby Accord'", "'derby-accord'"),
    "unknown successor": (
        changes("status: in-force", "status: superseded\nsuperseded_by: accord-2042"),
        "superseded_by is 'accord-2042', which is the id of no document",
        "Did you mean 'accord-2024'",
    ),
    "superseded by nothing": (
        changes("in-force", "superseded"),
        "no superseded_by says by what",
        "Add `superseded_by:`",
    ),
    "impossible date": (changes("2011-06", "2011-02-30"), "published is '2011-02-30'", "year-month-day"),
    "unknown area": (changes("area: Derby", "area: Derbyy"), "area is 'Derbyy'", "'Derby'"),
    "unknown kind": (changes("kind: code", "kind: leaflet"), "derby-accord.md:6: kind is 'leaflet'", "case-study"),
    "unknown status": (changes("in-force", "valid"), "status is 'valid'", "Use in-force, superseded or historical"),
    "encrypted PDF": (encrypted_pdf, "locked.pdf: The PDF is encrypted", "unprotected copy"),
    "scanned PDF": (scanned_pdf, "scan.pdf: ", "text recognition"),
    "truncated PDF": (truncated_pdf, "half.pdf: ", "again"),
    "no PDF": (no_pdf, "cat.pdf: This is not a PDF", "give it that kind's ending"),
    "zip bomb": (word_bomb, "bomb.docx: The Word file", "are read"),
    "no Word file": (no_word, "cat.docx: ", "."),
    "200 MB of text": (huge_text, "huge.txt: this file has 200.0 MB; at most 50.0 MB", "Divide it"),
    "not UTF-8": (latin_text, "latin.txt:2: byte 0xe9", "Save the file as UTF-8"),
    "empty file": (empty_file, "empty.txt: this file is empty", "or remove it"),
    "link outside": (link_outside, "link.md: this link leads out of the folder", "Put the file itself here"),
    "orphaned sidecar": (orphaned_sidecar, "gone.pdf.yaml: these are the fields of gone.pdf", "or remove it"),
    "wrong vocabulary": (wrong_vocabulary, "vocabulary.yaml:1: source: field required", "A row has term and source"),
    "wrong places": (wrong_places, "places.csv:1: there is no column", "Use the columns name,also,official_name"),
    "two passages of one name": (twice_the_same_key, "#ending-money/1.1: two passages have this id", "another key"),
}


@pytest.fixture(scope="module")
def mistaken(
    small_corpus: Path, small_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Callable[[Path], None]], tuple[Path, Path]]:
    """A corpus with one thing wrong, and a data folder where it was indexed when it was right."""

    def make(spoil: Callable[[Path], None]) -> tuple[Path, Path]:
        folder = tmp_path_factory.mktemp("mistaken")
        shutil.copytree(small_data, folder / "data", symlinks=True)
        shutil.copytree(small_corpus, folder / "corpus")
        spoil(folder / "corpus")
        return folder / "corpus", folder / "data"

    return make


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_in_the_corpus_is_told_with_its_place_and_remedy_and_changes_nothing(
    inside: Cli, mistaken: Callable[[Callable[[Path], None]], tuple[Path, Path]], name: str
) -> None:
    spoil, what, remedy = MISTAKES[name]
    corpus, data_dir = mistaken(spoil)
    before = current_generation(data_dir)
    started = time.monotonic()
    refused(
        inside("ingest", COMPACT_CORPUS_DIR=corpus, COMPACT_DATA_DIR=data_dir), "the index is as it was", what, remedy
    )
    assert time.monotonic() - started < 60
    assert current_generation(data_dir) == before
    assert len(list((data_dir / GENERATIONS).iterdir())) == 1


def test_all_mistakes_are_told_at_once(cli: Cli, corpus: Path) -> None:
    for spoil in (no_front_matter, encrypted_pdf, latin_text, empty_file, no_word):
        spoil(corpus)
    refused(cli("ingest", COMPACT_CORPUS_DIR=corpus), "5 mistakes", "bare.md", "locked.pdf", "latin.txt", "empty.txt")


@pytest.mark.parametrize(
    ("name", "said"),
    [("gone.md", "there is no such file or folder"), ("figures.xlsx", "Files that end in .md, .txt")],
)
def test_file_that_cannot_be_added_is_told(own: Cli, tmp_path: Path, name: str, said: str) -> None:
    if name != "gone.md":
        (tmp_path / name).write_bytes(b"PK")
    refused(own("ingest", tmp_path / name), said, name)


INGEST = "import os, sys; os.execv(sys.executable, [sys.executable, '-m', 'assistant', 'ingest'])"
WITHOUT_PRIVILEGES = f"""
import ctypes, os
if os.geteuid() == 0:  # root may read every file by two capabilities, CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
    libc = ctypes.CDLL(None)
    if any(libc.prctl(24, capability, 0, 0, 0) for capability in (1, 2)):  # PR_CAPBSET_DROP
        os._exit(77)
{INGEST}
"""


def test_folder_without_permission_is_told(environment: dict[str, str], corpus: Path) -> None:
    (corpus / "closed").mkdir()
    (corpus / "closed" / "a.md").write_text("words", encoding="utf-8")
    (corpus / "closed").chmod(0)
    try:
        with started(environment, corpus, script=WITHOUT_PRIVILEGES) as running:
            out, said = running.communicate(timeout=60)
    finally:
        (corpus / "closed").chmod(0o755)
    if running.returncode == 77:
        pytest.skip("root may read everything here, and cannot give that up")
    refused(Ran(running.returncode, out, said), f"{corpus}/closed: permission to read this is denied", "Let the user")


# -- ask and search --------------------------------------------------------------------------------------------------


def test_answer_is_printed_for_people(reader: Cli) -> None:
    ran = reader("ask", NOTICE)
    assert (ran.code, ran.err) == (0, "")
    assert "at least twelve weeks before its grant ends." in ran.out
    assert "[1]" in ran.out
    first, *_ = ran.out.splitlines()
    assert first
    order = [ran.out.index(words) for words in ("twelve weeks", "Superseded", "Sources", "promise 1.1", "As of ")]
    assert order == sorted(order)
    assert "Not legal advice" in ran.out.splitlines()[-1]
    assert "\x1b" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 100


def test_answer_as_json_is_the_answer_of_the_contract(reader: Cli) -> None:
    ran = reader("ask", NOTICE, "--json", "--area", "derby", "--on", "2011-03-31")
    assert (ran.code, ran.err) == (0, "")
    said = json.loads(ran.out)
    assert set(said) == {
        "id", "question", "asked_on", "area", "conversation_id", "status", "verdict", "statements", "citations",
        "caveats", "next_steps", "composer", "generation", "timings_ms",
    }  # fmt: skip
    assert (said["question"], said["asked_on"], said["area"]) == (NOTICE, "2011-03-31", "Derby")
    assert (said["status"], said["verdict"], said["composer"]) == ("answered", None, "extract")
    assert set(said["timings_ms"]) == {"read", "retrieve", "decide", "compose", "ground"}
    for statement in said["statements"]:
        assert set(statement) == {"text", "citations", "force", "addressed_to"}
        assert statement["citations"]
    [citation, *_] = said["citations"]
    assert set(citation) == {"number", "passage_id", "quote", "document", "locator"}
    assert citation["document"] == {
        "id": "accord-2009",
        "title": "The Working Accord",
        "publisher": "Office for Neighbours",
        "published": "2009-05",
        "kind": "instrument",
        "status": "superseded",
        "url": None,
    }
    assert Answer.model_validate(said)


def test_what_the_guidance_does_not_say_is_no_failure(reader_inside: Cli) -> None:
    ran = reader_inside("ask", "Who won the football last night?")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("The guidance we hold does not say.")
    assert "compact-assistant ingest" in " ".join(ran.out.split())
    said = json.loads(reader_inside("ask", "Who won the football last night?", "--json").out)
    assert (said["status"], said["statements"], said["citations"]) == ("not_in_guidance", [], [])
    assert len(said["caveats"]) > 1


def test_search_as_json_is_that_of_the_contract(reader: Cli) -> None:
    ran = reader("search", "bus fares", "--json", "--limit", "3")
    assert (ran.code, ran.err) == (0, "")
    said = json.loads(ran.out)
    assert set(said) == {"query", "passages"}
    assert said["query"] == "bus fares"
    assert len(said["passages"]) == 3
    best = said["passages"][0]
    assert set(best) == {"id", "document", "heading_path", "locator", "text", "score"}
    assert set(best["document"]) == {"id", "title", "publisher", "published", "kind", "status", "url"}
    assert (best["id"], best["heading_path"]) == ("derby-accord#volunteers/1", ["Volunteers"])
    assert (best["locator"], best["text"]) == ("section 4", "Volunteers get their bus fares back within ten days.")
    scores = [passage["score"] for passage in said["passages"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_search_is_printed_for_people_and_keeps_to_its_filters(reader_inside: Cli) -> None:
    ran = reader_inside("search", "what happened", "--area", "Merton", "--kind", "case-study")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("1. How Merton mended a quarrel")
    assert "merton-story#the-quarrel/1" in ran.out
    assert "2. " not in ran.out
    none = reader_inside("search", "what happened", "--kind", "local-compact")
    assert (none.code, none.err) == (0, "")
    assert none.out.startswith("Nothing found.")


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("", "The question is empty."),
        ("   ", "The question is empty."),
        ("x" * 20_000, "20,000 characters; at most 4,000"),
        ("\x07\x1b\x01", "no letters or numbers"),
        ("?!", "no letters or numbers"),
    ],
)
def test_question_that_cannot_be_asked_is_told_what_to_write(
    reader_inside: Cli, command: str, question: str, said: str
) -> None:
    ran = reader_inside(command, question)
    refused(ran, said)
    assert "\x1b" not in ran.err


def test_control_characters_in_a_question_do_no_harm(reader_inside: Cli) -> None:
    said = json.loads(reader_inside("ask", "How much\x07 notice\u200b before a grant\x1b ends?", "--json").out)
    assert said["question"] == "How much notice before a grant ends?"
    assert said["status"] == "answered"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--on", "2026-02-30"], "Use year-month-day, for example 2026-03-31"),
        (["--on", "tomorrow"], "Use year-month-day, for example 2026-03-31"),
        (["--area", "Derbyy"], "Did you mean Derby"),
    ],
)
def test_wrong_date_or_area_is_told_what_to_write(reader_inside: Cli, options: list[str], said: str) -> None:
    ran = reader_inside("ask", NOTICE, *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


BATCH = [
    NOTICE.encode(),
    b"",
    b'{"question": 3}',
    b'{"question": "who"',
    b'{"question": "bus fares of volunteers", "area": "derby", "on": "2011-03-31", "conversation_id": "c1"}',
    b'{"nope": 1}',
    b"{}",
    b'{"question": "bus fares", "on": "2026-13-01"}',
    b'{"question": "bus fares", "area": "Derbyy"}',
    b'{"question": "bus fares", "audience": null}',
    b"x" * 20_000,
    b"caf\xe9 closing times",
    b'["a list"]',
    b'{"question": "bus fares", "conversation_id": "\\ud800"}',
    b'{"a":' * 100_000,
    b"\xef\xbb\xbfbus fares",
    FARES.encode(),
]


def test_batch_answers_each_line_in_its_place_and_bad_lines_with_an_error(reader: Cli) -> None:
    ran = reader("ask", "-", stdin=b"\r\n".join(BATCH))
    assert (ran.code, ran.err) == (0, "")
    said = [json.loads(line) for line in ran.out.splitlines()]
    assert len(said) == len(BATCH)
    wrong = {i for i, each in enumerate(said) if "error" in each}
    assert wrong == {1, 2, 3, 5, 6, 7, 8, 10, 11, 13, 14}
    for i in wrong:
        assert said[i]["error"]["type"] == "QuestionInvalid"
        assert "\n" in said[i]["error"]["message"] or "for example" in said[i]["error"]["message"]
        assert len(said[i]["line"]) <= 200
    assert said[0]["question"] == NOTICE
    assert (said[4]["area"], said[4]["asked_on"], said[4]["conversation_id"]) == ("Derby", "2011-03-31", "c1")
    assert said[15]["question"] == "bus fares"
    assert said[16]["citations"][0]["document"]["id"] == "derby-accord"
    assert len({each["id"] for i, each in enumerate(said) if i not in wrong}) == len(BATCH) - len(wrong)


def test_batch_of_searches_takes_its_options_as_defaults(reader: Cli) -> None:
    lines = ["bus fares", '{"question": "bus fares", "area": "Derby"}', '{"question": "bus fares", "limit": 3}', ""]
    ran = reader("search", "-", "--area", "Merton", "--limit", "2", stdin="\n".join(lines) + "\n")
    assert (ran.code, ran.err) == (0, "")
    said = [json.loads(line) for line in ran.out.splitlines()]
    assert [{p["document"]["id"] for p in each["passages"]} for each in said[:2]] == [
        {"merton-story"},
        {"derby-accord"},
    ]
    assert "unknown field 'limit'" in said[2]["error"]["message"]
    assert "empty" in said[3]["error"]["message"]


def test_empty_batch_is_no_mistake(reader: Cli) -> None:
    assert reader("ask", "-") == (0, "", "")


def test_batch_before_the_first_index_is_one_mistake_of_the_callers(cli: Cli) -> None:
    ran = cli("ask", "-", stdin=f"{NOTICE}\n")
    assert ran.code in (0, 2)
    assert "compact-assistant ingest" in ran.out + ran.err


def test_reader_that_stops_early_is_no_failure(environment: dict[str, str], small_data: Path, tmp_path: Path) -> None:
    asking = subprocess.Popen(
        [sys.executable, "-m", "assistant", "ask", "-"],
        env=environment | {"COMPACT_DATA_DIR": str(small_data)},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with asking:
        assert asking.stdin is not None
        assert asking.stdout is not None
        assert asking.stderr is not None
        asking.stdin.write(f"{NOTICE}\n".encode() * 200)
        asking.stdin.close()
        asking.stdout.readline()
        asking.stdout.close()
        said = asking.stderr.read().decode()
    assert asking.returncode == 0
    assert said == ""


# -- when things go wrong while indexing -----------------------------------------------------------------------------


def started(environment: dict[str, str], corpus: Path, *, script: str = INGEST) -> subprocess.Popen[str]:
    """`ingest` in the background; `script` may change its process before it becomes that."""
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env=environment | {"COMPACT_CORPUS_DIR": str(corpus)},
        cwd=corpus.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not happened():
        assert process.poll() is None, "it ended too early"
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.002)


def is_building(data_dir: Path) -> Callable[[], bool]:
    """Whether a second generation has been begun in this folder, where there is one."""
    return lambda: len(list((data_dir / GENERATIONS).iterdir())) > 1


def test_ingest_that_is_killed_leaves_the_old_index_and_the_next_one_succeeds(
    own: Cli, corpus: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    with started(environment, corpus) as killed:
        wait_until(is_building(tmp_path / "data"), killed)
        killed.kill()
    assert killed.returncode == -signal.SIGKILL
    assert "ten days" in own("ask", FARES).out
    assert own("ingest").code == 0
    assert "three days" in own("ask", FARES).out
    assert len(list((tmp_path / "data" / GENERATIONS).iterdir())) == 2


def test_ingest_that_is_interrupted_says_so_and_leaves_nothing_behind(
    own: Cli, corpus: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    with started(environment, corpus) as interrupted:
        wait_until(is_building(tmp_path / "data"), interrupted)
        interrupted.send_signal(signal.SIGINT)
        _, said = interrupted.communicate(timeout=60)
    assert interrupted.returncode not in (0, 2)
    assert "Traceback" not in said
    assert len(list((tmp_path / "data" / GENERATIONS).iterdir())) == 1
    assert "ten days" in own("ask", FARES).out


def test_second_ingest_at_once_is_refused_and_the_first_goes_on(
    own: Cli, corpus: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    with started(environment, corpus) as first:
        wait_until(is_building(tmp_path / "data"), first)
        first.send_signal(signal.SIGSTOP)
        try:
            refused(own("ingest"), "Another `ingest` is running", "Wait until it has finished")
            assert "ten days" in own("ask", FARES).out
        finally:
            first.send_signal(signal.SIGCONT)
        out, _ = first.communicate(timeout=60)
    assert first.returncode == 0
    assert out.startswith("Indexed 5 documents")
    assert "three days" in own("ask", FARES).out


def test_data_of_a_newer_version_is_refused_by_every_command(own: Cli, tmp_path: Path) -> None:
    (tmp_path / "data" / FORMAT_FILE).write_text('{"format": 999}', encoding="utf-8")
    for args in (["ingest"], ["ingest", "--status"], ["ask", NOTICE], ["search", "x"]):
        refused(own(*args), "written by a newer version (format 999", "set COMPACT_DATA_DIR to another folder")


@pytest.mark.parametrize("most_bytes", [10, 3_000, 250_000])
def test_file_that_may_not_grow_is_told_as_no_room_and_the_old_index_answers(
    own: Cli, corpus: Path, environment: dict[str, str], tmp_path: Path, most_bytes: int
) -> None:
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most_bytes}, {most_bytes})); {INGEST}"
    edit(corpus / "derby-accord.md", "ten days", "three days")
    with started(environment, corpus, script=limited) as full:
        out, said = full.communicate(timeout=60)
    refused(Ran(full.returncode, out, said), "There is no room left in", "Free some space, or set COMPACT_DATA_DIR")
    assert len(list((tmp_path / "data" / GENERATIONS).iterdir())) == 1
    assert "ten days" in own("ask", FARES).out


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB, where this machine lets us have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine does not let us mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_full_disk_is_told_and_the_old_index_answers(cli: Cli, corpus: Path, small_disk: Path, models: Path) -> None:
    (small_disk / "models").symlink_to(models)
    here = {"COMPACT_DATA_DIR": small_disk, "COMPACT_CORPUS_DIR": corpus}
    assert cli("ingest", **here).code == 0
    edit(corpus / "derby-accord.md", "ten days", "three days")
    refused(cli("ingest", **here), "There is no room left in", "Free some space")
    left = 64_000  # Chroma writes a little even to read
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - left))
    refused(cli("ingest", **here), "There is no room left in", "0 MB free")
    assert "ten days" in cli("ask", FARES, **here).out
    (small_disk / "filler").unlink()


def on_a_terminal(environment: dict[str, str], folder: Path, *args: str) -> str:
    """What a command writes when a person is watching both its outputs."""
    controller, terminal = os.openpty()
    with os.fdopen(controller, "rb", buffering=0) as watched:
        running = subprocess.Popen(
            [sys.executable, "-m", "assistant", *args],
            env={name: v for name, v in environment.items() if name not in ("NO_COLOR", "TERM")} | {"TERM": "xterm"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        seen = b""
        with running, suppress(OSError):  # Linux ends a terminal that nobody writes to with an error
            while piece := watched.read(65536):
                seen += piece
    assert running.returncode == 0, seen
    return seen.decode()


def test_person_who_watches_sees_progress_and_colour(environment: dict[str, str], tmp_path: Path) -> None:
    indexed = on_a_terminal(environment, tmp_path, "ingest")
    assert all(stage in indexed for stage in ("Dividing", "Embedding", "Storing", "Verifying"))
    assert "Indexed 5 documents" in indexed
    assert "\x1b[" in on_a_terminal(environment, tmp_path, "ask", NOTICE)


# -- a Chroma server, the doctor, and failures of our own ------------------------------------------------------------


def test_chroma_server_holds_the_index_and_is_searched(
    cli: Cli, chroma_server: str, corpus: Path, tmp_path: Path
) -> None:
    served = {"COMPACT_CHROMA_URL": chroma_server, "COMPACT_CORPUS_DIR": corpus}
    assert cli("ingest", **served).out.startswith("Indexed 5 documents")
    assert not list((tmp_path / "data" / GENERATIONS).rglob("chroma*"))
    assert cli("ingest", **served).out.startswith("Nothing has changed.")
    assert "ten days" in cli("ask", FARES, **served).out
    found = json.loads(cli("search", "what happened", "--area", "Merton", "--json", **served).out)
    assert [p["document"]["id"] for p in found["passages"]] == ["merton-story"]
    edit(corpus / "derby-accord.md", "ten days", "three days")
    assert "(2 of 35 texts embedded anew)" in cli("ingest", **served).out
    assert "three days" in cli("ask", FARES, **served).out
    assert f"at {chroma_server}" in cli("doctor", **served).out


def test_chroma_server_that_is_not_there_is_told(cli: Cli) -> None:
    ran = cli("ingest", COMPACT_CHROMA_URL="http://127.0.0.1:9")
    assert (ran.code, ran.out) == (1, "")
    assert "http://127.0.0.1:9 cannot be opened" in ran.err
    assert "unset COMPACT_CHROMA_URL" in ran.err
    assert "Traceback" not in ran.err


def test_doctor_finds_a_good_installation_well(reader: Cli) -> None:
    secrets = {"COMPACT_SLACK_BOT_TOKEN": "xoxb-hush-hush", "COMPACT_DATABASE_URL": "postgresql://u:hush-hush@h/d"}
    ran = reader("doctor", **secrets)
    assert (ran.code, ran.err) == (0, "")
    assert "PROBLEM" not in ran.out
    assert "hash as published" in ran.out
    said = json.loads(reader("doctor", "--json", **secrets).out)
    assert said["ok"] is True
    assert [check["name"] for check in said["checks"] if not check["ok"]] == []
    assert "hush" not in ran.out + json.dumps(said)


def test_doctor_says_what_to_do_about_each_problem(cli: Cli) -> None:
    ran = cli("doctor", "--json", COMPACT_CHROMA_URL="http://127.0.0.1:9", COMPACT_EMBEDDING_MODEL="/nowhere")
    assert ran.code == 1
    wrong = {check["name"]: check for check in json.loads(ran.out)["checks"] if not check["ok"]}
    assert set(wrong) == {"embedding model", "store", "index"}
    assert all(check["remedy"] for check in wrong.values())
    assert "Traceback" not in ran.err


BROKEN = """
import sys
from bots.cli import commands
def broken():
    raise RuntimeError("the very secret detail")
commands._assistant = broken
sys.argv = ["compact-assistant", "ask", "why"]
commands.main()
"""


def test_failure_of_our_own_gives_a_reference_and_no_traceback(environment: dict[str, str], tmp_path: Path) -> None:
    for level, traceback in (("", False), ("debug", True)):
        ran = subprocess.run(
            [sys.executable, "-c", BROKEN],
            env=environment | {"COMPACT_LOG": level},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stdout) == (1, "")
        assert "Something of ours broke (reference 01" in ran.stderr
        assert "compact-assistant doctor" in ran.stderr
        assert ("the very secret detail" in ran.stderr) is traceback
