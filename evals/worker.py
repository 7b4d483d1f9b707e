"""A process that does one thing, so that its time and memory are its own.

    python -m evals.worker TASK        TASK is JSON: {"do": "ours" | "langchain" | "ingest", …} (see `Task`)

`ours` and `langchain` answer: each line read is a JSON list of questions, each line written a `Round`.
`ingest` indexes once and writes one `Indexed`. The module imports nothing heavy before it knows its task.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from assistant.embedding import Embedder, Vectors
    from assistant.settings import Settings

LIMIT = 5
"""How many passages a search asks for."""


class Task(TypedDict):
    """What to do, over which folders, with which model."""

    do: str
    data_dir: str
    corpus_dir: str
    embedding_model: str
    embedding_backend: str


class Round(TypedDict):
    """How long each question took, in milliseconds; the process's resident memory after them; what it has imported."""

    milliseconds: list[float]
    resident_kib: int | None
    torch: bool


class Indexed(TypedDict):
    """What one `ingest` did. Seconds are of the call, without starting Python and importing."""

    embedded: int
    units: int
    passages: int
    seconds: float
    embedding_seconds: float


def main() -> None:
    """Do the task."""
    task: Task = json.loads(sys.argv[1])
    if task["do"] == "ingest":
        print(json.dumps(_ingest(_settings(task))), flush=True)
        return
    search = _search(task)
    for line in sys.stdin:
        print(json.dumps(_answer(search, json.loads(line))), flush=True)


def _search(task: Task) -> Callable[[str], object]:
    if task["do"] == "ours":
        from assistant.wiring import build_assistant

        assistant = build_assistant(_settings(task))
        return lambda question: assistant.search(question, limit=LIMIT)
    from evals.peers import LangChain

    chain = LangChain.open(Path(task["data_dir"]))
    return lambda question: chain.find(question, LIMIT)


def _answer(search: Callable[[str], object], questions: Sequence[str]) -> Round:
    took = []
    for question in questions:
        start = time.perf_counter()
        search(question)
        took.append(round(1000 * (time.perf_counter() - start), 4))
    return Round(milliseconds=took, resident_kib=_resident_kib(), torch="torch" in sys.modules)


def _resident_kib() -> int | None:
    """Resident memory of this process; None where the system has no /proc."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1])


def _ingest(settings: Settings) -> Indexed:
    from assistant.wiring import build_embedder, model_of
    from ingest import ingest

    model = model_of(settings)
    timed = _TimedFactory(lambda: build_embedder(settings, model))
    start = time.perf_counter()
    report = ingest(data_dir=settings.data_dir, corpus_dir=settings.corpus_dir, model=model, embedder=timed)
    return Indexed(
        embedded=report.embedded,
        units=report.manifest.units,
        passages=report.manifest.passages,
        seconds=time.perf_counter() - start,
        embedding_seconds=timed.seconds,
    )


class _TimedFactory:
    """Makes an embedder and counts the seconds spent making it and in it."""

    def __init__(self, make: Callable[[], Embedder]) -> None:
        self._make = make
        self.seconds = 0.0

    def __call__(self) -> Embedder:
        start = time.perf_counter()
        made = self._make()
        self.seconds += time.perf_counter() - start
        return _Timed(made, self)


class _Timed:
    def __init__(self, embedder: Embedder, clock: _TimedFactory) -> None:
        self._embedder = embedder
        self._clock = clock

    @property
    def name(self) -> str:
        return self._embedder.name

    def embed(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Vectors:
        """One unit vector a text, in order."""
        start = time.perf_counter()
        vectors = self._embedder.embed(texts, on_batch=on_batch)
        self._clock.seconds += time.perf_counter() - start
        return vectors


def _settings(task: Task) -> Settings:
    from assistant.settings import load_settings

    return load_settings(
        data_dir=task["data_dir"],
        corpus_dir=task["corpus_dir"],
        embedding_model=task["embedding_model"],
        embedding_backend=task["embedding_backend"],
        chroma_url=None,
    )


if __name__ == "__main__":
    main()
