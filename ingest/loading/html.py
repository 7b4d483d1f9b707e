"""HTML: the content of one page as a reader sees it, without the site round it.

In:     the bytes of one file: UTF-8 unless they declare another charset.
Out:    `Loaded`: headings with levels, paragraphs, list items, table rows with their columns, footnotes, in the order
        of the page; from `main` or the only `article` when there is one.
Dropped: navigation (what stands outside the content, menus, heads and feet of the site, asides, cookie banners), lists
        of contents, and as markup what a browser does not show. Scripts and styles are no words at all.
Raises: `Unreadable` for bytes that are not in the charset, and for a page without text.
Pure:   no I/O; nothing that the page links to is fetched.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bs4 import BeautifulSoup, Tag
from bs4.element import CData, NavigableString, PageElement

from ingest.blocks import Block, BlockKind, Dropped, DropReason, Loaded
from ingest.loading.structure import (
    Cell,
    fold,
    list_mark,
    own_title,
    printed_number,
    settle_levels,
    superscript,
    table_blocks,
)
from ingest.loading.unreadable import Unreadable

CHARSET_WITHIN_BYTES = 4096
MAX_SPAN = 200

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:\-]+)", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:\-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_CONTENTS_TITLE = re.compile(
    r"^\s*(?:table of\s+)?(?:page\s+)?contents\s*:?\s*$|^\s*on this page\s*:?\s*$", re.IGNORECASE
)
_COOKIES = re.compile(
    r"cookies?[-_]*(?:banner|bar|consent|notice|message|popup|dialog|law|control|prompt|settings)|"
    r"(?:consent|gdpr)[-_]*(?:banner|notice|popup|dialog)|onetrust|cybot|cookiebot",
    re.IGNORECASE,
)
_SITE = re.compile(
    r"(?:^|\s|__)(?:breadcrumbs?|skip-?(?:link|links|to-content)|pagination|share-links)(?:\s|$)", re.IGNORECASE
)
_CONTENTS = re.compile(r"(?:^|[\s_-])(?:toc|table-of-contents|contents-list)(?:\s|$)", re.IGNORECASE)
_NOTES = re.compile(r"(?:^|\s)(?:footnotes?|endnotes?|footnotes?-(?:list|section))(?:\s|$)", re.IGNORECASE)
_NOT_SHOWN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_BACK_LINK = re.compile(r"^[\s↩↑⬑︎^]*$")

_NO_WORDS = {"script", "style", "template", "svg", "canvas", "iframe", "object", "audio", "video", "link", "meta"}
_CONTROLS = {"button", "select", "textarea", "datalist", "dialog"}
_SITE_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog"}
_NOTE_ROLES = {"doc-footnote", "doc-endnote", "doc-endnotes"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_INLINE = {
    *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "del", "dfn", "em", "font"),
    *("i", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time"),
    *("tt", "u", "var", "wbr", "img", "input", "math", "ruby", "rb", "rt"),
}


def load_html(data: bytes) -> Loaded:
    """Take a page apart."""
    soup = BeautifulSoup(_XML_DECLARATION.sub("", _decoded(data)) + "\n", "lxml")
    page_title = fold(soup.title.get_text()) if soup.title else ""
    body = soup.body
    if body is None:
        raise _without_text()
    dropped: list[Dropped] = []
    _take_what_is_not_shown(body, dropped)
    content = _content(body, dropped)
    settled, heading = settle_levels(_Walk().blocks(content))
    if not settled:
        raise _without_text()
    title = own_title(page_title, heading, settled)
    if page_title and page_title != title:
        dropped.append(Dropped(text=page_title, reason=DropReason.MARKUP))
    return Loaded(title=title, blocks=tuple(settled), dropped=tuple(dropped))


def _without_text() -> Unreadable:
    return Unreadable(
        "The page has no text outside its menus.",
        "If its text comes by script, open it in a browser and save it, or print it to a PDF, and add that.",
    )


def _decoded(data: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _in_charset(data, encoding, "its first bytes say")
    head = data[:CHARSET_WITHIN_BYTES]
    found = _META_CHARSET.search(head) or _XML_ENCODING.search(head)
    if found is None:
        return _in_charset(data, "utf-8", "it declares no other charset")
    declared = found[1].decode("ascii").lower()
    if declared.startswith("utf-16"):  # the declaration could not be read if that were so
        return _in_charset(data, "utf-8", f"it declares {declared} in plain bytes")
    # what is called Latin-1 on the web is Windows-1252, by the encoding standard that browsers follow
    as_browsers = {
        "iso-8859-1": "cp1252",
        "latin1": "cp1252",
        "latin-1": "cp1252",
        "us-ascii": "cp1252",
        "ascii": "cp1252",
    }
    return _in_charset(data, as_browsers.get(declared, declared), f"it declares {declared}")


def _in_charset(data: bytes, encoding: str, why: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise Unreadable(
            f"The page declares the charset {encoding!r}, which there is not.",
            'Save it as UTF-8 and declare <meta charset="utf-8">.',
        ) from error
    except UnicodeError as error:
        at = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise Unreadable(
            f"The page is not {encoding} ({why}): byte {at} is {data[at : at + 1]!r}.",
            'Save it as UTF-8, or declare the charset it is in: <meta charset="windows-1252">, for example.',
        ) from error


# What is not content


def _take_what_is_not_shown(body: Tag, dropped: list[Dropped]) -> None:
    open_tags = [body]
    while open_tags:
        tag = open_tags.pop()
        reason = _why_not_shown(tag)
        if tag.name in _NO_WORDS:
            tag.decompose()
        elif reason is None:
            open_tags.extend(child for child in reversed(tag.contents) if isinstance(child, Tag))
        else:
            if reason is DropReason.NAVIGATION and (heading := _only_title(tag, body)):
                tag.insert_before(heading.extract())
            elif reason is DropReason.CONTENTS_LIST and (title := _contents_title(tag)):
                _take(title, reason, dropped)
            _take(tag, reason, dropped)


def _take(tag: Tag, reason: DropReason, dropped: list[Dropped]) -> None:
    for inside in tag.find_all(list(_NO_WORDS)):
        inside.decompose()
    if text := fold(tag.get_text(" ")):
        dropped.append(Dropped(text=text, reason=reason))
    tag.decompose()


def _why_not_shown(tag: Tag) -> DropReason | None:
    if tag.name == "body":
        return None
    names, role = _names(tag), str(tag.get("role") or "")
    if tag.name == "noscript" or _is_hidden(tag):
        return DropReason.MARKUP
    if role == "doc-toc" or _CONTENTS.search(names) or _is_contents(tag):
        return DropReason.CONTENTS_LIST if not _holds_content(tag) else None
    of_site = tag.name == "nav" or role in _SITE_ROLES or bool(_SITE.search(names) or _COOKIES.search(names))
    if tag.name in _CONTROLS:
        of_site = tag.find_parent(list(_HEADINGS)) is None  # a heading may be a button that opens its section
    elif tag.name in ("aside", "footer"):
        of_site = not _holds_notes(tag)
    elif tag.name == "header":
        of_site = tag.find_parent(["main", "article", "section"]) is None
    return DropReason.NAVIGATION if of_site and not _holds_content(tag) else None


def _holds_content(tag: Tag) -> bool:
    return tag.name in ("main", "article") or tag.get("role") == "main" or tag.find(_is_main) is not None


def _is_main(tag: Tag) -> bool:
    return tag.name in ("main", "article") or tag.get("role") == "main"


def _only_title(tag: Tag, body: Tag) -> Tag | None:
    """The only `h1` of a page without `main`: the head of a simple page holds its title."""
    heading = tag.find("h1")
    return heading if heading is not None and len(body.find_all("h1")) == 1 and body.find(_is_main) is None else None


def _names(tag: Tag) -> str:
    classes = tag.get("class")
    return " ".join([str(tag.get("id") or ""), *(classes if isinstance(classes, list) else [classes or ""])])


def _is_hidden(tag: Tag) -> bool:
    by_style = bool(_NOT_SHOWN.search(str(tag.get("style") or "")))
    return by_style or (tag.has_attr("hidden") and tag.get("hidden") != "until-found")


def _is_contents(tag: Tag) -> bool:
    """Whether this is a list of links with a title that calls it the contents."""
    if tag.name == "nav":
        label = tag.find(list(_HEADINGS))
        return bool(_CONTENTS_TITLE.match(str(tag.get("aria-label") or (label.get_text() if label else ""))))
    return _links_into_page(tag) and _contents_title(tag) is not None


def _contents_title(tag: Tag) -> Tag | None:
    title = tag.find_previous_sibling()
    return title if isinstance(title, Tag) and _CONTENTS_TITLE.match(title.get_text()) else None


def _links_into_page(tag: Tag) -> bool:
    if tag.name not in ("ul", "ol"):
        return False
    links = tag.find_all("a")
    linked = sum(len(fold(a.get_text())) for a in links)
    return (
        bool(links)
        and all(str(a.get("href") or "").startswith("#") for a in links)
        and linked * 10 > 9 * len(fold(tag.get_text()))
    )


def _holds_notes(tag: Tag) -> bool:
    return _is_notes(tag) or tag.find(_is_notes) is not None


def _is_notes(tag: Tag) -> bool:
    return tag.get("role") in _NOTE_ROLES or bool(_NOTES.search(_names(tag)))


def _content(body: Tag, dropped: list[Dropped]) -> Tag:
    """The part of the page that is not the site round it: `main`, or the only `article` when it is most of the page."""
    mains = [tag for tag in body.find_all(_is_main) if tag.name != "article"]
    articles = body.find_all("article")
    everything = len(fold(body.get_text()))
    content = max(mains, key=lambda tag: len(tag.get_text()), default=None)
    if content is None and len(articles) == 1 and 2 * len(fold(articles[0].get_text())) > everything:
        content = articles[0]
    if content is None or not fold(content.get_text()):
        return body
    content.extract()
    titles = body.find_all("h1")
    if len(titles) == 1 and content.find("h1") is None:
        content.insert(0, titles[0].extract())  # set across the page above its content
    if rest := fold(body.get_text(" ")):
        dropped.append(Dropped(text=rest, reason=DropReason.NAVIGATION))
    return content


# Blocks


@dataclass(slots=True)
class _List:
    """An open list. `number` is that of the next item, None for bullets."""

    number: int | None
    style: str = "decimal"


@dataclass(slots=True)
class _Walk:
    """One walk over a tree, without recursion: a page may nest its elements as deep as it likes."""

    out: list[Block] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # of the open items; "" when an item's mark has been said
    heading: int | None = None
    notes: int = 0  # how many open elements hold notes
    in_note: bool = False  # whether the last block is a note that goes on

    def blocks(self, root: Tag) -> list[Block]:
        """The blocks of everything inside."""
        open_nodes: list[tuple[PageElement, bool]] = [(child, False) for child in reversed(root.contents)]
        while open_nodes:
            node, is_end = open_nodes.pop()
            if isinstance(node, Tag):
                if is_end:
                    self._leave(node)
                elif self._enter(node):
                    open_nodes.append((node, True))
                    open_nodes.extend((child, False) for child in reversed(node.contents))
            elif type(node) in (NavigableString, CData):
                self.text.append(str(node))
        self._close()
        return self.out

    def _enter(self, tag: Tag) -> bool:
        """Open an element; False when nothing inside is left to walk."""
        if tag.name == "br":
            self.text.append(" ")
        elif tag.name == "sup" and (number := _note_number(tag)):
            self.text.append(superscript(number))
            return False
        elif tag.name == "a" and self.notes and _BACK_LINK.match(tag.get_text()):
            return False
        if tag.name in _INLINE or tag.name == "br":
            return tag.name != "br"
        self._close()
        if tag.name == "table" and _is_data(tag):
            self._table(tag)
            return False
        if tag.name in _HEADINGS:
            self.heading = int(tag.name[1])
        elif tag.name in ("ul", "ol", "menu"):
            self.lists.append(_List(_whole(tag.get("start"), 1) if tag.name == "ol" else None, _style(tag)))
        elif tag.name == "li":
            self.marks.append(self._mark(tag))
        if _is_notes(tag):
            self.notes += 1
        if tag.name == "li" or _is_notes(tag):
            self.in_note = False
        return True

    def _leave(self, tag: Tag) -> None:
        if tag.name in _INLINE:
            return
        self._close()
        if tag.name in _HEADINGS:
            self.heading = None
        elif tag.name in ("ul", "ol", "menu"):
            self.lists.pop()
        elif tag.name == "li":
            self.marks.pop()
        if _is_notes(tag):
            self.notes -= 1
            self.in_note = False

    def _mark(self, item: Tag) -> str:
        if not self.lists or self.lists[-1].number is None:
            return "- "
        here = self.lists[-1]
        number = _whole(item.get("value"), here.number or 0)
        here.number = number + 1
        return f"{printed_number(number, here.style)}. "

    def _close(self) -> None:
        """End the block that is open, if it has words."""
        text = fold("".join(self.text))
        self.text.clear()
        if not text:
            return
        mark = self.marks[-1] if self.marks else ""
        typed = list_mark(text)
        if typed is not None and (mark in ("", "- ") or typed[0] != "- "):
            mark, text = typed  # whoever typed the numbers has the list's own hidden
        if self.marks:
            self.marks[-1] = ""
        level = max(1, len(self.lists))
        if self.heading is not None:
            block = Block(kind=BlockKind.HEADING, text=mark.replace("- ", "") + text, level=self.heading)
        elif self.notes and self.in_note:
            last = self.out.pop()
            block = replace(last, text=f"{last.text} {text}")
        elif self.notes:
            number = mark.rstrip(". ")
            mark = f"{superscript(number)} " if number.isdigit() else mark.replace("- ", "")
            block = Block(kind=BlockKind.FOOTNOTE, text=mark + text)
            self.in_note = bool(self.marks)
        elif mark:
            block = Block(kind=BlockKind.LIST_ITEM, text=mark + text, level=level)
        else:
            block = Block(kind=BlockKind.PARAGRAPH, text=text)
        self.out.append(block)

    def _table(self, table: Tag) -> None:
        caption = table.find("caption")
        if caption is not None:
            self.out += _Walk().blocks(caption)
        rows = _rows(table)
        grid: list[list[Cell]] = []
        below: dict[int, tuple[int, Cell]] = {}  # for each column, for how many more rows its cell goes on
        for row in rows:
            line: list[Cell] = []
            cells = _cells(row)
            while cells or len(line) in below:
                if len(line) in below:
                    left, cell = below.pop(len(line))
                    if left > 1:
                        below[len(line)] = (left - 1, cell)
                    line.append(cell)
                    continue
                element = cells.pop(0)
                text = " ".join(b.text for b in _Walk().blocks(element))
                down = min(_whole(element.get("rowspan"), 1) or len(rows), len(rows))
                for n in range(min(max(_whole(element.get("colspan"), 1), 1), MAX_SPAN)):
                    cell = Cell(text, continued=n > 0)
                    if down > 1:
                        below[len(line)] = (down - 1, cell)
                    line.append(cell)
            grid.append(line)
        self.out += table_blocks(grid, header_rows=_header_rows(rows))


def _note_number(tag: Tag) -> str | None:
    text = fold(tag.get_text()).strip("[]() ")
    return text if re.fullmatch(r"\d{1,3}", text) else None


def _whole(value: object, otherwise: int) -> int:
    return int(str(value)) if re.fullmatch(r"\s*\d{1,6}\s*", str(value)) else otherwise


def _style(tag: Tag) -> str:
    styles = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
    return styles.get(str(tag.get("type") or ""), "decimal")


def _is_data(table: Tag) -> bool:
    """Whether a table is one, and not a way to place things on the page."""
    if table.get("role") in ("presentation", "none") or table.find(["table", *_HEADINGS]) is not None:
        return False
    rows = _rows(table)
    return len(rows) > 1 and max(len(_cells(row)) for row in rows) > 1


def _rows(table: Tag) -> list[Tag]:
    return [row for row in table.find_all("tr") if row.find_parent("table") is table]


def _cells(row: Tag) -> list[Tag]:
    return list(row.find_all(["td", "th"], recursive=False))


def _header_rows(rows: Iterable[Tag]) -> int | None:
    """How many rows, from the first, are marked as headers; None where nothing is."""
    count = 0
    for row in rows:
        cells = _cells(row)
        if row.find_parent("thead") is None and not (cells and all(cell.name == "th" for cell in cells)):
            break
        count += 1
    if count == 0 and all(cells[0].name == "th" for row in rows if (cells := _cells(row))):
        return 0  # each row is named, the columns are not
    return count or None
