"""A page of a PDF as lines and tables, in the order in which people read them.

In:   pdfplumber's page.
Out:  `PageContent`: rows from top to bottom, of the whole width of the page, words from left to right; tables that
      have rules; words set sideways or outside the visible page. `reading_order` turns rows into flows, one for each
      column of text.
Units: points; `top` and `bottom` are measured downwards from the top of the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import pairwise
from statistics import median

from pdfminer.layout import LTChar, LTCurve, LTFigure, LTImage, LTItem
from pdfplumber.page import Page
from pdfplumber.table import Table

from ingest.loading.structure import Cell, fold, superscript

WORD_GAP = 0.15
"""Letters further apart than this share of their size are in two words."""
CELL_GAP = 1.5
"""Words further apart than this many times their size stand in different columns, or after a tab."""
GUTTER = 0.8
MIN_COLUMN_LINES = 4
MIN_COLUMN_FILL = 0.55
"""Running text fills the lines of its column; the cells of a table do not."""
MIN_WORDS_A_LINE = 3
MIN_RULES = 4
"""A table has at least so many lines or rectangles."""

_BOLD = re.compile(r"bold|black|heavy|demi|[-,]bd\b", re.IGNORECASE)
_SYMBOLS = re.compile(r"wingdings|dingbats|webdings", re.IGNORECASE)
_UNMAPPED = re.compile(r"\(cid:\d+\)")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})


@dataclass(slots=True)
class Word:
    """Letters with no gap between them."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    bold: bool


@dataclass(eq=False)
class Ruled:
    """A table whose cells have rules round them."""

    rows: list[list[Cell]]
    edges: tuple[float, ...]
    x0: float
    x1: float
    top: float
    bottom: float
    page: int


@dataclass(eq=False)
class Row:
    """Words on one base line, or one table."""

    words: list[Word]
    page: int
    ruled: Ruled | None = None

    @cached_property
    def x0(self) -> float:
        """Left edge."""
        return self.ruled.x0 if self.ruled else self.words[0].x0

    @cached_property
    def x1(self) -> float:
        """Right edge."""
        return self.ruled.x1 if self.ruled else max(w.x1 for w in self.words)

    @cached_property
    def size(self) -> float:
        """The size that most of its letters have."""
        sizes: Counter[float] = Counter()
        for word in self.words:
            sizes[word.size] += len(word.text)
        return max(sizes, key=lambda size: sizes[size]) if sizes else 0.0

    @cached_property
    def top(self) -> float:
        """Top of the letters of the usual size."""
        return self.ruled.top if self.ruled else median(w.top for w in self._usual)

    @cached_property
    def bottom(self) -> float:
        """Bottom of the letters of the usual size."""
        return self.ruled.bottom if self.ruled else median(w.bottom for w in self._usual)

    @cached_property
    def bold(self) -> bool:
        """Whether nearly all of its letters are bold."""
        bold = sum(len(w.text) for w in self.words if w.bold)
        return bold > 0.9 * sum(len(w.text) for w in self.words)

    @cached_property
    def cells(self) -> list[list[Word]]:
        """Words in groups with wide gaps between them."""
        groups: list[list[Word]] = []
        for word in self.words:
            if groups and word.x0 - groups[-1][-1].x1 <= CELL_GAP * min(word.size, self.size):
                groups[-1].append(word)
            else:
                groups.append([word])
        return groups

    @cached_property
    def text(self) -> str:
        """Its words with single spaces."""
        return fold(" ".join(w.text for w in self.words))

    @cached_property
    def tabbed(self) -> str:
        """Its words, with a tab for a wide gap."""
        return "\t".join(fold(" ".join(w.text for w in cell)) for cell in self.cells)

    @property
    def _usual(self) -> list[Word]:
        return [w for w in self.words if w.size == self.size]


@dataclass
class PageContent:
    """What one page holds. `unmapped` counts letters that the file draws without saying which they are."""

    number: int
    height: float
    rows: list[Row] = field(default_factory=list)
    sideways: str = ""
    outside: str = ""
    letters: int = 0
    unmapped: int = 0
    has_images: bool = False


@dataclass(slots=True)
class _Letter:
    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    font: str


def read_page(page: Page) -> PageContent:
    """The rows of one page."""
    content = PageContent(number=page.page_number, height=float(page.height))
    upright: list[_Letter] = []
    turned: list[_Letter] = []
    slanting: list[str] = []
    outside: list[_Letter] = []
    rules = 0
    left, above = float(page.mediabox[0]), float(page.mediabox[1])
    crop_x0, crop_top, crop_x1, crop_bottom = map(float, page.cropbox)
    for item in _items(page.layout):
        if isinstance(item, LTCurve):  # lines and rectangles too
            rules += 1
        elif isinstance(item, LTImage):
            content.has_images = True
        elif isinstance(item, LTChar):
            letter = _letter(item, left, above + content.height)
            x, y = (letter.x0 + letter.x1) / 2, (letter.top + letter.bottom) / 2
            if not letter.text.isspace():
                content.letters += 1
                content.unmapped += bool(_UNMAPPED.fullmatch(letter.text))
            across, up = abs(item.matrix[0]), item.matrix[1]
            if not (crop_x0 <= x <= crop_x1 and crop_top <= y <= crop_bottom):
                outside.append(letter)
            elif abs(up) < 0.05 * across:
                upright.append(letter)
            elif across < 0.05 * abs(up):
                turned.append(_turned(letter, up > 0))
            else:
                slanting.append(letter.text)
    if len(turned) > len(upright):  # a table too wide for the page, and its page number
        upright, turned, rules = turned, upright, 0
        content.height = float(page.width)
    content.rows = list(_rows(upright, content.number))
    beside = [row.text for row in _rows(turned, content.number)]
    content.sideways = fold(" ".join([*beside, "".join(slanting)]))
    content.outside = " ".join(row.text for row in _rows(outside, content.number))
    if rules >= MIN_RULES and content.rows:
        for table in page.find_tables():
            _take_table(content, table)
        content.rows.sort(key=lambda row: row.top)
    return content


