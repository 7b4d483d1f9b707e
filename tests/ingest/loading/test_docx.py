"""Word: real files, made with python-docx."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.blocks import BlockKind, DropReason, Loaded
from ingest.loading.docx import load_docx
from ingest.loading.unreadable import Unreadable

NAMES = nsdecls("w")
MULTILEVEL = [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("bullet", "·")]


def test_headings_have_the_levels_of_their_styles_below_the_title() -> None:
    def write(document: Document) -> None:
        document.add_heading("Good neighbours", 0)
        document.add_heading("Listening", 1)
        document.add_paragraph("Ask before you decide.")
        document.add_heading("In writing", 2)
        document.add_paragraph("A letter is kept.")

    loaded = load_docx(written(write))
    assert headings(loaded) == [("Good neighbours", 1), ("Listening", 1), ("In writing", 2)]
    assert loaded.title == "Good neighbours"


def test_outline_level_makes_a_heading_of_any_style() -> None:
    def write(document: Document) -> None:
        own = document.styles.add_style("House heading", WD_STYLE_TYPE.PARAGRAPH)
        own.element.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {NAMES} w:val="1"/>'))
        document.add_heading("Part one", 1)
        document.add_paragraph("Paying on time", style="House heading")
        document.add_paragraph("Money comes monthly.")
        document.add_heading("Part two", 1)

    assert headings(load_docx(written(write))) == [("Part one", 1), ("Paying on time", 2), ("Part two", 1)]


def test_bold_lines_are_headings_only_where_no_style_says_what_is_one() -> None:
    def write(document: Document) -> None:
        document.add_paragraph().add_run("Paying on time").bold = True
        document.add_paragraph("Money comes monthly.")

    def write_with_styles(document: Document) -> None:
        document.add_heading("Part one", 1)
        write(document)

    assert headings(load_docx(written(write))) == [("Paying on time", 1)]
    assert headings(load_docx(written(write_with_styles))) == [("Part one", 1)]


def test_automatic_numbers_are_counted_as_word_prints_them() -> None:
    def write(document: Document) -> None:
        add_numbering(document, "77", MULTILEVEL)
        for level, text in [
            (0, "Talk"),
            (1, "early"),
            (1, "often"),
            (2, "by letter"),
            (3, "or card"),
            (0, "Pay"),
            (1, "fully"),
        ]:
            numbered(document, text, "77", level)

    assert items(load_docx(written(write))) == [
        ("1. Talk", 1),
        ("1.1 early", 2),
        ("1.2 often", 2),
        ("(a) by letter", 3),
        ("- or card", 4),
        ("2. Pay", 1),
        ("2.1 fully", 2),
    ]


def test_list_that_starts_again_is_counted_from_its_own_start() -> None:
    def write(document: Document) -> None:
        add_numbering(document, "77", [("lowerRoman", "%1)")])
        restart = f'<w:num {NAMES} w:numId="78"><w:abstractNumId w:val="77"/><w:lvlOverride w:ilvl="0">'
        restart += '<w:startOverride w:val="4"/></w:lvlOverride></w:num>'
        document.part.numbering_part.element.append(parse_xml(restart))
        for text, number in [("one", "77"), ("two", "77"), ("afresh", "78"), ("on", "78")]:
            numbered(document, text, number, 0)

    assert [text for text, _ in items(load_docx(written(write)))] == ["i) one", "ii) two", "iv) afresh", "v) on"]


def test_list_styles_give_bullets_numbers_and_nesting() -> None:
    def write(document: Document) -> None:
        document.add_paragraph("letters", style="List Bullet")
        document.add_paragraph("cards", style="List Bullet 2")
        document.add_paragraph("first", style="List Number")
        document.add_paragraph("second", style="List Number")
        document.add_paragraph("• typed by hand")

    assert items(load_docx(written(write))) == [
        ("- letters", 1),
        ("- cards", 2),
        ("1. first", 1),
        ("2. second", 1),
        ("- typed by hand", 1),
    ]


def test_automatic_number_of_a_heading_is_kept() -> None:
    def write(document: Document) -> None:
        add_numbering(document, "77", MULTILEVEL)
        for text, level in [("Talking", 0), ("Before deciding", 1), ("Paying", 0)]:
            heading = document.add_heading(text, level + 1)
            heading._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = 77
            heading._p.pPr.numPr.get_or_add_ilvl().val = level
            document.add_paragraph("Both sides say why.")

    assert headings(load_docx(written(write))) == [("1. Talking", 1), ("1.1 Before deciding", 2), ("2. Paying", 1)]


def test_table_rows_know_their_columns_and_a_merged_cell_is_said_in_every_row() -> None:
    def write(document: Document) -> None:
        table = document.add_table(rows=4, cols=3)
        for r, row in enumerate(
            [("Theme", "Promise", "When"), ("Money", "pay early", "monthly"), ("", "say why", "yearly")]
        ):
            for c, text in enumerate(row):
                table.cell(r, c).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        table.cell(3, 0).merge(table.cell(3, 2)).text = "For small groups"

    loaded = load_docx(written(write))
    assert [(b.kind, b.text, b.is_header) for b in loaded.blocks] == [
        (BlockKind.TABLE_ROW, "Theme\tPromise\tWhen", True),
        (BlockKind.TABLE_ROW, "Money\tpay early\tmonthly", False),
        (BlockKind.TABLE_ROW, "Money\tsay why\tyearly", False),
        (BlockKind.PARAGRAPH, "For small groups", False),
    ]
    assert loaded.blocks[1].columns == ("Theme", "Promise", "When")


def test_header_of_two_rows_names_each_column_from_both() -> None:
    def write(document: Document) -> None:
        table = document.add_table(rows=3, cols=3)
        for r, row in enumerate([("Body", "Answers", ""), ("", "letters", "calls"), ("Town hall", "10", "1")]):
            for c, text in enumerate(row):
                table.cell(r, c).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        for row in (table.rows[0], table.rows[1]):
            row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {NAMES}/>"))

    loaded = load_docx(written(write))
    assert loaded.blocks[-1].columns == ("Body", "Answers letters", "Answers calls")
    assert [b.is_header for b in loaded.blocks] == [True, True, False]


def test_table_of_one_cell_is_a_frame_round_its_text() -> None:
    def write(document: Document) -> None:
        cell = document.add_table(rows=1, cols=1).cell(0, 0)
        cell.text = "In one town they met monthly."
        cell.add_paragraph("It worked", style="List Bullet")

    assert [(b.kind, b.text) for b in load_docx(written(write)).blocks] == [
        (BlockKind.PARAGRAPH, "In one town they met monthly."),
        (BlockKind.LIST_ITEM, "- It worked"),
    ]


def test_footnote_follows_the_paragraph_that_has_its_mark() -> None:
    def write(document: Document) -> None:
        add_footnotes(document, ["Counted in working days."])
        paragraph = document.add_paragraph("Give notice")
        paragraph._p.append(parse_xml(f'<w:r {NAMES}><w:footnoteReference w:id="2"/></w:r>'))
        paragraph.add_run(" in writing.")
        document.add_paragraph("Keep a copy.")

    assert [(b.kind, b.text) for b in load_docx(written(write)).blocks] == [
        (BlockKind.PARAGRAPH, "Give notice¹ in writing."),
        (BlockKind.FOOTNOTE, "¹ Counted in working days."),
        (BlockKind.PARAGRAPH, "Keep a copy."),
    ]


def test_contents_list_is_dropped_by_its_styles_or_its_shape() -> None:
    def by_style(document: Document) -> None:
        document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
        document.add_paragraph("Contents")
        document.add_paragraph("Listening\t2", style="toc 1")
        document.add_heading("Listening", 1)

    def by_shape(document: Document) -> None:
        document.add_paragraph("Contents")
        document.add_paragraph("Listening ........ 2")
        document.add_heading("Listening", 1)

    for write in (by_style, by_shape):
        loaded = load_docx(written(write))
        assert [d.reason for d in loaded.dropped] == [DropReason.CONTENTS_LIST] * 2
        assert [b.text for b in loaded.blocks] == ["Listening"]


def test_heads_and_feet_of_pages_are_dropped_by_name() -> None:
    def write(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "Neighbours handbook"
        document.sections[0].footer.paragraphs[0].text = "Page 1 of 3"
        document.add_paragraph("Both sides say why.")

    assert {(d.text, d.reason) for d in load_docx(written(write)).dropped} == {
        ("Neighbours handbook", DropReason.RUNNING_HEAD),
        ("Page 1 of 3", DropReason.PAGE_NUMBER),
    }


def test_tracked_changes_are_read_as_accepted_and_what_was_deleted_is_dropped() -> None:
    def write(document: Document) -> None:
        paragraph = document.add_paragraph("Give ")._p
        paragraph.append(parse_xml(f"<w:del {NAMES}><w:r><w:delText>six</w:delText></w:r></w:del>"))
        paragraph.append(parse_xml(f"<w:ins {NAMES}><w:r><w:t>twelve</w:t></w:r></w:ins>"))
        paragraph.append(parse_xml(f'<w:r {NAMES}><w:t xml:space="preserve"> weeks.</w:t></w:r>'))

    loaded = load_docx(written(write))
    assert [b.text for b in loaded.blocks] == ["Give twelve weeks."]
    assert [(d.text, d.reason) for d in loaded.dropped] == [("six", DropReason.MARKUP)]


def test_links_content_controls_and_text_boxes_are_read() -> None:
    def write(document: Document) -> None:
        paragraph = document.add_paragraph("Read ")._p
        paragraph.append(
            parse_xml(f'<w:hyperlink {NAMES} w:anchor="x"><w:r><w:t>the handbook</w:t></w:r></w:hyperlink>')
        )
        box = "<w:txbxContent><w:p><w:r><w:t>In the margin</w:t></w:r></w:p></w:txbxContent>"
        paragraph.append(parse_xml(f"<w:r {NAMES}><w:pict>{box}</w:pict></w:r>"))
        control = f"<w:sdt {NAMES}><w:sdtContent><w:p><w:r><w:t>Filled in</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        document.element.body.insert(1, parse_xml(control))

    assert [b.text for b in load_docx(written(write)).blocks] == ["Read the handbook", "In the margin", "Filled in"]


def test_comments_are_no_part_of_the_text() -> None:
    def write(document: Document) -> None:
        run = document.add_paragraph("Both sides say why.").runs[0]
        document.add_comment([run], text="Do we mean it?", author="A", initials="A")

    loaded = load_docx(written(write))
    assert [b.text for b in loaded.blocks] == ["Both sides say why."]
    assert [d.text for d in loaded.dropped] == ["Do we mean it?"]


def test_every_word_of_the_file_is_in_a_block_or_dropped() -> None:
    data = written(everything)
    loaded = load_docx(data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        xml = " ".join(package.read(n).decode() for n in package.namelist() if re.match(r"word/(doc|foot|head|com)", n))
    said = words(" ".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml)))
    assert said
    assert said <= words(" ".join([*(b.text for b in loaded.blocks), *(d.text for d in loaded.dropped)]))


def test_title_in_the_properties_counts_when_the_text_says_it() -> None:
    def named(title: str) -> bytes:
        def write(document: Document) -> None:
            document.core_properties.title = title
            document.add_heading("Handbook", 1)
            document.add_paragraph("for good neighbours")

        return written(write)

    assert load_docx(named("Handbook for good neighbours")).title == "Handbook for good neighbours"
    assert load_docx(named("Letter template")).title == "Handbook"


def test_word_file_without_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="has no text"):
        load_docx(written(lambda document: document.add_paragraph(" ")))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 and so on", b"Dear neighbours,"])
def test_what_is_no_zip_file_is_refused_with_its_first_bytes(data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        load_docx(data)
    assert repr(data[:12]) in refused.value.what


@pytest.mark.parametrize(
    ("members", "seen"),
    [
        ({"xl/workbook.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}, "an Excel workbook"),
        ({"mimetype": b"application/vnd.oasis.opendocument.text"}, "an OpenDocument file"),
        ({"letter.txt": b"Dear neighbours"}, "'letter.txt'"),
    ],
)
def test_zip_file_that_is_no_word_file_is_refused_and_named(members: dict[str, bytes], seen: str) -> None:
    with pytest.raises(Unreadable) as refused:
        load_docx(zipped(members))
    assert seen in refused.value.what


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_word_file_is_refused(share: float) -> None:
    data = written(everything)
    with pytest.raises(Unreadable, match="damaged"):
        load_docx(data[: int(len(data) * share)])


def test_word_file_with_broken_xml_is_refused() -> None:
    with pytest.raises(Unreadable, match="damaged"):
        load_docx(with_member(written(everything), "word/document.xml", b"<w:document><w:body>"))


def test_old_and_protected_word_files_are_told_apart() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
    with pytest.raises(Unreadable, match=r"old kind \(.doc\)"):
        load_docx(ole)
    with pytest.raises(Unreadable, match="password"):
        load_docx(ole + "EncryptedPackage".encode("utf-16-le"))


def test_macro_file_is_refused_with_what_to_save_it_as() -> None:
    data = written(everything)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        types = package.read("[Content_Types].xml")
    macro = types.replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    with pytest.raises(Unreadable) as refused:
        load_docx(with_member(data, "[Content_Types].xml", macro))
    assert "Word Document (*.docx)" in refused.value.remedy


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = with_member(written(everything), "word/media/image.bin", b"\0" * 30_000_000)
    assert len(bomb) < 200_000
    with pytest.raises(Unreadable, match="times its size"):
        load_docx(bomb)


def test_zip_bomb_whose_directory_lies_is_refused() -> None:
    size = 30_000_000
    bomb = with_member(written(everything), "word/media/image.bin", b"\0" * size)
    lying = bomb.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != bomb
    with pytest.raises(Unreadable):
        load_docx(lying)


def written(write: Callable[[Document], object]) -> bytes:
    document = docx.Document()
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def everything(document: Document) -> None:
    """One of each."""
    add_footnotes(document, ["Counted in working days."])
    document.sections[0].header.paragraphs[0].text = "Neighbours handbook"
    document.add_heading("Good neighbours", 0)
    document.add_heading("Listening", 1)
    paragraph = document.add_paragraph("Ask before you decide")
    paragraph._p.append(parse_xml(f'<w:r {NAMES}><w:footnoteReference w:id="2"/></w:r>'))
    document.add_paragraph("by letter", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], ["Body", "Days", "Hospital", "15"], strict=True
    ):
        cell.text = text
    document.add_comment([document.add_paragraph("The end.").runs[0]], text="Really?", author="A", initials="A")


def add_numbering(document: Document, number: str, levels: list[tuple[str, str]]) -> None:
    xml = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (kind, text) in enumerate(levels)
    )
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(f'<w:abstractNum {NAMES} w:abstractNumId="{number}">{xml}</w:abstractNum>'))
    numbering.append(parse_xml(f'<w:num {NAMES} w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'))


def numbered(document: Document, text: str, number: str, level: int) -> None:
    properties = document.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = int(number)


def add_footnotes(document: Document, texts: list[str]) -> None:
    """Footnotes with the ids 2, 3 and so on, after the two lines that Word always puts there."""
    lines = "".join(f'<w:footnote w:type="separator" w:id="{n}"><w:p/></w:footnote>' for n in range(2))
    notes = "".join(
        f'<w:footnote w:id="{n}"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote>'
        for n, text in enumerate(texts, 2)
    )
    blob = f"<w:footnotes {NAMES}>{lines}{notes}</w:footnotes>".encode()
    part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in members.items():
            package.writestr(name, data)
    return out.getvalue()


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        members = {n: package.read(n) for n in package.namelist()}
    return zipped({**members, name: content})


def headings(loaded: Loaded) -> list[tuple[str, int]]:
    return [(b.text, b.level) for b in loaded.blocks if b.kind is BlockKind.HEADING]


def items(loaded: Loaded) -> list[tuple[str, int]]:
    return [(b.text, b.level) for b in loaded.blocks if b.kind is BlockKind.LIST_ITEM]


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))
