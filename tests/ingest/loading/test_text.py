"""Plain text, most of it out of PDFs: page furniture goes for a named reason, structure stays, no word is lost."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

from ingest.blocks import Block, BlockKind, DropReason, Loaded
from ingest.loading.text import load_text

LISTENS = "The council listens to the charity before it decides anything of weight."
PAYS = "Invoices are paid within ten days, and the reasons for any delay are given in writing."


def kinds(loaded: Loaded) -> list[tuple[str, str]]:
    return [(block.kind.value, block.text) for block in loaded.blocks]


def headings(loaded: Loaded) -> list[tuple[str, int]]:
    return [(b.text, b.level) for b in loaded.blocks if b.kind is BlockKind.HEADING]


def texts(loaded: Loaded, kind: BlockKind) -> list[str]:
    return [b.text for b in loaded.blocks if b.kind is kind]


def dropped(loaded: Loaded, reason: DropReason) -> list[str]:
    return [d.text.strip() for d in loaded.dropped if d.reason is reason]


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def lost(text: str, loaded: Loaded) -> Counter[str]:
    """Words of the text that are neither in a block nor dropped for a reason."""
    kept = " ".join([*(b.text for b in loaded.blocks), *(d.text for d in loaded.dropped)])
    return words(text) - words(kept)


def test_lines_become_paragraphs_and_headings() -> None:
    loaded = load_text(f"Our guide\n\n{LISTENS[:30]}\n{LISTENS[30:]}\n\nPaying\n\n{PAYS}\n")
    assert loaded.title == "Our guide"
    assert [kind for kind, _ in kinds(loaded)] == ["heading", "paragraph", "heading", "paragraph"]
    assert " ".join(texts(loaded, BlockKind.PARAGRAPH)).replace(" ", "") == f"{LISTENS}{PAYS}".replace(" ", "")


def test_blocks_know_their_lines() -> None:
    loaded = load_text(f"Our guide\n\n\n{LISTENS}\n- one\n")
    assert [b.line for b in loaded.blocks] == [1, 4, 5]


def test_form_feed_begins_a_page() -> None:
    loaded = load_text(f"{LISTENS}\n\f{PAYS}\n")
    assert [b.page for b in loaded.blocks] == [1, 2]
    assert [b.page for b in load_text(f"{LISTENS}\n\n{PAYS}\n").blocks] == [None, None]


def test_headings_have_levels_from_their_style() -> None:
    loaded = load_text(
        f"Our guide\n\nSection one: Money\n\n{LISTENS}\n\nPAYING ON TIME\n\n{PAYS}\n\n"
        f"1.1 When it is late\n\n{LISTENS}\n\nA small matter\n\n{PAYS}\n"
    )
    [guide, section, capitals, counted, small] = headings(loaded)
    assert [name for name, _ in (guide, section, capitals, counted, small)] == [
        "Our guide", "Section one: Money", "PAYING ON TIME", "1.1 When it is late", "A small matter",
    ]  # fmt: skip
    assert section[1] < capitals[1] < counted[1] < small[1]


@pytest.mark.parametrize(
    "line",
    [
        "it goes on in lower case",
        "A sentence that ends with a full stop.",
        "A lead-in, which ends with a comma,",
        "Write to help@example.org",
        "www.example.org/guide",
        "14 March 2010",
        "“A line that somebody said”",
        "A " + "very " * 20 + "long line",
    ],
)
def test_line_that_is_no_heading_is_none(line: str) -> None:
    loaded = load_text(f"Our guide\n\n{LISTENS}\n\n{line}\n\n{PAYS}\n")
    assert line not in [name for name, _ in headings(loaded)]
    assert not lost(line, loaded)


def test_name_of_a_section_on_one_line_and_its_title_on_the_next_are_one_heading() -> None:
    loaded = load_text(f"Our guide\n\n{LISTENS}\n\nSection two:\n\nPaying on time\n\n{PAYS}\n")
    assert "Section two: Paying on time" in [name for name, _ in headings(loaded)]


def test_items_keep_their_marks_and_nesting() -> None:
    loaded = load_text(
        f"{LISTENS}\n\nThe council will:\n- listen to them\n  - and to others\n• answer\n1. thank them\n(b) write\n"
    )
    items = [(b.text, b.level) for b in loaded.blocks if b.kind is BlockKind.LIST_ITEM]
    assert items == [
        ("- listen to them", 1),
        ("- and to others", 2),
        ("• answer", 1),
        ("1. thank them", 1),
        ("(b) write", 1),
    ]


def test_line_that_goes_on_belongs_to_its_item() -> None:
    loaded = load_text("They will:\n- listen to the charity\nbefore they decide\n- answer\n")
    assert texts(loaded, BlockKind.LIST_ITEM) == ["- listen to the charity before they decide", "- answer"]


def test_footnotes_are_told_apart() -> None:
    loaded = load_text(f"{LISTENS}\n¹ See the annex.\n[2] See the other annex.\n")
    assert texts(loaded, BlockKind.FOOTNOTE) == ["¹ See the annex.", "[2] See the other annex."]


def test_rows_of_tabbed_lines_are_a_table_with_its_columns() -> None:
    loaded = load_text(f"{LISTENS}\n\nBorough\tLate\tInterest\nNorthfield\t14\t£320\nSouthfield\t3\t\n\n{PAYS}\n")
    rows = [b for b in loaded.blocks if b.kind is BlockKind.TABLE_ROW]
    assert [(b.text, b.is_header) for b in rows] == [
        ("Borough\tLate\tInterest", True),
        ("Northfield\t14\t£320", False),
        ("Southfield\t3", False),
    ]
    assert {b.columns[:2] for b in rows} == {("Borough", "Late")}


def contents(*entries: str) -> str:
    return "CONTENTS\n\n" + "\n".join(entries) + "\n\n"


def test_contents_list_is_dropped_and_its_titles_and_pages_are_used() -> None:
    text = (
        "Our guide\n\n"
        + contents("Working together well\t3", "Paying what is owed\t5", "Ending a grant\t9")
        + f"Working together well\n\n{LISTENS}\n\nPaying what is owed\n\n{PAYS}\n\nEnding a grant\n\n{LISTENS}\n"
    )
    loaded = load_text(text)
    assert dropped(loaded, DropReason.CONTENTS_LIST)[0] == "CONTENTS"
    assert not any("\t" in b.text for b in loaded.blocks)
    pages = {b.text: b.page for b in loaded.blocks if b.kind is BlockKind.HEADING}
    assert (pages["Working together well"], pages["Paying what is owed"], pages["Ending a grant"]) == (3, 5, 9)
    assert not lost(text, loaded)


@pytest.mark.parametrize("leader", ["\t", " ..... ", " … ", "     "])
def test_contents_entries_may_lead_to_their_pages_in_any_way(leader: str) -> None:
    entries = [f"Chapter about {name}{leader}{n}" for n, name in enumerate(("bread", "tea", "rain"), 3)]
    loaded = load_text(f"Our guide\n\n{contents(*entries)}Chapter about bread\n\n{LISTENS}\n")
    assert len(dropped(loaded, DropReason.CONTENTS_LIST)) == 4


def test_chapter_called_contents_without_a_list_stays() -> None:
    loaded = load_text(f"Our guide\n\nContents\n\n{LISTENS}\n\n{PAYS}\n")
    assert dropped(loaded, DropReason.CONTENTS_LIST) == []
    assert not lost(LISTENS, loaded)


def test_running_head_inside_a_sentence_is_dropped_and_the_sentence_is_whole_again() -> None:
    half, rest = LISTENS.split(" anything ")[0], "anything " + LISTENS.split(" anything ")[1]
    pages = [f"Chapter {n}\n\n{PAYS} {half}\n\nTHE OFFICE FOR NEIGHBOURS\n\n{rest}\n" for n in range(4)]
    loaded = load_text("Our guide\n\n" + "\n".join(pages))
    assert dropped(loaded, DropReason.RUNNING_HEAD) == ["THE OFFICE FOR NEIGHBOURS"] * 4
    assert sum(LISTENS in b.text for b in loaded.blocks) == 4


def test_line_at_the_top_of_every_page_is_a_running_head() -> None:
    pages = [f"Neighbours’ Journal\n\n{PAYS} Number {n}.\n\n{LISTENS} Number {n}.\n" for n in range(5)]
    loaded = load_text("\f".join(pages))
    assert dropped(loaded, DropReason.RUNNING_HEAD) == ["Neighbours’ Journal"] * 5


def test_heading_that_comes_again_in_each_chapter_stays() -> None:
    chapters = [
        f"Chapter about {name}\n\n{LISTENS}\n\nWhat we learned\n\n{PAYS}\n" for name in ("bread", "tea", "rain", "snow")
    ]
    loaded = load_text("Our guide\n\n" + "\n".join(chapters))
    assert [name for name, _ in headings(loaded)].count("What we learned") == 4
    assert dropped(loaded, DropReason.RUNNING_HEAD) == []


def test_rising_numbers_alone_on_their_lines_are_page_numbers() -> None:
    loaded = load_text("\n\n".join(f"{LISTENS} Number {n}.\n\n{n}" for n in range(4, 9)))
    assert dropped(loaded, DropReason.PAGE_NUMBER) == ["4", "5", "6", "7", "8"]


def test_numbers_that_do_not_rise_are_figures_and_stay() -> None:
    loaded = load_text("\n\n".join(f"{LISTENS}\n\n{n}" for n in (12, 7, 30)))
    assert dropped(loaded, DropReason.PAGE_NUMBER) == []
    assert [b.text for b in loaded.blocks if b.text.isdigit()] == ["12", "7", "30"]


def test_name_of_the_converted_file_and_its_tags_are_dropped() -> None:
    loaded = load_text(f"report_final(2).doc\n\n<u>{LISTENS}</u>\n\n<ul>\n<li>\n{PAYS}\n")
    assert dropped(loaded, DropReason.FILE_NAME) == ["report_final(2).doc"]
    assert dropped(loaded, DropReason.MARKUP) == ["<u>", "</u>", "<ul>", "<li>"]
    assert texts(loaded, BlockKind.PARAGRAPH)[0] == LISTENS


def test_paragraph_cut_by_a_page_is_whole_again() -> None:
    loaded = load_text(f"{PAYS}\n\nThe council listens to the\n\f\ncharity before it decides.\n\n{PAYS}\n")
    assert "The council listens to the charity before it decides." in [b.text for b in loaded.blocks]


def test_paragraph_that_ended_is_not_joined_to_the_next() -> None:
    loaded = load_text(f"{PAYS}\n\nand so on, in lower case, it goes.\n")
    assert len(texts(loaded, BlockKind.PARAGRAPH)) == 2


def test_boxed_case_study_ends_where_the_text_returns_to_the_general() -> None:
    loaded = load_text(
        f"Our guide\n\nWorking together\n\n{LISTENS}\n\n"
        f"Case study: Northfield\n\nNorthfield asked its charities to tea.\n\n"
        f"This worked so well that it was done again.\n\nCouncils everywhere could do likewise with little trouble.\n"
    )
    names = [b.text for b in loaded.blocks if b.kind is BlockKind.HEADING]
    assert names == ["Our guide", "Working together", "Case study: Northfield", "Working together"]
    assert [b.boxed for b in loaded.blocks if b.kind is BlockKind.HEADING] == [False, False, True, False]
    assert loaded.blocks[-1].text.startswith("Councils everywhere")


@pytest.mark.parametrize("text", ["", "\n\n\n", "\f\f", "   \n\t\n"])
def test_text_without_words_has_no_blocks(text: str) -> None:
    assert load_text(text) == Loaded(title=None, blocks=())


def test_no_word_of_a_whole_document_is_lost() -> None:
    text = (
        "report.doc\n\nOur guide\n\nMarch 2010\n\n"
        + contents("Section one: Money\t2", "Paying on time\t4")
        + f"Section one: Money\n\n{LISTENS} ¹\n\nThe council will:\n- listen\n  » and nod\n- answer\n\n"
        + f"¹ See the annex.\n\n2\n\nPaying on time\n\nBorough\tLate\nNorthfield\t14\n\n{PAYS}\n\n3\n\n"
        + "<u>Last</u> words, with a “quotation”.\n\n4\n"
    )
    assert not lost(text, load_text(text))


def test_long_text_takes_no_longer_than_it_should() -> None:
    section = f"A small matter\n\n{LISTENS}\n\n- one\n- two\n\nBorough\tLate\nNorthfield\t14\n\n{PAYS}\n\n"
    started = time.monotonic()
    loaded = load_text("Our guide\n\n" + section * 2_000)
    assert time.monotonic() - started < 20
    assert len(loaded.blocks) > 10_000


@pytest.mark.parametrize(
    "line", ["a " * 100_000, "." * 100_000, "\t" * 100_000, "1." * 50_000, "- " * 50_000, "<ul" * 30_000]
)
def test_absurd_line_takes_no_longer_than_it_should(line: str) -> None:
    started = time.monotonic()
    loaded = load_text(f"{LISTENS}\n\n{line}\n\n{PAYS}\n")
    assert time.monotonic() - started < 10
    assert not lost(LISTENS + PAYS, loaded)


def test_same_text_gives_the_same_blocks() -> None:
    text = f"Our guide\n\n{LISTENS}\n\n- one\n- two\n"
    assert load_text(text) == load_text(text)
    assert isinstance(load_text(text).blocks[0], Block)
