"""The values between stages, and the JSON that tools outside rely on."""

from __future__ import annotations

import ast
import datetime as dt
import inspect
import json

import pytest
from pydantic import ValidationError

from assistant import values
from assistant.values import (
    Addressee,
    Answer,
    AnswerStatus,
    Branch,
    Citation,
    CitedDocument,
    Document,
    DocumentStatus,
    Fact,
    Force,
    Instrument,
    Kind,
    MissingFact,
    Outcome,
    Passage,
    Reason,
    ScoredPassage,
    Statement,
    Theme,
    Verdict,
)

DOCUMENT = Document(id="a", title="A", publisher="Wexley", published="2010-12", kind=Kind.CODE, basis="ours")
PASSAGE = Passage(id="a#b/1", document=DOCUMENT, heading_path=("B",), locator="p. 1", text="Give notice.")
CITATION = Citation(
    number=1, passage_id=PASSAGE.id, quote="Give notice.", document=CitedDocument.of(DOCUMENT), locator="p. 1"
)


def answer(**fields: object) -> Answer:
    given: dict[str, object] = {
        "id": "01J",
        "question": "How long?",
        "asked_on": dt.date(2026, 11, 20),
        "status": AnswerStatus.ANSWERED,
        "composer": "extract",
        "generation": "g",
    }
    return Answer.model_validate(given | fields)


def test_values_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        PASSAGE.text = "Take notice."  # type: ignore[misc]


def test_unknown_field_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Document(id="a", title="A", colour="red")  # type: ignore[call-arg]


def test_document_of_which_nothing_is_said_is_historical_guidance() -> None:
    document = Document(id="a", title="A")
    assert (document.kind, document.status) == (Kind.GUIDANCE, DocumentStatus.HISTORICAL)


def test_statement_without_a_citation_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        Statement(text="Give notice.", citations=())


def test_reason_without_a_citation_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        Reason(text="Because.", citations=())


@pytest.mark.parametrize("score", [-0.01, 1.01])
def test_score_outside_nought_to_one_cannot_be_made(score: float) -> None:
    with pytest.raises(ValidationError):
        ScoredPassage(passage=PASSAGE, score=score)


def test_citations_count_from_one() -> None:
    with pytest.raises(ValidationError):
        CITATION.model_copy().model_validate(CITATION.model_dump() | {"number": 0})


def test_cited_document_is_what_a_citation_shows_and_no_more() -> None:
    assert CitedDocument.of(DOCUMENT).model_dump(mode="json") == {
        "id": "a",
        "title": "A",
        "publisher": "Wexley",
        "published": "2010-12",
        "kind": "code",
        "status": "historical",
        "url": None,
    }


def test_answer_as_json_has_the_fields_that_tools_rely_on() -> None:
    verdict = Verdict(
        outcome=Outcome.DEPENDS,
        instrument=Instrument.UNCLEAR,
        themes=(Theme.MANAGING_CHANGE,),
        facts=(Fact(name="public_body", value="county_council", words="the county council", origin="question"),),
        reasons=(Reason(text="Because.", citations=(1,)),),
        missing=(MissingFact(fact="area", ask="Where?", branches=(Branch(value="Wexley", outcome=Outcome.APPLIES),)),),
        confidence=0.9,
    )
    given = answer(verdict=verdict, statements=(Statement(text="Give notice.", citations=(1,)),), citations=(CITATION,))
    said = json.loads(given.model_dump_json(by_alias=True))
    assert set(said) == {
        "id", "question", "asked_on", "area", "conversation_id", "status", "verdict", "statements", "citations",
        "caveats", "next_steps", "composer", "generation", "timings_ms",
    }  # fmt: skip
    assert set(said["verdict"]) == {"outcome", "instrument", "themes", "facts", "reasons", "missing", "confidence"}
    assert said["verdict"]["facts"] == [
        {"name": "public_body", "value": "county_council", "words": "the county council", "from": "question"}
    ]
    assert said["verdict"]["missing"] == [
        {"fact": "area", "ask": "Where?", "options": [], "if": [{"value": "Wexley", "outcome": "applies"}]}
    ]
    assert set(said["statements"][0]) == {"text", "citations", "force", "addressed_to"}
    assert set(said["citations"][0]) == {"number", "passage_id", "quote", "document", "locator"}
    assert said["asked_on"] == "2026-11-20"


def test_answer_survives_the_way_through_json() -> None:
    given = answer(statements=(Statement(text="Give notice.", citations=(1,)),), citations=(CITATION,))
    assert Answer.model_validate_json(given.model_dump_json(by_alias=True)) == given


def test_words_of_the_contract_are_the_values_of_the_enumerations() -> None:
    assert list(AnswerStatus) == ["answered", "needs_facts", "not_in_guidance", "out_of_scope", "declined"]
    assert list(Outcome) == ["applies", "does_not_apply", "depends"]
    assert list(Instrument) == ["national_compact", "local_compact", "covenant", "none", "unclear"]
    assert list(Force) == ["must", "should", "may", "none"]
    assert list(Addressee) == ["public_body", "voluntary_sector", "both", "none"]
    assert list(Kind) == ["instrument", "code", "guidance", "case-study", "review", "local-compact"]
    assert list(DocumentStatus) == ["in-force", "superseded", "historical"]
    assert list(Theme) == [
        "funding_procurement", "consultation_policy", "managing_change", "volunteering", "equality", "independence",
        "community_groups",
    ]  # fmt: skip


def test_values_import_nothing_of_ours() -> None:
    imported = [
        name
        for node in ast.walk(ast.parse(inspect.getsource(values)))
        for name in (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    assert {name.partition(".")[0] for name in imported} == {"__future__", "datetime", "enum", "pydantic"}
