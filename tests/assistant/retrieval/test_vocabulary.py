"""Today's words reach yesterday's text."""

from __future__ import annotations

from assistant.knowledge import Term
from assistant.retrieval.lexical import words
from assistant.retrieval.vocabulary import Vocabulary


def vocabulary(*rows: tuple[str, ...]) -> Vocabulary:
    return Vocabulary(Term(term=first, also=rest, source="ours") for first, *rest in rows)  # type: ignore[arg-type]


def others(table: Vocabulary, query: str) -> list[str]:
    return table.other_forms(words(query))


TABLE = vocabulary(
    ("voluntary and community sector", "VCS", "VCSE"),
    ("notice period", "warning"),
    ("notice", "poster"),
    ("warning", "alarm"),
)


def test_any_form_of_a_row_gives_the_others() -> None:
    assert others(TABLE, "does the VCSE matter") == ["voluntary and community sector", "VCS"]
    assert others(TABLE, "the Voluntary and Community Sector") == ["VCS", "VCSE"]


def test_longest_form_wins() -> None:
    assert others(TABLE, "a notice period of a week") == ["warning"]
    assert others(TABLE, "a notice on the wall") == ["poster"]


def test_endings_do_not_matter() -> None:
    assert others(TABLE, "notice periods") == ["warning"]


def test_form_that_stands_in_two_rows_gives_both() -> None:
    assert others(TABLE, "warning") == ["notice period", "alarm"]


def test_forms_that_were_used_are_not_given_back() -> None:
    assert others(TABLE, "VCS and VCSE") == ["voluntary and community sector"]


def test_other_words_give_nothing() -> None:
    assert others(TABLE, "grants end in June") == []
    assert others(TABLE, "") == []
    assert others(vocabulary(), "VCS") == []


def test_form_of_marks_alone_does_no_harm() -> None:
    assert others(vocabulary(("???", "notice")), "notice") == ["???"]
