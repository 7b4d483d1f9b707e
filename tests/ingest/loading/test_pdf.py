"""PDF: real files, made with reportlab and pypdf."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Sequence

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    LongTable,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from ingest.blocks import BlockKind, DropReason, Loaded
from ingest.loading.pdf import load_pdf
from ingest.loading.unreadable import Unreadable

STYLES = getSampleStyleSheet()
FILLER = (
    "Partners talk to one another early, write down what they agree and come back to it each spring. "
    "When money is short they say so plainly and look for another way together. "
)


def test_headings_have_levels_from_their_size_and_weight() -> None:
    loaded = load_pdf(
        report(
            [
                Paragraph("Working as neighbours", STYLES["Title"]),
                Paragraph("Listening", STYLES["Heading1"]),
                Paragraph(FILLER, STYLES["BodyText"]),
                Paragraph("Before a decision", STYLES["Heading2"]),
                Paragraph(FILLER * 3, STYLES["BodyText"]),
                Paragraph("Paying", STYLES["Heading1"]),
                Paragraph(FILLER, STYLES["BodyText"]),
            ]
        )
    )
    assert headings(loaded) == [("Working as neighbours", 1), ("Listening", 1), ("Before a decision", 2), ("Paying", 1)]
    assert loaded.title == "Working as neighbours"


def test_numbered_line_in_body_type_above_text_is_a_heading_and_keeps_its_number() -> None:
    body = STYLES["BodyText"]
    loaded = load_pdf(
        report(
            [
                Paragraph("2. Early talks", body),
                Spacer(1, 8),
                Paragraph(FILLER, body),
                Spacer(1, 8),
                Paragraph("2.1 Who takes part", body),
                Spacer(1, 8),
                Paragraph(FILLER, body),
            ]
        )
    )
    assert [h for h, _ in headings(loaded)] == ["2. Early talks", "2.1 Who takes part"]


def test_list_items_keep_their_marks_and_nesting() -> None:
    def draw(page: Canvas) -> None:
        line(page, 72, 760, "Each side promises three things, and says here how it will keep to them:")
        line(page, 72, 740, "1.")
        line(page, 90, 740, "to answer letters within ten working days, whoever wrote them and")
        line(page, 90, 728, "whatever they are about;")
        line(page, 90, 712, "•")
        line(page, 104, 712, "by telephone")
        line(page, 90, 696, "•")
        line(page, 104, 696, "by letter")
        line(page, 72, 680, "2.")
        line(page, 90, 680, "to meet in spring")
        line(page, 72, 664, "(a)")
        line(page, 90, 664, "to share what it learns")

    assert [(b.text, b.level) for b in load_pdf(drawn(draw)).blocks if b.kind is BlockKind.LIST_ITEM] == [
        ("1. to answer letters within ten working days, whoever wrote them and whatever they are about;", 1),
        ("- by telephone", 2),
        ("- by letter", 2),
        ("2. to meet in spring", 1),
        ("(a) to share what it learns", 1),
    ]


def test_running_heads_and_page_numbers_are_dropped_by_name_even_from_two_pages() -> None:
    story = [Paragraph(FILLER * 3, STYLES["BodyText"]), PageBreak(), Paragraph(FILLER * 2, STYLES["BodyText"])]
    loaded = load_pdf(report(story, head="Neighbours handbook", foot="Page {page} of 2"))
    assert [(d.text, d.reason) for d in loaded.dropped] == [
        ("Neighbours handbook", DropReason.RUNNING_HEAD),
        ("Page 1 of 2", DropReason.PAGE_NUMBER),
        ("Neighbours handbook", DropReason.RUNNING_HEAD),
        ("Page 2 of 2", DropReason.PAGE_NUMBER),
    ]
    assert [b.page for b in loaded.blocks] == [1, 2]


def test_running_head_that_changes_with_the_chapter_is_dropped_by_its_page_number() -> None:
    chapters = ["Talking", "Talking", "Paying", "Paying", "Ending"]
    pages = [page_of(FILLER, head=f"{chapter} {n}") for n, chapter in enumerate(chapters, 1)]
    loaded = load_pdf(drawn(*pages))
    assert [d.text for d in loaded.dropped] == ["Talking 1", "Talking 2", "Paying 3", "Paying 4", "Ending 5"]


def test_line_that_begins_every_page_alike_but_elsewhere_stays() -> None:
    pages = [page_of("Agreed by both sides. " + FILLER, top=700 - 60 * n) for n in range(3)]
    assert sum("Agreed by both sides" in b.text for b in load_pdf(drawn(*pages)).blocks) == 3


def test_contents_list_is_dropped_and_the_headings_it_names_stay() -> None:
    def contents(page: Canvas) -> None:
        line(page, 72, 760, "Contents", size=16)
        for n, (title, number) in enumerate([("Listening", 2), ("Paying", 3), ("Ending", 4)]):
            line(page, 72, 730 - 16 * n, f"{title} {'.' * 60} {number}")
        line(page, 72, 600, "Preface", size=16)
        page_of(FILLER, top=580)(page)

    def chapter(title: str) -> Callable[[Canvas], None]:
        def draw(page: Canvas) -> None:
            line(page, 72, 760, title, size=16)
            page_of(FILLER * 2, top=730)(page)

        return draw

    loaded = load_pdf(drawn(contents, chapter("Listening"), chapter("Paying"), chapter("Ending")))
    assert {d.reason for d in loaded.dropped} == {DropReason.CONTENTS_LIST}
    assert [d.text.split()[0] for d in loaded.dropped] == ["Contents", "Listening", "Paying", "Ending"]
    assert [h for h, _ in headings(loaded)] == ["Preface", "Listening", "Paying", "Ending"]


def test_paragraph_cut_by_a_page_break_is_one_and_stands_on_its_first_page() -> None:
    text = " ".join(f"Part {n} says that both sides keep their word and tell one another why." for n in range(90))
    loaded = load_pdf(report([Paragraph(text, STYLES["BodyText"])], head="Handbook", foot="{page}"))
    assert [b.text for b in loaded.blocks] == [text]
    assert loaded.blocks[0].page == 1


def test_word_broken_at_a_line_end_is_made_whole_and_a_compound_keeps_its_hyphen() -> None:
    def draw(page: Canvas) -> None:
        line(page, 72, 760, "A partnership takes time and a plan for the long term, and every volun-")
        line(page, 72, 748, "teer knows that a long-term plan is worth more to each of them than a part-")
        line(page, 72, 736, "nership in name. Those who think of the long-")
        line(page, 72, 724, "term gain most.")

    (block,) = load_pdf(drawn(draw)).blocks
    assert "every volunteer knows" in block.text
    assert "a partnership in name" in block.text
    assert "the long-term gain most" in block.text


def test_table_rows_know_their_columns() -> None:
    rows = [["Body", "Answers within", "Contact"], ["Town hall", "10 days", "Clerk"], ["Hospital", "15 days", "Ward"]]
    loaded = load_pdf(report([Paragraph(FILLER, STYLES["BodyText"]), ruled(rows)]))
    assert table(loaded) == [
        ("Body\tAnswers within\tContact", True),
        ("Town hall\t10 days\tClerk", False),
        ("Hospital\t15 days\tWard", False),
    ]
    assert {b.columns for b in loaded.blocks if b.kind is BlockKind.TABLE_ROW} == {
        ("Body", "Answers within", "Contact")
    }


def test_cell_merged_downwards_is_said_in_every_row_and_one_merged_across_once() -> None:
    rows = [
        ["Theme", "Promise", "When"],
        ["Money", "pay early", "monthly"],
        ["", "say why", "yearly"],
        ["Talks", "both", ""],
    ]
    spans = [("SPAN", (0, 1), (0, 2)), ("SPAN", (1, 3), (2, 3))]
    loaded = load_pdf(report([Paragraph(FILLER, STYLES["BodyText"]), ruled(rows, *spans)]))
    assert [text for text, _ in table(loaded)][1:] == [
        "Money\tpay early\tmonthly",
        "Money\tsay why\tyearly",
        "Talks\tboth\t",
    ]


def test_table_that_goes_on_over_a_page_keeps_its_columns_and_says_its_header_once() -> None:
    rows = [["Body", "Days"], *([f"Body {n}", str(n)] for n in range(1, 80))]
    grid = LongTable(rows, repeatRows=1, style=[("GRID", (0, 0), (-1, -1), 0.5, "black")])
    loaded = load_pdf(report([grid], head="Handbook", foot="{page}"))
    assert [text for text, _ in table(loaded)] == ["\t".join(row) for row in rows]
    assert {b.page for b in loaded.blocks} == {1, 2, 3}
    assert {b.columns for b in loaded.blocks} == {("Body", "Days")}
    assert [d.text for d in loaded.dropped].count("Body\tDays") == 2


def test_words_set_in_line_without_rules_are_table_rows() -> None:
    def draw(page: Canvas) -> None:
        page_of(FILLER)(page)
        for n, (body, days) in enumerate([("Body", "Days"), ("Town hall", "10"), ("Hospital", "15"), ("School", "5")]):
            line(page, 72, 600 - 14 * n, body, bold=n == 0)
            line(page, 220, 600 - 14 * n, days, bold=n == 0)

    loaded = load_pdf(drawn(draw))
    assert table(loaded) == [
        ("Body\tDays", True),
        ("Town hall\t10", False),
        ("Hospital\t15", False),
        ("School\t5", False),
    ]


def test_cell_without_rules_that_takes_two_lines_is_one_cell() -> None:
    def draw(page: Canvas) -> None:
        page_of(FILLER)(page)
        rows = [("Department", "Lead"), ("Communities and", "Clerk"), ("local life", ""), ("Transport", "Porter")]
        for n, (department, lead) in enumerate(rows):
            line(page, 72, 600 - 13 * n, department, bold=n == 0)
            line(page, 220, 600 - 13 * n, lead, bold=n == 0)

    assert [text for text, _ in table(load_pdf(drawn(draw)))] == [
        "Department\tLead",
        "Communities and local life\tClerk",
        "Transport\tPorter",
    ]


def test_footnotes_stand_after_the_paragraph_that_their_page_cuts() -> None:
    def first(page: Canvas) -> None:
        page_of(FILLER * 2, top=760)(page)
        line(page, 72, 690, "Both sides keep to the notice")
        line(page, 72 + stringWidth("Both sides keep to the notice", "Helvetica", 10), 694, "1", size=6)
        line(page, 210, 690, "that they agreed when they began to work")
        line(page, 72, 80, "1 Notice is counted from the day the letter comes.", size=8)
        line(page, 72, 70, "It ends on a working day.", size=8)
        line(page, 72, 60, "2 Unless both agree otherwise.", size=8)

    def second(page: Canvas) -> None:
        line(page, 72, 760, "together and put it in writing.")
        page_of(FILLER * 3, top=730)(page)

    loaded = load_pdf(drawn(first, second))
    cut = next(i for i, b in enumerate(loaded.blocks) if "notice¹ that they agreed" in b.text)
    assert loaded.blocks[cut].text.endswith("began to work together and put it in writing.")
    assert [(b.kind, b.text) for b in loaded.blocks[cut + 1 : cut + 3]] == [
        (BlockKind.FOOTNOTE, "1 Notice is counted from the day the letter comes. It ends on a working day."),
        (BlockKind.FOOTNOTE, "2 Unless both agree otherwise."),
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    story = [Paragraph(f"Stretch {n} begins. {FILLER * 2}", STYLES["BodyText"]) for n in range(8)]
    loaded = load_pdf(in_two_columns([Paragraph("Side by side", STYLES["Heading1"]), *story]))
    starts = [m.group(1) for b in loaded.blocks if (m := re.match(r"Stretch (\d) begins", b.text))]
    assert starts == [str(n) for n in range(8)]
    assert all(b.text.endswith("together.") for b in loaded.blocks if b.kind is BlockKind.PARAGRAPH)


def test_page_set_sideways_is_read_like_any_other() -> None:
    def draw(page: Canvas) -> None:
        page.rotate(90)
        page.translate(0, -A4[0])
        page_of(FILLER, top=500)(page)

    assert FILLER.strip() in load_pdf(drawn(draw)).blocks[0].text


def test_every_word_of_the_pages_is_in_a_block_or_dropped() -> None:
    story = [
        Paragraph("Working as neighbours", STYLES["Title"]),
        Paragraph("1. Listening", STYLES["Heading1"]),
        *[Paragraph(f"{n}. Item {n}: {FILLER}", STYLES["BodyText"], bulletText="•") for n in range(30)],
        ruled([["Body", "Days"], ["Town hall", "10"]]),
        Paragraph("Last words", STYLES["Heading2"]),
        Paragraph(FILLER * 9, STYLES["BodyText"]),
    ]
    data = report(story, head="Neighbours handbook", foot="{page}")
    loaded = load_pdf(data)
    drawn_words = words(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))
    kept = words(" ".join([*(b.text for b in loaded.blocks), *(d.text for d in loaded.dropped)]))
    assert drawn_words <= kept


def test_title_in_the_properties_counts_when_the_pages_say_it() -> None:
    story = [Paragraph("Handbook", STYLES["Title"]), Paragraph("for good neighbours", STYLES["BodyText"])]
    assert load_pdf(report(story, title="Handbook for good neighbours")).title == "Handbook for good neighbours"
    assert load_pdf(report(story, title="Microsoft Word - draft7.doc")).title == "Handbook"


def test_three_hundred_pages_load_in_well_under_a_minute() -> None:
    pages = [page_of(FILLER * 20, head=f"Handbook {n}") for n in range(1, 31)]  # a tenth of them
    data = drawn(*pages)
    started = time.process_time()
    loaded = load_pdf(data)
    assert time.process_time() - started < 4.5
    assert loaded.blocks[-1].page == 30


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_pdf_that_needs_a_password_is_refused(algorithm: str) -> None:
    with pytest.raises(Unreadable) as refused:
        load_pdf(encrypted(report([Paragraph(FILLER, STYLES["BodyText"])]), algorithm, user_password="sesame"))
    assert "password" in refused.value.what
    assert "unprotected copy" in refused.value.remedy


def test_pdf_that_only_forbids_changes_is_read() -> None:
    data = encrypted(report([Paragraph(FILLER, STYLES["BodyText"])]), "AES-256", user_password="")
    assert load_pdf(data).blocks[0].text == FILLER.strip()


def test_scan_is_refused_with_what_to_do() -> None:
    def draw(page: Canvas) -> None:
        page.drawImage(ImageReader(Image.new("RGB", (200, 280), "grey")), 0, 0, *A4)

    with pytest.raises(Unreadable) as refused:
        load_pdf(drawn(draw, draw))
    assert "no text on any of its 2 pages" in refused.value.what
    assert "OCR" in refused.value.remedy


def test_scan_whose_only_text_is_its_page_numbers_is_refused_as_a_scan() -> None:
    def draw(page: Canvas) -> None:
        page.drawImage(ImageReader(Image.new("RGB", (200, 280), "grey")), 0, 0, *A4)
        line(page, 290, 30, f"{page.getPageNumber()}")

    with pytest.raises(Unreadable, match="is a scan"):
        load_pdf(drawn(draw, draw, draw))


def test_empty_pdf_is_refused() -> None:
    with pytest.raises(Unreadable, match="no text on any of its 1 pages"):
        load_pdf(drawn(lambda page: page.rect(10, 10, 50, 50)))


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_truncated_pdf_is_refused(share: float) -> None:
    data = report([Paragraph(FILLER * 40, STYLES["BodyText"])])
    with pytest.raises(Unreadable) as refused:
        load_pdf(data[: int(len(data) * share)])
    assert "part of it is missing" in refused.value.what


def test_damaged_page_is_refused_and_named() -> None:
    data = bytearray(report([Paragraph(FILLER * 4, STYLES["BodyText"])], compress=True))
    at = data.index(b"stream") + 60
    data[at : at + 20] = b"5" * 20
    with pytest.raises(Unreadable, match="page 1"):
        load_pdf(bytes(data))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 word", b"Dear neighbours,", b"<html><body>Hello</body></html>"])
def test_what_is_no_pdf_is_refused_with_its_first_bytes(data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        load_pdf(data)
    assert repr(data[:12]) in refused.value.what


def report(
    story: Sequence[Flowable], *, head: str = "", foot: str = "", title: str | None = None, compress: bool = False
) -> bytes:
    """A PDF as a word processor would make it."""

    def furniture(page: Canvas, _: object) -> None:
        page.setFont("Helvetica", 8)
        page.drawString(72, 810, head)
        page.drawCentredString(300, 30, foot.format(page=page.getPageNumber()))

    out = io.BytesIO()
    document = SimpleDocTemplate(out, pagesize=A4, title=title, pageCompression=int(compress))
    document.build(list(story), onFirstPage=furniture, onLaterPages=furniture)
    return out.getvalue()


def in_two_columns(story: Sequence[Flowable]) -> bytes:
    out = io.BytesIO()
    frames = [Frame(60, 60, 230, 700), Frame(305, 60, 230, 700)]
    BaseDocTemplate(out, pagesize=A4, pageTemplates=[PageTemplate(frames=frames)]).build(list(story))
    return out.getvalue()


def drawn(*pages: Callable[[Canvas], object]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def line(page: Canvas, x: float, y: float, text: str, *, size: float = 10, bold: bool = False) -> None:
    page.setFont("Helvetica-Bold" if bold else "Helvetica", size)
    page.drawString(x, y, text)


def page_of(text: str, *, top: float = 740, head: str = "") -> Callable[[Canvas], None]:
    """A page of running text, 80 letters to a line."""

    def draw(page: Canvas) -> None:
        line(page, 72, 800, head)
        for n, row in enumerate(re.findall(r".{1,80}(?:\s|$)", text)):
            line(page, 72, top - 12 * n, row.strip())

    return draw


def ruled(rows: list[list[str]], *more: tuple[object, ...]) -> Table:
    return Table(rows, style=[("GRID", (0, 0), (-1, -1), 0.5, "black"), *more])


def encrypted(data: bytes, algorithm: str, *, user_password: str) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user_password=user_password, owner_password="keeper", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def headings(loaded: Loaded) -> list[tuple[str, int]]:
    return [(b.text, b.level) for b in loaded.blocks if b.kind is BlockKind.HEADING]


def table(loaded: Loaded) -> list[tuple[str, bool]]:
    return [(b.text, b.is_header) for b in loaded.blocks if b.kind is BlockKind.TABLE_ROW]


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))
