"""Check how a Markdown file is written: headings, locators, comments, links, characters. Looks up linked files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ingest.blocks import BlockKind
from ingest.checking.findings import Finding
from ingest.checking.texts import Text
from ingest.dividing import MAX_PASSAGE_CHARS

MAX_TABLE_CHARS = 2_400
_BROKEN = re.compile("\ufffd|â€|Ã.|[\x00-\x08\x0b\x0c\x0e-\x1f]")
_UNFINISHED = re.compile(r"\b(?:TODO|TBC|TBD|FIXME|XXX+)\b|\?\?\?|\blorem ipsum\b", re.IGNORECASE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_ID = re.compile(r"[a-z0-9-]+")
_COMMENT = re.compile(r"<!--(?P<body>.*?)-->", re.DOTALL)
_ASKED = re.compile(r"\s*asked\b", re.IGNORECASE)
_MISSPELT_ASKED = re.compile(r"\s*(?:as?k\w*|question\w*|ased|aksed)\b", re.IGNORECASE)
_ANCHORED = re.compile(r"^\s*in the original\s*:", re.IGNORECASE)
_ANCHOR_WORDS = range(2, 13)
"""How many words of an original are enough, and not too many, to know a place by."""


def check_markup(
    text: Text, texts: Sequence[Text], *, root: Path, left_out: Collection[str] | None
) -> Iterator[Finding]:
    """Everything about the file's own writing.

    texts:    all documents that could be read.
    left_out: ids of the others, to which a link may lead too; None when they are not known.
    """
    yield from _headings(text)
    yield from _locators(text)
    yield from _lengths(text)
    yield from _same_ids(text)
    if text.raw:
        yield from _characters(text)
        yield from _comments(text)
        yield from _links(text, texts, root, left_out)


def _headings(text: Text) -> Iterator[Finding]:
    """A heading is followed by text, or by a heading below it that is."""
    blocks = text.source.loaded.blocks
    for at, block in enumerate(blocks):
        if block.kind is not BlockKind.HEADING or block.boxed:
            continue
        after = blocks[at + 1] if at + 1 < len(blocks) else None
        if after is None or (after.kind is BlockKind.HEADING and after.level <= block.level):
            what = f"the heading '{block.text}' has no text below it."
            yield text.finding("empty-heading", block.line, what, "Write its text, or take it out.", block.text)


def _locators(text: Text) -> Iterator[Finding]:
    if not text.is_digest:
        return
    waiting = None
    for block in text.source.loaded.blocks:
        if block.kind is BlockKind.HEADING and waiting is not None:
            yield _no_locator(text, waiting.line, waiting.text)
            waiting = None
        elif block.kind is not BlockKind.HEADING:
            waiting = None if block.locator else (waiting or block)
        if "{" in block.text or "}" in block.text:
            what = f"the braces in '{block.text[-70:]}' are no locator."
            remedy = "A locator ends a paragraph: `… text. {section 4, p. 12}`."
            yield text.finding("bad-locator", block.line, what, remedy, block.text[-70:])
    if waiting is not None:
        yield _no_locator(text, waiting.line, waiting.text)


def _no_locator(text: Text, line: int | None, words: str) -> Finding:
    remedy = "End it with where the original says so: `{section 4, p. 12; as reported by NAME}`."
    return text.finding("no-locator", line, f"'{words[:60]}…' has no locator.", remedy, words[:60])


def _lengths(text: Text) -> Iterator[Finding]:
    if not text.is_digest:
        return  # other files are divided to fit
    for each in text.divided:
        limit = MAX_TABLE_CHARS if each.passage.columns or "\t" in each.passage.text else MAX_PASSAGE_CHARS
        chars = len(each.passage.text)
        if chars > limit:
            what = (
                f"the passage '{each.passage.text[:50]}…' has {chars:,} characters; at most {limit:,} are one passage."
            )
            yield text.finding("too-long", each.line, what, "Divide it, each part with its own locator.", "length")


def _same_ids(text: Text) -> Iterator[Finding]:
    counted = Counter(each.passage.id for each in text.divided)
    for name, count in counted.items():
        if count > 1:
            line = [each.line for each in text.divided if each.passage.id == name][1]
            what = f"{count} passages have the id '{name}'."
            yield text.finding("same-passage-id", line, what, "Give one another key: `{#key …}`.", name)


def _characters(text: Text) -> Iterator[Finding]:
    for number, line in enumerate(text.raw.split("\n"), 1):
        if found := _BROKEN.search(line):
            seen = line[max(0, found.start() - 20) : found.end() + 20]
            what = f"broken characters in {seen!r}."
            yield text.finding("bad-characters", number, what, "Type them again, and save as UTF-8.", seen)
        if found := _UNFINISHED.search(line):
            seen = found.group()
            what = f"'{seen}' stands here: something is unfinished."
            yield text.finding("unfinished", number, what, "Finish it, or take it out.", seen)


def _comments(text: Text) -> Iterator[Finding]:
    read = {question for each in text.divided for question in each.questions}
    for found in _COMMENT.finditer(text.raw):
        line = text.raw.count("\n", 0, found.start()) + 1
        body = found["body"]
        if "<!--" in body:
            what = "the comment that begins here is not closed before the next."
            yield text.finding("lost-comment", line, what, "Close it with `-->` on a line of its own.", "not closed")
        elif not _ASKED.match(body):
            if _MISSPELT_ASKED.match(body) or len(body.strip().splitlines()) > 2:
                what = f"nothing reads this comment: it begins '{body.strip()[:30]}'."
                remedy = "Questions stand in a comment that begins `<!-- asked`."
                yield text.finding("lost-comment", line, what, remedy, body.strip()[:30])
        else:
            yield from _ties(text, body, line)
            rows = [row.strip() for row in _after_asked(body).splitlines()]
            questions = [row for row in rows if row and not _ANCHORED.match(row)]
            if questions and not read.intersection(questions):
                what = f"nothing reads this comment: no passage stands above '{questions[0][:60]}'."
                remedy = "Put it on lines of its own below the passage whose questions these are."
                yield text.finding("lost-comment", line, what, remedy, questions[0])
    rest = _COMMENT.sub("", text.raw)
    if "<!--" in rest:
        line = text.raw.count("\n", 0, text.raw.rindex("<!--")) + 1
        what = "the comment that begins here is never closed, so all that follows it is lost."
        yield text.finding("lost-comment", line, what, "Close it with `-->` on a line of its own.", "not closed")


def _after_asked(body: str) -> str:
    """What stands after `asked`, with the line ends before it, so that its lines can be counted."""
    asked = _ASKED.match(body)
    return "\n" * asked.group().count("\n") + body[asked.end() :] if asked else body


def _ties(text: Text, body: str, line: int) -> Iterator[Finding]:
    run = 0
    for offset, row in enumerate(_after_asked(body).splitlines()):
        if not row.strip():
            continue
        if not _ANCHORED.match(row):
            run += 1
            continue
        if not run:
            what = "no question stands above this `in the original:`."
            yield text.finding("bad-tie", line + offset, what, "Put it below the questions it belongs to.", row.strip())
        run = 0
        for anchor in row.partition(":")[2].split(" | "):
            if len(anchor.split()) not in _ANCHOR_WORDS:
                what = f"'{anchor.strip()}' has {len(anchor.split())} words."
                yield text.finding(
                    "bad-tie", line + offset, what, "Give 4 to 11 words of the original.", anchor.strip()
                )


def _links(text: Text, texts: Sequence[Text], root: Path, left_out: Collection[str] | None) -> Iterator[Finding]:
    targets = {other.document.id for other in texts} | {each.passage.id for other in texts for each in other.divided}
    targets |= {each.passage.id.removeprefix(text.document.id) for each in text.divided}
    bare = _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), text.raw)
    for found in _LINK.finditer(bare):
        target = found[1]
        line = bare.count("\n", 0, found.start()) + 1
        if target in targets or _may_be_id(target.partition("#")[0], left_out):
            continue
        if re.match(r"https?:", target, re.IGNORECASE):
            if not _is_address(target):
                remedy = "Write the whole address, for example https://www.gov.uk/compact."
                yield text.finding("broken-link", line, f"'{target}' is no address.", remedy, target)
        elif not target.startswith("mailto:") and not _is_file(target, text, root):
            what = f"the link to '{target}' leads nowhere."
            remedy = "Link to a document's id, a passage's id, a file of this folder, or a whole https address."
            yield text.finding("broken-link", line, what, remedy, target)


def _may_be_id(name: str, left_out: Collection[str] | None) -> bool:
    return bool(_ID.fullmatch(name)) if left_out is None else name in left_out


def _is_address(target: str) -> bool:
    try:
        return "." in (urlsplit(target).hostname or "")
    except ValueError:
        return False


def _is_file(target: str, text: Text, root: Path) -> bool:
    path = target.partition("#")[0]
    try:
        file = (Path(text.where).parent / unquote(path)).resolve()
    except ValueError:
        return False
    return bool(path) and file.is_file() and file.is_relative_to(root.resolve())
