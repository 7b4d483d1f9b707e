"""Which files of a folder are documents, and what is wrong with the others."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.errors import CorpusInvalid, Mistake
from ingest.loading.files import Found, decode_text, find_files, read_file

NOBODY = 65534


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("words\n", encoding="utf-8")


def names(found: Found) -> list[str]:
    return [file.relative for file in found.files]


def only(mistakes: tuple[Mistake, ...]) -> str:
    [mistake] = mistakes
    return str(mistake)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may read everything: be somebody who may not, for as long as the test looks."""
    if os.geteuid() != 0:
        yield
        return
    try:
        os.seteuid(NOBODY)
    except OSError as error:
        pytest.skip(f"root cannot become another user here: {error}")
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own may be entered by its owner only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def test_documents_are_found_in_nested_folders_in_path_order(tmp_path: Path) -> None:
    put(tmp_path, "b.txt", "a/z.md", "a/deep/er/c.docx", "a/x.html", "a/w.htm")
    assert names(find_files(tmp_path)) == ["a/deep/er/c.docx", "a/w.htm", "a/x.html", "a/z.md", "b.txt"]


def test_endings_may_be_in_capitals(tmp_path: Path) -> None:
    put(tmp_path, "A.PDF", "B.Md")
    assert [file.ending for file in find_files(tmp_path).files] == [".pdf", ".md"]


def test_hidden_files_lock_files_readmes_and_tables_are_not_documents(tmp_path: Path) -> None:
    put(
        tmp_path,
        "a.md",
        ".git/b.md",
        ".c.md",
        "~$a.docx",
        "README.md",
        "x/readme.md",
        "tables/places.csv",
        "tables/README.md",
        "templates/guidance.md",
    )
    found = find_files(tmp_path)
    assert (names(found), found.mistakes, found.warnings) == (["a.md"], (), ())


def test_document_among_the_tables_is_warned_of(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "tables/annex.pdf")
    assert only(find_files(tmp_path).warnings).startswith(f"{tmp_path}/tables/annex.pdf: this is left out")


def test_folder_named_tables_further_down_holds_documents(tmp_path: Path) -> None:
    put(tmp_path, "a/tables/b.md")
    assert names(find_files(tmp_path)) == ["a/tables/b.md"]


def test_sidecar_belongs_to_its_file(tmp_path: Path) -> None:
    put(tmp_path, "a/x.pdf", "a/x.pdf.yaml")
    [file] = find_files(tmp_path).files
    assert file.sidecar == tmp_path / "a/x.pdf.yaml"


def test_sidecar_without_its_file_is_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, "a.md", "x.pdf.yaml", "y.pdf/b.md", "y.pdf.yaml")
    said = [str(mistake) for mistake in find_files(tmp_path).mistakes]
    assert said[0].startswith(f"{tmp_path}/x.pdf.yaml: these are the fields of x.pdf, which is not in this folder.")
    assert said[1].startswith(f"{tmp_path}/y.pdf.yaml: ")


def test_sidecar_that_ends_in_yml_is_told_its_name(tmp_path: Path) -> None:
    put(tmp_path, "x.pdf", "x.pdf.yml")
    assert "Call it x.pdf.yaml." in only(find_files(tmp_path).mistakes)


@pytest.mark.parametrize("name", ["b.xlsx", "notes.yaml", "LICENCE"])
def test_other_files_are_warned_of_with_what_is_supported(tmp_path: Path, name: str) -> None:
    put(tmp_path, "a.md", name)
    found = find_files(tmp_path)
    assert names(found) == ["a.md"]
    assert "Files that end in .md, .txt, .pdf, .docx, .html or .htm can be read." in only(found.warnings)


def test_root_may_be_one_file_whatever_its_name(tmp_path: Path) -> None:
    put(tmp_path, "README.md", "x.txt", "x.txt.yaml")
    assert names(find_files(tmp_path / "README.md")) == ["README.md"]
    assert find_files(tmp_path / "x.txt").files[0].sidecar == tmp_path / "x.txt.yaml"


