"""Text as people read it, and text as it is compared. Pure: no I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*]+?)(?<=\S)\*(?![\w*])")
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}


def plain(text: str) -> str:
    """The text without emphasis marks, on one line: for people and for the index, never for a quote."""
    return fold(_EMPHASIS.sub(r"\1", _STRONG.sub(r"\2", text)))


def fold(text: str) -> str:
    """The text with every run of white space made one space, and none at its ends."""
    return re.sub(r"\s+", " ", text).strip()


def comparable(text: str) -> str:
    """Lower case, single spaces, straight quotes, no emphasis marks: equal for texts that read the same."""
    return plain(unicodedata.normalize("NFKC", text).translate(_QUOTES)).replace("*", "").lower()


def as_statement(quote: str, columns: Sequence[str] = ()) -> str:
    """A quote as an answer says it, word for word: a list item a line, a table's row as `column: cell; …`."""
    if "\t" in quote:
        cells = [fold(cell) for cell in quote.split("\t")]
        names = [*columns, *[""] * len(cells)]
        return "; ".join(f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=False) if cell)
    return "\n".join(plain(line) for line in quote.strip().split("\n"))
