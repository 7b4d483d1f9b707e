"""What holds of an answer, checked against the passages that were really retrieved."""

from __future__ import annotations

import pytest

from assistant.grounding import Grounded, Grounding, ground_statements
from assistant.values import Citation, CitedDocument, Document, Passage, Statement

DOCUMENT = Document(id="a", title="A")


def passage(text: str, *, id_: str = "a#b/1", columns: tuple[str, ...] = ()) -> Passage:
    return Passage(id=id_, document=DOCUMENT, locator="p. 1", text=text, columns=columns)


def citation(quote: str, *, number: int = 1, passage_id: str = "a#b/1") -> Citation:
    document = CitedDocument.of(DOCUMENT)
    return Citation(number=number, passage_id=passage_id, quote=quote, document=document, locator="p. 1")


def outcome(said: str, quote: str, held: Passage) -> Grounded:
    [grounding] = ground_statements([Statement(text=said, citations=(1,))], [citation(quote)], [held])
    return grounding.outcome


def test_statement_whose_words_are_in_its_passage_is_grounded() -> None:
    held = passage("Give notice in writing. Give reasons.")
    assert outcome("Give notice in writing.", "Give notice in writing.", held) is Grounded.GROUNDED


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        ("It's “fair” here", 'It’s "fair"\nhere'),
        ("Give notice", "**Give** notice"),
        ("GIVE NOTICE", "Give notice"),
        ("We will: listen; answer", "We will:\n- listen;\n- answer"),
        ("finance", "ﬁnance"),
    ],
)
def test_marks_quotes_case_and_line_breaks_do_not_break_a_match(said: str, quote: str) -> None:
    assert outcome(said, quote, passage(f"First. {quote} Last.")) is Grounded.GROUNDED


def test_row_of_a_table_may_be_said_with_its_columns_names() -> None:
    held = passage("Borough\tLate\nNorthfield\t14", columns=("Borough", "Late"))
    assert outcome("Borough: Northfield; Late: 14", "Northfield\t14", held) is Grounded.GROUNDED
    assert outcome("Borough: Northfield; Early: 14", "Northfield\t14", held) is Grounded.WORDS_DIFFER


@pytest.mark.parametrize(
    "said",
    ["Give no notice.", "Give notice. Always.", "notice Give.", "Give.", "Give notice for 3 months."],
)
def test_words_that_are_not_the_quotes_are_not_grounded(said: str) -> None:
    assert outcome(said, "Give notice.", passage("Give notice.")) is Grounded.WORDS_DIFFER


def test_quote_that_is_not_exactly_in_its_passage_is_not_grounded() -> None:
    assert outcome("Give notice", "Give notice", passage("Give  notice")) is Grounded.QUOTE_NOT_IN_PASSAGE
    assert outcome("Give notice", "give notice", passage("Give notice")) is Grounded.QUOTE_NOT_IN_PASSAGE
    assert outcome("", "", passage("Give notice")) is Grounded.QUOTE_NOT_IN_PASSAGE


def test_words_found_only_in_another_passage_do_not_ground_a_statement() -> None:
    groundings = ground_statements(
        [Statement(text="Give reasons.", citations=(1,))],
        [citation("Give reasons.", passage_id="a#b/1")],
        [passage("Give notice."), passage("Give reasons.", id_="a#b/2")],
    )
    assert [g.outcome for g in groundings] == [Grounded.QUOTE_NOT_IN_PASSAGE]


def test_passage_that_was_not_retrieved_cannot_be_cited() -> None:
    [grounding] = ground_statements(
        [Statement(text="Give notice.", citations=(1,))],
        [citation("Give notice.", passage_id="elsewhere#b/1")],
        [passage("Give notice.")],
    )
    assert grounding.outcome is Grounded.NOT_RETRIEVED


def test_citation_that_does_not_exist_is_told() -> None:
    [grounding] = ground_statements(
        [Statement(text="Give notice.", citations=(7,))], [citation("Give notice.")], [passage("Give notice.")]
    )
    assert grounding == Grounding(statement=0, citation=7, outcome=Grounded.NO_SUCH_CITATION)


def test_every_citation_of_every_statement_is_checked_in_order() -> None:
    groundings = ground_statements(
        [Statement(text="One.", citations=(2, 1)), Statement(text="Two.", citations=(2,))],
        [citation("One."), citation("Two.", number=2)],
        [passage("One. Two.")],
    )
    assert [(g.statement, g.citation, g.outcome) for g in groundings] == [
        (0, 2, Grounded.WORDS_DIFFER),
        (0, 1, Grounded.GROUNDED),
        (1, 2, Grounded.GROUNDED),
    ]


def test_two_passages_with_one_id_cannot_be_told_apart() -> None:
    with pytest.raises(ValueError, match="share an id"):
        ground_statements([], [], [passage("a"), passage("b")])
