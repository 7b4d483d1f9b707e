"""Find the passages that answer a query.

How: the query's spelling is mended and its terms are looked up in the vocabulary; Chroma gives the nearest units, BM25
the passages that share words; every candidate's evidence is then worked out in full and combined (see `ranking`).
Filters are a Chroma `where` and a mask for BM25, used only when somebody filters.

As a LangChain retriever it returns `langchain_core` documents with the passage's id, locator and score as metadata;
`search` returns our own values.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from numpy.typing import NDArray
from pydantic import ConfigDict, Field

from assistant.embedding import Embedder, Vectors
from assistant.errors import StoreUnavailable
from assistant.retrieval.chroma import UnitStore
from assistant.retrieval.elsewhere import Elsewhere
from assistant.retrieval.generation import Manifest, UnitKind, generation_folder
from assistant.retrieval.lexical import STOP_WORDS, LexicalField, stem, terms, terms_of_form, words
from assistant.retrieval.ranking import EVIDENCE, Array, Weights, calibrate, combine, order
from assistant.retrieval.spelling import Speller
from assistant.retrieval.vocabulary import Vocabulary
from assistant.sentences import sentence_spans
from assistant.values import DocumentStatus, Kind, Passage, ScoredPassage, Value

NEAREST_UNITS = 40
NEAREST_UNITS_WIDE = 400
"""How many are asked for when too many of the nearest may not be found: a filter in Chroma would slow every query."""
FEWEST_UNITS = 20
LEXICAL_CANDIDATES = 20
BEST_QUESTIONS = 3
VOCABULARY_SHARE = 0.75
"""How much a word that the vocabulary lent counts beside one the person typed."""
_BESIDE = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lexical")


class Filter(Value):
    """What a search is narrowed to. Unset means anything."""

    area: str | None = Field(default=None, description="Only documents about this place.")
    kind: Kind | None = None
    status: DocumentStatus | None = None
    published_by: str | None = Field(default=None, description="Only documents published on or before this date.")

    @property
    def is_set(self) -> bool:
        """Whether it narrows at all."""
        return any(value is not None for value in (self.area, self.kind, self.status, self.published_by))


class IndexedPassages:
    """A generation, read: passages, their units and both lexical fields."""

    def __init__(self, data_dir: Path, manifest: Manifest) -> None:
        folder = generation_folder(data_dir, manifest.id)
        self.manifest = manifest
        try:
            with (folder / "passages.jsonl").open(encoding="utf-8") as lines:
                self.passages, self.covered = _read_passages(lines, manifest)
            with (folder / "units.npz").open("rb") as file:
                units = np.load(file)
                self.owners: NDArray[np.int32] = units["owners"]
                self.kinds: NDArray[np.uint8] = units["kinds"]
            self.vectors: Vectors = np.load(folder / "vectors.npy", mmap_mode="r")
            self.text = LexicalField.load(folder / "lexical" / "text")
            self.asked = LexicalField.load(folder / "lexical" / "asked")
            self.words: dict[str, int] = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise StoreUnavailable(
                f"{folder} is not whole ({error}).\nRun `compact-assistant ingest` to build the index again."
            ) from error
        self.starts = np.searchsorted(self.owners, np.arange(len(self.passages) + 1))
        self.tended = np.zeros(len(self.passages), dtype=np.bool_)
        self.tended[self.owners[self.kinds == UnitKind.QUESTION]] = True
        self.all_tended = bool(self.tended[~self.covered].all())
        self.open = ~self.covered
        self.units = UnitStore.open(manifest.collection, folder=folder / "chroma", url=manifest.chroma_url)

    @cached_property
    def spans(self) -> dict[str, tuple[int, int]]:
        """For each document the numbers of its passages, which stand together: from, and up to."""
        out: dict[str, tuple[int, int]] = {}
        for i, passage in enumerate(self.passages):
            start, _ = out.get(passage.document.id, (i, i))
            out[passage.document.id] = (start, i + 1)
        return out

    @cached_property
    def number(self) -> dict[str, int]:
        """Each passage's number, by its id."""
        return {passage.id: i for i, passage in enumerate(self.passages)}


