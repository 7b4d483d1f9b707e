"""The questions that evaluations ask, and what is right for each."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from assistant.settings import SHIPPED_CORPUS
from evals.cases import SETS, Case, Gold, comparable_words, load_cases
from evals.indexes import originals_folder
from evals.retrieval import asked_in_both
from evals.systems import read_texts
from ingest.dividing import divide_document
from ingest.sources import read_sources

ASKED = re.compile(r"<!--\s*asked\b(.*?)-->", re.DOTALL)


@pytest.fixture(scope="module")
def originals() -> Path:
    folder = originals_folder()
    if folder is None:
        pytest.skip("the original documents are not here")
    return folder


def words_of_passages(folder: Path) -> dict[str, list[str]]:
    """The words of each document's passages."""
    sources = read_sources(folder, areas=None, require_front_matter=False).sources
    return {
        s.document.id: [comparable_words(d.passage.text) for d in divide_document(s.document, s.loaded)]
        for s in sources
    }


def golds(cases: list[Case], name: str) -> list[tuple[str, Gold]]:
    return [(case.id, gold) for case in cases for part in getattr(case, name) for gold in part]


@pytest.mark.parametrize("name", SETS)
def test_each_set_loads_with_ids_of_its_own_and_every_kind_has_questions(name: str) -> None:
    cases = load_cases(name)

    assert len({case.id for case in cases}) == len(cases)
    assert min(Counter(case.kind for case in cases).values()) >= 10
    assert sum(case.no_shared_word for case in cases) >= 30


@pytest.mark.parametrize("name", SETS)
def test_only_questions_without_an_answer_have_no_gold(name: str) -> None:
    unanswerable = {"out-of-scope", "not-in-guidance"}

    for case in load_cases(name):
        assert case.answerable == (case.kind not in unanswerable), case.id
        assert not case.corpus_goes_further or case.kind == "not-in-guidance", case.id
        assert len(case.digests) in (0, len(case.originals)), case.id


def test_development_and_test_share_no_question() -> None:
    assert asked_in_both() == []


def test_no_question_is_written_into_the_corpus() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SHIPPED_CORPUS.rglob("*.md")]
    written = {comparable_words(line) for text in texts for block in ASKED.findall(text) for line in block.splitlines()}

    for case in [case for name in SETS for case in load_cases(name)]:
        assert comparable_words(case.question) not in written, case.id


@pytest.mark.parametrize("name", SETS)
def test_every_gold_quote_occurs_once_in_its_original(name: str, originals: Path) -> None:
    words = {text.document: comparable_words(text.text) for text in read_texts(originals)}

    wrong = [
        (case, gold.quote)
        for case, gold in golds(load_cases(name), "originals")
        if words[gold.document].count(comparable_words(gold.quote)) != 1
    ]

    assert not wrong


@pytest.mark.parametrize("name", SETS)
def test_every_part_is_met_by_a_passage_of_an_original(name: str, originals: Path) -> None:
    passages = words_of_passages(originals)

    unmet = [
        (case.id, part)
        for case in load_cases(name)
        for part in case.originals
        if not any(comparable_words(gold.quote) in each for gold in part for each in passages[gold.document])
    ]

    assert not unmet


@pytest.mark.parametrize("name", SETS)
def test_every_digest_quote_stands_whole_in_a_passage_of_its_digest(name: str) -> None:
    passages = words_of_passages(SHIPPED_CORPUS)

    lost = [
        (case, gold)
        for case, gold in golds(load_cases(name), "digests")
        if not any(comparable_words(gold.quote) in each for each in passages.get(gold.document, ()))
    ]

    assert not lost


def test_gold_is_held_whatever_the_case_punctuation_and_line_breaks() -> None:
    gold = Gold("accord", "Twelve weeks’ notice, in writing")

    assert gold.held_in("accord", "Give twelve\nweeks' NOTICE in writing.")
    assert not gold.held_in("other", "Give twelve weeks' notice in writing.")
    assert not gold.held_in("accord", "Give twelve weeks' notice in writings.")
