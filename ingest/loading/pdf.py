"""PDF: what stands on the pages, in reading order, with the structure that type and position show.

In:     the bytes of one file.
Out:    `Loaded`: headings with levels, paragraphs, list items, table rows with their columns, footnotes, each with its
        physical page from 1; and what was dropped: running heads and feet, page numbers, contents lists.
Joined: paragraphs, words and tables that a line, column or page break cut in two.
Raises: `Unreadable` for what is encrypted, scanned, damaged, empty or no PDF at all.
Pure:   no I/O beyond the bytes. Values in form fields and comments are no part of a page and are not read.
"""

from __future__ import annotations

import io
import logging
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import pdfplumber
from pdfminer.ascii85 import ascii85decode, asciihexdecode
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import PSLiteral
from pdfplumber.pdf import PDF
from pdfplumber.utils.exceptions import PdfminerException

from ingest.blocks import Block, BlockKind, Dropped, DropReason, Loaded
from ingest.loading.pdf_layout import PageContent, Row, read_page, reading_order
from ingest.loading.structure import Cell, fold, list_mark, own_title, settle_levels, table_blocks
from ingest.loading.unreadable import Unreadable

MAX_PAGE_BYTES = 100_000_000
"""The drawing commands of one page, unpacked."""
MAX_UNMAPPED_SHARE = 0.2
EDGE_ROWS = 4
"""Running heads and page numbers are among so many rows from the top or the foot of a page."""
FEW_PAGES = 4
MAX_HEADING_WORDS = 25
MAX_NUMBERED_HEADING_WORDS = 10
BIGGER = 1.1
SMALLER = 0.93
PARAGRAPH_PITCH = 1.2
"""Lines further apart than this many times the usual are in two paragraphs."""

# pdfminer warns of colours and fonts it cannot draw; nobody who indexes text can do anything about them.
logging.getLogger("pdfminer").setLevel(logging.ERROR)

_PAGE_NUMBER = re.compile(r"^[\W_]*(?:page\s+)?(?:\d{1,4}|[ivxl]{1,7})(?:\s*(?:of|/)\s*\d{1,4})?[\W_]*$", re.IGNORECASE)
_CONTENTS_TITLE = re.compile(r"^(?:table of\s+)?contents(?:\s+page)?\s*:?$", re.IGNORECASE)
_CONTENTS_ENTRY = re.compile(r"\S.*?(?:\t|\.{3,}|…|(?:\. ?){3,})[\t .…]*(?:\d{1,4}|[ivxl]{1,6})$")
_LEADERS = re.compile(r"(?:\.{4,}|…{2,}|(?:\. ){4,}).*\d$")
_NOTE = re.compile(r"^(?:[⁰¹²³⁴⁵⁶⁷⁸⁹]+|\[\d{1,3}\]|[*†‡])\s*\S")
_SMALL_NOTE = re.compile(r"^\d{1,3}\s+\S")
_COUNTED = re.compile(r"^(?P<number>\d{1,2}(?:\.\d{1,2})*)\.?\s+(?=[^\W\d_])")
_DIVISION = re.compile(
    r"^(?:(?:section|part|chapter|appendix|annex|schedule)\s+(?:\d+|[ivx]+|[a-z]|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|eleven|twelve)\b|[A-Z]\.\s)",
    re.IGNORECASE,
)
_NO_HEADING = re.compile(
    r"www\.|https?:|@|^(?:table|figure|fig\.|chart|note|source)\s*\d*\s*[:.]|"
    r"^(?:\d{1,2}\s+)?(?:january|february|march|april|may|june|july|august|september|october|november|december)\s+\d{4}$",
    re.IGNORECASE,
)
_BROKEN_WORD = re.compile(r"(?P<first>[^\W\d_]+)[-\u2010]$")

