"""A table that people keep in a spreadsheet, read as forgivingly as is safe.

In:   the text of a CSV file and the columns it must have.
Out:  rows in file order, each cell as its column says: text, a list, one date or several.
Read without complaint: semicolons or tabs between cells, a byte-order mark, columns in another order, blank rows,
      blanks around a cell, curly apostrophes, empty cells after the last column, and rows that begin with `#`, which
      are notes.
Refused, with what to write: dates turned round, a value that is none of a column's choices, an empty cell that is
      needed, too many or too few cells, a column that is missing or unknown.
Pure: no I/O.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from assistant.errors import Mistake
from assistant.written import date_problem, nearest

BETWEEN = "|"
"""What stands between the parts of a cell that holds a list."""
_DELIMITERS = (",", ";", "\t")
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "\u00a0": " "})
_CURLY = "“”„"


class Cell(Enum):
    """What a column holds. A date is as exact as it is known: 2010, 2010-12 or 2010-12-14."""

    TEXT = auto()
    LIST = auto()
    DATE = auto()
    DATES = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, what it holds, whether each row needs it, and the values it may have (any, when empty)."""

    name: str
    holds: Cell = Cell.TEXT
    needed: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `where` is the file and line; `values` are text, or a tuple for a list; a date is text."""

    where: str
    values: Mapping[str, str | tuple[str, ...]]

    def text(self, name: str) -> str:
        """A cell of one value, "" when it is empty."""
        value = self.values[name]
        assert isinstance(value, str)
        return value

    def list(self, name: str) -> tuple[str, ...]:
        """A cell of several values, in order."""
        value = self.values[name]
        assert isinstance(value, tuple)
        return value


def read_table(text: str, columns: Sequence[Column], *, where: str, mistakes: list[Mistake]) -> list[Row]:
    """The rows that are right; what is wrong with the others is added to `mistakes`."""
    lines = _lines(text)
    header = next(lines, None)
    if header is None:
        names = ",".join(column.name for column in columns)
        mistakes.append(Mistake(f"{where}:1", "the table is empty.", f"Give it a first line: {names}."))
        return []
    line, cells = header
    order = _order([_clean(cell).lower().replace(" ", "_") for cell in cells], columns, f"{where}:{line}", mistakes)
    if order is None:
        return []
    rows = []
    for line, cells in lines:
        here = f"{where}:{line}"
        while len(cells) > len(order) and not _clean(cells[-1]):
            cells.pop()
        if len(cells) != len(order) or any(_is_half_quoted(cell) for cell in cells):
            mistakes.append(_wrong_count(here, cells, len(order)))
            continue
        found = len(mistakes)
        values = {column.name: _value(_clean(cells[at]), column, here, mistakes) for at, column in order}
        if len(mistakes) == found:
            rows.append(Row(here, values))
    return rows


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is no note and not blank, with the line it begins on."""
    body = text.removeprefix("\ufeff")
    rows = (line for line in body.splitlines() if line.strip(' ,;\t"') and not line.lstrip('" ').startswith("#"))
    first = next(rows, "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if any(_clean(cell) for cell in cells) and not cells[0].lstrip().startswith("#"):
            yield line, cells
        line = reader.line_num + 1


def _clean(cell: str) -> str:
    value = " ".join(cell.translate(_APOSTROPHES).split())
    if len(value) > 1 and value[0] in _CURLY and value[-1] in _CURLY:
        value = value[1:-1].strip()
    return value


def _order(
    header: list[str], columns: Sequence[Column], where: str, mistakes: list[Mistake]
) -> list[tuple[int, Column]] | None:
    """For each column of the file its place and what it is; None when they are not the columns wanted."""
    while header and not header[-1]:
        header.pop()
    wanted = {column.name: column for column in columns}
    missing = [name for name in wanted if name not in header]
    unknown = [name for name in header if name not in wanted]
    twice = sorted({name for name in header if header.count(name) > 1})
    names = ",".join(wanted)
    if missing or unknown or twice:
        parts = [
            f"{what} {', '.join(repr(n) for n in which)}"
            for what, which in (("there is no column", missing), ("unknown column", unknown), ("twice", twice))
            if which
        ]
        mistakes.append(Mistake(where, f"{'; '.join(parts)}.", f"Use the columns {names}."))
        return None
    return [(at, wanted[name]) for at, name in enumerate(header)]


def _is_half_quoted(cell: str) -> bool:
    """Whether a curly quotation mark begins the cell and none closes it: the cell was cut at a comma within."""
    return cell.strip()[:1] in tuple(_CURLY) and not any(mark in cell.strip()[1:] for mark in _CURLY)


def _wrong_count(where: str, cells: list[str], wanted: int) -> Mistake:
    curly = any(mark in cell for cell in cells for mark in _CURLY)
    remedy = "Quote a cell that holds a comma" + (', with straight quotes (") in place of “ and ”.' if curly else ".")
    if len(cells) == wanted:
        return Mistake(where, "a curly quotation mark begins a cell and none ends it.", remedy)
    many = "too many" if len(cells) > wanted else "too few"
    return Mistake(where, f"this row has {many} cells: {len(cells)}, not {wanted}.", remedy)


def _value(cell: str, column: Column, where: str, mistakes: list[Mistake]) -> str | tuple[str, ...]:
    many = column.holds in (Cell.LIST, Cell.DATES)
    parts = [part for part in (p.strip() for p in cell.split(BETWEEN)) if part] if many else [cell] if cell else []
    if not parts and column.needed:
        mistakes.append(Mistake(where, f"{column.name} is empty.", "Fill it in, or take the row out."))
    for part in parts:
        if column.holds in (Cell.DATE, Cell.DATES) and (problem := date_problem(part)):
            mistakes.append(Mistake(where, f"{column.name} is '{part}'. {problem[0]}", problem[1]))
        if column.choices and part not in column.choices:
            remedy = f"{nearest(part, column.choices)}Use one of: {', '.join(column.choices)}."
            mistakes.append(Mistake(where, f"{column.name} is '{part}'.", remedy))
    return tuple(parts) if many else cell
