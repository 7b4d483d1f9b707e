"""What a loader makes of a file: blocks in reading order, and what it dropped and why.

A loader knows one file format and nothing of passages; `dividing` knows passages and no file format. Between them
stand these values. Every word of a file is in a block or in a `Dropped`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block is on the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    FOOTNOTE = "footnote"


class DropReason(StrEnum):
    """Why words of a file are in no passage."""

    CONTENTS_LIST = "contents_list"
    RUNNING_HEAD = "running_head"
    PAGE_NUMBER = "page_number"
    FILE_NAME = "file_name"
    MARKUP = "markup"
    NAVIGATION = "navigation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """Questions that a passage of an *original* answers, with words (4 to 11) by which to know that passage."""

    anchors: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One heading, paragraph, list item, table row or footnote.

    text:     verbatim, with line breaks folded to spaces (a table row: cells joined by tabs).
    level:    headings: 1 is the highest below the title; list items: nesting from 1.
    columns:  table rows: the names of the columns, in order, "" where a column has none.
    is_header: a table row that holds the column names themselves.
    page:     printed or physical page, from 1, where the format tells.
    line:     line in the source file, from 1, where the format has lines.
    locator:  where the original says this, when the file itself tells (digests do).
    key:      a name that the file gives the passage that ends here.
    questions: questions this block's passage answers, written by whoever keeps the file.
    anchored:  the same questions, tied to the words of an original that this passage restates.
    boxed:     a heading over a box, such as a case study, after which the text returns to the heading before.
    """

    kind: BlockKind
    text: str
    level: int = 1
    columns: tuple[str, ...] = ()
    is_header: bool = False
    page: int | None = None
    line: int | None = None
    locator: str | None = None
    key: str | None = None
    questions: tuple[str, ...] = ()
    anchored: tuple[Anchored, ...] = ()
    boxed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Words left out of every passage, and the named reason."""

    text: str
    reason: DropReason
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A file taken apart. `title` is what the file calls itself, None when it does not say."""

    title: str | None
    blocks: tuple[Block, ...]
    dropped: tuple[Dropped, ...] = ()

    @property
    def anchored(self) -> tuple[Anchored, ...]:
        """Every question tied to an original's words."""
        return tuple(a for block in self.blocks for a in block.anchored)
