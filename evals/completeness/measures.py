"""What is measured of one original beside its digests: facts, paragraphs, rows, and the digests' own statements.

Out:  `Found`s, each an item of the original or of a digest, and whether it stands on the other side.
Pure: no I/O.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby

from assistant.retrieval.lexical import STOP_WORDS, stem
from assistant.retrieval.lexical import words as words_of
from assistant.text import fold, plain
from assistant.values import Document
from evals.completeness.facts import Held, read_facts
from evals.completeness.kinds import Fact, FactKind
from evals.completeness.names import Lexicon
from evals.completeness.pairs import Nearness, Part
from ingest.blocks import BlockKind

CLOSE = 0.79
"""Likeness from which a passage says what a paragraph says. Of paragraphs that had a passage tied to them when this was
chosen, that passage was as like as this to 85%; of all, the nearest passage of *another* original's digests to 10%. No
other value separates the two better; the suite measures both again with every run. A paragraph that is less like needs
a tie, which somebody has to write."""
FAR = 0.60
"""Likeness below which a sentence is reported. Most are said all the same: short sentences are like nothing."""
FEWEST_WORDS = 8
LABEL_SHARE = 0.5
SHORT_CELL = 3
_PROSE = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.FOOTNOTE)
FORCE_PARTS = 2
_AROUND = 60
_ABOUT_PAGES = re.compile(r"\b(?:pages?|sections?|contents)\b|\bpp?\.", re.IGNORECASE)
_NOTE_MARK = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_NOTE = re.compile(r"(\d{1,3})\. ")
_NOTES_HEADING = re.compile(r"\b(?:refer\w*|notes|bibliography)\b", re.IGNORECASE)
_NO_NAMES = Lexicon.of(())
_NO = r"\b(?:not?|never|none|nor|neither|without|lack\w*|fail\w*|un\w+|in(?:adequ|suff|eff)\w+|cannot|little)\b|n't|n’t"
_FORCE = {
    "must": r"\b(?:must|ha(?:ve|s|d) to|need\w*|requir\w+|oblig\w+|shall|essential|vital|mandatory)\b",
    "should": r"\b(?:should|ought|need\w*|must|recommend\w*|important|expect\w*)\b",
    "may": r"\b(?:may|might|can|could|possib\w+|potential\w*|perhaps)\b",
    "not": _NO,
    "never": _NO,
    "no": _NO,
    "only": r"\b(?:only|solely|just|alone|exclusively|merely|simply|entirely)\b",
    "all": r"\b(?:all|every\w*|each|whole|entire\w*|any|both|full\w*)\b",
    "some": r"\b(?:some\w*|several|certain|a few|many|number of|various|other|others)\b",
    "most": r"\b(?:most\w*|majority|mainly|usually|almost|best|key)\b",
    "few": r"\b(?:few\w*|little|rare\w*|limited|seldom)\b",
}


class Where(StrEnum):
    """Where something stands on the other side."""

    NEAR = "near"
    ELSEWHERE = "only elsewhere"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing looked for. `line` is of the original's file; `document` is the digest whose statement it is of."""

    original: str
    kind: str
    words: str
    around: str
    where: Where
    line: int | None = None
    document: str | None = None


@lru_cache(maxsize=5_000)
def held(text: str) -> Held:
    """What a text holds; asked many times of the same passages."""
    return Held(text)


def find_facts(near: Nearness, lexicon: Lexicon) -> Iterator[Found]:
    """Each fact of each block: whether a passage near it holds it, or only one elsewhere, or none."""
    pair = near.pair
    shown = [held(piece.shown) for piece in pair.pieces]
    every_document = held(_front_matter([piece.document for piece in pair.pieces if piece.whole]))
    for n, part in enumerate(pair.parts):
        for fact in facts_of(part, lexicon):
            where = Where.NOWHERE
            if any(shown[p].holds(fact) for p in near.near[n]) or every_document.holds(fact):
                where = Where.NEAR
            elif any(text.holds(fact) for text in shown):
                where = Where.ELSEWHERE
            yield Found(pair.id, "fact", fact.words.strip(), _around(part.block.text, fact), where, part.block.line)


def facts_of(part: Part, lexicon: Lexicon) -> list[Fact]:
    """The facts of a block."""
    return read_facts(part.block.text, lexicon, heading=part.block.kind is BlockKind.HEADING or part.block.is_header)


def find_paragraphs(near: Nearness) -> Iterator[Found]:
    """Each paragraph and list item: whether a passage is tied to it, or close to it."""
    for n, part in enumerate(near.pair.parts):
        if part.block.kind in _PROSE and part.words >= FEWEST_WORDS:
            good = n in near.pair.ties or near.closest(n) >= CLOSE
            words = plain(part.block.text)
            where = Where.NEAR if good else Where.NOWHERE
            yield Found(near.pair.id, "paragraph", words, f"{near.closest(n):.2f}", where, part.block.line)


def find_sentences(near: Nearness) -> Iterator[Found]:
    """Each sentence of paragraphs and list items: whether a passage is close to it. Reported, not gated."""
    for n, part in enumerate(near.pair.parts):
        if part.block.kind not in _PROSE:
            continue
        for words, likeness in near.sentence_likeness(n):
            if len(words.split()) >= FEWEST_WORDS:
                where = Where.NEAR if likeness >= FAR else Where.NOWHERE
                yield Found(near.pair.id, "sentence", words, f"{likeness:.2f}", where, part.block.line)


