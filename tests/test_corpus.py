"""The shipped corpus: it reads without a mistake, and what it says of itself holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from assistant.knowledge import load_knowledge
from assistant.settings import SHIPPED_CORPUS
from assistant.text import comparable
from assistant.values import Kind
from ingest.dividing import divide_document
from ingest.sources import Sources, read_sources

ORIGINALS = Path(__file__).resolve().parent.parent.parent / "shared" / "sources"
MAX_DIGEST_PASSAGE_CHARS = 1_600


@cache
def corpus() -> Sources:
    return read_sources(SHIPPED_CORPUS, areas=load_knowledge(SHIPPED_CORPUS).places.names)


def test_the_corpus_reads_without_mistake_or_warning() -> None:
    found = corpus()

    assert found.sources
    assert [str(warning) for warning in found.warnings] == []


def test_every_document_names_its_basis_and_publisher() -> None:
    assert not [s.path for s in corpus().sources if not s.document.basis or not s.document.publisher]


def test_every_passage_has_a_locator_of_its_own_and_says_one_thing() -> None:
    for source in corpus().sources:
        for divided in divide_document(source.document, source.loaded):
            passage = divided.passage
            assert passage.locator, passage.id
            assert len(passage.text) <= MAX_DIGEST_PASSAGE_CHARS, passage.id
            assert "{" not in passage.text, passage.id


def test_every_passage_is_asked_for_in_several_ways() -> None:
    few = [
        divided.passage.id
        for source in corpus().sources
        for divided in divide_document(source.document, source.loaded)
        if len(divided.questions) < 4
    ]

    assert few == []


def test_each_case_study_says_its_year_and_whose_account_it_is() -> None:
    cases = [s.document for s in corpus().sources if s.document.kind is Kind.CASE_STUDY]

    assert len(cases) >= 30
    assert not [c.id for c in cases if c.year is None]


def test_what_was_replaced_leads_to_what_is_in_force() -> None:
    documents = {s.document.id: s.document for s in corpus().sources}
    last = documents["compact-1998"]
    while last.superseded_by:
        last = documents[last.superseded_by]

    assert last.id == "civil-society-covenant-2025"
    assert last.superseded_by is None


def test_locators_name_public_sources() -> None:
    assert not [p.name for p in SHIPPED_CORPUS.rglob("*.md") if "our notes" in p.read_text(encoding="utf-8").lower()]


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason=f"the source documents are not at {ORIGINALS}")
def test_every_tie_to_an_original_stands_in_one() -> None:
    originals = [comparable(path.read_text(encoding="utf-8")) for path in sorted(ORIGINALS.glob("*.txt"))]
    ties = {phrase for source in corpus().sources for tie in source.loaded.anchored for phrase in tie.anchors}

    lost = [phrase for phrase in sorted(ties) if not any(comparable(phrase) in text for text in originals)]

    assert ties
    assert lost == []
