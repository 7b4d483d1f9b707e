"""A folder of documents read whole: what each is taken to be, and every mistake at once."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import docx
import fpdf
import pytest

from assistant.errors import CorpusInvalid, Mistake
from assistant.values import Document, DocumentStatus, Kind
from ingest.sources import Overrides, Source, Sources, read_sources

REPOSITORY = Path(__file__).resolve().parents[2]
AREAS = frozenset({"Wexley", "Merton"})
WORDS = "Give notice of the end of a grant in writing."


def digest(id_: str, **fields: str) -> str:
    """A Markdown file of a corpus folder that says all it should."""
    said = {
        "id": id_,
        "title": f'"The {id_} text"',
        "publisher": "Wexley Council",
        "published": "2010-12",
        "kind": "guidance",
        "status": "historical",
        "jurisdiction": "England",
        "basis": "our own digest",
        **fields,
    }
    lines = "\n".join(f"{name}: {value}" for name, value in said.items())
    return f"---\n{lines}\n---\n# Title\n\n{WORDS}\n"


def put(root: Path, **files: str) -> None:
    """Write Markdown files, named without their ending."""
    for name, text in files.items():
        (root / f"{name}.md").write_text(text, encoding="utf-8")


def read(root: Path, known_ids: tuple[str, ...] = ()) -> Sources:
    return read_sources(root, areas=AREAS, known_ids=known_ids)


def add(path: Path, **overrides: object) -> Sources:
    said = Overrides(**overrides)  # type: ignore[arg-type]  # tests pass what they name
    return read_sources(path, areas=AREAS, overrides=said, require_front_matter=False)


def only_source(sources: Sources) -> Source:
    [source] = sources.sources
    return source


def mistakes(root: Path, known_ids: tuple[str, ...] = ()) -> tuple[Mistake, ...]:
    with pytest.raises(CorpusInvalid) as raised:
        read(root, known_ids)
    return raised.value.mistakes


def only_mistake(root: Path, known_ids: tuple[str, ...] = ()) -> str:
    [mistake] = mistakes(root, known_ids)
    return str(mistake)


def test_documents_come_in_path_order_with_their_hashes_and_no_warnings(tmp_path: Path) -> None:
    put(tmp_path, b=digest("first"), a=digest("second"))
    found = read(tmp_path)
    assert [(s.path, s.document.id) for s in found.sources] == [("a.md", "second"), ("b.md", "first")]
    assert found.sources[0].sha256 == hashlib.sha256((tmp_path / "a.md").read_bytes()).hexdigest()
    assert found.warnings == ()


def test_lines_of_blocks_count_from_the_top_of_the_file(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a"))
    [block] = only_source(read(tmp_path)).loaded.blocks
    assert (block.text, block.line) == (WORDS, 13)


def test_markdown_in_a_corpus_folder_needs_front_matter(tmp_path: Path) -> None:
    put(tmp_path, a=f"# Title\n\n{WORDS}\n")
    assert only_mistake(tmp_path).startswith(f"{tmp_path}/a.md:1: no front matter.")


def test_markdown_in_a_corpus_folder_may_have_its_fields_beside_it(tmp_path: Path) -> None:
    put(tmp_path, a=f"# Title\n\n{WORDS}\n")
    fields = "id: b\ntitle: B\nkind: code\nstatus: historical\n"
    (tmp_path / "a.md.yaml").write_text(fields, encoding="utf-8")
    assert only_mistake(tmp_path).startswith(f"{tmp_path}/a.md.yaml:1: basis is missing.")
    (tmp_path / "a.md.yaml").write_text(f"{fields}basis: ours\n", encoding="utf-8")
    assert only_source(read(tmp_path)).document.kind is Kind.CODE


def test_fields_in_two_places_are_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a"))
    (tmp_path / "a.md.yaml").write_text("id: b\n", encoding="utf-8")
    assert f"{tmp_path}/a.md.yaml: {tmp_path}/a.md has front matter too." in only_mistake(tmp_path)


def test_file_without_fields_is_taken_as_historical_guidance(tmp_path: Path) -> None:
    (tmp_path / "In the east").mkdir()
    (tmp_path / "In the east" / "Été, 2010.txt").write_text(f"Our guide\n\n{WORDS}\n", encoding="utf-8")
    assert only_source(read(tmp_path)).document == Document(
        id="in-the-east-ete-2010",
        title="Our guide",
        kind=Kind.GUIDANCE,
        status=DocumentStatus.HISTORICAL,
        basis="the original text, as added",
    )


def test_title_is_the_file_name_when_the_text_has_none(tmp_path: Path) -> None:
    (tmp_path / "Old notes.txt").write_text(f"{WORDS.lower()}\n", encoding="utf-8")
    assert only_source(read(tmp_path)).document.title == "Old notes"


def test_path_without_latin_letters_still_gives_an_id(tmp_path: Path) -> None:
    for name in ("Σ", "Ω"):
        (tmp_path / f"{name}.txt").write_text(WORDS, encoding="utf-8")
    first, second = (source.document.id for source in read(tmp_path).sources)
    assert first.startswith("document-")
    assert first != second


def test_warning_says_exactly_which_sidecar_to_write(tmp_path: Path) -> None:
    (tmp_path / "guide.txt").write_text(f'The "Wexley" guide\n\n{WORDS}\n', encoding="utf-8")
    before = read(tmp_path)
    [warning] = before.warnings
    assert warning.where == f"{tmp_path}/guide.txt"
    first, *lines = warning.remedy.split("\n")
    assert first == f"Write {tmp_path}/guide.txt.yaml with these lines, corrected:"
    (tmp_path / "guide.txt.yaml").write_text(textwrap.dedent("\n".join(lines)), encoding="utf-8")
    after = read(tmp_path)
    assert only_source(after).document == only_source(before).document
    assert [str(w) for w in after.warnings] == [
        f"{tmp_path}/guide.txt.yaml: publisher, published and jurisdiction are not given.\n"
        f"  Add to {tmp_path}/guide.txt.yaml:\n"
        "    # publisher: who published it\n    # published: 2010-12\n    # jurisdiction: England"
    ]


def test_sidecar_describes_its_file(tmp_path: Path) -> None:
    (tmp_path / "guide.txt").write_text(f"Our guide\n\n{WORDS}\n", encoding="utf-8")
    (tmp_path / "guide.txt.yaml").write_text("title: The Guide\nstatus: in-force\narea: Merton\n", encoding="utf-8")
    document = only_source(read(tmp_path)).document
    assert (document.id, document.title, document.status, document.area) == ("guide", "The Guide", "in-force", "Merton")


def test_mistake_in_a_sidecar_names_the_sidecar(tmp_path: Path) -> None:
    (tmp_path / "guide.txt").write_text(WORDS, encoding="utf-8")
    (tmp_path / "guide.txt.yaml").write_text("title: A\nkind: leaflet\n", encoding="utf-8")
    assert only_mistake(tmp_path).startswith(f"{tmp_path}/guide.txt.yaml:2: kind is 'leaflet'.")


def test_sidecar_that_is_not_utf8_names_the_sidecar(tmp_path: Path) -> None:
    (tmp_path / "guide.txt").write_text(WORDS, encoding="utf-8")
    (tmp_path / "guide.txt.yaml").write_bytes(b"title: caf\xe9\n")
    assert only_mistake(tmp_path).startswith(f"{tmp_path}/guide.txt.yaml:1: byte 0xe9 at offset 10")


def test_added_markdown_may_be_without_front_matter(tmp_path: Path) -> None:
    put(tmp_path, a=f"# Our guide\n\n{WORDS}\n")
    found = add(tmp_path / "a.md")
    assert (only_source(found).document.id, only_source(found).document.title) == ("a", "Our guide")
    [warning] = found.warnings
    first, *lines = warning.remedy.split("\n")
    assert first == f"Begin {tmp_path}/a.md with these lines, corrected:"
    put(tmp_path, a="\n".join([*textwrap.dedent("\n".join(lines)).split("\n"), f"# Our guide\n\n{WORDS}\n"]))
    assert only_source(read(tmp_path)).document == only_source(found).document


def test_added_markdown_with_front_matter_may_leave_fields_out_but_not_get_them_wrong(tmp_path: Path) -> None:
    put(tmp_path, a=f"---\ntitle: A guide\n---\n{WORDS}\n")
    assert only_source(add(tmp_path)).document.title == "A guide"
    put(tmp_path, a=f"---\nkind: leaflet\n---\n{WORDS}\n")
    with pytest.raises(CorpusInvalid, match="kind is 'leaflet'"):
        add(tmp_path)


def test_overrides_win_over_what_files_say(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a", area="Wexley"))
    found = add(tmp_path / "a.md", kind=Kind.CODE, area="Merton", title="Ours", published="2011")
    document = only_source(found).document
    assert (document.kind, document.area, document.title, document.published) == (Kind.CODE, "Merton", "Ours", "2011")
    assert found.warnings == ()


def test_overrides_are_checked_like_fields(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a"), b=digest("b"))
    with pytest.raises(CorpusInvalid) as raised:
        add(tmp_path, area="Wexly", title="Both", published="2026-02-30")
    assert [m.where for m in raised.value.mistakes] == ["--title", "--area", "--published"]
    with pytest.raises(CorpusInvalid, match="the title is empty"):
        add(tmp_path / "a.md", title=" ")


def test_local_compact_without_area_is_warned_of(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a", kind="local-compact"), b=digest("b", kind="local-compact", area="Wexley"))
    [warning] = read(tmp_path).warnings
    assert str(warning).startswith(f"{tmp_path}/a.md:6: kind is 'local-compact', but no area says whose")


def test_wanted_fields_that_are_missing_are_warned_of(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a").replace("publisher: Wexley Council\n", ""))
    [warning] = read(tmp_path).warnings
    assert str(warning).startswith(f"{tmp_path}/a.md: publisher is not given.")


def test_two_documents_with_one_id_name_each_other(tmp_path: Path) -> None:
    put(tmp_path, a=digest("same"), b=digest("same"))
    said = only_mistake(tmp_path)
    assert said.startswith(f"{tmp_path}/b.md:2: id is 'same', which {tmp_path}/a.md:2 has too.")


def test_files_whose_names_give_one_id_are_a_mistake(tmp_path: Path) -> None:
    for name in ("Guide.txt", "guide.TXT"):
        (tmp_path / name).write_text(WORDS, encoding="utf-8")
    assert "in a file NAME.yaml beside it" in only_mistake(tmp_path)


def test_successor_must_be_a_document_and_the_nearest_is_suggested(tmp_path: Path) -> None:
    put(tmp_path, a=digest("wexley-2010", status="superseded", superseded_by="wexley-2042"), b=digest("wexley-2024"))
    said = only_mistake(tmp_path)
    assert f"{tmp_path}/a.md:10: superseded_by is 'wexley-2042', which is the id of no document." in said
    assert "Did you mean 'wexley-2024'?" in said


def test_successor_may_be_a_document_added_before(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a", status="superseded", superseded_by="b"))
    assert only_source(read(tmp_path, ("b",))).document.superseded_by == "b"


def test_document_cannot_succeed_itself(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a", status="superseded", superseded_by="a"))
    assert "superseded_by is 'a', the document itself." in only_mistake(tmp_path)


def test_successors_that_go_round_are_told_once(tmp_path: Path) -> None:
    put(
        tmp_path,
        a=digest("c", status="superseded", superseded_by="d"),
        b=digest("d", status="superseded", superseded_by="e"),
        c=digest("e", status="superseded", superseded_by="c"),
        d=digest("f", status="superseded", superseded_by="c"),
    )
    assert "superseded_by leads round: c -> d -> e -> c." in only_mistake(tmp_path)


def test_successor_whose_own_file_is_wrong_is_not_called_missing(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a", status="superseded", superseded_by="b"), b=digest("b", kind="leaflet"))
    assert "kind is 'leaflet'" in only_mistake(tmp_path)
    (tmp_path / "b.md").write_bytes(b"\xff")
    assert "is not UTF-8" in only_mistake(tmp_path)


@pytest.mark.parametrize("body", ["", "# Title alone\n", "***\n\n<!-- asked\nwhat is it\n-->\n"])
def test_document_without_words_is_a_mistake(tmp_path: Path, body: str) -> None:
    put(tmp_path, a=digest("a").split("# Title")[0] + body)
    assert "there is no word in this file below its title." in only_mistake(tmp_path)


def test_text_without_words_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n \n--- ... ***\n", encoding="utf-8")
    assert "there is no word in this file" in only_mistake(tmp_path)


def test_successor_that_cannot_be_missing_is_told_beside_other_mistakes(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a", status="superseded", superseded_by="gone"))
    (tmp_path / "b.txt").write_text("...\n", encoding="utf-8")
    assert {m.where for m in mistakes(tmp_path)} == {f"{tmp_path}/a.md:10", f"{tmp_path}/b.txt"}


def test_every_mistake_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a", kind="leaflet", status="gone"), b=digest("a", area="Wexly"), c="Words\n", d="")
    (tmp_path / "e.txt").write_bytes(b"\0")
    (tmp_path / "f.pdf.yaml").write_text("title: F\n", encoding="utf-8")
    wheres = {m.where.removeprefix(f"{tmp_path}/") for m in mistakes(tmp_path)}
    assert wheres == {"a.md:6", "a.md:7", "b.md:10", "b.md:2", "c.md:1", "d.md", "e.txt:1", "f.pdf.yaml"}


def test_warnings_name_files_that_were_left_out(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a"))
    (tmp_path / "figures.xlsx").write_bytes(b"PK")
    [warning] = read(tmp_path).warnings
    assert warning.where == f"{tmp_path}/figures.xlsx"


def write_pdf(path: Path) -> None:
    pdf = fpdf.FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=12)
    pdf.multi_cell(0, 8, WORDS)
    pdf.output(str(path))


def write_docx(path: Path) -> None:
    document = docx.Document()
    document.add_paragraph(WORDS)
    document.save(str(path))


def write_html(path: Path) -> None:
    path.write_text(f"<!doctype html><title>Guide</title><p>{WORDS}</p>", encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "write"),
    [("a.pdf", write_pdf), ("a.docx", write_docx), ("a.html", write_html), ("a.HTM", write_html)],
)
def test_other_formats_are_read_by_their_endings(tmp_path: Path, name: str, write: Callable[[Path], None]) -> None:
    write(tmp_path / name)
    source = only_source(read(tmp_path))
    assert WORDS in " ".join(block.text for block in source.loaded.blocks)
    assert source.document.id == "a"


@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_file_that_its_loader_cannot_read_is_a_mistake_with_its_path(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not at all what the ending says")
    assert only_mistake(tmp_path).startswith(f"{tmp_path}/{name}: ")


def test_folder_of_text_imports_no_pdf_reader(tmp_path: Path) -> None:
    put(tmp_path, a=digest("a"))
    script = (
        "import pathlib, sys; from ingest.sources import read_sources; "
        f"read_sources(pathlib.Path({str(tmp_path)!r}), areas=None); "
        "assert not {'pdfplumber', 'docx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, check=True)