_ENDED = re.compile(r"[.?!:;][)\]’”'\"⁰¹²³⁴⁵⁶⁷⁸⁹]*$")
_BARE_NUMBER = re.compile(r"^(?P<mark>\d{1,3})\t(?=\S)")
_UNMAPPED_BULLET = re.compile(r"^\(cid:\d+\)\s*(?=\S)")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")

_ANY = "<any words>"
_NUMBER_AWAY = "<page+"

_Style: TypeAlias = tuple[float, bool, bool, int]
"""How a heading looks and is numbered; smaller is higher."""


def load_pdf(data: bytes) -> Loaded:
    """Take a PDF apart."""
    _check_is_pdf(data)
    pages, properties_title = _read(data)
    _check_has_text(pages)
    dropped: list[Dropped] = []
    _take_furniture(pages, dropped)
    flows = _without_contents([flow for page in pages for flow in reading_order(page.rows)], dropped)
    blocks = _blocks(flows, pages, dropped)
    if not blocks:
        raise _without_text(any(page.has_images for page in pages), len(pages))
    settled, heading = settle_levels(blocks)
    title = own_title(properties_title, heading, settled)
    return Loaded(title=title, blocks=tuple(settled), dropped=tuple(dropped))


# Opening


def _check_is_pdf(data: bytes) -> None:
    if b"%PDF-" not in data[:1024]:
        raise Unreadable(
            f"This is not a PDF: it begins with {data[:12]!r} and not with b'%PDF-'.",
            "If it is another kind of document, give it that kind's ending; else export it as PDF again.",
        )
    if b"%%EOF" not in data.rstrip(b"\0\r\n\t ")[-1024:]:
        raise _damaged(f"it has {len(data)} bytes and no end mark (%%EOF), so part of it is missing")


def _damaged(how: str) -> Unreadable:
    return Unreadable(
        f"The PDF is damaged: {how}.",
        "Download or copy it again; if it is still damaged, open it in a PDF reader and print it to a new PDF.",
    )


def _read(data: bytes) -> tuple[list[PageContent], str]:
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            _check_streams(pdf)
            pages = []
            for page in pdf.pages:
                pages.append(read_page(page))
                page.close()
            title = pdf.metadata.get("Title")
            return pages, fold(title) if isinstance(title, str) else ""
    except Unreadable:
        raise
    except RecursionError as error:
        raise _damaged("its parts contain one another without end") from error
    except Exception as error:  # pdfminer lets KeyError, TypeError, struct.error and others out on damaged files
        inner = error.args[0] if isinstance(error, PdfminerException) and error.args else error
        if isinstance(inner, PDFPasswordIncorrect | PDFEncryptionError):
            raise Unreadable(
                "The PDF is encrypted and does not open without a password.",
                "Open it with its password and save or print an unprotected copy; add that.",
            ) from error
        raise _damaged(f"it cannot be read to the end ({type(inner).__name__}: {str(inner)[:80]})") from error


def _check_streams(pdf: PDF) -> None:
    """pdfminer makes less text of a damaged page without a word: look first."""
    pages = resolve1(pdf.doc.catalog.get("Pages"))
    expected = resolve1(pages.get("Count")) if isinstance(pages, dict) else None
    if not pdf.pages or (isinstance(expected, int) and len(pdf.pages) < expected):
        raise _damaged(f"{len(pdf.pages)} of its {expected} pages can be found")
    for page in pdf.pages:
        for reference in page.page_obj.contents:
            stream = resolve1(reference)
            if isinstance(stream, PDFStream) and stream.rawdata is not None:
                _check_stream(stream, page.page_number)


def _check_stream(stream: PDFStream, page: int) -> None:
    data = stream.rawdata or b""
    if stream.decipher is not None and stream.objid is not None and stream.genno is not None:
        data = stream.decipher(stream.objid, stream.genno, data, stream.attrs)
    for literal, _ in stream.get_filters():
        match literal.name if isinstance(literal, PSLiteral) else None:
            case "ASCII85Decode" | "A85":
                data = ascii85decode(data)
            case "ASCIIHexDecode" | "AHx":
                data = asciihexdecode(data)
            case "FlateDecode" | "Fl":
                data = _unpacked(data, page)
            case _:
                return


