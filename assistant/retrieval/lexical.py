"""Words shared between a query and a passage, weighed by how rare they are (BM25, by bm25s).

Two fields are indexed: a passage's own words (text, headings, title, place), and those words together with the
questions written for it.

Scores: for each passage, in index order, the BM25 score divided by the most a passage could get for that query, so
        from 0 to 1 and comparable between queries. A query word that stands nowhere counts in the divisor: a query of
        unknown words scores low everywhere, as it should.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

Scores = NDArray[np.float32]

K1 = 1.2
B = 0.75

_WORD = re.compile(r"[a-z0-9£%]+(?:'[a-z]+)?")
_QUOTES = str.maketrans({"’": "'", "‘": "'"})
STOP_WORDS = frozenset(
    (  # noqa: SIM905 - one word a line reads worse
        "a an and any are as at be been but by can could did do does for from had has have he her his how i if in "
        "into is it its just me my of on or our she should so than that the their them then there these they this "
        "those to us was we were what when where which who whom whose why will with would you your"
    ).split()
)
_STEMMER = Stemmer.Stemmer("english")


def words(text: str) -> list[str]:
    """Lower-case words, in order, nothing left out."""
    return _WORD.findall(text.lower().translate(_QUOTES))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The word without its ending."""
    return str(_STEMMER.stemWord(word))


def terms(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


@lru_cache(maxsize=10_000)
def terms_of_form(form: str) -> tuple[str, ...]:
    """The terms of a form of the vocabulary, remembered: the same few are looked up again and again."""
    return tuple(terms(form))


class LexicalField:
    """One BM25 index over all passages."""

    def __init__(self, index: bm25s.BM25 | None, frequencies: Mapping[str, int], passages: int) -> None:
        self._index = index
        self._frequencies = frequencies
        self._passages = passages

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> LexicalField:
        """Index these passages, each given as its terms."""
        frequencies = Counter(term for text in texts for term in set(text))
        if not frequencies:
            return cls(None, frequencies, len(texts))
        index = bm25s.BM25(k1=K1, b=B, method="lucene")
        index.index([list(text) for text in texts], show_progress=False)
        return cls(index, frequencies, len(texts))

    def save(self, folder: Path) -> None:
        """Write the index; `load` reads it."""
        folder.mkdir(parents=True)
        if self._index is not None:
            self._index.save(folder / "bm25", show_progress=False)
        state = {"passages": self._passages, "frequencies": self._frequencies}
        (folder / "frequencies.json").write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalField:
        """Read what `save` wrote."""
        state = json.loads((folder / "frequencies.json").read_text(encoding="utf-8"))
        index = bm25s.BM25.load(folder / "bm25", mmap=False) if state["frequencies"] else None
        return cls(index, state["frequencies"], state["passages"])

    @property
    def frequencies(self) -> Mapping[str, int]:
        """In how many passages each term stands."""
        return self._frequencies

    def weight(self, term: str) -> float:
        """How much a term tells: higher when fewer passages have it."""
        seen = self._frequencies.get(term, 0)
        return math.log(1 + (self._passages - seen + 0.5) / (seen + 0.5))

    def score(self, query: Sequence[str]) -> Scores:
        """One score a passage, from 0 to 1."""
        wanted = list(dict.fromkeys(query))
        known = [term for term in wanted if term in self._frequencies]
        if self._index is None or not known:
            return np.zeros(self._passages, dtype=np.float32)
        most = sum(map(self.weight, wanted))
        scores: Scores = self._index.get_scores(known) / np.float32(most)
        return scores
