"""Whether the right passages are found: ours, ours without the questions written for passages, and other recipes.

Over two libraries: the shipped digests, and the original documents where somebody has them. On two sets of questions
(see `cases`): nothing is fitted on the set `test`, and the gates are on it.
"""

from __future__ import annotations

import datetime as dt
import platform
import random
import re
import string
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.retrieval.ranking import Weights
from assistant.settings import SHIPPED_CORPUS, Settings
from assistant.wiring import model_of
from evals.cases import SETS, Case, Gold, comparable_words, load_cases
from evals.indexes import ORIGINALS_SETTING, open_index, originals_folder
from evals.metrics import MEASURES, RESAMPLES, Measure, Ranks, measure, recall_at
from evals.peers import PEERS
from evals.reports import Gate, SuiteReport, Table
from evals.systems import Found, Ours, System, median_length, ranks, read_texts

OURS = "ours"
BARE = "ours, no questions"
MISSPELT = "ours, misspelt"
CAPITALS = "ours, in capitals"
EVERY = "all"
NO_SHARED_WORD = "no shared word"
GATED_SET = "test"
GATES = (
    (EVERY, "recall@5", 0.85),
    (NO_SHARED_WORD, "recall@5", 0.60),
    ("slack", "recall@5", 0.80),
    (EVERY, "recall@10", 0.92),
)

Parts = tuple[tuple[Gold, ...], ...]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Library:
    """Documents to search, and what in them is right for a case. `holds_more`: more than the five originals say."""

    name: str
    folder: Path
    parts: Callable[[Case], Parts]
    holds_more: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What one system gave for one set of cases over one library: ranks by the case's id."""

    library: str
    questions: str
    system: str
    cases: Sequence[Case]
    ranks: Mapping[str, Ranks]

    def measure(self, group: str, name: str) -> Measure:
        """A measure over a group of cases."""
        return measure([MEASURES[name](self.ranks[case.id]) for case in self.cases if in_group(case, group)])

    def behind(self, best: Asked, group: str) -> Measure:
        """How much higher `best` is in recall at 5, question by question."""
        hit = recall_at(5)
        mine = [case.id for case in self.cases if in_group(case, group)]
        return measure([hit(best.ranks[name]) - hit(self.ranks[name]) for name in mine])


