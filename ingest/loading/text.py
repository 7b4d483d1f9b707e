"""Plain text, above all text that came out of a PDF: page furniture goes, structure stays.

In:   the decoded text of one file.
Out:  `Loaded`: headings with levels, paragraphs, list items, table rows with their columns, footnotes, in reading
      order; and what was dropped: contents lists, running heads, page numbers, file names, converter's tags.
Kept: every other word. A paragraph that a page break cut in two is joined again.
Pure: no I/O.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.text import fold, plain
from ingest.blocks import Block, BlockKind, Dropped, DropReason, Loaded

MAX_HEADING_WORDS = 18
RUNNING_HEAD_MIN_TIMES = 3
RUNNING_HEAD_CHARS_A_PAGE = 5000
"""A running head stands on about every page: at least once in so many characters."""

_TAG = re.compile(r"</?(?:ul|ol|li|u|b|i|em|strong|br|p|span|div)\b[^<>]*>")
_BULLET = re.compile(r"^(?P<indent>\s*)(?P<mark>(?:[-–—•▪◦·*»o]\s+)+)(?=\S)")
_NUMBERED = re.compile(r"^\s*(?P<mark>\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)]|\d{1,2}(?:\.\d{1,2})+\.?)\s+(?=\S)")
_FOOTNOTE = re.compile(r"^\s*(?:[¹²³⁴⁵⁶⁷⁸⁹⁰]+|\[\d{1,3}\])\s*\S")
_PAGE_NUMBER = re.compile(r"^\s*(?:page\s+)?\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\s*$", re.IGNORECASE)
_FILE_NAME = re.compile(r"^\s*[\w.()\-]+\.(?:docx?|pdf|indd|odt|rtf)\s*$", re.IGNORECASE)
_CONTENTS_TITLE = re.compile(r"^\s*(?:table of\s+)?contents\s*:?\s*$", re.IGNORECASE)
_CONTENTS_ENTRY = re.compile(r"^(?P<title>.*?\S)?[\t .…]*(?:\t|\.{2,}|…|\s{3,})[\t .…]*(?P<page>\d{1,4})\s*$")
_DIVISION = re.compile(
    r"^(?:section|part|chapter|appendix|annex|schedule)\s+(?:\d+|[ivx]+|[a-z]|one|two|three|four|five|six|seven|eight|"
    r"nine|ten|eleven|twelve)\b\s*:?",
    re.IGNORECASE,
)
_LETTERED = re.compile(r"^[A-Z]\.\s+\S")
_COUNTED = re.compile(r"^\d{1,2}(?:\.\d{1,2})*\.?\s+\S")
_BOX = re.compile(r"^(?:case\s+stud(?:y|ies)|example|box)\b\s*(?:\d+\s*)?[:\-–]\s*(?P<name>.+)$", re.IGNORECASE)
_DATE = re.compile(
    r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?(?:\d{1,2}(?:st|nd|rd|th)?\s+)?(?:january|february|march|april|"
    r"may|june|july|august|september|october|november|december)\s+\d{4}$",
    re.IGNORECASE,
)
_REFERS_BACK = re.compile(
    r"^(?:this|these|those|it|its|they|their|he|she|in turn|as a result|subsequently|although|however|members|both)\b",
    re.IGNORECASE,
)


def load_text(text: str) -> Loaded:
    """Take plain text apart. A form feed is a page break."""
    dropped: list[Dropped] = []
    groups = list(_groups(text, dropped))
    groups, contents = _without_contents(groups, dropped)
    groups = _without_furniture(groups, len(text), dropped)
    blocks = _rejoin_cut_paragraphs(list(_blocks(groups, contents)))
    blocks = _close_boxes(_levels(blocks, contents))
    title = next((plain(b.text) for b in blocks if b.kind is BlockKind.HEADING), None)
    return Loaded(title=title, blocks=tuple(blocks), dropped=tuple(dropped))


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines with no blank line between them. `page` counts form feeds."""

    lines: tuple[str, ...]
    line: int
    page: int
    at_page_edge: bool

    @property
    def words(self) -> str:
        return " ".join(plain(line) for line in self.lines)