def find_rows(near: Nearness) -> Iterator[Found]:
    """Each row of each table: whether one row or passage says its label, its figures and its short cells."""
    pair = near.pair
    for n, part in enumerate(pair.parts):
        if part.block.kind is not BlockKind.TABLE_ROW or part.block.is_header:
            continue
        cells = [fold(plain(cell)) for cell in part.block.text.split("\t")]
        cells = [c for c in cells if re.search(r"\w", c) and not re.fullmatch(r"\d{1,2}\.?", c)]
        if not cells:
            continue
        whole = any(_says_row(cells, *text) for p in near.near[n] for text in near.unit_likeness(n, p))
        where = Where.NEAR if whole else Where.NOWHERE
        yield Found(pair.id, "row", " | ".join(cells), "", where, part.block.line)


def _says_row(cells: Sequence[str], text: str, likeness: float) -> bool:
    there = held(text)
    if any(not there.holds(fact) for cell in cells for fact in read_facts(cell, _NO_NAMES)):
        return False
    short = [c for c in cells[1:] if len(c.split()) <= SHORT_CELL]
    if any(_stems(c) - _stems(text) for c in short):
        return False
    label = _stems(cells[0])
    return likeness >= CLOSE or len(label & _stems(text)) >= LABEL_SHARE * len(label)


def find_statements(near: Nearness, own: Lexicon) -> Iterator[Found]:
    """Each number, date and name of each statement: whether it stands near in the original.

    `own` tells the names of the digests. What is known of the whole document, such as its title, may stand anywhere.
    """
    pair = near.pair
    original = held("\n".join(part.block.text for part in pair.parts))
    vectors = near.statement_vectors()
    for statement, vector in zip(pair.statements, vectors, strict=True):
        piece = pair.pieces[statement.piece]
        about = _front_matter([piece.document, pair.document])
        if _ABOUT_PAGES.search(statement.words):
            about += f"\n{pair.contents}"
        parts = sorted(with_notes(with_whole_lists(near.parts_near(statement, vector), pair.parts), pair.parts))
        text = "\n".join([about, *(f"{' / '.join(pair.parts[n].headings)}\n{pair.parts[n].block.text}" for n in parts)])
        there = held(text)
        counted = counts(parts, pair.parts, piece.shown) | items_named(statement.words)
        for fact in read_facts(statement.words, own):
            where = Where.NOWHERE
            if there.holds(fact) or (fact.kind is FactKind.NUMBER and fact.key in counted):
                where = Where.NEAR
            elif original.holds(fact):
                where = Where.ELSEWHERE
            yield Found(pair.id, "statement", fact.words.strip(), statement.words, where, document=statement.document)
        tied = [n for n, pieces in pair.ties.items() if statement.piece in pieces]
        beside = "\n".join(pair.parts[n].block.text for n in {*tied, *near.likest_parts(vector, FORCE_PARTS)})
        for words in force_without_counterpart(statement.words, beside):
            yield Found(pair.id, "force", words, statement.words, Where.NOWHERE, document=statement.document)


def force_without_counterpart(statement: str, beside: str) -> Iterator[str]:
    """Words of negation and force in a statement that nothing like stands beside it in the original."""
    for word, like in _FORCE.items():
        if re.search(rf"\b{word}\b", statement, re.IGNORECASE) and not re.search(like, beside, re.IGNORECASE):
            yield word


def with_whole_lists(near: Iterable[int], parts: Sequence[Part]) -> set[int]:
    """These blocks, with the whole of every list and table that one of them is of."""
    wanted = set(near)
    return wanted.union(*(run for run in _lists(parts) if wanted.intersection(run)))


def with_notes(near: Iterable[int], parts: Sequence[Part]) -> set[int]:
    """These blocks, with the references that their small numbers lead to, and with the blocks that lead to them."""
    wanted = set(near)
    listed: dict[str, int] = {}
    for n, part in enumerate(parts):
        if part.headings and _NOTES_HEADING.search(part.headings[-1]) and (m := _NOTE.match(part.block.text)):
            listed.setdefault(m[1], n)
    out = set(wanted)
    for n, part in enumerate(parts):
        for mark in _NOTE_MARK.findall(part.block.text):
            note = listed.get(unicodedata.normalize("NFKC", mark))
            if note is not None and {n, note} & wanted:
                out |= {n, note}
    return out


def counts(near: Iterable[int], parts: Sequence[Part], statement_in: str) -> set[float]:
    """Numbers that may stand for a count: how long the lists and tables near are, in the original or in the passage."""
    wanted = set(near)
    own = len(re.findall(r"^\s*(?:[-•]|\d+[.)])\s", statement_in, re.MULTILINE))
    rows = len(re.findall(r"^.*\t.*$", statement_in, re.MULTILINE))
    return {float(len(run)) for run in _lists(parts) if wanted.intersection(run)} | {float(own), float(rows - 1)}


def items_named(statement: str) -> set[float]:
    """How many things a statement may be said to list after its colon: `three partners: A, B and C`."""
    _, colon, after = statement.partition(":")
    return {float(len(re.split(between, after))) for between in (r"[;,] ", r"[;,] (?:and )?| and ")} if colon else set()


def _lists(parts: Sequence[Part]) -> Iterator[list[int]]:
    """The blocks of each list and table."""
    for (kind, _), run in groupby(range(len(parts)), key=lambda n: (parts[n].block.kind, parts[n].block.level)):
        if kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
            yield list(run)


def _front_matter(documents: Iterable[Document]) -> str:
    """What is known of whole documents."""
    said = [
        (d.title, d.publisher, d.published, d.area, d.basis, d.year, d.jurisdiction, *d.sources)
        for d in dict.fromkeys(documents)
    ]
    return "\n".join(str(each) for row in said for each in row if each is not None)


def _around(text: str, fact: Fact) -> str:
    flat = text[max(0, fact.start - _AROUND) : fact.end + _AROUND]
    return fold(plain(flat))


@lru_cache(maxsize=50_000)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words_of(text) if word not in STOP_WORDS)
