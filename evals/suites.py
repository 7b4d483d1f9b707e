"""The evaluation suites by name. The front door is `run_suites`; every run is kept as a file."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from assistant.errors import CallerError
from assistant.settings import Settings
from evals import completeness, retrieval, speed
from evals.reports import Report, SuiteReport

Say = Callable[[str], None]
Suite = Callable[[Settings, Path, Say], SuiteReport]

SUITES: Mapping[str, Suite] = {"retrieval": retrieval.run, "speed": speed.run, "completeness": completeness.run}
BY_DEFAULT = ("retrieval",)
"""Run when none is named. The others take long, or want a machine that does nothing else."""

RUNS = "runs"
INDEXES = "indexes"


def run_suites(names: tuple[str, ...], settings: Settings, *, folder: Path | None = None) -> Report:
    """Run these suites in order, those `BY_DEFAULT` when none is named. Raises CallerError for a name of none.

    Indexes and results are kept in `folder`, by default `evals` in the data folder.
    """
    unknown = sorted(set(names) - set(SUITES))
    if unknown:
        raise CallerError(
            f"There is no suite {unknown[0]!r}.\n"
            f"The suites are {', '.join(SUITES)}; with none named, {', '.join(BY_DEFAULT)} is run."
        )
    kept = folder or evals_folder(settings)
    reports = []
    files = []
    for name in dict.fromkeys(names or BY_DEFAULT):
        report = SUITES[name](settings, kept / INDEXES, _say)
        reports.append(report)
        files.append(str(_keep(report, kept / RUNS)))
    return Report(tuple(reports), tuple(files))


def evals_folder(settings: Settings) -> Path:
    """Where evaluations keep indexes and results unless told otherwise."""
    return settings.data_dir / "evals"


def _keep(report: SuiteReport, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stamp = re.sub(r"[^0-9T]", "", report.started.partition("+")[0])
    path = folder / f"{stamp}-{report.suite}.json"
    path.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def _say(line: str) -> None:
    """What is being done, when a person is watching."""
    if sys.stderr.isatty():
        print(f"{line} …", file=sys.stderr)
