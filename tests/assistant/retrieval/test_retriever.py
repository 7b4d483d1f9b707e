"""The search, over a real index: what it finds, in what order, and what filters keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.knowledge import Term, load_knowledge
from assistant.retrieval.ranking import EVIDENCE
from assistant.retrieval.retriever import CompactRetriever, Filter
from assistant.retrieval.vocabulary import Vocabulary
from assistant.sentences import sentence_spans
from assistant.settings import Settings
from assistant.values import DocumentStatus, Kind, ScoredPassage
from assistant.wiring import CurrentRetriever


@pytest.fixture(scope="module")
def retriever(small_data: Path, small_corpus: Path, settings: Callable[..., Settings]) -> CompactRetriever:
    given = settings(data_dir=small_data, corpus_dir=small_corpus)
    return CurrentRetriever(given, load_knowledge(small_corpus)).get()


def documents(found: list[ScoredPassage]) -> set[str]:
    return {each.passage.document.id for each in found}


QUERIES = [
    "how much notice before a grant ends",
    "fares",
    "invoices",
    "mediation",
    "zebra",
    "campaign ministers",
    "£320",
]


@pytest.mark.parametrize("query", QUERIES)
def test_scores_are_between_nought_and_one_and_fall(retriever: CompactRetriever, query: str) -> None:
    scores = [found.score for found in retriever.search(query, limit=100)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_passage_that_answers_comes_first(retriever: CompactRetriever) -> None:
    best = {
        "how much notice before a grant ends": "accord-2009#ending-money/1.1",
        "owning up to an underspend": "accord-2009#ending-money/1.2",
        "written consultation": "accord-2009#asking-people/2.1",
        "protest against ministers": "accord-2024#being-independent/3.1",
        "mediator": "merton-story#the-quarrel/1",
        "bus fares": "derby-accord#volunteers/1",
        "Northfield": "pay-table#payments/1",
    }
    assert {query: retriever.search(query, limit=1)[0].passage.id for query in best} == best


def test_at_most_so_many_are_found_and_each_once(retriever: CompactRetriever) -> None:
    assert len(retriever.search("grant", limit=2)) == 2
    everything = [found.passage.id for found in retriever.search("grant", limit=100)]
    assert len(everything) == len(set(everything)) <= len(retriever.index.passages)


def test_shorter_search_is_the_head_of_a_longer_one(retriever: CompactRetriever) -> None:
    assert retriever.search("grant", limit=3) == retriever.search("grant", limit=100)[:3]


def test_same_query_finds_the_same(retriever: CompactRetriever) -> None:
    assert retriever.search("late invoices", limit=9) == retriever.search("late invoices", limit=9)


@pytest.mark.parametrize(
    ("narrow", "kept"),
    [
        (Filter(), {"accord-2009", "accord-2024", "merton-story", "derby-accord", "pay-table"}),
        (Filter(area="Merton"), {"merton-story"}),
        (Filter(area="merton"), {"merton-story"}),
        (Filter(kind=Kind.INSTRUMENT), {"accord-2009", "accord-2024"}),
        (Filter(kind=Kind.CODE), {"derby-accord"}),
        (Filter(kind=Kind.LOCAL_COMPACT), set()),
        (Filter(status=DocumentStatus.SUPERSEDED), {"accord-2009"}),
        (Filter(status=DocumentStatus.IN_FORCE), {"accord-2024", "derby-accord"}),
        (Filter(published_by="2009-12-31"), {"accord-2009", "merton-story"}),
        (Filter(published_by="2009-04-30"), {"merton-story"}),
        (Filter(published_by="2024-02-29"), {"accord-2009", "merton-story", "derby-accord", "pay-table"}),
        (
            Filter(published_by="2024-03-01"),
            {"accord-2009", "accord-2024", "merton-story", "derby-accord", "pay-table"},
        ),
        (Filter(kind=Kind.INSTRUMENT, status=DocumentStatus.IN_FORCE), {"accord-2024"}),
        (Filter(kind=Kind.CASE_STUDY, area="Derby"), set()),
    ],
)
def test_filter_keeps_just_the_documents_it_says(retriever: CompactRetriever, narrow: Filter, kept: set[str]) -> None:
    assert documents(retriever.search("what happened to the money", limit=100, narrow=narrow)) == kept


def test_filter_does_not_change_a_passages_score(retriever: CompactRetriever) -> None:
    [alone] = retriever.search("bus fares", limit=1, narrow=Filter(area="Derby"))
    assert alone == retriever.search("bus fares", limit=1)[0]


def test_superseded_passages_are_found_with_their_status(retriever: CompactRetriever) -> None:
    [found] = retriever.search("how much notice before a grant ends", limit=1)
    assert found.passage.document.status is DocumentStatus.SUPERSEDED
    assert found.passage.document.superseded_by == "accord-2024"


def test_misspelt_words_find_the_same_passage(retriever: CompactRetriever) -> None:
    assert retriever.search("volnteers expnses", limit=1)[0].passage.id == "derby-accord#volunteers/1"


def test_words_of_the_vocabulary_reach_text_without_them(retriever: CompactRetriever) -> None:
    query = "go-between"
    row = Term(term="mediator", also=("go-between",), source="ours")
    plainly = retriever.model_copy(update={"vocabulary": Vocabulary([])})
    helped = retriever.model_copy(update={"vocabulary": Vocabulary([row])})

    def score(searched: CompactRetriever) -> float:
        return {f.passage.id: f.score for f in searched.search(query, limit=100)}["merton-story#the-quarrel/1"]

    assert score(helped) > score(plainly)


def test_evidence_is_complete_for_every_candidate(retriever: CompactRetriever) -> None:
    found = retriever.candidates("how much notice before a grant ends")
    assert found.evidence.shape == (len(found.numbers), len(EVIDENCE))
    assert np.isfinite(found.evidence).all()
    assert found.evidence.max() <= 1.0001


def test_each_sentence_has_its_nearness_in_text_order(retriever: CompactRetriever) -> None:
    passages = [found.passage for found in retriever.search("reasons in writing", limit=100)]
    nearness = retriever.nearness("reasons in writing", passages)
    assert [len(each) for each in nearness] == [len(sentence_spans(p.text)) for p in passages]
    [notice] = [mine for p, mine in zip(passages, nearness, strict=True) if p.id == "accord-2009#ending-money/1.1"]
    assert notice[1] > notice[0]


def test_langchain_sees_the_same_passages(retriever: CompactRetriever) -> None:
    found = retriever.search("bus fares", limit=retriever.limit)
    assert [
        (d.id, d.page_content, d.metadata["locator"], d.metadata["score"]) for d in retriever.invoke("bus fares")
    ] == [(f.passage.id, f.passage.text, f.passage.locator, f.score) for f in found]


@pytest.mark.parametrize(
    "query", ["?!", "the of and", "東京", "a" * 4000, "grant " * 600, "'\";--", "\ud83d"[:0] + "👍"]
)
def test_odd_queries_are_answered_without_trouble(retriever: CompactRetriever, query: str) -> None:
    assert all(0 <= found.score <= 1 for found in retriever.search(query))
