"""What the loaders of PDF, Word and HTML share: list marks, tables as rows, the levels of headings.

Pure: no I/O.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.blocks import Block, BlockKind

LOWEST_LEVEL = 6
TITLE_WITHIN_HEADINGS = 3
"""A cover may say the publisher and the series before the title."""
MAX_COLUMN_NAME_CHARS = 80

_BULLET = re.compile(r"^(?:(?:[•▪◦‣●○■□◆➢➤►✓✔∙\ue000-\uf8ff]\s*|[-–—*·»o]\s+)(?=\S))+")
_NUMBER = re.compile(r"^(?P<mark>\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\d{1,2}(?:\.\d{1,2})+\.?)\s+(?=\S)")
_JUNK_TITLE = re.compile(
    r"^(?:microsoft\s+\w+\s+-.*|.*\.(?:docx?|pdf|indd|rtf|odt|qxp?)|untitled.*|(?:word )?document\s?\d*|\W*|.{0,3})$",
    re.IGNORECASE,
)
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_UNSEEN = dict.fromkeys([*range(9), *range(14, 32), 0x7F, 0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in one place of a table's grid.

    A merged cell stands in every place it covers, `continued` where the place to the left is the same cell: its words
    are said once in each row, so that every row can be read by itself.
    """

    text: str
    continued: bool = False


def fold(text: str) -> str:
    """Single spaces, composed letters, and none of the characters that nobody sees."""
    return " ".join(unicodedata.normalize("NFC", text.translate(_UNSEEN)).split())


def list_mark(text: str) -> tuple[str, str] | None:
    """The mark an item begins with (every bullet is `- `) and the rest; None when it begins with no mark."""
    if bullet := _BULLET.match(text):
        return "- ", text[bullet.end() :]
    if number := _NUMBER.match(text):
        return f"{number['mark']} ", text[number.end() :]
    return None


def superscript(number: str) -> str:
    """The number of a note, as it is printed."""
    return number.translate(_SUPERSCRIPT)


def printed_number(number: int, style: str) -> str:
    """A list's number in one of the styles that Word names: `decimal`, `lowerLetter`, `upperRoman` and so on."""
    match style:
        case "lowerLetter" | "upperLetter":
            letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number > 0 else ""
            return letters.upper() if style == "upperLetter" else letters
        case "lowerRoman" | "upperRoman":
            roman = _roman(number)
            return roman.upper() if style == "upperRoman" else roman
        case "decimalZero":
            return f"{number:02d}"
        case "ordinal":
            ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
            return f"{number}{ending}"
        case "none" | "bullet":
            return ""
        case _:
            return str(number)


def table_blocks(
    rows: Sequence[Sequence[Cell]],
    *,
    header_rows: int | None = None,
    columns: tuple[str, ...] | None = None,
    page: int | None = None,
) -> list[Block]:
    """A block for each row that has words.

    header_rows: how many rows, from the first, name the columns; None to judge by the first row.
    columns:     the names, when an earlier part of the table gave them; no row is a header then.
    A cell as wide as the table is a paragraph: a caption, or a heading among the rows.
    """
    width = max(map(len, rows), default=0)
    grid = [[*row, *[Cell("")] * (width - len(row))] for row in rows if any(c.text for c in row)]
    used = [i for i in range(width) if any(row[i].text and not row[i].continued for row in grid)]
    if columns is not None and len(columns) == width:
        columns = tuple(columns[i] for i in used)
    grid = [[row[i] for i in used] for row in grid]
    blocks: list[Block] = []
    while grid and _as_wide_as_the_table(grid[0]):
        blocks.append(Block(kind=BlockKind.PARAGRAPH, text=grid.pop(0)[0].text, page=page))
        header_rows = max(0, header_rows - 1) if header_rows is not None else None
    if columns is not None:
        header_rows = 0
    elif header_rows is None:
        header_rows = 1 if _names_columns(grid) else 0
    if columns is None:
        columns = tuple(" ".join(dict.fromkeys(row[i].text for row in grid[:header_rows])) for i in range(len(used)))
        columns = tuple(map(str.strip, columns))
    for n, row in enumerate(grid):
        if n >= header_rows and _as_wide_as_the_table(row):
            blocks.append(Block(kind=BlockKind.PARAGRAPH, text=row[0].text, page=page))
            continue
        text = "\t".join("" if c.continued else c.text for c in row)
        is_header = n < header_rows
        blocks.append(Block(kind=BlockKind.TABLE_ROW, text=text, columns=columns, is_header=is_header, page=page))
    return blocks


def settle_levels(blocks: Sequence[Block]) -> tuple[list[Block], str | None]:
    """Levels from 1 without gaps, and the title.

    The title is the one heading of the highest level, near the beginning. It stands above no section: its level is 1,
    like that of the highest below it.
    """
    headings = [b for b in blocks if b.kind is BlockKind.HEADING]
    times = Counter(h.level for h in headings)
    title = next((h for h in headings[:TITLE_WITHIN_HEADINGS] if h.level == min(times) and times[h.level] == 1), None)
    used = sorted({h.level for h in headings if h is not title})
    level = {before: min(i, LOWEST_LEVEL) for i, before in enumerate(used, 1)}
    settled = [
        replace(b, level=1 if b is title else level[b.level]) if b.kind is BlockKind.HEADING else b for b in blocks
    ]
    return settled, title.text if title else None


def own_title(properties: str, heading: str | None, blocks: Sequence[Block]) -> str | None:
    """The title in a file's properties when its opening says it too, else the title heading, else the first heading.

    Properties are often left over from the file that somebody began with.
    """
    opening = _words(" ".join(b.text for b in blocks[:30]))
    is_junk = bool(_JUNK_TITLE.match(properties))
    if not is_junk and _words(properties) in opening:
        return properties
    first = next((b.text for b in blocks if b.kind is BlockKind.HEADING), None)
    return heading or first or (None if is_junk else properties)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _as_wide_as_the_table(row: Sequence[Cell]) -> bool:
    return len(row) > 1 and all(c.continued for c in row[1:])


def _names_columns(grid: Sequence[Sequence[Cell]]) -> bool:
    if len(grid) < 2:
        return False
    first = [c.text for c in grid[0]]
    return (
        all(first[1:])
        and all(len(text) <= MAX_COLUMN_NAME_CHARS for text in first)
        and not any(re.fullmatch(r"[\d.,%£\s]+", text) and not re.fullmatch(r"(?:19|20)\d\d", text) for text in first)
    )


def _roman(number: int) -> str:
    letters = ""
    for worth, letter in _ROMAN:
        times, number = divmod(max(number, 0), worth)
        letters += letter * min(times, 9)
    return letters
