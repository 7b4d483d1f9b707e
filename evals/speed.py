"""How fast questions are answered and documents indexed, beside LangChain's plain recipe in the same run.

Every figure is of a process of its own (see `worker`). Times differ between machines and hours: what is gated is the
ratio of two that were taken turn about. A question's time is its best of several rounds: other work on the machine
only ever adds, and adds more to a model that runs on several threads (beside a busy process LangChain's middling time
was once seen at ten times what it is alone). Over the originals where somebody has them, else over the digests.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from assistant.errors import OperationError
from assistant.settings import SHIPPED_CORPUS, Settings
from assistant.wiring import model_of
from evals.cases import load_cases
from evals.indexes import ORIGINALS_SETTING, REPOSITORY, open_index, originals_folder, settings_for
from evals.peers import LANGCHAIN_PEER
from evals.reports import Gate, SuiteReport, Table
from evals.systems import read_texts
from evals.worker import LIMIT, Indexed, Round, Task

OURS = "ours"
LANGCHAIN = "langchain"
COLD_STARTS = 3
REMEMBERED = 50
"""Questions answered before memory is read."""
ROUNDS = 9
TURN = 20
"""Questions that one process answers before it is the other's turn."""
DISTURBED = 1.5
"""The middling time beside the middling best one, from which on the report says that the machine was busy."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answering:
    """How one system answers.

    rounds: for each round, each question's time in milliseconds, in the questions' order.
    cold_seconds: from starting the process to its first answer, for each start.
    """

    rounds: tuple[tuple[float, ...], ...]
    resident_kib: int | None
    cold_seconds: tuple[float, ...]
    torch: bool

    @property
    def best_ms(self) -> float:
        """The middling question's best time."""
        best: list[float] = [min(times) for times in zip(*self.rounds, strict=True)]
        return statistics.median(best)

    @property
    def any_ms(self) -> float:
        """The middling time of all, disturbed or not."""
        return statistics.median(time for times in self.rounds for time in times)

    @property
    def cold(self) -> float:
        """The middling time from starting the process to its first answer."""
        return statistics.median(self.cold_seconds)


@dataclass(frozen=True, slots=True)
class Indexing:
    """One `ingest` in a process of its own. `process_seconds` counts starting Python and importing too."""

    done: Indexed
    process_seconds: float


def run(settings: Settings, folder: Path, say: Say) -> SuiteReport:
    """Measure. Indexes are kept in `folder` for the next run; what `ingest` takes is measured in a fresh folder."""
    started, clock = dt.datetime.now(dt.UTC), time.monotonic()
    notes = []
    documents = originals_folder()
    library = "originals"
    if documents is None:
        documents, library = SHIPPED_CORPUS, "digests"
        notes.append(f"The originals are not here, so the digests are searched (set {ORIGINALS_SETTING}).")
    tasks = _prepare(documents, library, settings, folder, say)
    if LANGCHAIN not in tasks:
        missing = ", ".join(LANGCHAIN_PEER.missing)
        notes.append(f"LangChain is not measured: {missing} not installed (extra `peers`), so there are no ratios.")
    say("Answering")
    answering = measure_answering(tasks, [case.question for case in load_cases("test")])
    if any(each.any_ms > DISTURBED * each.best_ms for each in answering.values()):
        notes.append("Other work disturbed the answering: times of all rounds lie far above the best ones.")
    say("Indexing from nothing, then again")
    first, second = _measure_ingest(documents, settings)
    return SuiteReport(
        suite="speed",
        started=started.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        configuration={
            "python": platform.python_version(),
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
            "embedding model": model_of(settings),
            "embedding backend": settings.embedding_backend.value,
            "peer": LANGCHAIN_PEER.versions if LANGCHAIN in tasks else "none",
            "documents": library,
            "passages": first.done["passages"],
            "texts indexed": first.done["units"],
            "passages a search asks for": LIMIT,
            "questions a system": ROUNDS * len(load_cases("test")),
        },
        results=_results(answering, first, second),
        tables=(_answering_table(answering), _indexing_table(first, second)),
        gates=tuple(gates(answering, first, second)),
        notes=tuple(notes),
    )


def _prepare(documents: Path, library: str, settings: Settings, folder: Path, say: Say) -> dict[str, Task]:
    """Index the documents for each system; the tasks of their processes."""
    say(f"Indexing the {library}")
    open_index(documents, folder / library, settings=settings)
    tasks = {OURS: _task(OURS, documents, folder / library, settings)}
    if not LANGCHAIN_PEER.missing:
        say(f"Indexing the {library} with LangChain")
        kept = folder / f"{library}-langchain"
        LANGCHAIN_PEER.build(read_texts(documents), kept)
        tasks[LANGCHAIN] = _task(LANGCHAIN, documents, kept, settings)
    return tasks


def _task(do: str, documents: Path, data_dir: Path, settings: Settings) -> Task:
    own = settings_for(documents, data_dir, settings)
    return Task(
        do=do,
        data_dir=str(own.data_dir),
        corpus_dir=str(own.corpus_dir),
        embedding_model=own.embedding_model,
        embedding_backend=own.embedding_backend.value,
    )


def measure_answering(tasks: dict[str, Task], questions: Sequence[str]) -> dict[str, Answering]:
    """Let the systems answer turn about, so that whatever else the machine does falls on each alike."""
    cold: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(COLD_STARTS):
        for name, task in tasks.items():
            start = time.perf_counter()
            with Process(task) as process:
                process.answer(questions[:1])
                cold[name].append(time.perf_counter() - start)
    processes = {name: Process(task) for name, task in tasks.items()}
    try:
        warm = {name: process.answer(questions[:REMEMBERED]) for name, process in processes.items()}
        rounds: dict[str, list[tuple[float, ...]]] = {name: [] for name in tasks}
        for _ in range(ROUNDS):
            for name, times in _one_round(processes, questions).items():
                rounds[name].append(times)
    finally:
        for process in processes.values():
            process.close()
    return {
        name: Answering(tuple(rounds[name]), warm[name]["resident_kib"], tuple(cold[name]), warm[name]["torch"])
        for name in tasks
    }