def reading_order(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Rows in flows: a stretch of the page's whole width, or one column of text, is one flow."""
    gutter = _gutter(rows)
    if gutter is None:
        if rows:
            yield list(rows)
        return
    x, start, end = gutter
    left = [side for row in rows[start:end] if (side := _part(row, None, x))]
    right = [side for row in rows[start:end] if (side := _part(row, x, None))]
    after: list[Row] = []
    if end < len(rows):
        left, after = _without_tail(left, right)
    yield from reading_order(rows[:start])
    yield from reading_order(left)
    yield from reading_order(right)
    yield from reading_order([*after, *rows[end:]])


def _items(container: Iterable[LTItem]) -> Iterator[LTItem]:
    for item in container:
        if isinstance(item, LTFigure):
            yield from _items(item)
        else:
            yield item


@lru_cache(maxsize=256)
def _draws_symbols(font: str) -> bool:
    return bool(_SYMBOLS.search(font))


def _letter(char: LTChar, left: float, height: float) -> _Letter:
    text = char.get_text()
    if _draws_symbols(char.fontname) and not text.isspace():
        text = "•"
    return _Letter(
        text=text.translate(_LIGATURES) if not text.isascii() else text,
        x0=char.x0 + left,
        x1=char.x1 + left,
        top=height - char.y1,
        bottom=height - char.y0,
        size=round(char.size * 2) / 2,
        font=char.fontname,
    )


def _turned(letter: _Letter, upwards: bool) -> _Letter:
    """The letter as it stands when the page is turned so that it is upright."""
    size = round((letter.x1 - letter.x0) * 2) / 2
    if upwards:
        return _Letter(letter.text, -letter.bottom, -letter.top, letter.x0, letter.x1, size, letter.font)
    return _Letter(letter.text, letter.top, letter.bottom, -letter.x1, -letter.x0, size, letter.font)


def _rows(letters: Iterable[_Letter], page: int) -> Iterator[Row]:
    """Letters whose middles are at about the same height are in one row."""
    held: list[_Letter] = []
    middle = size = 0.0
    for letter in sorted(letters, key=lambda c: c.top + c.bottom):
        here = (letter.top + letter.bottom) / 2
        if held and here - middle > 0.4 * max(size, letter.size):
            if words := _words(held):
                yield Row(words, page)
            held = []
        if not held:
            middle, size = here, letter.size
        held.append(letter)
    if words := _words(held):
        yield Row(words, page)


def _words(letters: list[_Letter]) -> list[Word]:
    sizes = Counter(letter.size for letter in letters if not letter.text.isspace())
    if not sizes:
        return []
    usual = max(sizes, key=lambda size: sizes[size])
    base = median(letter.bottom for letter in letters if letter.size == usual)
    words: list[Word] = []
    end = before = None
    for letter in sorted(letters, key=lambda c: c.x0):
        if letter.text.isspace():
            end = None
            continue
        if before is not None and letter.text == before.text and letter.x0 - before.x0 < 0.15 * letter.size:
            continue  # drawn twice to look bold
        before = letter
        text = letter.text
        if text.isdigit() and letter.size <= 0.8 * usual and letter.bottom < base - 0.12 * usual:
            text = superscript(text)
        if end is None or letter.x0 - end > WORD_GAP * max(letter.size, words[-1].size):
            bold = bool(_BOLD.search(letter.font))
            words.append(Word(text, letter.x0, letter.x1, letter.top, letter.bottom, letter.size, bold))
        else:
            word = words[-1]
            word.text += text
            word.x1 = max(word.x1, letter.x1)
            if letter.size > word.size:
                word.size, word.top, word.bottom = letter.size, letter.top, letter.bottom
        end = words[-1].x1
    return words


def _take_table(content: PageContent, table: Table) -> None:
    """Move a table's words from the rows into a row of its own. What only has a frame is no table."""
    cells = sorted({tuple(map(float, cell)) for cell in table.cells}, key=lambda c: (c[1], c[0]))
    columns = sorted({cell[0] for cell in cells})
    lines = sorted({cell[1] for cell in cells})
    if len(columns) < 2 or len(lines) < 2:
        return
    inside: dict[tuple[float, ...], list[Row]] = {cell: [] for cell in cells}
    rest: list[Row] = []
    for row in content.rows:
        taken: dict[tuple[float, ...] | None, list[Word]] = {}
        for word in row.words:
            x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
            cell = next((c for c in cells if c[0] <= x <= c[2] and c[1] <= y <= c[3]), None)
            taken.setdefault(cell, []).append(word)
        for place, words in taken.items():
            if place is None or row.ruled:
                rest.append(Row(words, row.page, row.ruled))
            else:
                inside[place].append(Row(words, row.page))
    filled = [cell for cell, rows in inside.items() if rows]
    if len({c[0] for c in filled}) < 2 or len({c[1] for c in filled}) < 2:
        return
    grid = [[_cell_at(cells, inside, x, y, i) for i, x in enumerate(columns)] for y in lines]
    x0, top, x1, bottom = map(float, table.bbox)
    ruled = Ruled(grid, tuple(columns), x0, x1, top, bottom, content.number)
    content.rows = [*rest, Row([], content.number, ruled)]


def _cell_at(
    cells: Sequence[tuple[float, ...]], inside: dict[tuple[float, ...], list[Row]], x: float, y: float, column: int
) -> Cell:
    """The cell that covers this place of the grid, whole: one merged downwards is said in every row."""
    cell = next((c for c in cells if c[0] <= x + 1 < c[2] and c[1] <= y + 1 < c[3]), None)
    if cell is None:
        return Cell("")
    text = ""
    for row in inside[cell]:
        joins = text[-1:] == "-" and text[-2:-1].isalpha() and row.text[:1].islower()
        text = f"{text}{row.text}" if joins or not text else f"{text} {row.text}"
    return Cell(text, continued=column > 0 and cell[0] < x - 1)


def _gutter(rows: Sequence[Row]) -> tuple[float, int, int] | None:
    """The left edge of a second column of running text, and between which rows it holds; None when there is none."""
    if len(rows) < MIN_COLUMN_LINES:
        return None
    x0, x1 = min(r.x0 for r in rows), max(r.x1 for r in rows)
    edges: Counter[int] = Counter()
    for row in rows:
        if row.x0 > x0 + 0.25 * (x1 - x0):
            edges[round(row.x0)] += 1
        for before, after in pairwise(row.words):
            if after.x0 - before.x1 >= GUTTER * after.size:
                edges[round(after.x0)] += 1
    best: tuple[float, int, int] | None = None
    for edge, count in edges.most_common(6):
        if count + edges[edge - 1] + edges[edge + 1] < MIN_COLUMN_LINES:
            continue
        start = 0
        for end in range(len(rows) + 1):
            if end < len(rows) and not _crosses(rows[end], edge - 1.5):
                continue
            if (best is None or end - start > best[2] - best[1]) and _is_two_columns(rows[start:end], edge - 1.5):
                best = (edge - 1.5, start, end)
            start = end + 1
    return best


def _crosses(row: Row, x: float) -> bool:
    if row.ruled:
        return row.x0 < x < row.x1
    left = [w.x1 for w in row.words if w.x0 < x]
    return bool(left) and max(left) > x - (GUTTER * row.size if row.x1 > x + 2 else 0) + 2


def _is_two_columns(rows: Sequence[Row], x: float) -> bool:
    """Whether running text stands on both sides, side by side."""
    left = [side for row in rows if (side := _part(row, None, x))]
    right = [side for row in rows if (side := _part(row, x, None))]
    if not (_is_running_text(left) and _is_running_text(right)):
        return False
    beside = min(left[-1].bottom, right[-1].bottom) - max(left[0].top, right[0].top)
    return beside > 0.4 * min(left[-1].bottom - left[0].top, right[-1].bottom - right[0].top)


def _is_running_text(rows: Sequence[Row]) -> bool:
    rows = [row for row in rows if not row.ruled]
    if len(rows) < MIN_COLUMN_LINES:
        return False
    width = max(r.x1 for r in rows) - min(r.x0 for r in rows)
    fill = median(sum(w.x1 - w.x0 + 0.3 * w.size for w in r.words) for r in rows) / width
    return fill >= MIN_COLUMN_FILL and median(len(r.words) for r in rows) >= MIN_WORDS_A_LINE


def _part(row: Row, x0: float | None, x1: float | None) -> Row | None:
    """The words of a row right of `x0` or left of `x1`."""
    if row.ruled:
        here = (x0 is None or row.x0 >= x0) and (x1 is None or row.x0 < x1)
        return row if here else None
    words = [w for w in row.words if (x0 is None or w.x0 >= x0) and (x1 is None or w.x0 < x1)]
    return Row(words, row.page) if words else None


def _without_tail(left: list[Row], right: list[Row]) -> tuple[list[Row], list[Row]]:
    """A few rows below both columns, after a gap, belong to what follows over the whole width: a heading, say."""
    foot = max(row.bottom for row in right)
    for i in range(len(left) - 1, max(0, len(left) - 4), -1):
        if left[i].top > foot and left[i].top - left[i - 1].bottom > 0.7 * left[i].size:
            return left[:i], left[i:]
    return left, []
