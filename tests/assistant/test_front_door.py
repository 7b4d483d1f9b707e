"""Whole answers from the real parts: real index, real model, real Chroma, over the small corpus."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant import front_door
from assistant.composing import Draft
from assistant.errors import QuestionInvalid
from assistant.front_door import PASSAGES_READ, Asked, Assistant
from assistant.settings import Settings
from assistant.values import Answer, AnswerStatus, Citation, CitedDocument, DocumentStatus, Kind, Statement
from assistant.wiring import build_assistant

QUESTIONS = [
    "How much notice before a grant ends?",
    "What must a charity do with money it cannot spend?",
    "How long must a written consultation last, and what then?",
    "May a funded charity campaign against government policy?",
    "What happened to the day centre's subsidy?",
    "How quickly are volunteers' bus fares refunded?",
    "How many invoices did Northfield pay late?",
    "grnt ending, how mcuh notise??",
    "Who won the football last night?",
    "x",
    '\' OR 1=1 -- {"$in": []} <script>',
    "£320",
]


def ask(assistant: Assistant, question: str, **fields: str) -> Answer:
    return assistant.answer(Asked(question=question, **fields))


@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_cites_every_statement_and_quotes_exactly_what_was_retrieved(
    small_assistant: Assistant, question: str
) -> None:
    answer = ask(small_assistant, question)
    retrieved = {f.passage.id: f.passage for f in small_assistant.search(question, limit=PASSAGES_READ)}
    numbers = [c.number for c in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {n for s in answer.statements for n in s.citations} == set(numbers)
    for citation in answer.citations:
        passage = retrieved[citation.passage_id]
        assert citation.quote
        assert citation.quote in passage.text
        assert citation.locator == passage.locator
        assert citation.document == CitedDocument.of(passage.document)
    assert all(statement.citations for statement in answer.statements)
    if answer.status is AnswerStatus.ANSWERED:
        assert answer.statements
    else:
        assert answer.status is AnswerStatus.NOT_IN_GUIDANCE
        assert (answer.statements, answer.citations) == ((), ())
        assert len(answer.caveats) > 1


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("How much notice before a grant ends?", "accord-2009"),
        ("Are volunters paid there travel costs?", "derby-accord"),
        ("May a funded charity campaign against government policy?", "accord-2024"),
        ("How quickly are volunteers' bus fares refunded?", "derby-accord"),
        ("How many invoices did Northfield pay late?", "pay-table"),
    ],
)
def test_question_is_answered_from_the_document_that_answers_it(
    small_assistant: Assistant, question: str, document: str
) -> None:
    answer = ask(small_assistant, question)
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.citations[0].document.id == document


@pytest.mark.parametrize("question", ["Who won the football last night?", "Recipe for lentil soup", "zzzz qqqq"])
def test_what_the_guidance_does_not_say_is_said_so_with_what_to_do(small_assistant: Assistant, question: str) -> None:
    answer = ask(small_assistant, question)
    assert answer.status is AnswerStatus.NOT_IN_GUIDANCE
    assert (answer.statements, answer.citations, answer.next_steps) == ((), (), ())
    assert answer.caveats[0] == "The guidance we hold does not say."
    assert any("compact-assistant ingest" in caveat for caveat in answer.caveats[1:])


def test_superseded_guidance_is_found_and_labelled(small_assistant: Assistant) -> None:
    answer = ask(small_assistant, "How much notice before a grant ends?")
    assert answer.citations[0].document.status is DocumentStatus.SUPERSEDED
    assert any("Superseded" in c and "The Working Accord" in c and "The New Accord" in c for c in answer.caveats)
    assert any("The New Accord" in step.text for step in answer.next_steps)


def test_guidance_in_force_is_not_labelled_superseded(small_assistant: Assistant) -> None:
    answer = ask(small_assistant, "May a funded charity campaign against government policy?")
    assert answer.citations[0].document.status is DocumentStatus.IN_FORCE
    assert not any("uperseded" in caveat for caveat in answer.caveats)
    assert answer.next_steps == ()


def test_document_about_another_place_is_labelled(small_assistant: Assistant) -> None:
    question = "How quickly are volunteers' bus fares refunded?"
    assert any("about Derby" in c for c in ask(small_assistant, question, area="Merton").caveats)
    assert not any("about Derby" in c for c in ask(small_assistant, question, area="Derby").caveats)


def test_digests_are_said_to_be_digests(small_assistant: Assistant) -> None:
    assert any("digest" in c for c in ask(small_assistant, "How much notice before a grant ends?").caveats)
    assert not any("digest" in c for c in ask(small_assistant, "How many invoices did Northfield pay late?").caveats)


def test_answer_says_for_which_day_and_place_it_is(
    small_data: Path, small_corpus: Path, settings: Callable[..., Settings]
) -> None:
    given = settings(data_dir=small_data, corpus_dir=small_corpus, area="derby")
    assistant = build_assistant(given, today=lambda: dt.date(2026, 11, 20))
    default = ask(assistant, "bus fares")
    assert (default.asked_on, default.area, default.conversation_id) == (dt.date(2026, 11, 20), "Derby", None)
    said = ask(assistant, "bus fares", on="2011-01-31", area="London Borough of Merton", conversation_id="c1")
    assert (said.asked_on, said.area, said.conversation_id) == (dt.date(2011, 1, 31), "Merton", "c1")


def test_answer_names_its_generation_composer_and_times(small_assistant: Assistant) -> None:
    answer = ask(small_assistant, "bus fares")
    assert answer.generation == small_assistant.manifest().id
    assert answer.composer == "extract"
    assert list(answer.timings_ms) == ["read", "retrieve", "decide", "compose", "ground"]
    assert all(spent >= 0 for spent in answer.timings_ms.values())


def test_each_answer_has_an_id_of_its_own(small_assistant: Assistant) -> None:
    assert ask(small_assistant, "bus fares").id != ask(small_assistant, "bus fares").id


def test_same_question_gets_the_same_answer(small_assistant: Assistant) -> None:
    first, second = (ask(small_assistant, "How long must a consultation last?") for _ in range(2))
    assert (first.statements, first.citations, first.caveats) == (second.statements, second.citations, second.caveats)


def draft_that_cites(quote: str, *, said: str, passage_id: str, document: CitedDocument) -> Draft:
    true = "Volunteers get their bus fares back within ten days."
    where = {"document": document, "locator": "section 4"}
    return Draft(
        statements=(Statement(text=said, citations=(1,)), Statement(text=true, citations=(2,))),
        citations=(
            Citation(number=1, passage_id=passage_id, quote=quote, **where),
            Citation(number=2, passage_id="derby-accord#volunteers/1", quote=true, **where),
        ),
    )


@pytest.mark.parametrize(
    ("quote", "said", "passage_id"),
    [
        ("Volunteers get a car.", "Volunteers get a car.", "derby-accord#volunteers/1"),
        ("Volunteers get", "Volunteers get nothing", "derby-accord#volunteers/1"),
        ("Charities may campaign", "Charities may campaign", "nowhere#x/1"),
    ],
)
def test_statement_that_its_passage_does_not_bear_out_reaches_nobody(
    small_assistant: Assistant, monkeypatch: pytest.MonkeyPatch, quote: str, said: str, passage_id: str
) -> None:
    [derby] = small_assistant.search("bus fares", limit=1)
    document = CitedDocument.of(derby.passage.document)
    draft = draft_that_cites(quote, said=said, passage_id=passage_id, document=document)
    monkeypatch.setattr(front_door, "compose_extracts", lambda *_, **__: draft)
    answer = ask(small_assistant, "How quickly are volunteers' bus fares refunded?")
    assert [s.text for s in answer.statements] == ["Volunteers get their bus fares back within ten days."]
    assert [(c.number, c.quote) for c in answer.citations] == [(1, answer.statements[0].text)]
    assert answer.statements[0].citations == (1,)


def test_answer_of_which_nothing_holds_is_no_answer(
    small_assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    [derby] = small_assistant.search("bus fares", limit=1)
    document = CitedDocument.of(derby.passage.document)
    false = draft_that_cites("A", said="B", passage_id="derby-accord#volunteers/1", document=document)
    draft = Draft(false.statements[:1], false.citations[:1])
    monkeypatch.setattr(front_door, "compose_extracts", lambda *_, **__: draft)
    answer = ask(small_assistant, "How quickly are volunteers' bus fares refunded?")
    assert (answer.status, answer.statements, answer.citations) == (AnswerStatus.NOT_IN_GUIDANCE, (), ())


def test_question_that_cannot_be_asked_is_refused_before_anything_is_searched() -> None:
    def unopened() -> None:
        raise AssertionError("the index was opened")

    from assistant.knowledge import Places

    assistant = Assistant(unopened, Places([]), default_area=None, today=lambda: dt.date(2026, 11, 20))  # type: ignore[arg-type]
    for question in ("", "x" * 20_000, "\x07"):
        with pytest.raises(QuestionInvalid):
            ask(assistant, question)
        with pytest.raises(QuestionInvalid):
            assistant.search(question)


def test_search_keeps_to_an_area_and_a_kind(small_assistant: Assistant) -> None:
    everything = small_assistant.search("what happened", limit=100)
    assert {f.passage.document.area for f in everything} == {None, "Merton", "Derby"}
    merton = small_assistant.search("what happened", limit=100, area="london borough of merton")
    assert {f.passage.document.id for f in merton} == {"merton-story"}
    instruments = small_assistant.search("what happened", limit=100, kind=Kind.INSTRUMENT)
    assert {f.passage.document.kind for f in instruments} == {Kind.INSTRUMENT}
    assert small_assistant.search("what happened", area="Derby", kind=Kind.CASE_STUDY) == []


def test_search_in_an_area_nobody_knows_is_refused(small_assistant: Assistant) -> None:
    with pytest.raises(QuestionInvalid, match="Did you mean Derby"):
        small_assistant.search("fares", area="Derbyy")


def test_questions_from_many_threads_get_their_own_answers(small_assistant: Assistant) -> None:
    from concurrent.futures import ThreadPoolExecutor

    asked = [q for q in QUESTIONS[:7] for _ in range(3)]
    alone = {q: ask(small_assistant, q).citations for q in QUESTIONS[:7]}
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda q: ask(small_assistant, q), asked))
    assert [a.citations for a in together] == [alone[q] for q in asked]


# -- text in force, replaced, and of its time ------------------------------------------------------------------------


EDITION = """\
---
id: {id}
title: "{title}"
publisher: "Office for Neighbours"
published: {published}
kind: {kind}
status: {status}
{dates}jurisdiction: England
basis: "Our own words."
---
# {title}