def _one_round(processes: dict[str, Process], questions: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Every question once by every process, `TURN` of them at a time."""
    took: dict[str, list[float]] = {name: [] for name in processes}
    for start in range(0, len(questions), TURN):
        names = list(processes) if start // TURN % 2 else list(reversed(processes))
        for name in names:
            took[name] += processes[name].answer(questions[start : start + TURN])["milliseconds"]
    return {name: tuple(times) for name, times in took.items()}


def _measure_ingest(documents: Path, settings: Settings) -> tuple[Indexing, Indexing]:
    with tempfile.TemporaryDirectory() as scratch:
        task = _task("ingest", documents, Path(scratch), settings)
        return _ingest_once(task), _ingest_once(task)


def _ingest_once(task: Task) -> Indexing:
    start = time.perf_counter()
    with Process(task) as process:
        done: Indexed = json.loads(process.read())
        process.wait()
    return Indexing(done, time.perf_counter() - start)


class Process:
    """A worker."""

    def __init__(self, task: Task) -> None:
        path = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        self._complaints = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - `close` does
        self._process = subprocess.Popen(
            [sys.executable, "-m", "evals.worker", json.dumps(task)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=os.environ | {"PYTHONPATH": path},
            text=True,
            encoding="utf-8",
        )

    def answer(self, questions: Sequence[str]) -> Round:
        """Let it answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(list(questions)) + "\n")
        self._process.stdin.flush()
        answered: Round = json.loads(self.read())
        return answered

    def read(self) -> str:
        """The next line it writes. Raises OperationError when it ended instead."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._complaints.seek(0)
            said = self._complaints.read().strip().rpartition("\n")[2]
            raise OperationError(f"A measured process ended early: {said}\nRun the suite again.")
        return line

    def wait(self) -> None:
        """Let it end by itself."""
        self._process.wait()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()
        self._complaints.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def gates(answering: dict[str, Answering], first: Indexing, second: Indexing) -> list[Gate]:
    """The goals, as ratios."""
    ours, peer = answering[OURS], answering.get(LANGCHAIN)
    return [
        Gate("median of questions' best times, ours / LangChain", _ratio(ours, peer, "best_ms"), 0.5, at_most=True),
        Gate("memory while answering, ours / LangChain", _ratio(ours, peer, "resident_kib"), 1.0, at_most=True),
        Gate("torch imported while answering", float(ours.torch), 0, at_most=True),
        Gate("texts embedded when nothing changed", float(second.done["embedded"]), 0, at_most=True),
        Gate(
            "ingest when nothing changed / from nothing, whole process",
            second.process_seconds / first.process_seconds,
            0.1,
            at_most=True,
        ),
        Gate("embedding's share of ingest from nothing", _embedding_share(first), 0.8),
    ]


def _ratio(ours: Answering, peer: Answering | None, name: str) -> float | None:
    mine, other = getattr(ours, name), getattr(peer, name, None)
    return None if mine is None or other is None else mine / other


def _embedding_share(indexing: Indexing) -> float:
    return indexing.done["embedding_seconds"] / indexing.done["seconds"]


def _answering_table(answering: dict[str, Answering]) -> Table:
    ours, peer = answering[OURS], answering.get(LANGCHAIN)
    shown = {OURS: "ours", LANGCHAIN: "LangChain"}
    rows = [
        [
            shown[name],
            f"{each.best_ms:.1f} ms",
            f"{each.any_ms:.1f} ms",
            "–" if each.resident_kib is None else f"{each.resident_kib / 1024:.0f} MiB",
            f"{each.cold:.1f} s",
        ]
        for name, each in answering.items()
    ]
    ratios = [_ratio(ours, peer, name) for name in ("best_ms", "any_ms", "resident_kib", "cold")]
    rows.append(["ours / LangChain", *("–" if ratio is None else f"{ratio:.2f}" for ratio in ratios)])
    columns = (
        "",
        f"median question, best of {ROUNDS}",
        "median of all",
        f"memory after {REMEMBERED} questions",
        "process to first answer",
    )
    return Table.of("Answering", columns, rows)


def _indexing_table(first: Indexing, second: Indexing) -> Table:
    rows = [
        [
            name,
            f"{each.process_seconds:.1f} s",
            f"{each.done['seconds']:.1f} s",
            f"{each.done['embedding_seconds']:.1f} s",
            str(each.done["embedded"]),
        ]
        for name, each in (("from nothing", first), ("nothing changed", second))
    ]
    return Table.of("Indexing", ("", "whole process", "indexing", "of it embedding", "texts embedded"), rows)


def _results(answering: dict[str, Answering], first: Indexing, second: Indexing) -> dict[str, Any]:
    return {
        "answering": {
            name: {
                "median_of_best_ms": each.best_ms,
                "median_of_all_ms": each.any_ms,
                "rounds_ms": [list(times) for times in each.rounds],
                "resident_kib": each.resident_kib,
                "cold_seconds": list(each.cold_seconds),
                "torch_imported": each.torch,
            }
            for name, each in answering.items()
        },
        "ingest": {
            name: {**each.done, "process_seconds": each.process_seconds}
            for name, each in (("from nothing", first), ("nothing changed", second))
        },
    }
