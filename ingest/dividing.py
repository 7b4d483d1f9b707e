"""Divide a document's blocks into passages.

In:   `Loaded`: blocks in reading order.
Out:  passages in reading order, each verbatim, under one heading path, at most `max_passage_chars` long unless one
      table row or one sentence is longer; with the questions written for them.
How:  a section is divided where it hurts least: never inside a sentence, not between a lead-in and its list if that
      can be helped, into parts of much the same length. A block that carries its own locator ends its passage there.
      Very short neighbouring sections share a passage, their headings in its text.
Pure: no I/O. Every word of every block is in a passage's text, heading path or columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from assistant.sentences import sentence_spans
from assistant.text import as_statement, comparable, plain
from assistant.values import Document, Passage
from ingest.blocks import Anchored, Block, BlockKind, Loaded

MAX_PASSAGE_CHARS = 1100
SHORT_SECTION_CHARS = 250


@dataclass(frozen=True, slots=True)
class Divided:
    """A passage with what is indexed beside its text.

    questions: what it answers.
    rows:      each row of its table as a sentence, to be found by itself.
    anchored:  for a passage of a digest: its questions with the words of the original it restates.
    covered:   it restates an original that is indexed too, and gives way to it.
    line:      the line of the file on which its text begins, where the format has lines.
    """

    passage: Passage
    questions: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    anchored: tuple[Anchored, ...] = ()
    covered: bool = False
    line: int | None = None


@dataclass(slots=True)
class _Section:
    """Blocks under one heading. `path` is for people; `headings` are the same headings verbatim."""

    path: tuple[str, ...]
    page: int | None
    headings: tuple[str, ...] = ()
    blocks: list[Block] = field(default_factory=list)

    @property
    def chars(self) -> int:
        return sum(len(b.text) + 1 for b in self.blocks)


def divide_document(document: Document, loaded: Loaded, *, max_passage_chars: int = MAX_PASSAGE_CHARS) -> list[Divided]:
    """Divide one document."""
    made: list[Divided] = []
    used: dict[str, int] = {}
    for section in _joined(_sections(loaded.blocks), max_passage_chars):
        for part in _parts(section.blocks, max_passage_chars):
            made.append(_passage(document, section, part, used))  # noqa: PERF401 - `used` fills as it goes
    return made


def _sections(blocks: Iterable[Block]) -> Iterator[_Section]:
    open_headings: list[Block] = []
    current = _Section((), None)
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            current.blocks.append(block)
            continue
        if current.blocks:
            yield current
        elif open_headings and block.level <= open_headings[-1].level and current.path:
            yield current  # a heading with nothing under it is still said
        open_headings = [h for h in open_headings if h.level < block.level] + [block]
        headings = tuple(h.text for h in open_headings)
        page = next((h.page for h in reversed(open_headings) if h.page), None)
        current = _Section(tuple(map(plain, headings)), page, headings)
    if current.blocks or current.path:
        yield current


def _joined(sections: Iterable[_Section], limit: int) -> Iterator[_Section]:
    """Join short neighbouring sections; a heading that is not in the joint path goes into the text."""
    held: _Section | None = None
    for section in sections:
        if held is not None and not section.blocks:
            # A heading with nothing under it, such as a caption below its table, ends the section before.
            held.blocks.extend(_said(section, section.path[:-1]))
            continue
        if held is not None and _may_join(held, section, limit):
            common = _common(held.path, section.path)
            blocks = _said(held, common) + _said(section, common)
            held = _Section(common, held.page, held.headings[: len(common)], blocks)
            continue
        if held is not None:
            yield held
        held = section
    if held is not None:
        yield held


def _may_join(first: _Section, second: _Section, limit: int) -> bool:
    if any(b.locator for b in first.blocks + second.blocks):
        return False
    if first.chars + second.chars + sum(map(len, second.path)) > limit:
        return False
    same_parent = first.path[:-1] == second.path[:-1] or second.path[:-1] == first.path
    empty = not first.blocks
    return same_parent and (empty or min(first.chars, second.chars) < SHORT_SECTION_CHARS)


def _common(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    return a[:n]


def _said(section: _Section, common: tuple[str, ...]) -> list[Block]:
    heads = [Block(kind=BlockKind.HEADING, text=h, page=section.page) for h in section.headings[len(common) :]]
    return heads + section.blocks


def _parts(blocks: list[Block], limit: int) -> Iterator[list[Block]]:
    """Parts of one section: at each locator, then evenly by length."""
    run: list[Block] = []
    for block in blocks:
        run.append(block)
        if block.locator is not None:
            *before, last = _even(run, limit)
            for part in before:  # a table too long for one passage: what is said of the whole holds for each part
                ending = replace(
                    part[-1], locator=block.locator, questions=block.questions, anchored=block.anchored, key=None
                )
                yield [*part[:-1], ending]
            yield last
            run = []
    if run or not blocks:
        yield from _even(run, limit)


def _even(blocks: list[Block], limit: int) -> Iterator[list[Block]]:
    if any(b.locator for b in blocks) and not any(len(b.text) > limit for b in blocks):
        total = sum(len(b.text) + 1 for b in blocks)
        if total <= limit * 3 // 2:
            yield blocks
            return
    pieces = [piece for block in blocks for piece in _pieces(block, limit)]
    if not pieces:
        yield []
        return
    total = sum(len(p.text) + 1 for p in pieces)
    goal = total / max(1, -(-total // limit))
    # cost[i]: the least cost of dividing the first i pieces
    cost = [0.0] + [float("inf")] * len(pieces)
    back = [0] * (len(pieces) + 1)
    for end in range(1, len(pieces) + 1):
        chars = 0
        for start in range(end - 1, -1, -1):
            chars += len(pieces[start].text) + 1
            if chars > limit and start < end - 1:
                break
            here = cost[start] + ((chars - goal) / goal) ** 2 + 0.15 + _hurt(pieces, start)
            if here < cost[end]:
                cost[end], back[end] = here, start
    cuts = [len(pieces)]
    while cuts[-1]:
        cuts.append(back[cuts[-1]])
    cuts.reverse()
    for start, end in pairwise(cuts):
        yield pieces[start:end]


def _hurt(pieces: list[Block], cut: int) -> float:
    """What it costs the reader to divide before this piece."""
    if cut == 0:
        return 0.0
    before, after = pieces[cut - 1], pieces[cut]
    if before.is_header or before.kind is BlockKind.HEADING:
        return 3.0
    if plain(before.text).endswith(":") or (after.kind is BlockKind.LIST_ITEM and after.level > before.level):
        return 1.0
    if after.kind is BlockKind.FOOTNOTE or plain(after.text)[:1] in "'‘“":
        return 0.5
    if before.line is not None and before.line == after.line:
        return 0.6  # inside one paragraph
    if after.kind is BlockKind.LIST_ITEM or after.kind is BlockKind.TABLE_ROW:
        return 0.2
    return 0.0


def _pieces(block: Block, limit: int) -> Iterator[Block]:
    """The block, or its sentences in runs when it is longer than a passage may be."""
    if len(block.text) <= limit or block.kind is BlockKind.TABLE_ROW:
        yield block
        return
    starts = [start for start, _ in sentence_spans(block.text)]
    bounds = [0, *starts[1:], len(block.text)]
    run = bounds[0]
    for here, nxt in zip(bounds[1:], [*bounds[2:], None], strict=True):
        if nxt is None or nxt - run > limit * 2 // 3:
            for at in range(run, here, limit * 4):
                text = block.text[at : min(at + limit * 4, here)].strip()
                yield replace(block, text=text, locator=None if nxt is not None else block.locator)
            run = here


def _passage(document: Document, section: _Section, part: list[Block], used: dict[str, int]) -> Divided:
    key = next((b.key for b in reversed(part) if b.key), None)
    slug = "/".join(slugify(h) for h in section.path[-2:]) or "text"
    if key is None:
        used[slug] = used.get(slug, 0) + 1
        key = str(used[slug])
    columns = next((b.columns for b in part if b.kind is BlockKind.TABLE_ROW), ())
    texts = [b.text for b in part] or [section.path[-1] if section.path else document.title]
    locator = next((b.locator for b in reversed(part) if b.locator), None) or _locator(section, part)
    passage = Passage(
        id=f"{document.id}#{slug}/{key}",
        document=document,
        heading_path=section.path,
        locator=locator,
        text="\n".join(texts),
        columns=columns,
    )
    return Divided(
        passage,
        questions=tuple(q for b in part for q in b.questions),
        rows=tuple(as_statement(b.text, b.columns) for b in part if b.kind is BlockKind.TABLE_ROW and not b.is_header),
        anchored=tuple(a for b in part for a in b.anchored),
        line=next((b.line for b in part if b.line is not None), None),
    )


def _locator(section: _Section, part: list[Block]) -> str:
    where = section.path[-1] if section.path else "opening"
    pages = sorted({b.page for b in part if b.page} or ({section.page} if section.page else set()))
    if not pages:
        return where
    return f"{where}, p. {pages[0]}" if len(pages) == 1 else f"{where}, pp. {pages[0]}–{pages[-1]}"


def tie_to_originals(divided: Sequence[Divided], others: Sequence[Anchored] = ()) -> list[Divided]:
    """Give the passages of originals the questions written for them, and mark the digests' passages they cover.

    `others` are questions tied to originals by digests that are not indexed. A digest's passage is covered when the
    words of every one of its ties stand in an original that is.
    """
    tied = [*others, *(a for each in divided for a in each.anchored)]
    words = {phrase: comparable(phrase) for a in tied for phrase in a.anchors}
    digests = {each.passage.document.id for each in divided if each.anchored}
    originals = [
        (i, comparable(each.passage.text)) for i, each in enumerate(divided) if each.passage.document.id not in digests
    ]
    stands_in = {phrase: {i for i, text in originals if key in text} for phrase, key in words.items()}
    extra: dict[int, dict[str, None]] = {}
    for a in tied:
        for i in set().union(*(stands_in[phrase] for phrase in a.anchors)):
            extra.setdefault(i, {}).update(dict.fromkeys(a.questions))
    return [
        replace(
            each,
            questions=tuple(dict.fromkeys([*each.questions, *extra.get(i, ())])),
            covered=bool(each.anchored) and all(any(stands_in[p] for p in a.anchors) for a in each.anchored),
        )
        for i, each in enumerate(divided)
    ]


def slugify(heading: str) -> str:
    """A heading as it stands in a passage id: ASCII letters, digits and hyphens, at most 60 characters."""
    ascii_text = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:60].strip("-") or "section"
