"""Misspelt words, mended against the corpus's own."""

from __future__ import annotations

import pytest

from assistant.retrieval.spelling import Speller

CORPUS = {"compliance": 9, "volunteers": 5, "grant": 20, "grand": 2, "council": 8, "counsel": 1, "fund": 3}
KNOWN = frozenset({"cash", "plant", "found"})


@pytest.fixture
def speller() -> Speller:
    return Speller(CORPUS, KNOWN)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("complience", "compliance"),
        ("complianec", "compliance"),
        ("volunters", "volunteers"),
        ("volnuters", "volunteers"),
        ("coucnil", "council"),
    ],
)
def test_slip_of_the_keyboard_is_mended(speller: Speller, typed: str, meant: str) -> None:
    assert speller.mend(typed) == meant


@pytest.mark.parametrize("word", ["grant", "cash", "plant", "found", "zebra", "xyzzyxyzzy"])
def test_right_words_and_words_like_no_other_stay(speller: Speller, word: str) -> None:
    assert speller.mend(word) == word


@pytest.mark.parametrize("word", ["grt", "£320", "2010", "don't", "fun", ""])
def test_short_words_figures_and_marks_stay(speller: Speller, word: str) -> None:
    assert speller.mend(word) == word


def test_short_word_is_allowed_one_slip_only(speller: Speller) -> None:
    assert speller.mend("gront") == "grant"
    assert speller.mend("grmmt") == "grmmt"


def test_of_two_as_near_the_more_frequent_is_meant(speller: Speller) -> None:
    assert speller.mend("granx") == "grant"


def test_first_letter_is_taken_as_typed(speller: Speller) -> None:
    assert speller.mend("drant") == "drant"


def test_empty_corpus_mends_nothing() -> None:
    assert Speller({}, frozenset()).mend("complience") == "complience"
