"""Word (.docx): the document's own structure, as its styles, lists and tables give it.

In:     the bytes of one file.
Out:    `Loaded`: headings with levels, paragraphs, list items with the numbers that Word counts for them, table rows
        with their columns, footnotes and endnotes after the paragraph that has their mark, text boxes after the
        paragraph they are anchored to. The format knows no pages.
Dropped: contents lists, heads and feet of pages, and as markup what is not in the text as it stands: comments, text
        deleted with changes tracked, hidden text.
Raises: `Unreadable` for what is locked, damaged, empty, dangerous to unpack or no Word file.
Pure:   no I/O beyond the bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import docx
from docx.document import Document
from docx.opc.part import Part
from docx.opc.rel import _Relationship
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from ingest.blocks import Block, BlockKind, Dropped, DropReason, Loaded
from ingest.loading.docx_numbering import Numbering, number_or, value
from ingest.loading.structure import Cell, fold, list_mark, own_title, settle_levels, superscript, table_blocks
from ingest.loading.unreadable import Unreadable

MAX_UNPACKED_BYTES = 200_000_000
MAX_RATIO = 100
RATIO_MATTERS_FROM_BYTES = 20_000_000
"""A small file may pack very well; a big one that does is made to fill the memory."""
MAX_HEADING_WORDS = 30
"""Some use a heading's style for numbered paragraphs."""

