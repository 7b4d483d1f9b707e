"""Words shared between a query and a passage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.retrieval.lexical import STOP_WORDS, LexicalField, stem, terms, words

TEXTS = ["grants end in June", "grants are paid", "volunteers get fares", ""]


def field(*texts: str) -> LexicalField:
    return LexicalField.build([terms(text) for text in texts])


def test_words_are_lower_case_and_in_order_with_apostrophes_and_signs() -> None:
    assert words("The council’s £320, 15%: DON'T") == ["the", "council's", "£320", "15%", "don't"]


def test_terms_are_stems_without_words_that_tell_nothing() -> None:
    assert terms("What are the grants being paid for?") == [stem("grants"), stem("being"), stem("paid")]
    assert stem("consultations") == stem("consulted") == stem("consulting")


def test_words_that_change_what_is_asked_are_not_left_out() -> None:
    assert not STOP_WORDS & {"not", "no", "must", "before", "after", "without", "against", "end"}


def test_passage_with_all_the_words_scores_highest_and_none_scores_nothing() -> None:
    scores = field(*TEXTS).score(terms("grants end"))
    assert scores.shape == (4,)
    assert scores.argmax() == 0
    assert scores[1] > scores[2] == scores[3] == 0


def test_scores_are_between_nought_and_one() -> None:
    lexical = field("grants " * 50, "grants grants end end", *TEXTS)
    for query in ("grants", "grants end", "volunteers fares zebra"):
        scores = lexical.score(terms(query))
        assert scores.min() >= 0
        assert scores.max() <= 1


def test_word_that_stands_nowhere_lowers_every_score() -> None:
    lexical = field(*TEXTS)
    assert lexical.score(terms("grants zebra"))[0] < lexical.score(terms("grants"))[0]
    assert not lexical.score(terms("zebra")).any()


def test_word_said_twice_in_a_query_counts_once() -> None:
    lexical = field(*TEXTS)
    np.testing.assert_array_equal(lexical.score(terms("grants grants end")), lexical.score(terms("grants end")))


def test_rare_words_tell_more_than_common_ones() -> None:
    lexical = field(*TEXTS)
    assert lexical.weight(stem("zebra")) > lexical.weight(stem("fares")) > lexical.weight(stem("grants")) > 0


def test_query_without_words_scores_nothing() -> None:
    assert not field(*TEXTS).score([]).any()


@pytest.mark.parametrize("texts", [TEXTS, ["", ""], []])
def test_field_read_back_scores_the_same(tmp_path: Path, texts: list[str]) -> None:
    before = field(*texts)
    before.save(tmp_path / "field")
    after = LexicalField.load(tmp_path / "field")
    np.testing.assert_array_equal(before.score(terms("grants end")), after.score(terms("grants end")))
    assert after.frequencies == before.frequencies