def test_root_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, "x.xlsx")
    assert "files that end in '.xlsx' cannot be read" in only(find_files(tmp_path / "x.xlsx").mistakes)
    assert "there is no such file or folder" in only(find_files(tmp_path / "nowhere").mistakes)


def test_folder_without_documents_is_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, "tables/places.csv", "README.md")
    assert "there is no document in this folder" in only(find_files(tmp_path).mistakes)


def test_empty_file_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "a.md").touch()
    assert only(find_files(tmp_path).mistakes).startswith(f"{tmp_path}/a.md: this file is empty.")


def test_empty_sidecar_is_a_mistake_of_its_own(tmp_path: Path) -> None:
    put(tmp_path, "a.pdf")
    (tmp_path / "a.pdf.yaml").touch()
    assert only(find_files(tmp_path).mistakes).startswith(f"{tmp_path}/a.pdf.yaml: this file is empty.")


def test_file_that_is_too_large_is_told_its_size_unread(tmp_path: Path) -> None:
    put(tmp_path, "b.txt")
    with (tmp_path / "a.pdf").open("wb") as file:
        file.truncate(61_200_000)
    found = find_files(tmp_path)
    assert "this file has 61.2 MB; at most 50.0 MB are read." in only(found.mistakes)
    assert names(found) == ["b.txt"]
    assert names(find_files(tmp_path, max_bytes=70_000_000)) == ["a.pdf", "b.txt"]


def test_pipe_is_a_mistake_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert "a pipe or device" in only(find_files(tmp_path).mistakes)


def test_folder_without_permission_is_a_mistake(shared: Path) -> None:
    put(shared, "a.md", "closed/b.md")
    (shared / "closed").chmod(0)
    with without_privileges():
        found = find_files(shared)
    assert only(found.mistakes).startswith(f"{shared}/closed: permission to read this is denied.")
    assert names(found) == ["a.md"]


def test_file_without_permission_is_a_mistake(shared: Path) -> None:
    put(shared, "a.md", "b.md")
    (shared / "b.md").chmod(0)
    with without_privileges():
        found = find_files(shared)
        with pytest.raises(CorpusInvalid, match=r"docs/b\.md: permission to read this is denied"):
            read_file(shared / "b.md", where="docs/b.md")
    assert only(found.mistakes).startswith(f"{shared}/b.md: permission to read this is denied.")
    assert names(found) == ["a.md"]


def test_file_in_a_folder_that_may_be_listed_but_not_entered_is_a_mistake(shared: Path) -> None:
    put(shared, "a.md", "listed/b.md")
    (shared / "listed").chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
    with without_privileges():
        assert only(find_files(shared).mistakes).startswith(f"{shared}/listed/b.md: permission")


def test_root_without_permission_is_a_mistake(shared: Path) -> None:
    put(shared, "a/b.md")
    (shared / "a").chmod(0)
    with without_privileges():
        assert only(find_files(shared / "a").mistakes).startswith(f"{shared}/a: permission")
        assert only(find_files(shared / "a" / "b.md").mistakes).startswith(f"{shared}/a/b.md: permission")


@pytest.mark.parametrize("target", ["outside.md", "outside"])
def test_link_that_leads_out_is_a_mistake(tmp_path: Path, target: str) -> None:
    put(tmp_path, "outside.md", "outside/b.md", "root/a.md")
    (tmp_path / "root" / "link.md").symlink_to(tmp_path / target)
    found = find_files(tmp_path / "root")
    assert f"root/link.md: this link leads out of the folder, to {tmp_path / target}." in only(found.mistakes)
    assert names(found) == ["a.md"]


