"""A few of the passages' own sentences, chosen and put in order."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.composing import MAX_STATEMENTS, Draft, Extract, compose_extracts
from assistant.grounding import Grounded, ground_statements
from assistant.sentences import sentence_spans
from assistant.values import Document, Passage, ScoredPassage

DOCUMENT = Document(id="a", title="A")


def scored(text: str, *, id_: str = "a#b/1", score: float = 0.9, columns: tuple[str, ...] = ()) -> ScoredPassage:
    held = Passage(id=id_, document=DOCUMENT, locator="p. 1", text=text, columns=columns)
    return ScoredPassage(passage=held, score=score)


def near(found: ScoredPassage, *words: str, otherwise: float = 0.1) -> list[Extract]:
    """The passage's sentences: near are those with one of these words, the more so the earlier it stands here."""
    text = found.passage.text
    out = []
    for start, end in sentence_spans(text):
        ranks = [i for i, word in enumerate(words) if word in text[start:end]]
        out.append(Extract(start, end, 1.0 - 0.05 * ranks[0] if ranks else otherwise))
    return out


def compose(found: Sequence[ScoredPassage], *words: str, otherwise: float = 0.1) -> Draft:
    """The draft; every draft must pass the check that answers pass."""
    draft = compose_extracts(found, [near(f, *words, otherwise=otherwise) for f in found])
    groundings = ground_statements(draft.statements, draft.citations, [f.passage for f in found])
    assert {g.outcome for g in groundings} <= {Grounded.GROUNDED}
    assert [c.number for c in draft.citations] == list(range(1, len(draft.citations) + 1))
    return draft


def quotes(draft: Draft) -> list[str]:
    return [citation.quote for citation in draft.citations]


def test_nothing_found_gives_nothing_to_say() -> None:
    assert compose([]) == Draft((), ())


def test_nearest_sentence_is_quoted_exactly_and_cited() -> None:
    found = scored("Bread is baked at dawn. Grants end in  June.\tTea is served.")
    draft = compose([found], "Grants")
    assert "Grants end in  June." in "".join(quotes(draft))
    assert all(quote in found.passage.text for quote in quotes(draft))
    assert all(len(statement.citations) == 1 for statement in draft.statements)


def test_sentences_of_a_passage_keep_the_order_of_its_text() -> None:
    found = scored("Apples ripen early. Plums follow in August. Pears come last of the three fruits.")
    assert quotes(compose([found], "Pears", "Apples", "Plums")) == [
        "Apples ripen early.",
        "Plums follow in August.",
        "Pears come last of the three fruits.",
    ]


def test_best_passage_is_quoted_first() -> None:
    first, second = scored("Grants end in June."), scored("Wages rise in May each spring.", id_="a#b/2", score=0.85)
    draft = compose([first, second], "Wages", "Grants")
    assert [c.passage_id for c in draft.citations] == ["a#b/1", "a#b/2"]


def test_passage_far_below_the_best_is_left_out() -> None:
    first, second = scored("Grants end in June."), scored("Grants are paid in May.", id_="a#b/2", score=0.3)
    assert quotes(compose([first, second], "Grants")) == ["Grants end in June."]


def test_sentence_far_from_the_question_is_left_out() -> None:
    found = scored("Grants end in June. Roads are swept. Trains are late. Bananas are yellow.")
    assert "Bananas are yellow." not in quotes(compose([found], "Grants"))


def test_nothing_is_said_twice() -> None:
    first = scored("The council gives twelve weeks of written notice.")
    second = scored("Twelve weeks of written notice the council gives.", id_="a#b/2", score=0.88)
    assert len(compose([first, second], "notice").statements) == 1


def test_answer_has_at_most_a_few_statements() -> None:
    names = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
    found = [
        scored(" ".join(f"{name.title()}{n} grants end thus{n}." for name in names), id_=f"a#b/{n}") for n in range(8)
    ]
    assert 1 < len(compose(found, "grants").statements) <= MAX_STATEMENTS


def test_lead_in_is_quoted_with_its_whole_list() -> None:
    text = "The council will:\n- give notice;\n- give reasons;\n- meet the charity.\nTea is served."
    for word in ("reasons", "The council"):
        assert "The council will:\n- give notice;\n- give reasons;\n- meet the charity." in quotes(
            compose([scored(text)], word)
        )


def test_sentence_that_leans_on_the_one_before_is_quoted_with_it() -> None:
    found = scored("Bread is sold at nine in the morning. Grants end in June. This gives charities time to plan.")
    assert "Grants end in June. This gives charities time to plan." in quotes(compose([found], "This"))


def test_row_of_a_table_is_said_with_its_columns_names() -> None:
    text = "Borough\tLate\nNorthfield\t14\nSouthfield\t3"
    draft = compose([scored(text, columns=("Borough", "Late"))], "Northfield")
    assert draft.statements[0].text == "Borough: Northfield; Late: 14"
    assert draft.citations[0].quote == "Northfield\t14"
    assert "Borough\tLate" not in quotes(draft)


def test_same_input_gives_the_same_draft() -> None:
    found = [scored("Grants end in June. Grants begin in May."), scored("Grants are few.", id_="a#b/2")]
    assert compose(found, "Grants") == compose(found, "Grants")