def _unpacked(data: bytes, page: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(data, MAX_PAGE_BYTES)
    except zlib.error as error:
        raise _damaged(f"page {page} cannot be unpacked ({error})") from error
    if len(unpacked) >= MAX_PAGE_BYTES:
        raise Unreadable(
            f"Page {page} of the PDF unpacks to more than {MAX_PAGE_BYTES // 1_000_000} MB.",
            "No page of text is so big; print the pages you need to a new PDF.",
        )
    if not unpacker.eof:
        raise _damaged(f"page {page} ends too early")
    return unpacked


def _check_has_text(pages: Sequence[PageContent]) -> None:
    letters = sum(page.letters for page in pages)
    unmapped = sum(page.unmapped for page in pages)
    if letters == 0:
        raise _without_text(any(page.has_images for page in pages), len(pages))
    if unmapped > MAX_UNMAPPED_SHARE * letters:
        raise Unreadable(
            f"The PDF does not say which letters it draws: {unmapped} of {letters} are unknown.",
            "Run text recognition (OCR) over it, or export it again from the original document.",
        )


def _without_text(has_images: bool, pages: int) -> Unreadable:
    if has_images:
        return Unreadable(
            f"The PDF is a scan: it has pictures and no text on any of its {pages} pages.",
            "Run text recognition (OCR) over it and add the result, or add the text as .txt or .docx.",
        )
    return Unreadable(f"The PDF has no text on any of its {pages} pages.", "Export it again, or leave it out.")


# Furniture


def _take_furniture(pages: Sequence[PageContent], dropped: list[Dropped]) -> None:
    """Take out what stands at the same place of several pages, page numbers, and what is not on the visible page."""
    needed = 2 if len(pages) < FEW_PAGES else 3
    usual = _usual_size(row for page in pages for row in page.rows)
    seen: Counter[tuple[str, int]] = Counter()
    for page in pages:
        places = {place for row in _edge_rows(page) for place in _places(row, page, usual)}
        seen.update(places)
    frequent = {place for place, times in seen.items() if times >= (3 if _ANY in place[0] else needed)}
    margins = Counter(text for page in pages if (text := page.sideways))
    for page in pages:
        head = _furniture(page.rows, page, frequent, usual)
        foot = _furniture(page.rows[::-1], page, frequent, usual)
        furniture = [*head, *(row for row in foot if row not in head)]
        for row in furniture:
            reason = DropReason.PAGE_NUMBER if _PAGE_NUMBER.match(row.text) else DropReason.RUNNING_HEAD
            dropped.append(Dropped(text=row.text, reason=reason))
        page.rows = [row for row in page.rows if row not in furniture]
        if page.sideways and margins[page.sideways] >= needed:
            dropped.append(Dropped(text=page.sideways, reason=DropReason.RUNNING_HEAD))
            page.sideways = ""
        if page.outside:
            dropped.append(Dropped(text=page.outside, reason=DropReason.MARKUP))


def _edge_rows(page: PageContent) -> list[Row]:
    rows = [row for row in page.rows if not row.ruled]
    return [row for i, row in enumerate(rows) if i < EDGE_ROWS or i >= len(rows) - EDGE_ROWS]


def _places(row: Row, page: PageContent, usual: float) -> Iterator[tuple[str, int]]:
    """The row's words and its height on the page; also with a number in it as the distance from the page's own."""
    spellings = {row.text.casefold()}
    if row.size <= usual * BIGGER:
        for number in re.finditer(r"\d{1,4}", row.text):
            away = f"{_NUMBER_AWAY}{int(number.group()) - page.number}>"
            spellings.add((row.text[: number.start()] + away + row.text[number.end() :]).casefold())
            if number.start() == 0 or number.end() == len(row.text):
                spellings.add(_ANY + away)  # the name of a chapter and the page: other words in the next chapter
    for height in (2 * round(row.bottom / 8), 2 * round(row.bottom / 8 + 0.5) + 1):  # two nets: no edge between meshes
        for spelling in spellings:
            yield spelling, height


def _furniture(rows: Sequence[Row], page: PageContent, frequent: set[tuple[str, int]], usual: float) -> list[Row]:
    """The rows, from this edge of the page inwards, that are no part of the text."""
    found = 0
    from_top = len(rows) > 1 and rows[0].top < rows[-1].top
    for i, row in enumerate(rows[:EDGE_ROWS]):
        if row.ruled:
            break
        known = {spelling for spelling, height in _places(row, page, usual) if (spelling, height) in frequent}
        inwards = row.bottom if from_top else page.height - row.top
        is_number = inwards < 0.08 * page.height and row.size <= usual * BIGGER and _PAGE_NUMBER.match(row.text)
        if is_number or any(_NUMBER_AWAY in spelling for spelling in known):
            found = i + 1
        elif not known or inwards > 0.15 * page.height:
            break
        elif i + 1 == len(rows) or _apart(row, rows[i + 1]) > 0.8 * row.size:
            found = i + 1  # what only begins or ends a page alike is followed by the rest of its paragraph
    return list(rows[:found])


def _apart(row: Row, other: Row) -> float:
    return max(row.top - other.bottom, other.top - row.bottom)


def _usual_size(rows: Iterable[Row]) -> float:
    sizes: Counter[float] = Counter()
    for row in rows:
        if not row.ruled:
            sizes[row.size] += len(row.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _without_contents(flows: Sequence[list[Row]], dropped: list[Dropped]) -> list[list[Row]]:
    """Take contents lists out: from their title, and wherever dots lead to page numbers line after line."""
    places = [(f, r) for f, flow in enumerate(flows) for r in range(len(flow))]
    rows = [flows[f][r] for f, r in places]
    taken: set[int] = set()
    i = 0
    while i < len(rows):
        has_title = bool(_CONTENTS_TITLE.match(rows[i].text)) and not rows[i].ruled
        length = _contents_length(rows[i + has_title :], has_title)
        if length:
            taken.update(range(i, i + has_title + length))
        i += max(1, has_title + length)
    dropped += [Dropped(text=rows[i].text, reason=DropReason.CONTENTS_LIST) for i in sorted(taken)]
    gone = {places[i] for i in taken}
    kept = [[row for r, row in enumerate(flow) if (f, r) not in gone] for f, flow in enumerate(flows)]
    return [flow for flow in kept if flow]


def _contents_length(rows: Sequence[Row], has_title: bool) -> int:
    """How many rows, from the first, are a contents list; between entries stand titles without a page."""
    length = entries = 0
    for i, row in enumerate(rows):
        if row.ruled or (not has_title and not _LEADERS.search(row.tabbed)):
            break
        if _CONTENTS_ENTRY.match(row.tabbed):
            length, entries = i + 1, entries + 1
        elif i - length >= 2 or len(row.text) > 160:
            break
    return length if entries >= (2 if has_title else 3) else 0


# Blocks


@dataclass(slots=True)
class _Usual:
    """What is usual in this document: the size of running text, whether it is bold, how far its lines are apart (as a
    share of the size), and the words it uses."""

    size: float
    bold: bool
    pitch: float
    words: Counter[str]

    def joined(self, before: str, after: str) -> str:
        """Two lines of a paragraph as one; a word broken at the end of the first is made whole."""
        broken, rest = _BROKEN_WORD.search(before), _WORD.match(after)
        if not broken or not rest or not after[0].islower():
            return f"{before} {after}"
        first, second = broken["first"].lower(), rest.group().lower()
        compound = self.words[f"{first}-{second}"] or (self.words[first] and self.words[second])
        return f"{before}{after}" if compound and not self.words[first + second] else f"{before[:-1]}{after}"

    def is_loose(self, before: Row, row: Row, times: float = PARAGRAPH_PITCH) -> bool:
        """Whether the second row stands further below the first than the lines of a paragraph do."""
        return row.bottom - before.bottom > times * self.pitch * max(before.size, row.size)


@dataclass(slots=True)
class _Piece:
    """A block in the making, or a table, with the rows it comes from."""

    kind: BlockKind
    text: str
    rows: list[Row]
    indent: float = 0.0  # from the left edge of its flow
    flow: int = 0
    style: _Style | None = None
    grid: list[list[Cell]] = field(default_factory=list)
    header_rows: int | None = None

    @property
    def page(self) -> int:
        return self.rows[0].page


def _blocks(flows: Sequence[list[Row]], pages: Sequence[PageContent], dropped: list[Dropped]) -> list[Block]:
    usual = _usual(flows)
    pieces: list[_Piece] = []
    body: _Piece | None = None  # what the next flow may go on
    for page in pages:
        notes: list[_Piece] = []
        for number, flow in enumerate(flows):
            if flow[0].page != page.number:
                continue
            lines, foot = _without_notes(flow, page, usual)
            foot_notes, made = _notes(foot, usual), _pieces(lines, usual)
            if made and body is not None and _goes_on(body, made[0]):
                body.text = usual.joined(body.text, made[0].text)
                body.rows += made.pop(0).rows
            for piece in [*made, *foot_notes]:
                piece.flow = number
            body = made[-1] if made else body
            pieces += made
            notes += foot_notes
        pieces += notes
        if page.sideways:
            row = Row([], page.number)
            pieces.append(_Piece(BlockKind.PARAGRAPH, page.sideways, [row]))
    return _finished(pieces, dropped)


def _usual(flows: Sequence[list[Row]]) -> _Usual:
    rows = [row for flow in flows for row in flow if not row.ruled]
    size = _usual_size(rows)
    of_size = [row for row in rows if row.size == size]
    bold = sum(len(row.text) for row in of_size if row.bold) > 0.5 * sum(len(row.text) for row in of_size)
    pitches: Counter[float] = Counter()
    words: Counter[str] = Counter()
    for flow in flows:
        broken = False
        for before, row in zip([None, *flow], flow, strict=False):
            if row.ruled:
                words.update(_WORD.findall(" ".join(c.text for cells in row.ruled.rows for c in cells).lower()))
                continue
            if before is not None and before.size == row.size == size:
                pitches[round((row.bottom - before.bottom) / size * 20) / 20] += 1
            found = _WORD.findall(row.text.lower())
            breaks = bool(_BROKEN_WORD.search(row.text))
            words.update(found[broken : len(found) - breaks])
            broken = breaks
    pitch = max((p for p in pitches if 1 <= p <= 2.5), key=lambda p: pitches[p], default=1.2)
    return _Usual(size, bold, pitch, words)


def _without_notes(flow: list[Row], page: PageContent, usual: _Usual) -> tuple[list[Row], list[Row]]:
    """The flow, and the footnotes below it."""
    for i, row in enumerate(flow):
        if row.ruled or row.top < 0.4 * page.height or not _begins_note(row, usual):
            continue
        raised = row.text[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹"
        if all(not r.ruled and (raised or _is_small(r, usual)) for r in flow[i:]):
            return flow[:i], flow[i:]
    return flow, []


def _is_small(row: Row, usual: _Usual) -> bool:
    return row.size <= SMALLER * usual.size


def _begins_note(row: Row, usual: _Usual) -> bool:
    if not _is_small(row, usual):
        return row.text[0] in "⁰¹²³⁴⁵⁶⁷⁸⁹" and bool(_NOTE.match(row.text))
    return bool(_NOTE.match(row.text) or _SMALL_NOTE.match(row.text))


def _notes(rows: Sequence[Row], usual: _Usual) -> list[_Piece]:
    notes: list[_Piece] = []
    for row in rows:
        if not notes or _begins_note(row, usual):
            notes.append(_Piece(BlockKind.FOOTNOTE, row.text, [row]))
        else:
            notes[-1].text = usual.joined(notes[-1].text, row.text)
    return notes


def _pieces(rows: Sequence[Row], usual: _Usual) -> list[_Piece]:
    """The pieces of one flow."""
    pieces: list[_Piece] = []
    left = min((row.x0 for row in rows), default=0.0)
    right = max((row.x1 for row in rows), default=0.0)
    i = 0
    while i < len(rows):
        row = rows[i]
        before = rows[i - 1] if i else None
        open_piece = pieces[-1] if pieces and pieces[-1].kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) else None
        if row.ruled:
            pieces.append(_Piece(BlockKind.TABLE_ROW, "", [row], grid=row.ruled.rows))
            taken = 1
        elif table := _unruled_table(rows[i:]):
            pieces.append(table)
            taken = len(table.rows)
        elif heading := _heading(rows[i:], before, usual):
            pieces.append(heading)
            taken = len(heading.rows)
        elif open_piece is None or before is None or _starts_piece(open_piece, before, row, right, usual):
            pieces.append(_piece(row, left))
            taken = 1
        else:
            open_piece.text = usual.joined(open_piece.text, row.text)
            open_piece.rows.append(row)
            taken = 1
        i += taken
    return pieces


def _piece(row: Row, left: float) -> _Piece:
    mark = _mark(row)
    if mark is None:
        return _Piece(BlockKind.PARAGRAPH, row.text, [row], indent=row.x0 - left)
    return _Piece(BlockKind.LIST_ITEM, mark[0] + fold(mark[1]), [row], indent=row.x0 - left)


def _mark(row: Row) -> tuple[str, str] | None:
    text = _UNMAPPED_BULLET.sub("• ", row.tabbed)
    if bare := _BARE_NUMBER.match(text):
        return f"{bare['mark']} ", text[bare.end() :]
    return list_mark(text)


def _starts_piece(piece: _Piece, before: Row, row: Row, right: float, usual: _Usual) -> bool:
    """Whether a row begins a paragraph or item of its own, rather than going on the one above it."""
    if _mark(row) is not None or abs(row.size - before.size) > 0.08 * before.size:
        return True
    ended, goes_on = bool(_ENDED.search(before.text)), row.text[0].islower()
    if usual.is_loose(before, row):
        return ended or not goes_on or usual.is_loose(before, row, 2.0)
    if goes_on:
        return False
    hangs = piece.kind is BlockKind.LIST_ITEM and len(piece.rows) == 1
    if ended and not hangs and abs(row.x0 - before.x0) > 0.8 * row.size and (row.x0 > before.x0 or len(piece.rows) > 1):
        return True
    if hangs and ended and row.x0 < before.x0 + 2 and len(before.cells) > 1:
        return True
    spare = right - before.x1
    return spare > 0.4 * (right - before.x0) or (ended and spare > row.words[0].x1 - row.words[0].x0 + 0.8 * row.size)


def _goes_on(body: _Piece, piece: _Piece) -> bool:
    """Whether the first piece of a flow is the rest of the last one before it."""
    if body.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM) or piece.kind is not BlockKind.PARAGRAPH:
        return False
    last, first = body.rows[-1], piece.rows[0]
    if _ENDED.search(body.text) or abs(last.size - first.size) > 0.08 * last.size:
        return False
    is_full = len(body.rows) > 1 and last.x1 > max(row.x1 for row in body.rows) - 4 * last.size
    return piece.text[0].islower() or is_full


def _heading(rows: Sequence[Row], before: Row | None, usual: _Usual) -> _Piece | None:
    """The heading that begins with the first of these rows."""
    first = rows[0]
    count = 1
    for above, row in pairwise(rows):
        same = not row.ruled and row.size == first.size and row.bold == first.bold
        aligned = abs(row.x0 - above.x0) < 3 or abs(row.x0 + row.x1 - above.x0 - above.x1) < 6
        near = row.bottom - above.bottom <= 1.5 * row.size
        if not (same and aligned and near) or _is_numbered(row) or _mark(row) is not None:
            break
        count += 1
    big = first.size >= BIGGER * usual.size
    strong = first.bold and not usual.bold
    if not (big or strong):
        count = 1
    text = fold(" ".join(row.text for row in rows[:count]))
    after = rows[count] if count < len(rows) else None
    if not _may_be_heading(text, first) or (after is not None and not big and after.text[:1].islower()):
        return None
    apart = before is None or before.ruled is not None or usual.is_loose(before, first)
    runs_on = not apart and before is not None and not before.bold and not _ENDED.search(before.text)
    caps = text == text.upper() and sum(c.isalpha() for c in text) > 3
    if not (big or (strong and not runs_on)):
        numbered = _is_numbered(first) and len(text.split()) <= MAX_NUMBERED_HEADING_WORDS
        if not apart or not (caps or (numbered and _stands_over_text(text, after))):
            return None
    number = _COUNTED.match(text)
    depth = number["number"].count(".") + 1 if number else 1
    return _Piece(BlockKind.HEADING, text, list(rows[:count]), style=(-first.size, not first.bold, not caps, depth))


def _may_be_heading(text: str, first: Row) -> bool:
    letters = sum(c.isalpha() for c in text)
    return (
        letters > 1
        and len(text.split()) <= MAX_HEADING_WORDS
        and text[-1] not in ".;,"
        and not text[0].islower()
        and not _NO_HEADING.search(text)
        and (_mark(first) is None or _is_numbered(first))
    )


def _is_numbered(row: Row) -> bool:
    return bool(_COUNTED.match(row.text) or _DIVISION.match(row.text))


def _stands_over_text(text: str, after: Row | None) -> bool:
    """A numbered line among numbered lines is an item; one above a line of running text is a heading."""
    return after is not None and after.ruled is None and _mark(after) is None and len(after.text) > min(40, len(text))


def _unruled_table(rows: Sequence[Row]) -> _Piece | None:
    """The table without rules that begins with the first of these rows: words in line, three rows or more."""
    first = rows[0]
    if len(first.cells) < 2 or _mark(first) is not None:
        return None
    spans = [(cell[0].x0, cell[-1].x1) for cell in first.cells]
    taken = [first]
    for row in rows[1:]:
        if row.ruled or _mark(row) is not None or row.bottom - taken[-1].bottom > 3 * row.size:
            break
        widened = _widened(spans, row)
        goes_below = len(row.cells) == 1 and row.x0 <= spans[0][1]
        if widened is None or (goes_below and not (row.text[0].islower() and row.x1 < spans[0][1] + row.size)):
            break
        spans = widened
        taken.append(row)
    groups = _groups_by_distance(taken, len(spans)) or _groups_by_first_column(taken, spans[0][1])
    if len(groups) < 3 or sum(len(row.cells) > 1 for row in taken) < 3:
        return None
    lines = [[placed for row in group for placed in _placed(row)] for group in groups]
    grid = [[Cell(fold(" ".join(text for x, text in line if x0 - 1 <= x <= x1))) for x0, x1 in spans] for line in lines]
    header_rows = 1 if first.bold and not taken[-1].bold else 0
    return _Piece(BlockKind.TABLE_ROW, "", taken, grid=grid, header_rows=header_rows)


def _groups_by_distance(rows: Sequence[Row], columns: int) -> list[list[Row]]:
    """The lines of each row of a table whose rows are further apart than the lines of a cell; nothing otherwise."""
    near = 1.15 * min((row.bottom - above.bottom for above, row in pairwise(rows)), default=0)
    groups = [[rows[0]]]
    for above, row in pairwise(rows):
        if row.bottom - above.bottom <= near:
            groups[-1].append(row)
        else:
            groups.append([row])
    whole = [sum(len(row.cells) == columns for row in group) for group in groups]
    return groups if len(groups) > 2 and max(whole) == 1 else []


def _groups_by_first_column(rows: Sequence[Row], edge: float) -> list[list[Row]]:
    """The lines of each row of a table: one that leaves the first column empty, or fills it alone, goes on."""
    groups: list[list[Row]] = []
    for row in rows:
        if groups and (row.x0 > edge or len(row.cells) == 1):
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def _placed(row: Row) -> list[tuple[float, str]]:
    return [(cell[0].x0, " ".join(word.text for word in cell)) for cell in row.cells]


def _widened(spans: list[tuple[float, float]], row: Row) -> list[tuple[float, float]] | None:
    """The columns, wide enough for this row too; None when the row would make two of them one."""
    for cell in row.cells:
        x0, x1 = cell[0].x0, cell[-1].x1
        over = [span for span in spans if span[0] < x1 and x0 < span[1]]
        if len(over) > 1:
            return None
        spans = [span for span in spans if span not in over]
        spans.append((min([x0, *(s[0] for s in over)]), max([x1, *(s[1] for s in over)])))
    return sorted(spans)


def _finished(pieces: Sequence[_Piece], dropped: list[Dropped]) -> list[Block]:
    styles = sorted({piece.style for piece in pieces if piece.style is not None})
    blocks: list[Block] = []
    indents: list[float] = []
    flow = 0
    table: _Piece | None = None  # the last piece, footnotes aside, when it is a table
    header: list[Block] = []
    for piece in pieces:
        if piece.kind is not BlockKind.LIST_ITEM and piece.kind is not BlockKind.FOOTNOTE:
            indents = []
        if piece.flow != flow and not any(abs(x - piece.indent) < 4 for x in indents):
            indents = []
        flow = piece.flow
        if piece.kind is BlockKind.TABLE_ROW:
            made = _table(piece, header if table is not None and _continues(table, piece) else [], dropped)
            header = [b for b in made if b.is_header] or (header if table is not None else [])
            table = piece
            blocks += made
            continue
        level = 1
        if piece.kind is BlockKind.LIST_ITEM:
            indents = [x for x in indents if x < piece.indent - 4] + [piece.indent]
            level = len(indents)
        elif piece.style is not None:
            level = styles.index(piece.style) + 1
        table = table if piece.kind is BlockKind.FOOTNOTE else None
        blocks.append(Block(kind=piece.kind, text=piece.text, level=level, page=piece.page))
    return blocks


def _continues(table: _Piece, piece: _Piece) -> bool:
    """Whether a table is the rest of one on the page before."""
    before, here = table.rows[0].ruled, piece.rows[0].ruled
    if before is None or here is None or here.page != before.page + 1 or len(before.edges) != len(here.edges):
        return False
    return all(abs(a - b) < 5 for a, b in zip(before.edges, here.edges, strict=True))


def _table(piece: _Piece, header: Sequence[Block], dropped: list[Dropped]) -> list[Block]:
    """A table's rows. `header` is that of its part on the page before, which may be said again."""
    if not header:
        return table_blocks(piece.grid, header_rows=piece.header_rows, page=piece.page)
    made = table_blocks(piece.grid, columns=header[0].columns, page=piece.page)
    again = [b.text for b in header]
    if [b.text for b in made[: len(again)]] == again:
        dropped += [Dropped(text=b.text, reason=DropReason.RUNNING_HEAD) for b in made[: len(again)]]
        return made[len(again) :]
    return made
