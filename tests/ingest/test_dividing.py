"""Blocks become passages: nothing lost, nothing torn, ids that stay."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from assistant.values import Document, Passage
from ingest.blocks import Anchored, Block, BlockKind, Loaded
from ingest.dividing import MAX_PASSAGE_CHARS, Divided, divide_document, slugify, tie_to_originals
from ingest.loading.markdown import load_markdown

DOCUMENT = Document(id="guide", title="The Guide")
SENTENCE = "The council listens to the charity before it decides. "


def heading(text: str, level: int = 1, **fields: object) -> Block:
    return Block(kind=BlockKind.HEADING, text=text, level=level, **fields)  # type: ignore[arg-type]


def paragraph(text: str, **fields: object) -> Block:
    return Block(kind=BlockKind.PARAGRAPH, text=text, **fields)  # type: ignore[arg-type]


def item(text: str, level: int = 1) -> Block:
    return Block(kind=BlockKind.LIST_ITEM, text=text, level=level)


def row(text: str, *, header: bool = False) -> Block:
    return Block(kind=BlockKind.TABLE_ROW, text=text, columns=("Borough", "Late"), is_header=header)


def divide(*blocks: Block, limit: int = MAX_PASSAGE_CHARS) -> list[Divided]:
    return divide_document(DOCUMENT, Loaded(title=None, blocks=blocks), max_passage_chars=limit)


def passages(*blocks: Block, limit: int = MAX_PASSAGE_CHARS) -> list[Passage]:
    return [each.passage for each in divide(*blocks, limit=limit)]


def long_section(sentences: int, name: str = "word") -> Block:
    return paragraph(" ".join(f"The council does {name} number {n} for the charity." for n in range(sentences)))


def test_passage_knows_its_document_headings_and_text() -> None:
    [passage] = passages(heading("Money"), heading("Ending it", 2), paragraph("Give notice."))
    assert passage.document == DOCUMENT
    assert passage.heading_path == ("Money", "Ending it")
    assert passage.text == "Give notice."
    assert passage.id == "guide#money/ending-it/1"


def test_text_before_any_heading_is_a_passage() -> None:
    [passage] = passages(paragraph("Give notice."))
    assert (passage.heading_path, passage.id, passage.locator) == ((), "guide#text/1", "opening")


def test_document_without_blocks_has_no_passages() -> None:
    assert passages() == []


def test_long_section_is_divided_into_parts_of_like_length_within_the_limit() -> None:
    parts = passages(heading("Money"), *(long_section(3, name) for name in ("one", "two", "three", "four")), limit=300)
    lengths = [len(p.text) for p in parts]
    assert len(parts) > 1
    assert max(lengths) <= 300
    assert max(lengths) < 2 * min(lengths)
    assert {p.heading_path for p in parts} == {("Money",)}


@pytest.mark.parametrize("limit", [120, 300, 1100])
def test_no_sentence_is_torn(limit: int) -> None:
    for passage in passages(heading("Money"), long_section(40), limit=limit):
        assert len(passage.text) <= limit
        assert passage.text.startswith("The council")
        assert passage.text.endswith("for the charity.")


def test_sentence_longer_than_a_passage_stays_whole() -> None:
    endless = "word " * 100 + "end."
    assert any(endless in p.text for p in passages(paragraph(f"First. {endless} Last."), limit=200))


def test_lead_in_stays_with_its_list() -> None:
    blocks = [long_section(4), paragraph("The council promises:"), item("- to listen to them;"), item("- to answer.")]
    [holding] = [p for p in passages(*blocks, limit=260) if "promises:" in p.text]
    assert "to listen" in holding.text


def test_header_of_a_table_stays_with_its_first_row() -> None:
    rows = [row(f"Borough {n}\t{n} invoices were late that year") for n in range(10)]
    for passage in passages(long_section(3), row("Borough\tLate", header=True), *rows, limit=250):
        assert not passage.text.endswith("Borough\tLate")


def test_every_part_of_a_table_keeps_its_columns_names() -> None:
    rows = [row(f"Borough {n}\t{n} invoices were late that year") for n in range(20)]
    parts = passages(row("Borough\tLate", header=True), *rows, limit=250)
    assert len(parts) > 2
    assert {p.columns for p in parts} == {("Borough", "Late")}


def test_row_of_a_table_is_a_sentence_of_its_own_for_the_index() -> None:
    [divided] = divide(row("Borough\tLate", header=True), row("Northfield\t14"), row("Southfield\t"))
    assert divided.rows == ("Borough: Northfield; Late: 14", "Borough: Southfield")


def test_block_with_its_own_locator_ends_its_passage() -> None:
    parts = passages(
        heading("Promises"),
        paragraph("Give notice.", locator="promise 1", key="1.1"),
        paragraph("First words."),
        paragraph("Give reasons.", locator="promise 2"),
    )
    assert [(p.locator, p.text) for p in parts] == [
        ("promise 1", "Give notice."),
        ("promise 2", "First words.\nGive reasons."),
    ]
    assert parts[0].id == "guide#promises/1.1"


def test_locator_names_the_heading_and_the_pages() -> None:
    assert passages(heading("Money", page=3), paragraph("Give notice."))[0].locator == "Money, p. 3"
    both = passages(heading("Money"), paragraph("Give notice.", page=3), paragraph("Then pay.", page=5))
    assert both[0].locator == "Money, pp. 3–5"
    assert passages(heading("Money"), paragraph("Give notice."))[0].locator == "Money"


def test_short_neighbours_share_a_passage_with_their_headings_in_its_text() -> None:
    [passage] = passages(
        heading("Money"),
        heading("Notice", 2),
        paragraph("Give notice."),
        heading("Reasons", 2),
        paragraph("Give reasons."),
    )
    assert passage.heading_path == ("Money",)
    assert passage.text == "Notice\nGive notice.\nReasons\nGive reasons."


def test_short_sections_of_different_parents_stay_apart() -> None:
    parts = passages(
        heading("Money"),
        heading("Notice", 2),
        paragraph("Give notice."),
        heading("Travel"),
        heading("Buses", 2),
        paragraph("Take a bus."),
    )
    assert [(p.heading_path, p.text) for p in parts] == [
        (("Money", "Notice"), "Give notice."),
        (("Travel", "Buses"), "Take a bus."),
    ]


def test_ids_are_unique_and_the_same_each_time() -> None:
    blocks = [
        heading("Money"),
        long_section(30),
        heading("Travel"),
        long_section(30),
        heading("Money"),
        long_section(30),
    ]
    first, second = ([p.id for p in passages(*blocks, limit=300)] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)


def test_change_in_one_section_leaves_the_ids_of_others() -> None:
    def ids(text: str) -> list[str]:
        blocks = (heading("Money"), paragraph(text), heading("Travel"), long_section(30))
        return [p.id for p in passages(*blocks, limit=300) if "travel" in p.id]

    assert ids(SENTENCE * 2) == ids(SENTENCE * 20)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Managing change", "managing-change"),
        ("  1.1 What’s “new”?  ", "1-1-whats-new"),
        ("Éire & the North", "eire-the-north"),
        ("東京", "section"),
        ("x" * 200, "x" * 60),
    ],
)
def test_heading_becomes_part_of_an_id(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_every_word_of_every_block_is_in_a_passage() -> None:
    blocks = [
        paragraph("An opening."),
        heading("Empty chapter"),
        heading("Money", page=1),
        long_section(50),
        heading("Lists", 2),
        paragraph("They will:"),
        *(item(f"- do thing {n};", 1 + n % 2) for n in range(30)),
        heading("Table", 2),
        row("Borough\tLate", header=True),
        *(row(f"Place {n}\t{n * 7}") for n in range(60)),
        heading("Last heading"),
    ]
    for limit in (100, 400, 1100):
        parts = passages(*blocks, limit=limit)
        held = Counter(w for p in parts for w in re.findall(r"\w+", " ".join([p.text, *p.heading_path])))
        missing = Counter(w for b in blocks for w in re.findall(r"\w+", b.text)) - held
        assert not missing


def test_text_is_verbatim() -> None:
    text = "It’s  “odd” – 5%…"
    assert passages(paragraph(text))[0].text == text


def test_emphasis_in_a_heading_is_not_said() -> None:
    assert passages(heading("**Money**"), paragraph("Give notice."))[0].heading_path == ("Money",)


def test_questions_go_with_the_passage_they_were_written_for() -> None:
    loaded = load_markdown(
        "## Money\n\nGive notice. {#1}\n<!-- asked\nhow long\n-->\n\nGive reasons. {#2}\n<!-- asked\nwhy\n-->\n"
    )
    assert [(d.passage.text, d.questions) for d in divide_document(DOCUMENT, loaded)] == [
        ("Give notice.", ("how long",)),
        ("Give reasons.", ("why",)),
    ]


def original(text: str, name: str = "original") -> Divided:
    return Divided(Passage(id=f"{name}#a/1", document=Document(id=name, title=name), locator="p. 1", text=text))


def digest(*anchored: Anchored) -> Divided:
    held = Passage(id="digest#a/1", document=Document(id="digest", title="D"), locator="p. 1", text="In short.")
    return Divided(held, questions=tuple(q for a in anchored for q in a.questions), anchored=anchored)


TIE = Anchored(anchors=("twelve weeks of notice in",), questions=("how long",))


def test_passage_of_an_original_gets_the_questions_tied_to_its_words() -> None:
    tied = tie_to_originals([digest(TIE), original("At least Twelve weeks\nof  **notice** in writing.")])
    assert [(d.questions, d.covered) for d in tied] == [(("how long",), True), (("how long",), False)]


def test_digest_without_its_original_gives_way_to_nothing() -> None:
    tied = tie_to_originals([digest(TIE), original("Something else.")])
    assert [(d.questions, d.covered) for d in tied] == [(("how long",), False), ((), False)]


def test_digest_whose_original_is_there_in_part_does_not_give_way() -> None:
    other = Anchored(anchors=("words that nobody holds here",), questions=("what else",))
    assert not tie_to_originals([digest(TIE, other), original("Give twelve weeks of notice in writing.")])[0].covered


def test_digest_without_ties_gives_way_to_nothing() -> None:
    assert not tie_to_originals([digest(), original("Give twelve weeks of notice in writing.")])[0].covered


def test_ties_of_digests_that_are_not_indexed_help_originals_too() -> None:
    [only] = tie_to_originals([original("Give twelve weeks of notice in writing.")], [TIE])
    assert (only.questions, only.covered) == (("how long",), False)
