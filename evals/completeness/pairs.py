"""Originals, the passages of the digests made from them, and which stand near which.

A passage is of an original when its document rests on that original alone, or when its locator names it. Documents of
the first kind are `whole`: everything they say must stand in the original. The others lend passages only.
Near a block: the passages whose anchors stand in it or in the nearest block before and after it that has any, and the
`NEAREST` by embedding. Near a statement: the blocks that its passage is tied to, with one before and after each, and
the `NEAREST` to the statement by embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Vectors
from assistant.sentences import sentence_spans
from assistant.text import as_statement, comparable, plain
from assistant.values import Document
from ingest.blocks import Block, BlockKind, DropReason
from ingest.dividing import divide_document
from ingest.sources import Source

NEAREST = 8
REACH = 4
"""How many blocks away a neighbour's anchors count."""

Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Part:
    """A block of an original. `headings` are those above it; `sentences` those of a block that is prose."""

    block: Block
    headings: tuple[str, ...]
    sentences: tuple[str, ...]

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(plain(self.block.text).split())


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage of a digest. `shown` is all that a reader sees of it but the locator; `said` its sentences and rows."""

    id: str
    document: Document
    shown: str
    said: tuple[str, ...]
    anchors: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, or a row of a table, of a digest."""

    piece: int
    document: str
    words: str


def parts_of(source: Source) -> tuple[Part, ...]:
    """The blocks of an original, less headings that only return to one said before."""
    out = []
    open_headings: list[Block] = []
    for block in source.loaded.blocks:
        if block.kind is BlockKind.HEADING:
            open_headings = [h for h in open_headings if h.level < block.level] + [block]
            if block.line is None:
                continue
        above = tuple(h.text for h in open_headings if h is not block)
        spans = [] if block.kind in (BlockKind.HEADING, BlockKind.TABLE_ROW) else sentence_spans(block.text)
        out.append(Part(block, above, tuple(plain(block.text[a:b]) for a, b in spans)))
    return tuple(out)


def pieces_of(source: Source, name: str) -> tuple[Piece, ...]:
    """The passages of a digest that rest on the original of this name."""
    document = source.document
    whole = document.sources == (name,)
    out = []
    for each in divide_document(document, source.loaded):
        passage = each.passage
        if not whole and name not in passage.locator:
            continue
        said = []
        for start, end in sentence_spans(passage.text):
            words = passage.text[start:end]
            if comparable(words) != comparable("\t".join(passage.columns)):
                said.append(as_statement(words, passage.columns))
        shown = "\n".join([document.area or "", *passage.heading_path, "; ".join(passage.columns), passage.text])
        anchors = tuple(a for anchored in each.anchored for a in anchored.anchors)
        out.append(Piece(passage.id, document, shown, tuple(said), anchors, whole))
    return tuple(out)


class Pair:
    """One original beside its digests."""

    def __init__(self, original: Source, parts: Sequence[Part], pieces: Sequence[Piece]) -> None:
        self.id = original.document.id
        self.document = original.document
        self.contents = "\n".join(d.text for d in original.loaded.dropped if d.reason is DropReason.CONTENTS_LIST)
        self.parts = tuple(parts)
        self.pieces = tuple(pieces)
        self.statements = tuple(
            Statement(n, piece.document.id, words)
            for n, piece in enumerate(self.pieces)
            if piece.whole
            for words in piece.said
        )

    @property
    def units(self) -> list[str]:
        """Every text that has to be embedded, which `embedded` then takes in this order."""
        return [*self._part_units[0], *self._piece_units[0]]

    @cached_property
    def _part_units(self) -> tuple[list[str], NDArray[np.int32]]:
        texts, owners = [], []
        for n, part in enumerate(self.parts):
            own = [plain(part.block.text), *(part.sentences if len(part.sentences) > 1 else ())]
            texts += own
            owners += [n] * len(own)
        return texts, np.array(owners, np.int32)

    @cached_property
    def _piece_units(self) -> tuple[list[str], NDArray[np.int32]]:
        texts, owners = [], []
        for n, piece in enumerate(self.pieces):
            own = [plain(piece.shown), *piece.said]
            texts += own
            owners += [n] * len(own)
        return texts, np.array(owners, np.int32)

    @cached_property
    def ties(self) -> Mapping[int, frozenset[int]]:
        """For each block that has any: the passages whose anchors stand in it."""
        bounds, text = [], ""
        for part in self.parts:
            start = len(text)
            text += comparable(part.block.text) + " "
            bounds.append((start, len(text)))
        out: dict[int, set[int]] = {}
        for n, piece in enumerate(self.pieces):
            for anchor in map(comparable, piece.anchors):
                at = text.find(anchor)
                while at >= 0:
                    for i, (start, end) in enumerate(bounds):
                        if start < at + len(anchor) and at < end:
                            out.setdefault(i, set()).add(n)
                    at = text.find(anchor, at + 1)
        return {i: frozenset(pieces) for i, pieces in out.items()}

    def tied(self, part: int) -> frozenset[int]:
        """The passages tied to a block or to its nearest neighbours that have any."""
        before = next((self.ties[i] for i in range(part - 1, part - 1 - REACH, -1) if i in self.ties), frozenset())
        after = next((self.ties[i] for i in range(part + 1, part + 1 + REACH) if i in self.ties), frozenset())
        return self.ties.get(part, frozenset()) | before | after

    def embedded(self, vectors: Vectors) -> Nearness:
        """What stands near what. `vectors`: a row for each of `units`."""
        count = len(self._part_units[0])
        return Nearness(self, vectors[:count], vectors[count:], self._part_units[1], self._piece_units[1])


