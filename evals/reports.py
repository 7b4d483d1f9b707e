"""What an evaluation reports: tables for people, figures for programs, gates that were met or missed.

Pure: no I/O.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Gate:
    """A figure and what it should be. A `value` of None was not measured: neither met nor missed."""

    what: str
    value: float | None
    goal: float
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it was; None when it was not measured."""
        if self.value is None:
            return None
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    @property
    def row(self) -> list[str]:
        """Its row in a table."""
        seen = "–" if self.value is None else f"{self.value:.3f}"
        verdict = {True: "met", False: "MISSED", None: "not measured"}[self.met]
        return [self.what, seen, f"{'at most' if self.at_most else 'at least'} {self.goal:g}", verdict]

    def as_json(self) -> dict[str, Any]:
        """Field for field."""
        return {
            "what": self.what,
            "value": self.value,
            "goal": self.goal,
            "at_most": self.at_most,
            "met": self.met,
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
        """A table of any sequences."""
        return cls(title, tuple(columns), tuple(tuple(row) for row in rows))

    def __str__(self) -> str:
        """As Markdown with straight columns, which reads as well in a terminal."""
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        shown = [
            "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |" for line in lines
        ]
        shown.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
        return "\n".join([f"**{self.title}**", "", *shown])

    def as_json(self) -> dict[str, Any]:
        """Field for field."""
        return {"title": self.title, "columns": list(self.columns), "rows": [list(row) for row in self.rows]}


def gates_table(gates: Sequence[Gate]) -> Table:
    """Every gate with what was seen."""
    return Table.of("Gates", ("figure", "seen", "goal", ""), [gate.row for gate in gates])


@dataclass(frozen=True, slots=True)
class SuiteReport:
    """One run of one suite.

    configuration: what was measured with: names and versions, sizes, dates.
    results:       every figure, as fractions, milliseconds, kibibytes or seconds, named so.
    notes:         what could not be measured, and why.
    """

    suite: str
    started: str
    seconds: float
    configuration: Mapping[str, Any]
    results: Mapping[str, Any]
    tables: tuple[Table, ...]
    gates: tuple[Gate, ...]
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no gate was missed."""
        return all(gate.met is not False for gate in self.gates)

    def __str__(self) -> str:
        title = f"# {self.suite} ({self.started}, {self.seconds:.0f} s)"
        return "\n\n".join([title, *self.notes, *map(str, self.tables), str(gates_table(self.gates))])

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        return {
            "suite": self.suite,
            "started": self.started,
            "seconds": round(self.seconds, 1),
            "passed": self.passed,
            "configuration": dict(self.configuration),
            "notes": list(self.notes),
            "gates": [gate.as_json() for gate in self.gates],
            "tables": [table.as_json() for table in self.tables],
            "results": dict(self.results),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The suites that were run, in order, and the file that each was written to."""

    suites: tuple[SuiteReport, ...]
    files: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no suite missed a gate."""
        return all(suite.passed for suite in self.suites)

    def __str__(self) -> str:
        written = [f"Written to {file}" for file in self.files]
        return "\n\n".join([*map(str, self.suites), "\n".join(written)]).rstrip()

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        return {
            "passed": self.passed,
            "suites": [suite.as_json() for suite in self.suites],
            "written_to": list(self.files),
        }
