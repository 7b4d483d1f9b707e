"""What a change to the corpus changes, in it and in the answers. The front door is `diff_corpora`.

The two indexes are kept in the evaluations' folder and used again; texts that any index here holds already are not
embedded again. Documents added by hand are in neither: it is the corpora that are compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from assistant.errors import CorpusInvalid, Mistake
from assistant.settings import Settings
from assistant.wiring import build_assistant
from evals.answer_diff import AnswerDiff, Given, ask_all, compare_answers
from evals.cases import SETS, Case, load_cases
from evals.corpus_diff import Corpus, CorpusDiff, compare_corpora
from evals.corpus_versions import Version, open_version, read_version, same_files
from evals.indexes import build_index
from evals.suites import INDEXES, evals_folder
from ingest.guards import Progress, unwatched

BEFORE, AFTER = "diff-before", "diff-after"
"""Folders of the two indexes."""
SUITES_INDEX = "digests"
"""The folder of the index that the suites make of the shipped corpus."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Two versions of the corpus compared. `answers` is None when nobody was to ask, or both are the same files."""

    old: Version
    new: Version
    on: dt.date
    corpus: CorpusDiff
    answers: AnswerDiff | None
    same_files: bool

    def as_json(self) -> dict[str, Any]:
        """For tools."""
        return {
            "old": self.old.as_json(),
            "new": self.new.as_json(),
            "same_files": self.same_files,
            **self.corpus.as_json(),
            "questions": None if self.answers is None else {"on": self.on.isoformat(), **self.answers.as_json()},
        }


def diff_corpora(
    old: str,
    new: str | None,
    settings: Settings,
    *,
    today: dt.date,
    questions: bool = True,
    progress: Progress = unwatched,
) -> Changes:
    """Compare two versions, each a folder or a revision; without `new`, the corpus folder of the settings.

    Questions are answered as of `today` over both. Raises CallerError for a version that is not there, CorpusInvalid
    with the mistakes of both.
    """
    with ExitStack() as opened:
        given = (old, new or str(settings.corpus_dir))
        before, after = (opened.enter_context(open_version(each, settings.corpus_dir)) for each in given)
        corpora = _read_both(before, after)
        corpus = compare_corpora(*corpora)
        same = same_files(before.folder, after.folder)
        answers = None
        if questions and not same:
            cases = [case for name in SETS for case in load_cases(name)]
            given_before = _ask(before, BEFORE, cases, settings, today, progress, "Before")
            given_after = _ask(after, AFTER, cases, settings, today, progress, "After")
            answers = compare_answers(
                cases,
                given_before,
                given_after,
                new_ids=corpus.new_ids,
                passages_before=[part.passage for part in corpora[0].parts],
                passages_after=[part.passage for part in corpora[1].parts],
            )
        return Changes(before, after, today, corpus, answers, same)


def _read_both(before: Version, after: Version) -> tuple[Corpus, Corpus]:
    """Both, or the mistakes of both."""
    read: list[Corpus] = []
    mistakes: list[Mistake] = []
    for version in (before, after):
        try:
            read.append(read_version(version))
        except CorpusInvalid as error:
            mistakes += error.mistakes
    if mistakes:
        raise CorpusInvalid(list(dict.fromkeys(mistakes)))
    return read[0], read[1]


def _ask(
    version: Version,
    name: str,
    cases: Sequence[Case],
    settings: Settings,
    today: dt.date,
    progress: Progress,
    when: str,
) -> dict[str, Given]:
    indexes = evals_folder(settings) / INDEXES
    others = [
        folder
        for folder in (settings.data_dir, *(indexes / each for each in (SUITES_INDEX, BEFORE, AFTER)))
        if folder != indexes / name
    ]
    own = build_index(
        version.folder,
        indexes / name,
        settings=settings,
        borrow_from=others,
        progress=lambda stage, done, total: progress(f"{when}: {stage.lower()}", done, total),
    )
    assistant = build_assistant(own, today=lambda: today)
    return ask_all(assistant, cases, progress, f"{when}: asking")