def _read_passages(lines: Any, manifest: Manifest) -> tuple[tuple[Passage, ...], NDArray[np.bool_]]:
    """The passages, and which of them are covered by an original that is indexed too."""
    documents = {entry.document.id: entry.document for entry in manifest.documents}
    passages = []
    covered = []
    for line in lines:
        row = json.loads(line)
        covered.append(row["covered"])
        passages.append(
            Passage.model_construct(
                id=row["id"],
                document=documents[row["document"]],
                heading_path=tuple(row["heading_path"]),
                locator=row["locator"],
                text=row["text"],
                columns=tuple(row["columns"]),
            )
        )
    return tuple(passages), np.array(covered, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found for a query before it was put in order: passage numbers, and their evidence row by row."""

    numbers: NDArray[np.int64]
    evidence: Array


class CompactRetriever(BaseRetriever):
    """The passages of one generation, searched. Safe to use from several threads."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    index: IndexedPassages
    embedder: Embedder
    vocabulary: Vocabulary
    speller: Speller
    weights: Weights
    elsewhere: Elsewhere
    limit: int = 5
    lock: Any = Field(default_factory=threading.Lock, exclude=True)

    def search(
        self, query: str, *, limit: int = 5, narrow: Filter | None = None, area: str | None = None
    ) -> list[ScoredPassage]:
        """The best passages for a query, best first, at most `limit`.

        area: the place it is asked for. Local Compacts of others are left out unless the query names their place, or
        `narrow` asks for Local Compacts or for a place.
        """
        found = self.candidates(query, narrow=narrow, area=area)
        if not len(found.numbers):
            return []
        sums = combine(found.evidence, self.index.tended[found.numbers], self.weights)
        scores = calibrate(sums, self.weights)
        best = order(sums.tolist())[:limit]
        return [
            ScoredPassage.model_construct(
                passage=self.index.passages[int(found.numbers[i])], score=round(float(scores[i]), 4)
            )
            for i in best
        ]

    def nearness(self, query: str, passages: Sequence[Passage]) -> list[list[float]]:
        """For each passage, how near each of its sentences comes to the query: meaning and shared words, added.

        The sentences are those of `sentence_spans`, in order.
        """
        mended = [self.speller.mend(word) for word in words(query)]
        with self.lock:
            vector = self.embedder.embed([" ".join(mended) or query])[0]
        own = dict.fromkeys(stem(word) for word in mended if word not in STOP_WORDS)
        lent = {term for form in self.vocabulary.other_forms(mended) for term in terms_of_form(form)}
        weights = {term: self.index.text.weight(term) for term in own}
        most = sum(weights.values()) or 1.0
        out = []
        for passage in passages:
            number = self.index.number[passage.id]
            start, end = int(self.index.starts[number]), int(self.index.starts[number + 1])
            rows = np.flatnonzero(self.index.kinds[start:end] == UnitKind.SENTENCE) + start
            spans = sentence_spans(passage.text)
            cosines = self.index.vectors[rows[: len(spans)]] @ vector
            mine = []
            for (a, b), cosine in zip(spans, cosines, strict=True):
                has = set(terms(passage.text[a:b]))
                shared = sum(weight for term, weight in weights.items() if term in has) / most
                mine.append(float(cosine) + 0.5 * shared + (0.1 if has & lent else 0.0))
            out.append(mine)
        return out

    def candidates(self, query: str, *, narrow: Filter | None = None, area: str | None = None) -> Candidates:
        """Every passage worth a look, with its evidence. `area` as in `search`."""
        typed = words(query)
        mended = [self.speller.mend(word) for word in typed]
        text = " ".join(mended) if mended != typed else query
        with self.lock:  # one inference request, one Chroma client
            vector = self.embedder.embed([text])[0]
            lexical = _BESIDE.submit(self._lexical, mended)  # while Chroma, which lets go of the interpreter, searches
            allowed = self._allowed(query, narrow, area)
            by_meaning = self._nearest(vector, allowed, self._where(narrow))
        text_scores, asked_scores = lexical.result()
        text_scores, asked_scores = text_scores * allowed, asked_scores * allowed
        shared = np.argsort(-asked_scores, kind="stable")[:LEXICAL_CANDIDATES]
        by_words = shared[asked_scores[shared] > 0]
        numbers = np.unique(np.concatenate([by_words.astype(np.int64), by_meaning.astype(np.int64)]))
        evidence = np.zeros((len(numbers), len(EVIDENCE)))
        if len(numbers):
            evidence[:, :3] = self._cosines(numbers, vector)
            evidence[:, 3] = text_scores[numbers]
            evidence[:, 4] = asked_scores[numbers]
        return Candidates(numbers, evidence)

    def _nearest(self, vector: Vectors, allowed: NDArray[np.bool_], where: dict[str, Any] | None) -> NDArray[np.int32]:
        """Owners of the nearest units that may be found."""
        for limit in (NEAREST_UNITS, NEAREST_UNITS_WIDE):
            nearest = self.index.units.nearest(vector, limit, where)
            owners = self.index.owners[[number for number, _ in nearest]] if nearest else np.empty(0, dtype=np.int32)
            mine = owners[allowed[owners]][:NEAREST_UNITS]
            if len(mine) >= FEWEST_UNITS or len(nearest) < limit:
                break
        return mine

    def _lexical(self, mended: Sequence[str]) -> tuple[Array, Array]:
        """Both fields' scores, with the vocabulary's words counted at a share."""
        own = [stem(word) for word in mended if word not in STOP_WORDS]
        others = dict.fromkeys(term for form in self.vocabulary.other_forms(mended) for term in terms_of_form(form))
        lent = [term for term in others if term not in own]

        def score(field: LexicalField) -> Array:
            scores = field.score(own).astype(np.float64)
            return np.maximum(scores, VOCABULARY_SHARE * field.score([*own, *lent])) if lent else scores

        asked = score(self.index.asked)
        # Only passages without questions are weighed by their own text (see `weights.json`).
        return (np.zeros_like(asked) if self.index.all_tended else score(self.index.text)), asked

    def _cosines(self, numbers: NDArray[np.int64], vector: Vectors) -> Array:
        """Columns sentence, question, questions for these passages. Every passage has units."""
        index = self.index
        spans = list(zip(index.starts[numbers].tolist(), index.starts[numbers + 1].tolist(), strict=True))
        lengths = [end - start for start, end in spans]
        firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        cosines = np.concatenate([index.vectors[start:end] @ vector for start, end in spans])
        kinds = np.concatenate([index.kinds[start:end] for start, end in spans])
        sentences = np.where(kinds == int(UnitKind.SENTENCE), cosines, 0.0)
        asked = np.where(kinds == int(UnitKind.QUESTION), cosines, 0.0)
        best = []
        for _ in range(BEST_QUESTIONS):
            best.append(np.maximum.reduceat(asked, firsts))
            asked[asked == np.repeat(best[-1], lengths)] = 0.0
        return np.column_stack([np.maximum.reduceat(sentences, firsts), best[0], np.mean(best, axis=0)])

    def _allowed(self, query: str, narrow: Filter | None, area: str | None) -> NDArray[np.bool_]:
        """Which passages may be found. A digest gives way to its original where that is indexed too."""
        allowed = self.index.open
        if narrow is None or (narrow.area is None and narrow.kind is not Kind.LOCAL_COMPACT):
            for document in self.elsewhere.left_out(query, area):
                start, end = self.index.spans[document]
                if allowed is self.index.open:
                    allowed = allowed.copy()
                allowed[start:end] = False
        if narrow is not None and narrow.is_set:
            mine = {e.document.id for e in self.index.manifest.documents if _matches(e.document, narrow)}
            allowed = allowed & np.fromiter((p.document.id in mine for p in self.index.passages), dtype=np.bool_)
        return allowed

    def _where(self, narrow: Filter | None) -> dict[str, Any] | None:
        if narrow is None or not narrow.is_set:
            return None
        documents = [e.document.id for e in self.index.manifest.documents if _matches(e.document, narrow)]
        return {"document": {"$in": documents or [""]}}

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain's signature
    ) -> list[LangChainDocument]:
        return [
            LangChainDocument(
                id=found.passage.id,
                page_content=found.passage.text,
                metadata={
                    "document": found.passage.document.id,
                    "locator": found.passage.locator,
                    "score": found.score,
                },
            )
            for found in self.search(query, limit=self.limit)
        ]


def _matches(document: Any, narrow: Filter) -> bool:
    if narrow.area is not None and (document.area or "").casefold() != narrow.area.casefold():
        return False
    if narrow.kind is not None and document.kind is not narrow.kind:
        return False
    if narrow.status is not None and document.status is not narrow.status:
        return False
    if narrow.published_by is None:
        return True
    published = document.published or ""
    return bool(published) and published <= narrow.published_by[: len(published)]
