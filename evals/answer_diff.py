"""Which questions of the evaluations are answered otherwise over another corpus.

In:   what the assistant gave for the same questions over each of two corpora.
Out:  an `AnswerDiff`. An answer has changed when it cites other passages or other words, or is none any more; the
      order of what it cites, and a passage that only has another id, are no change.
Right: a part of a case whose gold is among the first `RIGHT_WITHIN` passages found.
Pure but for `ask_all`, which asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.front_door import Asked, Assistant
from assistant.values import Passage
from evals.cases import Case, Gold
from evals.systems import DEPTH, Found, ranks
from ingest.guards import Progress

RIGHT_WITHIN = 5


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage and the words of it that an answer cites. `source` is how people call it: title and locator."""

    passage_id: str
    quote: str
    source: str

    def as_json(self) -> dict[str, str]:
        """For tools."""
        return {"passage_id": self.passage_id, "quote": self.quote, "source": self.source}


@dataclass(frozen=True, slots=True)
class Given:
    """What the assistant gave for a question: how it was met, what it cites, and the first passages found."""

    status: str
    cited: tuple[Cited, ...]
    found: tuple[Found, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For tools, without the passages found."""
        return {"status": self.status, "citations": [each.as_json() for each in self.cited]}


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A question that is answered otherwise."""

    case: Case
    before: Given
    after: Given
    went: tuple[Cited, ...]
    came: tuple[Cited, ...]

    @property
    def kept(self) -> int:
        """How many citations stand in both answers."""
        return len(self.after.cited) - len(self.came)

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        about = {"id": self.case.id, "question": self.case.question}
        return about | {"before": self.before.as_json(), "after": self.after.as_json()}


@dataclass(frozen=True, slots=True)
class RightChange:
    """A right passage that was lost or won.

    gold:  the words by which it was known where it was found. `rank_before`, `rank_after`: None when it was not among
           the first `DEPTH`.
    held:  whether the other corpus has these words too; where it has not, they could not be found there.
    """

    case: Case
    gold: Gold
    rank_before: int | None
    rank_after: int | None
    held: bool

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {
            "id": self.case.id,
            "question": self.case.question,
            "gold": {"document": self.gold.document, "quote": self.gold.quote},
            "rank_before": self.rank_before,
            "rank_after": self.rank_after,
            "held": self.held,
        }


@dataclass(frozen=True, slots=True)
class AnswerDiff:
    """Every question that is answered otherwise, in the order asked, and the right passages lost and won.

    gold: how many right passages were looked for; right_before, right_after: how many of them were found.
    """

    asked: int
    changed: tuple[AnswerChange, ...]
    gold: int
    right_before: int
    right_after: int
    lost: tuple[RightChange, ...]
    won: tuple[RightChange, ...]

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {
            "asked": self.asked,
            "changed": len(self.changed),
            "right": {
                "within": RIGHT_WITHIN,
                "of": self.gold,
                "before": self.right_before,
                "after": self.right_after,
                "lost": [each.as_json() for each in self.lost],
                "won": [each.as_json() for each in self.won],
            },
            "answers": [each.as_json() for each in self.changed],
        }


def ask_all(assistant: Assistant, cases: Sequence[Case], progress: Progress, stage: str) -> dict[str, Given]:
    """What the assistant gives for each case, by its id."""
    out = {}
    for number, case in enumerate(cases, 1):
        answer = assistant.answer(Asked(question=case.question))
        found = assistant.search(case.question, limit=DEPTH) if case.digests else []
        out[case.id] = Given(
            answer.status.value,
            tuple(Cited(c.passage_id, c.quote, f"{c.document.title}, {c.locator}") for c in answer.citations),
            tuple(Found(f.passage.document.id, f.passage.text) for f in found),
        )
        progress(stage, number, len(cases))
    return out


def compare_answers(
    cases: Sequence[Case],
    before: Mapping[str, Given],
    after: Mapping[str, Given],
    *,
    new_ids: Mapping[str, str],
    passages_before: Sequence[Passage],
    passages_after: Sequence[Passage],
) -> AnswerDiff:
    """What differs. `new_ids`: for the old id of each passage that was renamed, the new one."""
    changes = (_change(case, before[case.id], after[case.id], new_ids) for case in cases)
    lost, won = [], []
    gold = right_before = right_after = 0
    for case in cases:
        old, new = (ranks(given[case.id].found, case.digests) for given in (before, after))
        for part, was, now in zip(case.digests, old, new, strict=True):
            gold += 1
            right_before += _is_right(was)
            right_after += _is_right(now)
            if _is_right(was) and not _is_right(now):
                met = _met(part, before[case.id].found)
                lost.append(RightChange(case, met, was, now, any(map(met.met_by, passages_after))))
            elif _is_right(now) and not _is_right(was):
                met = _met(part, after[case.id].found)
                won.append(RightChange(case, met, was, now, any(map(met.met_by, passages_before))))
    return AnswerDiff(
        asked=len(cases),
        changed=tuple(change for change in changes if change is not None),
        gold=gold,
        right_before=right_before,
        right_after=right_after,
        lost=tuple(lost),
        won=tuple(won),
    )


def _change(case: Case, before: Given, after: Given, new_ids: Mapping[str, str]) -> AnswerChange | None:
    was = {(new_ids.get(each.passage_id, each.passage_id), each.quote): each for each in before.cited}
    now = {(each.passage_id, each.quote): each for each in after.cited}
    if was.keys() == now.keys() and before.status == after.status:
        return None
    went = tuple(each for key, each in was.items() if key not in now)
    came = tuple(each for key, each in now.items() if key not in was)
    return AnswerChange(case, before, after, went, came)


def _is_right(rank: int | None) -> bool:
    return rank is not None and rank <= RIGHT_WITHIN


def _met(part: Sequence[Gold], found: Sequence[Found]) -> Gold:
    """The gold by which the first right passage is one."""
    return next(gold for each in found for gold in part if gold.held_in(each.document, each.text))
