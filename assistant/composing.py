"""Answer from the passages found, in their own words.

In:   the passages found for a question, best first, and how near each of their sentences comes to the question.
Out:  a Draft: statements that are each one exact quote, the citations they rest on, numbered from 1 in the order
      they are used. Best passage first; within a passage the order of its text. Nothing is said twice, and
      nothing that is far from the question.
Pure: no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.sentences import sentence_spans
from assistant.text import comparable, fold, plain
from assistant.values import Citation, CitedDocument, Passage, ScoredPassage, Statement

MAX_STATEMENTS = 5
MAX_FROM_BEST = 3
MAX_FROM_OTHERS = 2
MAX_QUOTE_CHARS = 600
NEAR_THE_BEST = 0.72
"""A passage or sentence is left out when it scores below this share of the best."""
SAME_WORDS = 0.7
"""Two sentences that share so much of their words say the same."""

_LEANS_BACK = re.compile(
    r"^(?:this|these|those|it|its|they|their|he|she|such|both|in turn|as a result|however|also|but|and|or|so)\b",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*\n\s*(?:[-–—•▪◦»*]\s+)*|\s+(?:[-–•▪◦»*]\s+)+")


@dataclass(frozen=True, slots=True)
class Extract:
    """A stretch of a passage: offsets into its text, and how near it comes to the question (higher is nearer)."""

    start: int
    end: int
    nearness: float


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is checked."""

    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]


def compose_extracts(found: Sequence[ScoredPassage], extracts: Sequence[Sequence[Extract]]) -> Draft:
    """The few sentences that answer. `extracts` has a list for each passage, its sentences in text order."""
    if not found:
        return Draft((), ())
    chosen: list[tuple[int, Extract]] = []
    said: list[set[str]] = []
    best = max((e.nearness for each in extracts for e in each), default=0.0)
    for number, (scored, mine) in enumerate(zip(found, extracts, strict=True)):
        if scored.score < NEAR_THE_BEST * found[0].score and number:
            break
        room = min(MAX_FROM_OTHERS if number else MAX_FROM_BEST, MAX_STATEMENTS - len(chosen))
        picked = []
        for extract in sorted(_whole_thoughts(scored.passage, mine), key=lambda e: -e.nearness):
            if len(picked) == room or (extract.nearness < NEAR_THE_BEST * best and (picked or number)):
                break
            content = _content(scored.passage.text[extract.start : extract.end])
            if any(_overlap(content, other) > SAME_WORDS for other in said):
                continue
            said.append(content)
            picked.append(extract)
        chosen.extend((number, extract) for extract in sorted(picked, key=lambda e: e.start))
    citations = []
    statements = []
    for number, extract in chosen:
        passage = found[number].passage
        quote = passage.text[extract.start : extract.end]
        citation = len(citations) + 1
        citations.append(
            Citation(
                number=citation,
                passage_id=passage.id,
                quote=quote,
                document=CitedDocument.of(passage.document),
                locator=passage.locator,
            )
        )
        statements.append(Statement(text=as_sentence(quote), citations=(citation,)))
    return Draft(tuple(statements), tuple(citations))


def passage_extracts(passage: Passage) -> list[tuple[int, int]]:
    """Offsets of what may be quoted by itself, in text order."""
    return sentence_spans(passage.text)


def as_sentence(quote: str) -> str:
    """A quote on one line: the items of a list after one another, table cells apart."""
    cells = re.sub(r"\s*\t\s*", " | ", quote.strip())
    joined = _BULLET.sub(lambda m: " " if m.start() == 0 or cells[m.start() - 1] in ":;" else "; ", cells)
    return plain(re.sub(r"\.; ", ". ", joined))


def _whole_thoughts(passage: Passage, extracts: Sequence[Extract]) -> list[Extract]:
    """Extracts that can stand by themselves: a lead-in has its list, an item its lead-in, `This…` what it refers to."""
    text = passage.text
    out: list[Extract] = []
    at = 0
    while at < len(extracts):
        extract = extracts[at]
        words = text[extract.start : extract.end]
        if plain(words).endswith(":") and at + 1 < len(extracts):
            last = at + 1
            while last + 1 < len(extracts) and extracts[last + 1].end - extract.start <= MAX_QUOTE_CHARS:
                if not _is_item(text, extracts[last + 1]):
                    break
                last += 1
            nearness = max(e.nearness for e in extracts[at : last + 1])
            out.append(Extract(extract.start, extracts[last].end, nearness))
            at = last + 1
            continue
        if out and _LEANS_BACK.match(plain(words)) and extract.end - out[-1].start <= MAX_QUOTE_CHARS:
            before = out.pop()
            out.append(Extract(before.start, extract.end, max(before.nearness, extract.nearness)))
        else:
            out.append(extract)
        at += 1
    return out


def _is_item(text: str, extract: Extract) -> bool:
    line_start = text.rfind("\n", 0, extract.start) + 1
    return bool(re.fullmatch(r"\s*(?:[-–—•▪◦»*]\s+)+", text[line_start : extract.start])) or bool(
        re.match(r"\(?\w{1,3}[.)]\s", text[extract.start : extract.end])
    )


def _content(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W_]+", comparable(fold(text))) if len(word) > 3 or word.isdigit()}


def _overlap(a: set[str], b: set[str]) -> float:
    smaller = min(len(a), len(b))
    return len(a & b) / smaller if smaller else 0.0
