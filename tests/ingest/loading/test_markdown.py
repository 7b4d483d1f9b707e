"""Markdown, and the three things a digest adds to it: locators, questions, ties to originals."""

from __future__ import annotations

import textwrap

import pytest

from ingest.blocks import Anchored, Block, BlockKind, Loaded
from ingest.loading.markdown import load_markdown


def load(text: str) -> Loaded:
    return load_markdown(textwrap.dedent(text))


def only(text: str) -> Block:
    [block] = load(text).blocks
    return block


def kinds(loaded: Loaded) -> list[tuple[str, str, int]]:
    return [(block.kind.value, block.text, block.level) for block in loaded.blocks]


def test_first_heading_of_the_highest_level_is_the_title_and_not_a_block() -> None:
    loaded = load("# The guide\n\n## Money\n\nGive notice.\n\n### Late\n\nPay up.\n")
    assert loaded.title == "The guide"
    assert kinds(loaded) == [
        ("heading", "Money", 1),
        ("paragraph", "Give notice.", 1),
        ("heading", "Late", 2),
        ("paragraph", "Pay up.", 1),
    ]


def test_later_headings_of_the_highest_level_stay() -> None:
    assert kinds(load("# The guide\n\n# Annex\n")) == [("heading", "Annex", 1)]
    assert load("## Money\n").title is None


def test_marks_go_and_words_stay() -> None:
    text = "Give **clear** *notice*, see [the annex](https://example.org/a_b), `code` and ![a cat](cat.png).\n"
    assert only(text).text == "Give clear notice, see the annex, code and a cat."


def test_lines_of_a_paragraph_are_folded() -> None:
    assert only("Give\nnotice  \nin  writing.\n").text == "Give notice in writing."


def test_lines_count_from_where_the_text_begins() -> None:
    loaded = load_markdown("# Title\n\nGive notice.\n\n- one\n", first_line=11)
    assert [b.line for b in loaded.blocks] == [13, 15]


def test_items_have_marks_numbers_and_nesting() -> None:
    loaded = load("- one\n- two\n  - deep\n\n3. three\n4. four\n")
    assert kinds(loaded) == [
        ("list_item", "- one", 1),
        ("list_item", "- two", 1),
        ("list_item", "- deep", 2),
        ("list_item", "3. three", 1),
        ("list_item", "4. four", 1),
    ]


def test_second_paragraph_of_an_item_is_a_paragraph() -> None:
    assert kinds(load("- one\n\n  more of it\n")) == [("list_item", "- one", 1), ("paragraph", "more of it", 1)]


def test_table_is_rows_with_columns() -> None:
    loaded = load(
        """
        | Borough | Late |
        |---|---:|
        | Northfield | **14** |
        | Southfield | |
        """
    )
    assert [(b.kind, b.text, b.columns, b.is_header) for b in loaded.blocks] == [
        (BlockKind.TABLE_ROW, "Borough\tLate", ("Borough", "Late"), True),
        (BlockKind.TABLE_ROW, "Northfield\t14", ("Borough", "Late"), False),
        (BlockKind.TABLE_ROW, "Southfield\t", ("Borough", "Late"), False),
    ]


def test_code_quotations_and_html_keep_their_words() -> None:
    loaded = load("```\na = 1\n```\n\n> They said so.\n\n<div>\nBare <b>words</b>.\n</div>\n")
    assert [b.text for b in loaded.blocks] == ["a = 1", "They said so.", "Bare words ."]


def test_locator_at_the_end_names_where_the_original_says_this() -> None:
    block = only("Give notice. {section 4, p. 12}\n")
    assert (block.text, block.locator, block.key) == ("Give notice.", "section 4, p. 12", None)


def test_locator_may_name_its_passage_too() -> None:
    block = only("Give notice. {#4.4 undertaking 4.4}\n")
    assert (block.text, block.locator, block.key) == ("Give notice.", "undertaking 4.4", "4.4")
    block = only("Give notice. {#4.4}\n")
    assert (block.locator, block.key) == ("4.4", "4.4")


def test_locator_on_its_own_line_belongs_to_what_stands_above() -> None:
    loaded = load("| A |\n|---|\n| 1 |\n\n{table 2}\n\n- one\n- two\n\n{#b p. 3}\n")
    assert [(b.text, b.locator, b.key) for b in loaded.blocks] == [
        ("A", None, None),
        ("1", "table 2", None),
        ("- one", None, None),
        ("- two", "p. 3", "b"),
    ]


def test_braces_elsewhere_are_words() -> None:
    assert only("Write {name} here.\n").text == "Write {name} here."


def test_questions_go_with_the_block_above() -> None:
    loaded = load("Give notice.\n<!-- asked\nhow long\n\n  when  \n-->\n\nPay up.\n\n<!-- asked\nhow much\n-->\n")
    assert [(b.text, b.questions) for b in loaded.blocks] == [
        ("Give notice.", ("how long", "when")),
        ("Pay up.", ("how much",)),
    ]


def test_ties_hold_the_questions_above_them() -> None:
    loaded = load(
        """
        Give notice. {p. 1}
        <!-- asked
        how long
        how soon
        in the original: twelve weeks of notice | in writing and in time
        who writes
        In the original: the council writes to them
        with no tie
        -->
        """
    )
    [block] = loaded.blocks
    assert block.questions == ("how long", "how soon", "who writes", "with no tie")
    assert block.anchored == loaded.anchored
    assert block.anchored == (
        Anchored(anchors=("twelve weeks of notice", "in writing and in time"), questions=("how long", "how soon")),
        Anchored(anchors=("the council writes to them",), questions=("who writes",)),
    )


def test_questions_without_a_block_above_are_no_trouble() -> None:
    assert load("# Title\n\n<!-- asked\nhow long\n-->\n").blocks == ()


def test_other_comments_say_nothing() -> None:
    loaded = load("<!-- a note -->\n\nGive notice.\n\n<!--\nmore\nnotes\n-->\n")
    assert [b.text for b in loaded.blocks] == ["Give notice."]
    assert loaded.blocks[0].questions == ()


@pytest.mark.parametrize("text", ["", "\n", "# Title alone\n", "***\n", "<!-- -->\n"])
def test_text_without_words_has_no_blocks(text: str) -> None:
    assert load(text).blocks == ()


def test_heading_may_carry_marks_and_a_locator_that_is_not_said() -> None:
    assert kinds(load("## **Money** {section 2}\n")) == [("heading", "Money", 1)]


def test_signs_people_write_stay_as_they_are() -> None:
    assert only("It costs £5–£10 & “more” — 5% * 3 < 4.\n").text == "It costs £5–£10 & “more” — 5% * 3 < 4."
