"""The shipped corpus: `corpus check` finds nothing in it, and what it says of itself holds."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from assistant.knowledge import load_knowledge
from assistant.settings import SHIPPED_CORPUS
from assistant.text import comparable
from assistant.values import Kind
from ingest.checking import examine_corpus
from ingest.sources import Sources, read_sources

ORIGINALS = Path(__file__).resolve().parent.parent.parent / "shared" / "sources"
TODAY = "2026-11-20"
OUR_NOTES = re.compile(r"\bour notes\b", re.IGNORECASE)


@cache
def corpus() -> Sources:
    return read_sources(SHIPPED_CORPUS, areas=load_knowledge(SHIPPED_CORPUS).places.names)


def test_nothing_is_wrong_and_nothing_doubtful() -> None:
    examination = examine_corpus(SHIPPED_CORPUS, today=TODAY, embed=None)

    assert [str(finding) for finding in examination.findings] == []
    assert examination.counts["documents"] == len(corpus().sources) > 0


def test_every_table_is_read_and_has_rows() -> None:
    knowledge = load_knowledge(SHIPPED_CORPUS)

    assert len(knowledge.places.all) > 300
    for rows in (knowledge.vocabulary, knowledge.towns, knowledge.bodies, knowledge.agreements, knowledge.sources):
        assert len(rows) > 50
    assert all(Path(row.where.rpartition(":")[0]).is_relative_to(SHIPPED_CORPUS) for row in knowledge.accepted)


def test_every_doubt_let_stand_has_a_reason_that_says_something() -> None:
    assert not [row for row in load_knowledge(SHIPPED_CORPUS).accepted if len(row.reason.split()) < 4]


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
    assert not [p.name for p in SHIPPED_CORPUS.rglob("*.md") if OUR_NOTES.search(p.read_text(encoding="utf-8"))]


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason=f"the source documents are not at {ORIGINALS}")
def test_every_tie_to_an_original_stands_in_one() -> None:
    originals = [comparable(path.read_text(encoding="utf-8")) for path in sorted(ORIGINALS.glob("*.txt"))]
    ties = {phrase for source in corpus().sources for tie in source.loaded.anchored for phrase in tie.anchors}

    lost = [phrase for phrase in sorted(ties) if not any(comparable(phrase) in text for text in originals)]

    assert ties
    assert lost == []