## Ending money

{text} {{#1 promise 1}}
<!-- asked
how much notice before a grant ends
how many weeks of warning before a grant is stopped
what notice of the end of a grant did the first compact give
notice before a grant ends and the charities act
-->
"""
NOTICE = "How much notice before a grant ends?"


@pytest.fixture(scope="module")
def editions(
    tmp_path_factory: pytest.TempPathFactory, index: Callable[..., object], settings: Callable[..., Settings]
) -> Assistant:
    """Over a text that was replaced, which fits the question best, a text of its time, and the text in force."""
    root = tmp_path_factory.mktemp("editions")
    (root / "corpus").mkdir()
    old = {"dates": "superseded_by: new\nin_force_from: 2009-05-01\nin_force_until: 2024-02-29\n"}
    new = {"dates": "in_force_from: 2024-03-01\n"}
    for id_, published, kind, status, dates, text in (
        ("old", "2009-05", "instrument", "superseded", old, "The notice before a grant ends is twelve weeks."),
        ("story", "2015", "review", "historical", {"dates": ""}, "The notice before a grant ended was nine weeks."),
        ("new", "2024-03", "instrument", "in-force", new, "Before a grant ends, warning of fourteen weeks is given."),
    ):
        given = {"title": f"The {id_} text", "published": published, "kind": kind, "status": status, "text": text}
        (root / "corpus" / f"{id_}.md").write_text(EDITION.format(id=id_, **given, **dates), encoding="utf-8")
    index(root / "data", root / "corpus")
    given = settings(data_dir=root / "data", corpus_dir=root / "corpus")
    return build_assistant(given, today=lambda: dt.date(2026, 11, 20))


def order_of(assistant: Assistant, question: str, **fields: str) -> list[str]:
    """The documents an answer cites, in its order."""
    return [c.document.id for c in ask(assistant, question, **fields).citations]


def test_search_finds_the_text_that_fits_best_first_whatever_its_standing(editions: Assistant) -> None:
    assert editions.search(NOTICE, limit=1)[0].passage.document.id != "new"


def test_text_in_force_comes_before_text_of_its_time_and_text_that_was_replaced_comes_last(editions: Assistant) -> None:
    order = order_of(editions, NOTICE)
    assert order[0] == "new"
    assert order == [id_ for id_ in ("new", "story", "old") if id_ in order]


@pytest.mark.parametrize(
    "question",
    ["How much notice before a grant ends, in 2012?", "What notice of the end of a grant did the first Compact give?"],
)
def test_question_that_names_its_own_time_keeps_the_order_of_the_search(editions: Assistant, question: str) -> None:
    found = [f.passage.document.id for f in editions.search(question, limit=PASSAGES_READ)]
    order = order_of(editions, question)
    assert order[0] == found[0] != "new"


@pytest.mark.parametrize(
    "question", [f"{NOTICE} It is £2000.", "Notice before a grant ends, and the Charities Act 2011?"]
)
def test_sum_of_money_or_the_name_of_an_act_is_no_time(editions: Assistant, question: str) -> None:
    assert order_of(editions, question)[0] == "new"


def test_text_that_was_in_force_on_the_day_asked_for_comes_first(editions: Assistant) -> None:
    assert order_of(editions, NOTICE, on="2012-06-30")[0] == "old"
    assert order_of(editions, NOTICE, on="2024-02-29")[0] == "old"
    assert order_of(editions, NOTICE, on="2024-03-01")[0] == "new"


def test_text_in_force_that_answers_something_else_does_not_come_first(small_assistant: Assistant) -> None:
    assert order_of(small_assistant, NOTICE)[0] == "accord-2009"