def test_link_to_a_file_that_is_there_anyway_is_read_once(tmp_path: Path) -> None:
    put(tmp_path, "z.md")
    (tmp_path / "a.md").symlink_to("z.md")
    found = find_files(tmp_path)
    assert (names(found), found.mistakes) == (["z.md"], ())
    assert f"{tmp_path}/a.md: this is z.md once more, by a link" in only(found.warnings)


def test_links_that_go_round_end(tmp_path: Path) -> None:
    put(tmp_path, "a/b.md")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "here").symlink_to(".")
    found = find_files(tmp_path)
    assert (names(found), len(found.warnings)) == (["a/b.md"], 2)


def test_link_to_what_is_hidden_inside_is_followed_once(tmp_path: Path) -> None:
    put(tmp_path, "..data/a.md", "..data/sub/c.md")
    (tmp_path / "a.md").symlink_to("..data/a.md")
    (tmp_path / "more").symlink_to("..data/sub")
    (tmp_path / "zall").symlink_to("..data")
    found = find_files(tmp_path)
    assert (names(found), found.mistakes, len(found.warnings)) == (["a.md", "more/c.md"], (), 2)


@pytest.mark.parametrize("target", ["gone.md", "a.md"])
def test_link_to_nothing_or_to_itself_is_a_mistake(tmp_path: Path, target: str) -> None:
    put(tmp_path, "b.md")
    (tmp_path / "a.md").symlink_to(target)
    assert f"this link leads to '{target}', where nothing is." in only(find_files(tmp_path).mistakes)


def test_name_that_is_not_utf8_is_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.md")).touch()
    except OSError as error:
        pytest.skip(f"this disk has no such names: {error}")
    assert "the name b'caf\\xe9.md' in this folder is not UTF-8" in only(find_files(tmp_path).mistakes)


def test_file_is_read_with_its_hash(tmp_path: Path) -> None:
    put(tmp_path, "a.md")
    read = read_file(tmp_path / "a.md", where="a.md")
    assert (read.data, read.sha256) == (b"words\n", hashlib.sha256(b"words\n").hexdigest())


def test_file_gone_since_it_was_found_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(CorpusInvalid, match=r"a\.md: there is no such file"):
        read_file(tmp_path / "a.md", where="a.md")


def test_byte_order_mark_and_old_line_ends_do_no_harm() -> None:
    assert decode_text("\ufeffcafé\r\na\rb\f\n".encode(), where="a.txt") == "café\na\nb\f\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"one\r\ntwo\r\ncaf\xe9\n", "a.txt:3: byte 0xe9 at offset 13 is not UTF-8."),
        (b"one\rcaf\xe9 x", "a.txt:2: byte 0xe9 at offset 7 is not UTF-8."),
        (b"\xef\xbb\xbfcaf\xe9", "a.txt:1: byte 0xe9 at offset 6 is not UTF-8."),
        ("words".encode("utf-16"), "a.txt:1: byte 0xff at offset 0 is not UTF-8 (it looks like UTF-16)."),
    ],
)
def test_text_that_is_not_utf8_is_told_its_byte_and_line(data: bytes, said: str) -> None:
    with pytest.raises(CorpusInvalid) as raised:
        decode_text(data, where="a.txt")
    assert said in str(raised.value)
    assert "Save the file as UTF-8" in str(raised.value)


@pytest.mark.parametrize("control", ["\0", "\x08", "\x1b", "\x7f"])
def test_control_characters_mean_it_is_not_text(control: str) -> None:
    with pytest.raises(CorpusInvalid, match=rf"a\.txt:2: the control character U\+{ord(control):04X}"):
        decode_text(f"one\ntwo{control}\n".encode(), where="a.txt")


@pytest.mark.parametrize(("data", "looks"), [(b"%PDF-1.7\n\xe2\xe3", "a PDF"), (b"PK\x03\x04", "a Word or zip file")])
def test_other_format_under_the_name_of_text_is_recognised(data: bytes, looks: str) -> None:
    with pytest.raises(CorpusInvalid, match=f"it looks like {looks}"):
        decode_text(data, where="a.txt")
