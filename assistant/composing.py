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

from assistant.text import as_statement, comparable, fold, plain
from assistant.values import Citation, CitedDocument, Passage, ScoredPassage, Statement

MAX_STATEMENTS = 6
MAX_FROM_BEST = 4
MAX_FROM_OTHERS = 2
MAX_JOINED_CHARS = 600
"""A sentence that leans on the one before is quoted with it, up to this length together."""
MAX_LIST_CHARS = 1_300
"""A list is quoted whole with its lead-in, up to this length."""
ENOUGH_IN_BEST = 0.6
ENOUGH_ELSEWHERE = 0.8
"""A sentence is left out when it comes less near than this share of the nearest, in the best passage and in others."""
ENOUGH_PASSAGE = 0.72
"""A passage is left out when it scores below this share of the best."""
NEXT_TO_BEST = 0.25
"""What a sentence gains by standing next to the nearest one: it usually completes it."""
SAME_WORDS = 0.7
"""Two sentences that share so much of their words say the same."""

_LEANS_BACK = re.compile(
    r"^(?:this|these|those|it|its|they|their|he|she|such|both|in turn|as a result|however|also|but|and|or|so)\b",
    re.IGNORECASE,
)


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
    chosen: list[tuple[Passage, Extract]] = []
    said: list[set[str]] = []
    nearest = max((e.nearness for each in extracts for e in each), default=0.0)
    for rank, (scored, mine) in enumerate(zip(found, extracts, strict=True)):
        if rank and scored.score < ENOUGH_PASSAGE * found[0].score:
            break
        room = min(MAX_FROM_OTHERS if rank else MAX_FROM_BEST, MAX_STATEMENTS - len(chosen))
        least = ENOUGH_ELSEWHERE * nearest if rank else ENOUGH_IN_BEST * max((e.nearness for e in mine), default=0.0)
        picked = _pick(scored.passage, mine, room=room, least=least, said=said)
        chosen.extend((scored.passage, extract) for extract in picked)
    statements = []
    citations = []
    for number, (passage, extract) in enumerate(chosen, 1):
        quote = passage.text[extract.start : extract.end]
        citations.append(
            Citation(
                number=number,
                passage_id=passage.id,
                quote=quote,
                document=CitedDocument.of(passage.document),
                locator=passage.locator,
            )
        )
        statements.append(Statement(text=as_statement(quote, passage.columns), citations=(number,)))
    return Draft(tuple(statements), tuple(citations))


def _pick(
    passage: Passage, extracts: Sequence[Extract], *, room: int, least: float, said: list[set[str]]
) -> list[Extract]:
    """At most `room` extracts that come near enough and say something new, in text order. Adds them to `said`."""
    thoughts = _whole_thoughts(passage, extracts)
    if not thoughts:
        return []
    best = max(range(len(thoughts)), key=lambda i: thoughts[i].nearness)
    gained = [t.nearness + NEXT_TO_BEST * (abs(i - best) == 1) for i, t in enumerate(thoughts)]
    picked: list[int] = []
    for i in sorted(range(len(thoughts)), key=lambda i: -gained[i]):
        if len(picked) == room or gained[i] < least:
            break
        content = _content(passage.text[thoughts[i].start : thoughts[i].end])
        if any(_overlap(content, other) > SAME_WORDS for other in said):
            continue
        said.append(content)
        picked.append(i)
    return [thoughts[i] for i in sorted(picked)]


def _whole_thoughts(passage: Passage, extracts: Sequence[Extract]) -> list[Extract]:
    """Extracts that can stand by themselves: a lead-in has its whole list, and `This…` the sentence before it.

    A table's rows stand by themselves, read with their column names; its header and a lead-in to it do not.
    """
    text = passage.text
    out: list[Extract] = []
    at = 0
    while at < len(extracts):
        extract = extracts[at]
        last = at
        while last + 1 < len(extracts) and _is_item(text, extracts[last + 1]):
            last += 1
        leads_in = plain(text[extract.start : extract.end]).endswith(":")
        if leads_in and last > at and extracts[last].end - extract.start <= MAX_LIST_CHARS:
            out.append(_joined(extracts[at : last + 1]))
        elif leads_in and passage.columns:
            last = at
        elif _is_row(text, extract):
            last = at
            if "\t".join(passage.columns).strip() != text[extract.start : extract.end].strip():
                out.append(extract)
        else:
            last = at
            leans = _LEANS_BACK.match(plain(text[extract.start : extract.end]))
            if leans and out and extract.end - out[-1].start <= MAX_JOINED_CHARS:
                out.append(_joined([out.pop(), extract]))
            elif not leads_in:
                out.append(extract)
        at = last + 1
    return out


def _joined(extracts: Sequence[Extract]) -> Extract:
    return Extract(extracts[0].start, extracts[-1].end, max(e.nearness for e in extracts))


def _is_row(text: str, extract: Extract) -> bool:
    return "\t" in text[extract.start : extract.end]


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
