"""The questions the evaluations ask, and what a right passage is.

A case is a question with one gold part for each thing it asks. A part is met by a passage of the named document that
holds the quoted words. Cases without gold have no answer in the guidance.

Two sets, by two authors who saw neither each other's questions nor the questions written into the corpus:
`development`, on which weights and thresholds are fitted, and `test`, which nothing is fitted on.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.text import comparable
from assistant.values import Passage

QUESTIONS = Path(__file__).parent / "questions"
SETS = ("development", "test")


@dataclass(frozen=True, slots=True)
class Gold:
    """Words that mark a right passage, and the id of the document they stand in."""

    document: str
    quote: str

    def met_by(self, passage: Passage) -> bool:
        """Whether this passage holds the words."""
        return self.held_in(passage.document.id, passage.text)

    def held_in(self, document: str, text: str) -> bool:
        """Whether this text, out of the document of this id, holds the words: punctuation, case and space aside."""
        return document == self.document and comparable_words(self.quote) in comparable_words(text)


@dataclass(frozen=True, slots=True)
class Case:
    """A question. `originals` and `digests` have one entry for each part, each a choice of gold.

    corpus_goes_further: the five original documents do not answer it, but other documents of the corpus do.
    """

    id: str
    kind: str
    question: str
    no_shared_word: bool
    corpus_goes_further: bool
    originals: tuple[tuple[Gold, ...], ...]
    digests: tuple[tuple[Gold, ...], ...]

    @property
    def answerable(self) -> bool:
        """Whether the guidance answers it."""
        return bool(self.originals)


def load_cases(name: str) -> list[Case]:
    """The cases of one set, in file order."""
    lines = (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines if line.strip()]


def _case(row: dict[str, object]) -> Case:
    gold = row["gold"]
    assert isinstance(gold, list)
    digest = row.get("digest") or []
    assert isinstance(digest, list)
    return Case(
        id=str(row["id"]),
        kind=str(row["kind"]),
        question=str(row["question"]),
        no_shared_word=bool(row.get("no_shared_word")),
        corpus_goes_further=bool(row.get("corpus_goes_further")),
        originals=tuple(tuple(_original(part)) for part in gold),
        digests=tuple(tuple(Gold(g["document"], g["quote"]) for g in part) for part in digest),
    )


def _original(part: dict[str, object]) -> list[Gold]:
    source = str(part["source"])
    out = [Gold(source, str(part["quote"]))]
    also = part.get("also", [])
    assert isinstance(also, list)
    out += [Gold(source, o) if isinstance(o, str) else Gold(o["source"], o["quote"]) for o in also]
    return out


@lru_cache(maxsize=20_000)
def comparable_words(text: str) -> str:
    """The words of a text as quotes are compared by: one string that begins and ends with a space."""
    words = re.findall(r"[^\W_]+", comparable(text))
    return f" {' '.join(words)} "
