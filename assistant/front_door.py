"""The one class that channels see.

A question travels one way: read, retrieve, decide, compose, ground. No stage calls back into an earlier one. Verdicts
(`decide`) and a chat model's wording have their places between these stages and are not built yet; an answer's
`verdict` is null until they are.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ulid import ULID

from assistant import replies
from assistant.composing import Draft, Extract, compose_extracts
from assistant.grounding import Grounded, ground_statements
from assistant.knowledge import Places
from assistant.reading import asks_about_the_past, read_area, read_question
from assistant.retrieval.generation import Manifest
from assistant.retrieval.retriever import CompactRetriever, Filter
from assistant.sentences import sentence_spans
from assistant.values import (
    Answer,
    AnswerStatus,
    Document,
    DocumentStatus,
    Kind,
    NextStep,
    Question,
    ScoredPassage,
)

PASSAGES_READ = 6
AS_GOOD_AS_BEST = 0.75
"""Passages that score at least this share of the best answer the question too."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as a channel hands it over. Unset fields take the deployment's defaults."""

    question: str
    area: str | None = None
    on: str | None = None
    audience: str | None = None
    conversation_id: str | None = None


class Assistant:
    """Answers questions and finds passages. Holds no state between questions but the open index."""

    def __init__(
        self,
        retriever: Callable[[], CompactRetriever],
        places: Places,
        *,
        default_area: str | None,
        today: Callable[[], dt.date],
    ) -> None:
        """`retriever` gives the retriever of the generation in use, and is asked anew for each question."""
        self._retriever = retriever
        self._places = places
        self._default_area = default_area
        self._today = today

    def answer(self, asked: Asked) -> Answer:
        """Answer one question. Raises QuestionInvalid, IndexMissing, StoreUnavailable."""
        timings: dict[str, float] = {}
        with _timed(timings, "read"):
            question = read_question(
                asked.question,
                today=self._today(),
                places=self._places,
                on=asked.on,
                area=asked.area,
                default_area=self._default_area,
                audience=asked.audience,
                conversation_id=asked.conversation_id,
            )
        retriever = self._retriever()
        with _timed(timings, "retrieve"):
            found = retriever.search(question.text, limit=PASSAGES_READ, area=question.area)
            good = [f for f in found if f.score >= retriever.weights.found]
            held = (entry.document for entry in retriever.index.manifest.documents)
            if not asks_about_the_past(question.text, question.on, held):
                good = _governing_first(good, question.on)
        timings["decide"] = 0.0
        with _timed(timings, "compose"):
            draft = self._compose(retriever, question, good)
        with _timed(timings, "ground"):
            draft = _grounded(draft, good)
        return self._answer(question, retriever, found, draft, timings)

    def search(
        self, query: str, *, limit: int = 5, area: str | None = None, kind: Kind | None = None
    ) -> list[ScoredPassage]:
        """The passages found, best first. `area` keeps documents about that place alone; `kind` those of one kind."""
        question = read_question(query, today=self._today(), places=self._places)
        narrow = Filter(area=read_area(area, self._places), kind=kind)
        return self._retriever().search(question.text, limit=limit, narrow=narrow)

    def manifest(self) -> Manifest:
        """What is indexed."""
        return self._retriever().index.manifest

    @staticmethod
    def _compose(retriever: CompactRetriever, question: Question, found: list[ScoredPassage]) -> Draft:
        passages = [f.passage for f in found]
        nearness = retriever.nearness(question.text, passages)
        extracts = [
            [Extract(start, end, near) for (start, end), near in zip(sentence_spans(p.text), mine, strict=True)]
            for p, mine in zip(passages, nearness, strict=True)
        ]
        return compose_extracts(found, extracts)

    def _answer(
        self,
        question: Question,
        retriever: CompactRetriever,
        found: list[ScoredPassage],
        draft: Draft,
        timings: dict[str, float],
    ) -> Answer:
        documents = {e.document.id: e.document for e in retriever.index.manifest.documents}
        if draft.statements:
            status = AnswerStatus.ANSWERED
            caveats = _caveats(draft, documents, question)
            steps = _next_steps(draft, documents)
        else:
            status = AnswerStatus.NOT_IN_GUIDANCE
            near = [f for f in found[:1] if f.score >= retriever.weights.found / 2]
            first = replies.NOTHING_CLEAR if near else replies.NOT_IN_GUIDANCE
            caveats = (first, *map(replies.nearest_thing, near), *replies.INSTEAD)
            steps = ()
        return Answer(
            id=str(ULID()),
            question=question.text,
            asked_on=question.on,
            area=question.area,
            conversation_id=question.conversation_id,
            status=status,
            statements=draft.statements,
            citations=draft.citations,
            caveats=caveats,
            next_steps=steps,
            composer="extract",
            generation=retriever.index.manifest.id,
            timings_ms=timings,
        )


