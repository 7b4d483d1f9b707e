"""What is compared: anything that gives passages for a question, best first."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.retrieval.retriever import CompactRetriever
from evals.cases import Gold
from evals.metrics import Ranks
from ingest.sources import Source, read_sources

DEPTH = 10
"""How many passages are looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage found, and the id of its document. `score` is set where it says how often such a passage is right."""

    document: str
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A whole document as a plain recipe reads it: its file, less front matter and the questions written for it."""

    document: str
    text: str


class System(Protocol):
    """A way to find passages."""

    @property
    def name(self) -> str:
        """What it is called in a report."""

    @property
    def lengths(self) -> Sequence[int]:
        """How many characters each of its passages has."""

    def find(self, question: str) -> list[Found]:
        """The best `DEPTH` passages, best first."""


class Ours:
    """This product's retriever."""

    def __init__(self, retriever: CompactRetriever, name: str = "ours") -> None:
        self.name = name
        self._retriever = retriever
        covered = retriever.index.covered
        self.lengths = [len(p.text) for p, hidden in zip(retriever.index.passages, covered, strict=True) if not hidden]

    def find(self, question: str) -> list[Found]:
        """The best passages, with scores."""
        found = self._retriever.search(question, limit=DEPTH)
        return [Found(f.passage.document.id, f.passage.text, f.score) for f in found]


def ranks(found: Sequence[Found], parts: Sequence[Sequence[Gold]]) -> Ranks:
    """For each part of a question, the rank from 1 of the first passage that meets it."""
    return [
        next((n for n, f in enumerate(found, 1) if any(gold.held_in(f.document, f.text) for gold in part)), None)
        for part in parts
    ]


def read_texts(folder: Path) -> list[Text]:
    """The documents of a folder, in path order."""
    sources = read_sources(folder, areas=None, require_front_matter=False).sources
    return [Text(source.document.id, _text_of(source, folder)) for source in sources]


def _text_of(source: Source, folder: Path) -> str:
    path = folder / source.path
    if path.suffix.lower() in (".md", ".txt"):
        return plain_text(path.read_text(encoding="utf-8-sig"))
    return "\n\n".join(block.text for block in source.loaded.blocks)


def plain_text(raw: str) -> str:
    """A Markdown or text file's text less what only this product's corpus has in it."""
    if raw.startswith("---\n"):
        raw = raw.partition("\n---\n")[2]
    kept = [part.partition("-->")[2] if n else part for n, part in enumerate(raw.split("<!--"))]
    return "".join(kept).strip()


def median_length(system: System) -> int:
    """Characters in the middling passage."""
    return round(statistics.median(system.lengths))
