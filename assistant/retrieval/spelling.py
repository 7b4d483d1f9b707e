"""Mend misspelt words against the corpus's own.

A word is mended only when no dictionary would hold it and a word of the corpus is a slip of the keyboard away: so
`complience` becomes `compliance`, while `cash`, which the corpus may lack, stays.
Pure: no I/O.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from rapidfuzz.distance import OSA

MIN_LETTERS = 4
LETTERS_FOR_TWO_SLIPS = 8


class Speller:
    """Mends words. `known` are words that are right as they stand; `corpus` words with how often they occur."""

    def __init__(self, corpus: Mapping[str, int], known: Collection[str]) -> None:
        self._corpus = corpus
        self._known = known
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for word in corpus:
            if len(word) >= MIN_LETTERS and word.isalpha():
                self._by_letter[word[0]].append(word)
        self._seen: dict[str, str] = {}

    def mend(self, word: str) -> str:
        """The word as the corpus spells it, or unchanged."""
        if len(word) < MIN_LETTERS or not word.isalpha() or word in self._corpus or word in self._known:
            return word
        if word not in self._seen:
            if len(self._seen) > 10_000:
                self._seen.clear()
            self._seen[word] = self._nearest(word)
        return self._seen[word]

    def _nearest(self, word: str) -> str:
        allowed = 2 if len(word) >= LETTERS_FOR_TWO_SLIPS else 1
        best = (allowed + 1, 0, word)
        for candidate in self._by_letter[word[0]]:
            if abs(len(candidate) - len(word)) > allowed:
                continue
            slips = OSA.distance(word, candidate, score_cutoff=allowed)
            if slips <= allowed:
                best = min(best, (slips, -self._corpus[candidate], candidate))
        return best[2]