@dataclass(slots=True)
class _Run:
    """What is gathered while asking."""

    asked: list[Asked] = field(default_factory=list)
    answered: dict[tuple[str, str], list[tuple[Case, bool]]] = field(default_factory=dict)
    sizes: list[tuple[str, str, int, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run(settings: Settings, folder: Path, say: Say, *, sets: Sequence[str] = SETS) -> SuiteReport:
    """Ask every system every question. Indexes are kept in `folder` for the next run."""
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    seen = _Run()
    weights = None
    for peer in PEERS:
        if peer.missing:
            seen.notes.append(f"{peer.name} is not measured: {', '.join(peer.missing)} not installed (extra `peers`).")
    if both := asked_in_both():
        seen.notes.append(f"Asked in development and test alike: {', '.join(both)}. Take them out of development.")
    for library in _libraries(seen):
        weights = _ask_library(library, settings, folder, sets, seen, say)
    return SuiteReport(
        suite="retrieval",
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        configuration=_configuration(settings, weights, sets),
        results=_results(seen),
        tables=tuple(_tables(seen)),
        gates=tuple(gates(seen.asked)),
        notes=tuple(seen.notes),
    )


def _libraries(seen: _Run) -> list[Library]:
    out = [Library("digests", SHIPPED_CORPUS, lambda case: case.digests, holds_more=True)]
    originals = originals_folder()
    if originals is None:
        seen.notes.append(f"The originals are not here, so nothing is measured over them (set {ORIGINALS_SETTING}).")
    else:
        out.append(Library("originals", originals, lambda case: case.originals, holds_more=False))
    return out


def _ask_library(
    library: Library, settings: Settings, folder: Path, sets: Sequence[str], seen: _Run, say: Say
) -> Weights:
    say(f"Indexing the {library.name}")
    retriever = open_index(library.folder, folder / library.name, settings=settings)
    bare = open_index(library.folder, folder / f"{library.name}-no-questions", questions=False, settings=settings)
    ours = Ours(retriever, OURS)
    systems: list[System] = [ours, Ours(bare, BARE)]
    texts = read_texts(library.folder)
    for peer in PEERS:
        if not peer.missing:
            say(f"Indexing the {library.name} with {peer.name}")
            systems.append(peer.build(texts, folder / f"{library.name}-{_slug(peer.name)}"))
    seen.sizes += [(library.name, s.name, len(s.lengths), median_length(s)) for s in systems]
    for questions in sets:
        cases = load_cases(questions)
        with_gold = [case for case in cases if library.parts(case)]
        _note_missing_gold(library, questions, cases, with_gold, seen)
        for system in systems if with_gold else ():
            say(f"Asking {system.name} the {questions} questions over the {library.name}")
            seen.asked.append(_ask(library, questions, system.name, with_gold, system.find))
        if with_gold:
            seen.asked.append(_ask(library, questions, MISSPELT, with_gold, lambda q: ours.find(misspelt(q))))
            seen.asked.append(_ask(library, questions, CAPITALS, with_gold, lambda q: ours.find(q.upper())))
        seen.answered[library.name, questions] = [
            (case, _would_answer(ours.find(case.question), retriever.weights))
            for case in cases
            if not (case.corpus_goes_further and library.holds_more)
        ]
    return retriever.weights


def _ask(
    library: Library, questions: str, system: str, cases: Sequence[Case], find: Callable[[str], list[Found]]
) -> Asked:
    found = {case.id: ranks(find(case.question), library.parts(case)) for case in cases}
    return Asked(library.name, questions, system, cases, found)


def _would_answer(found: Sequence[Found], weights: Weights) -> bool:
    return bool(found) and found[0].score is not None and found[0].score >= weights.found


def _note_missing_gold(
    library: Library, questions: str, cases: Sequence[Case], with_gold: Sequence[Case], seen: _Run
) -> None:
    lacking = sum(case.answerable for case in cases) - len(with_gold)
    if not with_gold:
        seen.notes.append(f"The set {questions} says nothing of the {library.name} yet: not measured over them.")
    elif lacking:
        seen.notes.append(f"{lacking} {questions} questions name no right passage in the {library.name}: left out.")


def asked_in_both() -> list[str]:
    """Questions of the set that is gated which stand in another set too, by id."""
    elsewhere = {comparable_words(c.question) for name in SETS if name != GATED_SET for c in load_cases(name)}
    return [case.id for case in load_cases(GATED_SET) if comparable_words(case.question) in elsewhere]


def in_group(case: Case, group: str) -> bool:
    """Whether a case is one of a group: a kind, all, or those whose words its passage does not use."""
    return group == EVERY or case.kind == group or (group == NO_SHARED_WORD and case.no_shared_word)


def misspelt(question: str) -> str:
    """The question with one slip of the keyboard in each of its two longest words, always the same for a question.

    A slip drops, doubles, swaps or replaces a letter, never the first one.
    """
    chance = random.Random(question)
    words = list(re.finditer(r"[^\W\d_]{4,}", question))
    longest = sorted(words, key=lambda word: -len(word[0]))[:2]
    for word in sorted(longest, key=lambda each: -each.start()):
        question = question[: word.start()] + _slip(word[0], chance) + question[word.end() :]
    return question


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    before, letter, following, after = word[:at], word[at], word[at + 1], word[at + 2 :]
    other = chance.choice([c for c in string.ascii_lowercase if c != letter.lower()])
    slips = [before + following + after, before + letter * 2 + following + after, before + other + following + after]
    if letter != following:
        slips.append(before + following + letter + after)
    return chance.choice(slips)


def gates(asked: Sequence[Asked]) -> list[Gate]:
    """What must hold on the set that nothing is fitted on."""
    out = []
    for library in ("originals", "digests"):
        mine = [a for a in asked if (a.library, a.questions, a.system) == (library, GATED_SET, OURS)]
        for group, name, goal in GATES:
            seen = mine[0].measure(group, name) if mine else None
            value = seen.mean if seen is not None and seen.count else None
            out.append(Gate(f"{name}, {group}, {library}", value, goal))
    return out


def _groups(cases: Sequence[Case]) -> list[str]:
    return [EVERY, NO_SHARED_WORD, *dict.fromkeys(case.kind for case in cases)]


def _tables(seen: _Run) -> list[Table]:
    out = []
    names = list(MEASURES)
    for library, questions in dict.fromkeys((a.library, a.questions) for a in seen.asked):
        mine = [a for a in seen.asked if (a.library, a.questions) == (library, questions)]
        where = f"{questions} questions, {library}"
        rows = [
            [a.system, group, str(a.measure(group, "recall@5").count), *(a.measure(group, n).percent for n in names)]
            for group in (EVERY, NO_SHARED_WORD)
            for a in mine
        ]
        out.append(Table.of(f"{where}: percent (95% interval)", ("system", "questions", "n", *names), rows))
        ours = next(a for a in mine if a.system == OURS)
        rows = [
            [group, str(ours.measure(group, "recall@5").count), *(ours.measure(group, n).percent for n in names)]
            for group in _groups(ours.cases)[2:]
        ]
        out.append(Table.of(f"{where}: ours by kind", ("kind", "n", *names), rows))
        rows = [
            [a.system, a.behind(ours, EVERY).percent, a.behind(ours, NO_SHARED_WORD).percent]
            for a in mine
            if a is not ours
        ]
        columns = ("system", EVERY, NO_SHARED_WORD)
        out.append(Table.of(f"{where}: recall@5 of ours above it, in points (95% interval)", columns, rows))
    out.append(_answered_table(seen))
    sizes = [[library, system, str(count), str(median)] for library, system, count, median in seen.sizes]
    out.append(Table.of("What was searched", ("library", "system", "passages", "median characters"), sizes))
    return out


def _answered_table(seen: _Run) -> Table:
    kinds = list(dict.fromkeys(case.kind for each in seen.answered.values() for case, _ in each))
    columns = [f"{questions}, {library}" for library, questions in seen.answered]
    rows = [[kind, *(_with_count(share_answered(each, kind)) for each in seen.answered.values())] for kind in kinds]
    title = "Questions whose best passage scores enough to answer from, percent (95% interval) of n"
    return Table.of(title, ("kind", *columns), rows)


def _with_count(share: Measure) -> str:
    return f"{share.percent} of {share.count}"


def share_answered(answers: Sequence[tuple[Case, bool]], kind: str) -> Measure:
    """How many of the questions of a kind would be answered."""
    return measure([float(answered) for case, answered in answers if case.kind == kind])


def _results(seen: _Run) -> dict[str, Any]:
    rankings: dict[str, Any] = {}
    ranked: dict[str, Any] = {}
    above: dict[str, Any] = {}
    ours = {(a.library, a.questions): a for a in seen.asked if a.system == OURS}
    for a in seen.asked:
        groups = _groups(a.cases)
        best = ours[a.library, a.questions]
        figures = {g: {name: a.measure(g, name).as_json() for name in MEASURES} for g in groups}
        rankings.setdefault(a.library, {}).setdefault(a.questions, {})[a.system] = figures
        ranked.setdefault(a.library, {}).setdefault(a.questions, {})[a.system] = {
            k: list(v) for k, v in a.ranks.items()
        }
        ahead = {g: a.behind(best, g).as_json() for g in groups}
        above.setdefault(a.library, {}).setdefault(a.questions, {})[a.system] = ahead
    answered: dict[str, Any] = {}
    for (library, questions), each in seen.answered.items():
        kinds = dict.fromkeys(case.kind for case, _ in each)
        shares = {kind: share_answered(each, kind).as_json() for kind in kinds}
        answered.setdefault(library, {})[questions] = shares
    sizes = [
        {"library": library, "system": system, "passages": count, "median characters": median}
        for library, system, count, median in seen.sizes
    ]
    return {
        "rankings": rankings,
        "recall@5 of ours above": above,
        "answered": answered,
        "passages": sizes,
        "ranks": ranked,
    }


def _configuration(settings: Settings, weights: Weights | None, sets: Sequence[str]) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "embedding model": model_of(settings),
        "embedding backend": settings.embedding_backend.value,
        "peers": "; ".join(peer.versions for peer in PEERS if not peer.missing) or "none",
        "weights": weights.model_dump() if weights else None,
        "questions": {name: len(load_cases(name)) for name in sets},
        "bootstrap resamples": RESAMPLES,
    }


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower())