_TITLE_LEVEL = 0
_BODY_TEXT_LEVEL = 10
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_CONTENTS_TITLE = re.compile(r"^(?:table of\s+)?contents(?:\s+page)?\s*:?$", re.IGNORECASE)
_CONTENTS_ENTRY = re.compile(r"\S.*?(?:\t|\.{3,}|…)[\t .…]*\d{1,4}\s*$")
_PAGE_NUMBER = re.compile(r"^[\W_]*(?:page\s*)?\d*(?:\s*(?:of|/)\s*\d*)?[\W_]*$", re.IGNORECASE)
_HEADING_STYLE = re.compile(r"^heading (\d)$")
_NESTED_STYLE = re.compile(r"^list (?:bullet|number|continue) (\d)$")
_COUNTED = re.compile(r"^\d{1,2}(?P<deeper>(?:\.\d{1,2})*)\.?\s+(?=[^\W\d_])")
_OTHER_PACKAGES = {"xl/": "an Excel workbook", "ppt/": "a PowerPoint presentation", "mimetype": "an OpenDocument file"}
_BREAKS = {qn("w:tab"): "\t", qn("w:ptab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_UNSAID = {
    qn(name)
    for name in ("w:pPr", "w:rPr", "w:instrText", "w:delInstrText", "w:rt", "w:tblPr", "w:trPr", "w:tcPr", "w:sdtPr")
}
_TEXT = {qn("w:t"), qn("m:t")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def load_docx(data: bytes) -> Loaded:
    """Take a Word file apart."""
    _check_package(data)
    try:
        document = docx.Document(io.BytesIO(data))
        reader = _Reader(document)
        blocks = reader.read()
    except ValueError as error:
        if "content type" not in str(error):
            raise _damaged(str(error)) from error
        kind = str(error).rpartition(".")[2].strip("'")
        raise Unreadable(
            f"The file is no plain Word document: its main part is {kind!r}.",
            "Open it in Word and save it as 'Word Document (*.docx)'.",
        ) from error
    except Exception as error:  # python-docx lets KeyError, AttributeError and lxml's errors out on damaged files
        raise _damaged(f"{type(error).__name__}: {error}") from error
    if not blocks:
        raise Unreadable(
            "The Word file has no text.",
            "If it only holds pictures of text, run text recognition (OCR) or type the text; else leave it out.",
        )
    settled, heading = settle_levels(blocks)
    title = own_title(fold(document.core_properties.title), heading, settled)
    return Loaded(title=title, blocks=tuple(settled), dropped=tuple(reader.dropped))


# Opening


def _check_package(data: bytes) -> None:
    """Look before python-docx unpacks everything into memory."""
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(
                "The Word file is protected with a password.",
                "Open it in Word, remove the password (File, Info, Protect Document) and save it.",
            )
        raise Unreadable(
            "This is a Word file of the old kind (.doc), whatever its name says.",
            "Open it in Word and save it as 'Word Document (*.docx)'.",
        )
    if not data.startswith(b"PK"):
        raise Unreadable(
            f"This is not a Word file: it begins with {data[:12]!r} and not with b'PK'.",
            "If it is another kind of document, give it that kind's ending; else save it in Word as .docx again.",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_sizes(package.infolist())
            _check_kind(package.namelist())
            _unpack_once(package)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise _damaged(str(error)) from error


def _damaged(how: str) -> Unreadable:
    return Unreadable(
        f"The Word file is damaged or incomplete ({how}).",
        "Download or copy it again; if Word can still open it, save it there under a new name.",
    )


def _check_sizes(members: Sequence[zipfile.ZipInfo]) -> None:
    sizes = [(member.file_size, member.compress_size) for member in members]
    whole = (sum(size for size, _ in sizes), sum(packed for _, packed in sizes))
    if whole[0] > MAX_UNPACKED_BYTES:
        raise _too_big(f"unpacks to {whole[0] // 1_000_000} MB")
    for size, packed in [whole, *sizes]:
        if size > RATIO_MATTERS_FROM_BYTES and size > MAX_RATIO * max(packed, 1):
            raise _too_big(f"unpacks to {size // max(packed, 1)} times its size, {size // 1_000_000} MB")


def _too_big(how: str) -> Unreadable:
    return Unreadable(
        f"The Word file {how}; at most {MAX_UNPACKED_BYTES // 1_000_000} MB and {MAX_RATIO} times its size are read.",
        "No document of text is so big: do not open a file you do not trust; else take its pictures out and save it.",
    )


def _check_kind(names: Sequence[str]) -> None:
    if "[Content_Types].xml" in names and any(name.startswith("word/") for name in names):
        return
    other = next((kind for start, kind in _OTHER_PACKAGES.items() if any(n.startswith(start) for n in names)), None)
    seen = other or f"a zip file with {', '.join(map(repr, names[:3])) or 'nothing'} in it"
    raise Unreadable(
        f"This is not a Word file but {seen}.", "Save it as a Word document (.docx) or a PDF and add that."
    )


def _unpack_once(package: zipfile.ZipFile) -> None:
    """The sizes in a zip file's directory may lie: count what really comes out."""
    unpacked = 0
    for member in package.infolist():
        with package.open(member) as stream:
            while chunk := stream.read(1 << 16):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED_BYTES:
                    raise _too_big(f"unpacks to more than {MAX_UNPACKED_BYTES // 1_000_000} MB")


# Reading


@dataclass(slots=True)
class _Said:
    """What a stretch of the document says: its text, the notes whose marks are in it, and its text boxes."""

    text: list[str] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    unsaid: list[str] = field(default_factory=list)
    bold_chars: int = 0
    is_contents: bool = False


class _Styles:
    """What the paragraph styles say, their own word or that of the style they are based on."""

    def __init__(self, styles: Element) -> None:
        self._styles = {style.get(qn("w:styleId")) or "": style for style in styles.findall(qn("w:style"))}
        self._default = next(
            (key for key, s in self._styles.items() if s.get(qn("w:default")) in ("1", "true") and _is_paragraph(s)), ""
        )

    def chain(self, key: str | None) -> Iterator[tuple[str, Element]]:
        """The style and those it is based on, nearest first."""
        seen: set[str] = set()
        key = key if key in self._styles else self._default
        while key and key in self._styles and key not in seen:
            seen.add(key)
            yield key, self._styles[key]
            key = value(self._styles[key], "w:basedOn")

    def names(self, key: str | None) -> list[str]:
        """Their names, in Word's English, lower case."""
        return [(value(style, "w:name") or "").lower() for _, style in self.chain(key)]

    def list_of(self, key: str) -> str | None:
        """The list that a list style numbers with."""
        return next((n for _, s in self.chain(key) if (n := value(s, "w:pPr", "w:numPr", "w:numId"))), None)


def _is_paragraph(style: Element) -> bool:
    return bool(style.get(qn("w:type")) == "paragraph")


class _Reader:
    """Reads one document once, from the first paragraph to the last: numbers are counted on the way."""

    def __init__(self, document: Document) -> None:
        self.dropped: list[Dropped] = []
        self._document = document
        self._styles = _Styles(document.styles.element)
        self._parts = [(rel.reltype.rpartition("/")[2], rel.target_part) for rel in _inner_relations(document.part)]
        self._numbering = Numbering(self._root("numbering"), self._styles.list_of)
        self._notes = {
            "w:footnoteReference": _by_id(self._root("footnotes")),
            "w:endnoteReference": _by_id(self._root("endnotes")),
        }
        self._noted = dict.fromkeys(self._notes, 0)
        self._in_contents = False
        self._wholly_bold: list[Block] = []

    def read(self) -> list[Block]:
        """The blocks of the whole document."""
        blocks: list[Block] = []
        self._container(self._document.element.body, blocks)
        self._drop_what_stands_apart()
        if any(b.kind is BlockKind.HEADING for b in blocks):
            return blocks
        bold = {id(block) for block in self._wholly_bold}
        return [_as_heading(b) if id(b) in bold else b for b in blocks]

    def _root(self, name: str) -> Element | None:
        part = next((part for kind, part in self._parts if kind == name), None)
        return parse_xml(part.blob) if part is not None else None

    def _drop(self, text: str, reason: DropReason) -> None:
        if folded := fold(text):
            self.dropped.append(Dropped(text=folded, reason=reason))

    def _drop_what_stands_apart(self) -> None:
        seen: set[str] = set()
        for kind, part in self._parts:
            if kind in ("header", "footer"):
                for paragraph in parse_xml(part.blob).iter(qn("w:p")):
                    text = fold("".join(self._said(paragraph).text))
                    if text not in seen:
                        is_number = _PAGE_NUMBER.match(text)
                        self._drop(text, DropReason.PAGE_NUMBER if is_number else DropReason.RUNNING_HEAD)
                    seen.add(text)
            elif kind == "comments":
                for comment in parse_xml(part.blob):
                    self._drop(self._plain(comment), DropReason.MARKUP)

    def _container(self, container: Element, out: list[Block]) -> None:
        """Paragraphs and tables in order, whatever content controls or tracked changes stand round them."""
        for element in container:
            if element.tag == qn("w:p"):
                self._paragraph(element, out)
            elif element.tag == qn("w:tbl"):
                self._table(element, out)
            elif element.tag == qn("w:sdt") and "table of contents" in (_gallery(element) or ""):
                for paragraph in element.iter(qn("w:p")):
                    self._drop("".join(self._said(paragraph).text), DropReason.CONTENTS_LIST)
            elif element.tag in (qn("w:del"), qn("w:moveFrom")):
                self._drop(self._plain(element), DropReason.MARKUP)
            elif isinstance(element.tag, str) and element.tag not in _UNSAID:
                self._container(element, out)

    def _paragraph(self, paragraph: Element, out: list[Block]) -> None:
        said = self._said(paragraph)
        for text in said.unsaid:
            self._drop(text, DropReason.MARKUP)
        raw = "".join(said.text)
        if fold(raw):
            style = value(paragraph, "w:pPr", "w:pStyle")
            names = self._styles.names(style)
            if self._is_contents(raw, said, names, out):
                self._drop(raw, DropReason.CONTENTS_LIST)
                self._in_contents = True
            else:
                self._in_contents = False
                out.append(self._block(paragraph, fold(raw), style, names))
                if said.bold_chars >= len("".join(raw.split())):
                    self._wholly_bold.append(out[-1])
        for box in said.boxes:
            self._container(box, out)
        out += said.notes

    def _is_contents(self, raw: str, said: _Said, names: Sequence[str], out: list[Block]) -> bool:
        has_title = bool(out) and bool(_CONTENTS_TITLE.match(out[-1].text))
        by_style = any(re.match(r"toc (?:\d|heading)|table of figures", name) for name in names)
        by_shape = said.is_contents or has_title or self._in_contents
        is_entry = by_style or (by_shape and bool(_CONTENTS_ENTRY.match(raw)))
        if is_entry and has_title:
            self._drop(out.pop().text, DropReason.CONTENTS_LIST)
        return is_entry

    def _block(self, paragraph: Element, text: str, style: str | None, names: Sequence[str]) -> Block:
        heading = self._heading_level(paragraph, style, names)
        if heading is not None and not (len(text.split()) > MAX_HEADING_WORDS and text.endswith((".", ";", ":"))):
            mark, _ = self._mark(paragraph, style)
            return Block(kind=BlockKind.HEADING, text=mark.replace("- ", "") + text, level=heading)
        mark, nesting = self._mark(paragraph, style)
        nested = next((number_or(m[1], 1) for name in names if (m := _NESTED_STYLE.match(name))), 1)
        if mark:
            return Block(kind=BlockKind.LIST_ITEM, text=mark + text, level=max(nesting + 1, nested))
        if typed := list_mark(text):
            return Block(kind=BlockKind.LIST_ITEM, text="".join(typed), level=nested)
        return Block(kind=BlockKind.PARAGRAPH, text=text)

    def _heading_level(self, paragraph: Element, style: str | None, names: Sequence[str]) -> int | None:
        """The title is 0, headings are from 1; None for running text."""
        outline = value(paragraph, "w:pPr", "w:outlineLvl")
        if "title" in names:
            return _TITLE_LEVEL
        if outline is None:
            named = next((number_or(m[1], 1) for name in names if (m := _HEADING_STYLE.match(name))), None)
            if named is not None:
                return named
            styles = (value(s, "w:pPr", "w:outlineLvl") for _, s in self._styles.chain(style))
            outline = next((level for level in styles if level is not None), None)
        level = number_or(outline, _BODY_TEXT_LEVEL) + 1
        return level if level < _BODY_TEXT_LEVEL else None

    def _mark(self, paragraph: Element, style: str | None) -> tuple[str, int]:
        """What Word prints before the paragraph, and on which level of its list it stands, from 0."""
        list_id = value(paragraph, "w:pPr", "w:numPr", "w:numId")
        level = value(paragraph, "w:pPr", "w:numPr", "w:ilvl")
        if list_id is None:
            for key, element in self._styles.chain(style):
                list_id = value(element, "w:pPr", "w:numPr", "w:numId")
                if list_id is not None:
                    level = level or value(element, "w:pPr", "w:numPr", "w:ilvl")
                    tied = self._numbering.level_of_style(list_id, key)
                    level = level if level is not None or tied is None else str(tied)
                    break
        if list_id is None or list_id == "0":
            return "", 0
        return self._numbering.mark(list_id, number_or(level, 0)), number_or(level, 0)

    def _table(self, table: Element, out: list[Block]) -> None:
        rows = list(_direct(table, "w:tr"))
        if len(rows) == 1 or all(len(list(_direct(row, "w:tc"))) == 1 for row in rows):
            for row in rows:  # a frame round text
                for cell in _direct(row, "w:tc"):
                    self._container(cell, out)
            return
        grid: list[list[Cell]] = []
        notes: list[Block] = []
        header_rows = 0
        for row in rows:
            if row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None:
                self._drop(self._plain(row), DropReason.MARKUP)
                continue
            if header_rows == len(grid) and _is_on(row.find(qn("w:trPr")), "w:tblHeader"):
                header_rows += 1
            grid.append(self._row(row, grid[-1] if grid else [], notes))
        out += table_blocks(grid, header_rows=header_rows or None)
        out += notes

    def _row(self, row: Element, above: Sequence[Cell], notes: list[Block]) -> list[Cell]:
        line = [Cell("")] * number_or(value(row, "w:trPr", "w:gridBefore"), 0)
        for cell in _direct(row, "w:tc"):
            merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            if merge is not None and merge.get(qn("w:val")) != "restart" and len(line) < len(above):
                text = above[len(line)].text
            else:
                text = self._cell(cell, notes)
            span = min(max(number_or(value(cell, "w:tcPr", "w:gridSpan"), 1), 1), 100)
            line += [Cell(text, continued=n > 0) for n in range(span)]
        return line

    def _cell(self, cell: Element, notes: list[Block]) -> str:
        inside: list[Block] = []
        self._container(cell, inside)
        notes += [b for b in inside if b.kind is BlockKind.FOOTNOTE]
        return " ".join(fold(b.text) for b in inside if b.kind is not BlockKind.FOOTNOTE)

    def _said(self, element: Element) -> _Said:
        said = _Said()
        self._say(element, said)
        return said

    def _say(self, element: Element, said: _Said) -> None:
        for child in element:
            tag = child.tag
            if tag in _TEXT:
                said.text.append(child.text or "")
            elif tag in _BREAKS:
                said.text.append(_BREAKS[tag])
            elif tag == qn("w:r"):
                self._say_run(child, said)
            elif tag in (qn("w:del"), qn("w:moveFrom")):
                said.unsaid.append(self._plain(child))
            elif tag == qn("w:txbxContent"):
                said.boxes.append(child)
            elif tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                self._say_note(child, said)
            elif tag == qn("w:sym"):
                said.text.append("• ")
            elif isinstance(tag, str) and tag not in _UNSAID and tag != _FALLBACK:
                said.is_contents = said.is_contents or (child.get(qn("w:anchor")) or "").startswith("_Toc")
                self._say(child, said)

    def _say_run(self, run: Element, said: _Said) -> None:
        properties = run.find(qn("w:rPr"))
        if _is_on(properties, "w:vanish") and not _is_on(properties, "w:webHidden"):
            said.unsaid.append(self._plain(run))
            return
        before = len(said.text)
        self._say(run, said)
        if _is_on(properties, "w:b"):
            said.bold_chars += len("".join("".join(said.text[before:]).split()))

    def _say_note(self, reference: Element, said: _Said) -> None:
        kind = "w:footnoteReference" if reference.tag == qn("w:footnoteReference") else "w:endnoteReference"
        note = self._notes[kind].get(reference.get(qn("w:id")) or "")
        if note is None:
            return
        mark = ""
        if reference.get(qn("w:customMarkFollows")) not in ("1", "true"):
            self._noted[kind] += 1
            number = str(self._noted[kind])
            mark = superscript(number) if kind == "w:footnoteReference" else f"[{number}]"
        said.text.append(mark)
        inside: list[Block] = []
        self._container(note, inside)
        text = fold(" ".join([mark, *(b.text for b in inside)]))
        said.notes.append(Block(kind=BlockKind.FOOTNOTE, text=text))

    def _plain(self, element: Element) -> str:
        """Every word of what is not in the text, paragraph by paragraph."""
        tags = (qn("w:t"), qn("w:delText"))
        return " ".join(
            "".join(t.text or "" for t in paragraph.iter(*tags))
            for paragraph in ([*element.iter(qn("w:p"))] or [element])
        )


def _inner_relations(part: Part) -> list[_Relationship]:
    return [rel for rel in part.rels.values() if not rel.is_external]


def _by_id(notes: Element | None) -> dict[str, Element]:
    """The notes that people wrote: the lines that part them from the text are no notes."""
    every = notes if notes is not None else ()
    return {note.get(qn("w:id")) or "": note for note in every if note.get(qn("w:type")) in (None, "normal")}


def _gallery(control: Element) -> str | None:
    kind = value(control, "w:sdtPr", "w:docPartObj", "w:docPartGallery")
    return kind.lower() if kind else None


def _direct(container: Element, name: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, in content controls too, but not those of a table inside."""
    for element in container:
        if element.tag == qn(name):
            yield element
        elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml")):
            yield from _direct(element, name)


def _is_on(properties: Element | None, name: str) -> bool:
    flag = properties.find(qn(name)) if properties is not None else None
    return flag is not None and flag.get(qn("w:val")) not in ("0", "false")


def _as_heading(block: Block) -> Block:
    """A bold line as a heading, in a document that has no headings by name."""
    if len(block.text.split()) > MAX_HEADING_WORDS or block.text.endswith((".", ";", ",")) or block.text[:2] == "- ":
        return block
    number = _COUNTED.match(block.text)
    return replace(block, kind=BlockKind.HEADING, level=number["deeper"].count(".") + 1 if number else 1)
