"""The tables kept beside this module: which source is which original, what is explained, and what somebody read.

Raises: CorpusInvalid for a row that cannot be understood, by file and line.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.errors import CorpusInvalid, Mistake
from assistant.text import comparable
from evals.completeness.measures import Found, Where
from evals.completeness.pairs import Pair

HERE = Path(__file__).parent
ORIGINALS = HERE / "originals.csv"
EXPLAINED = HERE / "explained.csv"
READ = HERE / "read-sample.csv"
KINDS = ("fact", "paragraph", "row", "statement")
SAMPLE_SIZE = 100
SAMPLE_SEED = 20_261_120


class Outcome(StrEnum):
    """What a person found who read a statement beside the original."""

    BORNE_OUT = "borne-out"
    NOT_BORNE_OUT = "not-borne-out"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something of one kind needs no counterpart.

    words: a stretch of a paragraph or row; or of what stands round a fact, with the fact in it, so that the same fact
           elsewhere is not explained.
    """

    original: str
    kind: str
    words: str
    reason: str
    line: int

    def fits(self, found: Found) -> bool:
        """Whether it is this that it explains."""
        if (found.original, found.kind) != (self.original, self.kind):
            return False
        mine, theirs = comparable(self.words), comparable(found.words)
        if self.kind in ("fact", "statement"):
            return theirs in mine and mine in comparable(found.around)
        return mine in theirs


@dataclass(frozen=True, slots=True)
class Read:
    """A statement of a digest and what came of reading it beside the original."""

    document: str
    statement: str
    original_words: str
    outcome: Outcome
    note: str


def load_originals(path: Path = ORIGINALS) -> dict[str, str]:
    """The id of each original by the name that locators and front matter use for it."""
    return {row["source"]: row["original"] for _, row in _rows(path, ("source", "original"))}


def load_explanations(path: Path = EXPLAINED) -> list[Explanation]:
    """What is explained."""
    out, mistakes = [], []
    for line, row in _rows(path, ("original", "kind", "words", "reason")):
        if row["kind"] not in KINDS:
            what = f"kind is '{row['kind']}'."
            mistakes.append(Mistake(f"{path}:{line}", what, f"Use {', '.join(KINDS)}."))
        elif not row["reason"] or not row["words"]:
            mistakes.append(Mistake(f"{path}:{line}", "words or reason is empty.", "Say what, and why."))
        out.append(Explanation(row["original"], row["kind"], row["words"], row["reason"], line))
    if mistakes:
        raise CorpusInvalid(mistakes)
    return out


def load_read(path: Path = READ) -> list[Read]:
    """What was read."""
    columns = ("document", "statement", "original words", "outcome", "note")
    out, mistakes = [], []
    for line, row in _rows(path, columns):
        if row["outcome"] not in list(Outcome):
            what = f"outcome is '{row['outcome']}'."
            mistakes.append(Mistake(f"{path}:{line}", what, f"Use {', '.join(Outcome)}."))
            continue
        said = (row["document"], row["statement"], row["original words"])
        out.append(Read(*said, Outcome(row["outcome"]), row["note"]))
    if mistakes:
        raise CorpusInvalid(mistakes)
    return out


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != tuple(columns):
            what = f"the columns are {', '.join(reader.fieldnames or ['none'])}."
            raise CorpusInvalid([Mistake(str(path), what, f"They are {', '.join(columns)}.")])
        for row in reader:
            if None in row or None in row.values():
                what = f"the row has not {len(columns)} cells."
                raise CorpusInvalid([Mistake(f"{path}:{reader.line_num}", what, "Quote a cell that holds a comma.")])
            yield reader.line_num, {name: cell.strip() for name, cell in row.items()}


def without_explained(found: Sequence[Found], explanations: Sequence[Explanation]) -> tuple[list[Found], list[Found]]:
    """What is missing: that which is explained, and that which is not."""
    explained: list[Found] = []
    left: list[Found] = []
    for each in found:
        if each.where is not Where.NEAR:
            (explained if any(e.fits(each) for e in explanations) else left).append(each)
    return explained, left


def idle(found: Sequence[Found], explanations: Sequence[Explanation]) -> list[Explanation]:
    """Explanations of nothing that is missing."""
    missing = [each for each in found if each.where is not Where.NEAR]
    return [e for e in explanations if not any(e.fits(each) for each in missing)]


def draw_sample(pairs: Sequence[Pair], *, size: int = SAMPLE_SIZE, seed: int = SAMPLE_SEED) -> list[tuple[str, str]]:
    """Documents and statements to read: as many of each original, drawn by chance.

    Each statement draws its own number, so that changing one statement leaves the rest of the sample as it is.
    """

    def lot(choice: tuple[str, str]) -> str:
        return hashlib.sha256("\n".join([str(seed), *choice]).encode()).hexdigest()

    out: list[tuple[str, str]] = []
    for n, pair in enumerate(sorted(pairs, key=lambda p: p.id)):
        share = size // len(pairs) + (n < size % len(pairs))
        out += sorted({(s.document, s.words) for s in pair.statements}, key=lot)[:share]
    return out


def stale(read: Sequence[Read], stands: Callable[[str, str], bool]) -> list[Read]:
    """What was read and does not stand in the corpus any more."""
    return [each for each in read if not stands(each.document, each.statement)]
