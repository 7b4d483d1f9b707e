"""Text as people read it, and as it is compared."""

from __future__ import annotations

import pytest

from assistant.text import as_statement, comparable, fold, plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("**Give** notice", "Give notice"),
        ("*Give* notice", "Give notice"),
        ("__Give__  notice\n", "Give notice"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("a*b*c", "a*b*c"),
        ("** not strong **", "** not strong **"),
        ("snake_case_name", "snake_case_name"),
    ],
)
def test_emphasis_marks_go_and_other_stars_stay(text: str, said: str) -> None:
    assert plain(text) == said


def test_white_space_is_folded() -> None:
    assert fold(" a\n\t b\u00a0c ") == "a b c"


def test_texts_that_read_the_same_compare_equal() -> None:
    assert comparable("The ‘Compact’ is **“here”**\nnow") == comparable("the 'compact' is \"here\" now")
    assert comparable("ﬁnance") == comparable("finance")


def test_texts_that_read_otherwise_compare_unequal() -> None:
    assert comparable("must not") != comparable("must")


def test_list_is_said_an_item_a_line() -> None:
    assert as_statement("The council will:\n- listen;\n-  **answer**") == "The council will:\n- listen;\n- answer"


def test_row_of_a_table_is_said_with_the_names_of_its_columns() -> None:
    assert as_statement("Northfield\t14\t", ("Borough", "Late", "Interest")) == "Borough: Northfield; Late: 14"
    assert as_statement("Northfield\t14", ("Borough",)) == "Borough: Northfield; 14"