def _grounded(draft: Draft, found: list[ScoredPassage]) -> Draft:
    """The draft without any statement that its passage does not bear out."""
    groundings = ground_statements(draft.statements, draft.citations, [f.passage for f in found])
    bad = {g.statement for g in groundings if g.outcome is not Grounded.GROUNDED}
    if not bad:
        return draft
    kept = tuple(s for i, s in enumerate(draft.statements) if i not in bad)
    used = sorted({number for s in kept for number in s.citations})
    renumbered = {old: new for new, old in enumerate(used, 1)}
    return replace(
        draft,
        statements=tuple(s.model_copy(update={"citations": tuple(renumbered[n] for n in s.citations)}) for s in kept),
        citations=tuple(
            c.model_copy(update={"number": renumbered[c.number]}) for c in draft.citations if c.number in renumbered
        ),
    )


def _cited(draft: Draft, documents: dict[str, Document]) -> list[Document]:
    return [documents[name] for name in dict.fromkeys(c.document.id for c in draft.citations)]


def _governing_first(found: list[ScoredPassage], on: dt.date) -> list[ScoredPassage]:
    """Of passages that answer too, those of a document in force on the date come first, replaced ones last."""
    near = [f for f in found if f.score >= AS_GOOD_AS_BEST * found[0].score]
    return sorted(near, key=lambda f: _governs(f.passage.document, on)) + found[len(near) :]


def _governs(document: Document, on: dt.date) -> int:
    """0 for a document in force on the date, 2 for one that another had replaced by then, 1 for the rest."""
    if document.status is not DocumentStatus.HISTORICAL and document.in_force_on(on):
        return 0
    return 2 if document.status is DocumentStatus.SUPERSEDED else 1


def _caveats(draft: Draft, documents: dict[str, Document], question: Question) -> tuple[str, ...]:
    cited = _cited(draft, documents)
    on = question.on
    out = []
    for document in cited:
        successor = documents.get(document.superseded_by or "")
        begun = document.in_force_from
        if begun is not None and on.isoformat()[: len(begun)] < begun:
            out.append(replies.not_yet_in_force(document, on))
        elif document.status is DocumentStatus.SUPERSEDED:
            in_force = document.in_force_on(on)
            out.append(
                replies.since_superseded(document, successor, on)
                if in_force
                else replies.superseded(document, successor)
            )
    out += [replies.local_elsewhere(d, question.area) for d in cited if d.area and d.area != question.area]
    of_their_time = [d for d in cited if d.status is DocumentStatus.HISTORICAL]
    if of_their_time:
        out.append(replies.historical(of_their_time))
    if any(d.basis and "digest" in d.basis.lower() for d in cited):
        out.append(replies.own_digest())
    return tuple(out)


def _next_steps(draft: Draft, documents: dict[str, Document]) -> tuple[NextStep, ...]:
    steps = {}
    for document in _cited(draft, documents):
        last = document
        seen = {document.id}
        while last.superseded_by in documents and last.superseded_by not in seen:
            seen.add(last.superseded_by)
            last = documents[last.superseded_by]
        if last is not document and last.id not in {c.document.id for c in draft.citations}:
            steps[last.id] = NextStep(text=replies.check_successor(last))
    return tuple(steps.values())


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    timings[stage] = round((time.perf_counter() - start) * 1000, 2)