def _groups(text: str, dropped: list[Dropped]) -> Iterator[_Group]:
    page, start = 1, 0
    held: list[str] = []
    edge = False

    def close() -> Iterator[_Group]:
        if held:
            yield _Group(tuple(held), start, page, edge)
            held.clear()

    for number, raw in enumerate(text.split("\n"), 1):
        pieces = raw.split("\f")
        for i, piece in enumerate(pieces):
            if i:
                yield from close()
                page += 1
                edge = True
            dropped += [Dropped(text=tag, reason=DropReason.MARKUP, line=number) for tag in _TAG.findall(piece)]
            piece = _TAG.sub(" ", piece).rstrip()
            if not piece.strip():
                had = bool(held)
                yield from close()
                edge = edge and not had
                continue
            if not held:
                start = number
            held.append(piece)
    yield from close()


class _Contents:
    """What the contents list says: titles with printed pages, in order. The body may spell one a little otherwise."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, int]] = []
        self._next = 0

    def add(self, title: str, page: int) -> None:
        if _key(title):
            self._entries.append((_key(title), page))

    def names(self, line: str) -> bool:
        """Whether this line is one of the titles."""
        return any(_same_title(_key(line), title) for title, _ in self._entries)

    def take(self, line: str) -> int | None:
        """The page of the next entry, in order, that this line is; None when there is none."""
        key = _key(line)
        for i in range(self._next, len(self._entries)):
            title, page = self._entries[i]
            if _same_title(key, title):
                self._next = i + 1
                return page
        return None


def _same_title(a: str, b: str) -> bool:
    if a == b:
        return True
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return min(len(a), len(b)) > 12 and matcher.real_quick_ratio() > 0.85 and matcher.ratio() > 0.85


def _key(title: str) -> str:
    """A heading as the contents list and the body both spell it: no numbers, marks or case."""
    words = _DIVISION.sub(" ", plain(title).replace("*", " "))
    words = re.sub(r"^\s*(?:[A-Z]|\d+(?:\.\d+)*)[.)]\s+", " ", words)
    return " ".join(re.findall(r"[a-z0-9]+", words.lower()))


def _without_contents(groups: list[_Group], dropped: list[Dropped]) -> tuple[list[_Group], _Contents]:
    """Take contents lists out; give back their titles with the printed pages."""
    contents = _Contents()
    kept: list[_Group] = []
    i = 0
    while i < len(groups):
        group = groups[i]
        if not _CONTENTS_TITLE.match(group.lines[0]):
            kept.append(group)
            i += 1
            continue
        lines = [(line, g.line + n) for g in groups[i:] for n, line in enumerate(g.lines)]
        ends = _contents_length(lines[1:])
        if not ends:
            kept.append(group)
            i += 1
            continue
        taken = lines[: ends + 1]
        for line, number in taken:
            dropped.append(Dropped(text=line, reason=DropReason.CONTENTS_LIST, line=number))
            if entry := _CONTENTS_ENTRY.match(line):
                title = (entry["title"] or "").replace("\t", " ")
                contents.add(title, int(entry["page"]))
        last = taken[-1][1]
        rest: list[_Group] = []
        for g in groups[i:]:
            lines_left = tuple(line for n, line in enumerate(g.lines) if g.line + n > last)
            if lines_left:
                rest.append(replace(g, lines=lines_left, line=max(g.line, last + 1)))
        groups = kept + rest
        i = len(kept)
    return kept, contents


def _contents_length(lines: list[tuple[str, int]]) -> int:
    """How many of these lines, from the first, are a contents list: entries, and titles between entries."""
    length = 0
    for i, (line, _) in enumerate(lines):
        if _CONTENTS_ENTRY.match(line) and len(line) < 200:
            length = i + 1
        elif i - length >= 3 or len(line) > 160:
            break
    return length


def _without_furniture(groups: list[_Group], chars: int, dropped: list[Dropped]) -> list[_Group]:
    """Take out what stands on every page: running heads and feet, page numbers, the converter's file name."""
    times = Counter(g.words for g in groups)
    needed = max(RUNNING_HEAD_MIN_TIMES, chars // RUNNING_HEAD_CHARS_A_PAGE)
    heads = set()
    for words, count in times.items():
        if count < needed or len(words) > 120 or words[-1] in ".;:?!":
            continue
        places = [i for i, g in enumerate(groups) if g.words == words]
        if any(_stands_in_a_sentence(groups, i) for i in places) or _at_page_edges(groups, places):
            heads.add(words)
    numbers = [i for i, g in enumerate(groups) if len(g.lines) == 1 and _PAGE_NUMBER.match(g.lines[0])]
    numbers_run = _rising([int(re.search(r"\d+", groups[i].lines[0])[0]) for i in numbers])  # type: ignore[index]
    kept = []
    for i, group in enumerate(groups):
        if group.words in heads:
            reason = DropReason.RUNNING_HEAD
        elif numbers_run and i in numbers:
            reason = DropReason.PAGE_NUMBER
        elif len(group.lines) == 1 and _FILE_NAME.match(group.lines[0]):
            reason = DropReason.FILE_NAME
        else:
            kept.append(group)
            continue
        for n, line in enumerate(group.lines):
            dropped.append(Dropped(text=line, reason=reason, line=group.line + n))
    return kept


def _stands_in_a_sentence(groups: list[_Group], i: int) -> bool:
    before = groups[i - 1].words if i else ""
    after = groups[i + 1].words if i + 1 < len(groups) else ""
    return bool(before and after and before[-1].isalpha() and len(before) > 60 and after[0].islower())


def _at_page_edges(groups: list[_Group], places: list[int]) -> bool:
    """At the top or foot of its page in most places (only where the text has page breaks)."""
    edges = 0
    for i in places:
        page = groups[i].page
        first = i == 0 or groups[i - 1].page != page
        last = i + 1 == len(groups) or groups[i + 1].page != page
        edges += (first or last) and groups[-1].page > 1
    return edges * 3 >= len(places) * 2


def _rising(numbers: list[int]) -> bool:
    """Whether these look like page numbers: three or more, each higher than the one before."""
    return len(numbers) >= 3 and all(a < b for a, b in pairwise(numbers))


def _blocks(groups: list[_Group], contents: _Contents) -> Iterator[Block]:
    columns: tuple[str, ...] = ()
    for i, group in enumerate(groups):
        following = groups[i + 1] if i + 1 < len(groups) else None
        previous = groups[i - 1] if i else None
        page = group.page if groups[-1].page > 1 else None
        if _is_table(group):
            rows = [tuple(cell.strip() for cell in line.split("\t")) for line in group.lines]
            columns = rows[0]
            for n, (row, line) in enumerate(zip(rows, group.lines, strict=True)):
                named = columns[: len(row)] + ("",) * (len(row) - len(columns))
                yield Block(
                    kind=BlockKind.TABLE_ROW,
                    text=line.strip(" "),
                    columns=named,
                    is_header=n == 0,
                    page=page,
                    line=group.line + n,
                )
            continue
        if len(group.lines) == 1 and _is_heading(group.lines[0], previous, following, contents):
            printed = contents.take(group.lines[0])
            yield Block(kind=BlockKind.HEADING, text=fold(group.lines[0]), page=page or printed, line=group.line)
            continue
        yield from _running_text(group, page)


def _is_table(group: _Group) -> bool:
    tabbed = [line for line in group.lines if "\t" in line.strip()]
    return len(tabbed) >= 2 and len(tabbed) >= len(group.lines) - 1


def _is_heading(line: str, previous: _Group | None, following: _Group | None, contents: _Contents) -> bool:
    words = plain(line)
    if "\t" in line.strip() or _DATE.match(words) or _BULLET.match(line) or following is None:
        return False
    if len(words) < 160 and words[-1] not in ".," and contents.names(line):
        return True
    if _DIVISION.match(words) and len(words.split()) <= MAX_HEADING_WORDS:
        return words[-1] not in ".;,"
    if len(words.split()) > MAX_HEADING_WORDS or len(words) > 130 or words[-1] in ".;,:!" or "@" in words:
        return False
    if re.search(r"(?:www\.|https?:)\S|^(?:tel\b|email\b|publication date|\(|['\"‘“])", words, re.IGNORECASE):
        return False
    if words[0].islower():
        return False
    if re.match(r"^(?:left to right|note|source|prompts?)\b", words, re.IGNORECASE):
        return False
    if _NUMBERED.match(line) and not _COUNTED.match(words):
        return False
    # A numbered line among numbered lines is an item; a numbered line before body text is a heading.
    nearby = [g.lines[0] for g in (previous, following) if g is not None]
    if _COUNTED.match(words) and (words.endswith("?") or any(_COUNTED.match(plain(n)) and len(n) > 40 for n in nearby)):
        return False
    # A line whose next line goes on in lower case was only cut there.
    return not following.words[:1].islower()


def _running_text(group: _Group, page: int | None) -> Iterator[Block]:
    """Paragraphs, list items and footnotes of one group; a line that begins none of them goes on the one before."""
    held: Block | None = None
    for n, line in enumerate(group.lines):
        bullet, numbered = _BULLET.match(line), _NUMBERED.match(line)
        if _FOOTNOTE.match(line):
            fresh = Block(kind=BlockKind.FOOTNOTE, text=fold(line), page=page, line=group.line + n)
        elif bullet:
            level = 2 if "»" in bullet["mark"] or len(bullet["indent"]) >= 2 else 1
            if "o " in bullet["mark"] and bullet["mark"].strip() == "o" and not bullet["indent"]:
                level = 2
            fresh = Block(kind=BlockKind.LIST_ITEM, text=fold(line), level=level, page=page, line=group.line + n)
        elif numbered:
            fresh = Block(kind=BlockKind.LIST_ITEM, text=fold(line), page=page, line=group.line + n)
        elif held is not None:
            held = replace(held, text=f"{held.text} {fold(line)}")
            continue
        else:
            fresh = Block(kind=BlockKind.PARAGRAPH, text=fold(line), page=page, line=group.line + n)
        if held is not None:
            yield held
        held = fresh
    if held is not None:
        yield held


def _rejoin_cut_paragraphs(blocks: list[Block]) -> list[Block]:
    """Join a paragraph or item to the lower-case rest that stood on the next page."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if (
            before is not None
            and block.kind is BlockKind.PARAGRAPH
            and before.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
            and block.text[:1].islower()
            and not block.text.startswith(("www.", "http"))
            and plain(before.text)[-1:].isalnum()
        ):
            joined[-1] = replace(before, text=f"{before.text} {block.text}")
        else:
            joined.append(block)
    return joined


def _levels(blocks: list[Block], contents: _Contents) -> list[Block]:
    """Give each heading a level from its style; join `section two:` to the title on the next line.

    Highest first: a named or lettered division, capitals, what the contents list names, a number, anything else.
    """
    merged: list[Block] = []
    for block in blocks:
        before = merged[-1] if merged else None
        if before is not None and _goes_on_heading(before, block, contents, is_title=len(merged) == 1):
            merged[-1] = replace(before, text=f"{before.text} {block.text}", page=before.page or block.page)
        else:
            merged.append(block)
    styles = [_style(b, contents) for b in merged]
    first = next((i for i, s in enumerate(styles) if s is not None), None)
    if first is not None:
        styles[first] = _TITLE_STYLE  # the document's own title stands above no section
    used = sorted({s for s in styles if s is not None})
    level = {style: i + 1 for i, style in enumerate(used)}
    out: list[Block] = []
    for block, style in zip(merged, styles, strict=True):
        if style is None:
            out.append(block)
        else:
            boxed = bool(_BOX.match(plain(block.text)))
            out.append(replace(block, level=min(level[style], 6), boxed=boxed))
    return out


_TITLE_STYLE = 6


def _goes_on_heading(before: Block, block: Block, contents: _Contents, *, is_title: bool) -> bool:
    """Whether a heading is the rest of the one before: after `section two:`, or as the contents list has them."""
    if is_title or before.kind is not BlockKind.HEADING or block.kind is not BlockKind.HEADING:
        return False
    words = plain(before.text)
    division = _DIVISION.match(words)
    if division and division.end() >= len(words):
        return True
    return contents.names(f"{before.text} {block.text}")


def _style(block: Block, contents: _Contents) -> int | None:
    if block.kind is not BlockKind.HEADING:
        return None
    words = plain(block.text)
    if _BOX.match(words):
        return 9
    if _DIVISION.match(words) or _LETTERED.match(words):
        return 1
    if _COUNTED.match(words):
        return 3
    if contents.names(block.text):
        return 2 if words.upper() == words else 4
    if words.upper() == words and len(words) > 3:
        return 2
    return 6


def _close_boxes(blocks: list[Block]) -> list[Block]:
    """End a boxed case study where the text returns to the general.

    The box's frame is lost in plain text. Its first paragraph is in it; a later one while it names the case or
    refers back. After the last, the heading above the box is opened again by a heading block without text.
    """
    out: list[Block] = []
    above: Block | None = None
    box: Block | None = None
    inside = 0
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            box, inside = (block, 0) if block.boxed else (None, 0)
            if not block.boxed:
                above = block
        elif box is not None and block.kind is BlockKind.PARAGRAPH:
            inside += 1
            name = _BOX.match(plain(box.text))
            names = re.findall(r"[A-Z][a-z]{3,}", name["name"]) if name else []
            belongs = (
                inside == 1
                or not names
                or any(n in block.text for n in names)
                or _REFERS_BACK.match(plain(block.text))
                or out[-1].text.rstrip().endswith(":")
                or block.text[:1] in "'‘“\""
            )
            if not belongs and above is not None:
                out.append(replace(above, questions=(), boxed=False, text=above.text, line=None))
                box = None
        out.append(block)
    return out
