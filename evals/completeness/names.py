"""Names in a text: people, places, bodies, titles and abbreviations, known by their capitals.

Pure: no I/O.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evals.completeness.figures import read_figures
from evals.completeness.kinds import Fact, FactKind, folded

_WORD = re.compile(r"[A-Za-zÀ-ÿ](?:[\w]|['&.-](?=\w))*")
JOINS = frozenset({"of", "for", "the", "and", "&", "upon"})
_NEVER = frozenset(
    [
        "i",
        "i'm",
        "i'd",
        "i've",
        "i'll",
        "it",
        "we",
        "you",
        "he",
        "she",
        "they",
        "this",
        "that",
        "these",
        "those",
        "there",
        "a",
        "an",
        "the",
        "in",
        "on",
        "at",
        "to",
        "of",
        "for",
        "by",
        "as",
        "if",
        "so",
        "no",
        "not",
        "and",
        "or",
        "but",
        "with",
        "from",
        "how",
        "what",
        "why",
        "who",
        "when",
        "where",
        "which",
        "all",
        "any",
        "some",
        "most",
        "one",
        "two",
        "yes",
        "do",
        "does",
        "is",
        "are",
        "was",
        "were",
        "can",
        "may",
        "be",
        "also",
        "both",
        "each",
        "every",
        "our",
        "your",
        "their",
        "its",
        "his",
        "her",
        "after",
        "before",
        "while",
        "since",
        "although",
        "e.g",
        "i.e",
        "etc",
        "mr",
        "mrs",
        "ms",
        "dr",
    ]
)
_SENTENCE_START = re.compile(
    r"(?:^\s*|[.!?:;|]['\")\]]*\s+|[-▪•»]\s+|[\n\t]\s*|^\s*['\"(]+|[\s(]['\"]|\s[-/]\s|\x00[.:]?\s+)$"
)
_MARK_OF_A_PART = re.compile(r"[A-Z](?:\.\d+)?$")
ABBREVIATION = re.compile(r"[A-Z][A-Z&0-9]+s?$|[A-Z][a-z]?[A-Z]+[a-z]?s?$")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Which words of some texts are names: those with a capital in the middle of a sentence.

    capital, small: how often a word stands with and without a capital where no sentence begins.
    chains:         runs of such words, comparable, which are names wherever they stand.
    """

    capital: Counter[str]
    small: Counter[str]
    chains: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Lexicon:
        """The lexicon of running text (headings, which may have capitals throughout, left out by the caller)."""
        capital: Counter[str] = Counter()
        small: Counter[str] = Counter()
        chains: set[str] = set()
        for text in texts:
            _, left = read_figures(text)
            for word in _WORD.finditer(left):
                if word[0][0].islower():
                    small[_bare(word[0])] += 1
                elif not _begins(left, word.start()):
                    capital[_bare(word[0])] += 1
            chains.update(
                comparable_name(left[a:b]) for a, b in _chains(left) if not _begins(left, a) and " " in left[a:b]
            )
        return cls(capital, small, frozenset(chains))

    def joined(self, other: Lexicon) -> Lexicon:
        """What both know."""
        capital, small = self.capital + other.capital, self.small + other.small
        return Lexicon(capital, small, self.chains | other.chains)

    def is_name(self, word: str) -> bool:
        """Whether a word with a capital is a name even where a sentence begins."""
        bare = _bare(word)
        if ABBREVIATION.match(word):
            return True
        return self.capital[bare] > 0 and not self.small[bare]


def _bare(word: str) -> str:
    return re.sub(r"'s$", "", word.lower())


def _begins(text: str, at: int) -> bool:
    return bool(_SENTENCE_START.search(text[max(0, at - 12) : at] if at else ""))


def _chains(text: str) -> Iterator[tuple[int, int]]:
    """Runs of words with a capital, joined by nothing but a space or a word such as `of`."""
    words = list(_WORD.finditer(text))
    n = 0
    while n < len(words):
        if not words[n][0][0].isupper():
            n += 1
            continue
        start = end = n
        while True:
            k, joins = end + 1, 0
            while k < len(words) and joins < 3 and words[k][0] in JOINS and _adjacent(text, words, k):
                if words[k][0] == "the" and not joins:
                    break  # `in Congleton the Fire Service`
                k, joins = k + 1, joins + 1
            if k < len(words) and words[k][0][0].isupper() and _adjacent(text, words, k):
                end = k
            else:
                break
        yield words[start].start(), words[end].end()
        n = end + 1


def _adjacent(text: str, words: Sequence[re.Match[str]], k: int) -> bool:
    return bool(re.fullmatch(r" +(?:& )?", text[words[k - 1].end() : words[k].start()]))


def read_names(text: str, lexicon: Lexicon, *, heading: bool = False) -> Iterator[Fact]:
    """The names in a text. In a heading, and where a sentence begins, a capital alone makes no name."""
    _, left = read_figures(text)
    shouted = not re.search(r"[a-z]{3}", left)
    for start, end in _chains(left):
        kept = _trimmed(left, start, end, lexicon, doubtful=heading or shouted)
        if kept is not None:
            a, b = kept
            yield Fact(FactKind.NAME, re.sub(r"\s+", " ", text[a:b]), comparable_name(left[a:b]), a, b)


def _trimmed(text: str, start: int, end: int, lexicon: Lexicon, *, doubtful: bool) -> tuple[int, int] | None:
    words = [(start + m.start(), start + m.end(), m[0]) for m in _WORD.finditer(text[start:end])]
    begins = _begins(text, start)
    while words:
        known = comparable_name(text[words[0][0] : words[-1][1]]) in lexicon.chains
        first = words[0][2]
        dull = first.lower() in _NEVER or first in JOINS or bool(_MARK_OF_A_PART.match(first))
        if known and not dull:
            return words[0][0], words[-1][1]
        if doubtful:
            sure = all(lexicon.is_name(w) or w in JOINS for _, _, w in words) and not _shouted(words)
            if sure and not dull:
                return words[0][0], words[-1][1]
        elif not dull and (not begins or lexicon.is_name(first)):
            return words[0][0], words[-1][1]
        words = words[1:]
        begins = begins and bool(words) and words[0][2] in JOINS
        if doubtful:
            continue
    return None


def _shouted(words: Sequence[tuple[int, int, str]]) -> bool:
    """Whether every word is in capitals, so that capitals tell no abbreviation from a word."""
    return len(words) > 1 and all(w.isupper() for _, _, w in words)


def comparable_name(name: str) -> str:
    """A name's words in small letters, singular, without `the`, joined by spaces."""
    plain = unicodedata.normalize("NFKD", folded(name)).encode("ascii", "ignore").decode().lower().replace("&", " and ")
    words = [singular(re.sub(r"'s?$", "", w).strip("'").replace(".", "")) for w in re.findall(r"[a-z0-9'.]+", plain)]
    return " ".join(w for w in words if w and w != "the")


def singular(word: str) -> str:
    """A word without the ending of the plural, roughly: enough to compare."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
