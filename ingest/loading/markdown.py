"""Markdown, with the three things a digest adds to it.

- `{section 4, p. 12}` at the end of a paragraph, of a list or on a line of its own under a table says where the
  original says this. It ends a passage. `{#4.4 undertaking 4.4}` names that passage `4.4` too.
- `<!-- asked ... -->` after a passage holds questions it answers, one a line.
- `in the original: words | other words` in such a comment ties the questions above it to the original's own text,
  so that they help to find the original when somebody indexes it.

In:   the text below the front matter, and the line it starts on.
Out:  `Loaded`; block texts without Markdown's marks.
Pure: no I/O.
"""

from __future__ import annotations

import re
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.text import fold
from ingest.blocks import Anchored, Block, BlockKind, Loaded

_LOCATOR = re.compile(r"\s*\{(?:#(?P<key>[\w.\-]+)\s*)?(?P<locator>[^{}]*)\}\s*$")
_ASKED = re.compile(r"<!--\s*asked\b(?P<body>.*?)-->", re.DOTALL | re.IGNORECASE)
_ORIGINAL = re.compile(r"^in the original\s*:\s*(?P<anchors>.+)$", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def load_markdown(text: str, *, first_line: int = 1) -> Loaded:
    """Take Markdown apart."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    blocks: list[Block] = []
    items: list[tuple[str, int]] = []  # marker and nesting of the list items that are open
    lists: list[list[int | None]] = []  # for each open list, the next number, None when it has bullets
    header: tuple[str, ...] = ()
    cells: list[str] = []
    in_head = False
    title: str | None = None
    for i, token in enumerate(tokens):
        line = first_line + token.map[0] if token.map else None
        match token.type:
            case "heading_open":
                words, _, _ = _ending(_words(tokens[i + 1]))
                level = int(token.tag[1])
                if title is None and level == 1:
                    title = words
                else:
                    blocks.append(Block(kind=BlockKind.HEADING, text=words, level=max(1, level - 1), line=line))
            case "bullet_list_open":
                lists.append([None])
            case "ordered_list_open":
                lists.append([int(token.attrGet("start") or 1)])
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                number = lists[-1][0]
                items.append(("- " if number is None else f"{number}. ", len(lists)))
                if number is not None:
                    lists[-1][0] = number + 1
            case "list_item_close":
                if items:
                    items.pop()
            case "paragraph_open":
                _paragraph(blocks, _words(tokens[i + 1]), items, line)
            case "thead_open":
                in_head = True
            case "thead_close":
                in_head = False
            case "tr_open":
                cells = []
            case "th_open" | "td_open":
                cells.append(_words(tokens[i + 1]))
            case "tr_close":
                if in_head:
                    header = tuple(cells)
                blocks.append(
                    Block(
                        kind=BlockKind.TABLE_ROW,
                        text="\t".join(cells),
                        columns=header,
                        is_header=in_head,
                        line=line,
                    )
                )
            case "fence" | "code_block":
                blocks.append(Block(kind=BlockKind.PARAGRAPH, text=fold(token.content), line=line))
            case "html_block":
                _html(blocks, token.content, line)
            case _:
                pass
    return Loaded(title=title, blocks=tuple(b for b in blocks if b.text))


def _paragraph(blocks: list[Block], words: str, items: list[tuple[str, int]], line: int | None) -> None:
    words, key, locator = _ending(words)
    if not words:
        if blocks and (locator or key):
            blocks[-1] = replace(blocks[-1], locator=locator, key=key)
        return
    if items and items[-1][0]:
        marker, nesting = items[-1]
        items[-1] = ("", nesting)
        kind, words = BlockKind.LIST_ITEM, marker + words
    else:
        nesting, kind = 1, BlockKind.PARAGRAPH
    blocks.append(Block(kind=kind, text=words, level=nesting, line=line, locator=locator, key=key))


def _html(blocks: list[Block], html: str, line: int | None) -> None:
    for asked in _ASKED.finditer(html):
        every: list[str] = []
        anchored: list[Anchored] = []
        run: list[str] = []
        for row in filter(None, map(str.strip, asked["body"].splitlines())):
            if original := _ORIGINAL.match(row):
                words = tuple(a.strip() for a in original["anchors"].split(" | ") if a.strip())
                anchored.append(Anchored(anchors=words, questions=tuple(run)))
                run = []
            else:
                run.append(row)
                every.append(row)
        if blocks:
            blocks[-1] = replace(
                blocks[-1],
                questions=(*blocks[-1].questions, *every),
                anchored=(*blocks[-1].anchored, *anchored),
            )
    rest = fold(re.sub(r"<[^>]+>", " ", _COMMENT.sub(" ", html)))
    if rest:
        blocks.append(Block(kind=BlockKind.PARAGRAPH, text=rest, line=line))


def _words(inline: Token) -> str:
    """What a reader of the rendered page would read."""
    if inline.children is None:
        return fold(inline.content)
    parts = []
    for child in inline.children:
        if child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image" or child.type != "html_inline":
            parts.append(child.content)
    return fold("".join(parts))


def _ending(words: str) -> tuple[str, str | None, str | None]:
    found = _LOCATOR.search(words)
    if not found:
        return words, None, None
    return words[: found.start()].rstrip(), found["key"], (found["locator"].strip() or found["key"])
