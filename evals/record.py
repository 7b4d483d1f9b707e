"""Write the last runs into `evals/README.md`.

    python -m evals.record [RUN.json …]

Without files: the last run of each suite in the data folder. Nothing is measured and no figure is typed in.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.errors import AssistantError, CallerError
from assistant.settings import load_settings
from evals.reports import Gate, Table, gates_table
from evals.suites import RUNS, SUITES, evals_folder

README = Path(__file__).parent / "README.md"
BEGIN = "<!-- recorded by `python -m evals.record` -->"
END = "<!-- end of what was recorded -->"


def last_runs(folder: Path) -> list[Path]:
    """The last run of each suite, in the suites' order. Raises CallerError when there is none."""
    runs = [sorted(folder.glob(f"*-{suite}.json"))[-1:] for suite in SUITES]
    found = [path for paths in runs for path in paths]
    if not found:
        raise CallerError(f"No run in {folder}.\nRun `compact-assistant evaluate` first, or name a run's file.")
    return found


def rewritten(readme: str, runs: Sequence[dict[str, Any]]) -> str:
    """The README with these runs in place of what was recorded before."""
    before, begun, rest = readme.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise CallerError(f"{README} has lost the lines between which runs are recorded.\nPut back {BEGIN} and {END}.")
    return before + BEGIN + "\n\n" + "\n\n".join(map(_section, runs)) + "\n\n" + END + after


def _section(run: dict[str, Any]) -> str:
    tables = [Table.of(t["title"], t["columns"], t["rows"]) for t in run["tables"]]
    gates = [Gate(g["what"], g["value"], g["goal"], at_most=g["at_most"]) for g in run["gates"]]
    parts = [
        f"### {run['suite']}, {run['started'][:10]}",
        *run["notes"],
        str(gates_table(gates)),
        *map(str, tables),
        "\n".join(_configuration(run["configuration"])),
    ]
    return "\n\n".join(parts)


def _configuration(configuration: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in configuration.items():
        if isinstance(value, dict):
            lines.append(f"- {name}: " + ", ".join(f"{k} {v}" for k, v in value.items()))
        else:
            lines.append(f"- {name}: {value}")
    return lines


def main() -> None:
    """Write, and say which runs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN.json")
    try:
        files = parser.parse_args().runs or last_runs(evals_folder(load_settings()) / RUNS)
        runs = [json.loads(path.read_text(encoding="utf-8")) for path in files]
        README.write_text(rewritten(README.read_text(encoding="utf-8"), runs), encoding="utf-8")
    except (AssistantError, OSError, ValueError) as error:
        sys.exit(str(error))
    print(f"{README} now holds " + " and ".join(str(path) for path in files))


if __name__ == "__main__":
    main()