class Nearness:
    """Which passages stand near a block, and which blocks near a statement, of one pair."""

    def __init__(
        self,
        pair: Pair,
        part_vectors: Vectors,
        piece_vectors: Vectors,
        part_owners: NDArray[np.int32],
        piece_owners: NDArray[np.int32],
    ) -> None:
        self.pair = pair
        self._part_vectors, self._part_owners = part_vectors, part_owners
        self.piece_vectors, self._piece_owners = piece_vectors, piece_owners
        self._cosines = part_vectors @ piece_vectors.T

    @cached_property
    def _by_piece(self) -> NDArray[np.float32]:
        """Likeness of each unit of an original and each passage: that of the passage's likest unit."""
        starts = np.flatnonzero(np.r_[True, np.diff(self._piece_owners) > 0])
        return np.maximum.reduceat(self._cosines, starts, axis=1)

    @cached_property
    def likeness(self) -> NDArray[np.float32]:
        """Of each block (rows) and each passage (columns): the likest units of both."""
        starts = np.flatnonzero(np.r_[True, np.diff(self._part_owners) > 0])
        return np.maximum.reduceat(self._by_piece, starts, axis=0)

    @cached_property
    def near(self) -> tuple[frozenset[int], ...]:
        """For each block, the passages near it."""
        nearest = np.argsort(-self.likeness, axis=1)[:, :NEAREST]
        return tuple(self.pair.tied(n) | {int(p) for p in row} for n, row in enumerate(nearest))

    def parts_near(self, statement: Statement, vector: NDArray[np.float32]) -> frozenset[int]:
        """The blocks near a statement."""
        tied = {n for n, pieces in self.pair.ties.items() if statement.piece in pieces}
        beside = {n + step for n in tied for step in (-1, 0, 1) if 0 <= n + step < len(self.pair.parts)}
        return frozenset(beside | set(self.likest_parts(vector, NEAREST)))

    def likest_parts(self, vector: NDArray[np.float32], count: int) -> list[int]:
        """The blocks likest to a vector, likest first."""
        found: dict[int, None] = {}
        for unit in np.argsort(-(self._part_vectors @ vector)):
            found.setdefault(int(self._part_owners[unit]))
            if len(found) == count:
                break
        return list(found)

    def statement_vectors(self) -> Vectors:
        """A row for each statement of the pair."""
        first = np.flatnonzero(np.r_[True, np.diff(self._piece_owners) > 0])
        rows = [
            first[n] + 1 + k for n, piece in enumerate(self.pair.pieces) if piece.whole for k in range(len(piece.said))
        ]
        return self.piece_vectors[rows]

    def unit_likeness(self, part: int, piece: int) -> list[tuple[str, float]]:
        """Each text of a passage, the whole of it last, with how like it is to a block."""
        row = self._cosines[int(np.flatnonzero(self._part_owners == part)[0])]
        whole, *said = np.flatnonzero(self._piece_owners == piece)
        texts = self.pair.pieces[piece]
        return [*((t, float(row[u])) for t, u in zip(texts.said, said, strict=True)), (texts.shown, float(row[whole]))]

    def closest(self, part: int) -> float:
        """How near the nearest passage is to a block."""
        return float(self.likeness[part].max(initial=-1.0))

    def sentence_likeness(self, part: int) -> list[tuple[str, float]]:
        """Each sentence of a block with how near the nearest passage is to it."""
        rows = np.flatnonzero(self._part_owners == part)
        sentences = self.pair.parts[part].sentences
        rows = rows[1:] if len(sentences) > 1 else rows
        return [(s, float(self._by_piece[r].max())) for s, r in zip(sentences, rows, strict=False)]

    def likeness_to(self, other: Nearness) -> NDArray[np.float32]:
        """For each block, how near the nearest passage of another original's digests is."""
        best = (self._part_vectors @ other.piece_vectors.T).max(axis=1)
        starts = np.flatnonzero(np.r_[True, np.diff(self._part_owners) > 0])
        return np.maximum.reduceat(best, starts)
