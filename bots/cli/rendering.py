"""An Answer and its kin as text for a terminal.

The order is that of every channel: the answer, the doubts, what to do next, the sources, for which date and place.
Colour only when the output is a terminal; wrapped to its width.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from assistant.replies import answered_for, chip, written_date
from assistant.text import as_statement, plain
from assistant.values import Answer, Citation, DocumentStatus, ScoredPassage, Statement

MAX_WIDTH = 96


class _Terminal(Console):
    """Rich's console, for which a reader that has seen enough (`| head`) is no failure."""

    def on_broken_pipe(self) -> None:
        raise SystemExit(0)


class Page:
    """Standard output, wrapped at a width that reads well."""

    def __init__(self) -> None:
        self._console = _Terminal(highlight=False)
        wide = self._console.width if self._console.is_terminal else MAX_WIDTH
        self._width = min(wide, MAX_WIDTH)

    def line(self, text: str = "", *, style: str = "", indent: int = 0, hang: int = 0) -> None:
        """Print one paragraph, its first line indented by `indent`, the rest by `indent + hang`."""
        rows = textwrap.wrap(
            text,
            self._width,
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for row in rows or [""]:
            self._console.print(Text(row, style=style), soft_wrap=True)


def show_answer(answer: Answer, page: Page) -> None:
    """Print an answer."""
    for document, statements in _by_document(answer):
        if document:
            page.line(document, style="bold")
        for statement in statements:
            marks = "".join(f" [{number}]" for number in statement.citations)
            *lines, last = statement.text.split("\n")
            for line in lines:
                page.line(line, hang=_hang(line))
            page.line(last + marks, hang=_hang(last))
        page.line()
    _list("Bear in mind", answer.caveats if answer.statements else (), page)
    for caveat in () if answer.statements else answer.caveats:
        page.line(caveat)
        page.line()
    _list("Next", [step.text for step in answer.next_steps], page)
    if answer.citations:
        page.line("Sources", style="bold")
        for before, citation in zip((None, *answer.citations), answer.citations, strict=False):
            _source(citation, before, page)
        page.line()
    page.line(f"{answered_for(answer.asked_on, answer.area)} Not legal advice.", style="dim")


def show_passages(found: Sequence[ScoredPassage], page: Page) -> None:
    """Print what a search found, best first."""
    for number, scored in enumerate(found, 1):
        passage = scored.passage
        page.line(f"{number}. {passage.document.title}, {passage.locator}", style="bold", hang=3)
        for line in passage.text.split("\n"):
            if line.split("\t") != list(passage.columns):
                page.line(as_statement(line, passage.columns), indent=3, hang=_hang(line))
        page.line(f"score {scored.score:.2f}   {passage.id}", style="dim", indent=3)
        page.line()
    if not found:
        page.line("Nothing found. Use other words, or fewer filters.")


def _hang(line: str) -> int:
    return 2 if line.startswith("- ") else 0


def _by_document(answer: Answer) -> list[tuple[str, list[Statement]]]:
    """Statements in order, those from one document together; each group's name, "" when there is one document."""
    cited = {citation.number: citation.document for citation in answer.citations}
    groups: list[tuple[str, list[Statement]]] = []
    for statement in answer.statements:
        document = cited[statement.citations[0]]
        label = "; ".join(
            filter(
                None,
                [document.title, written_date(document.published) if document.published else "", chip(document.status)],
            )
        )
        if not groups or groups[-1][0] != label:
            groups.append((label, []))
        groups[-1][1].append(statement)
    return groups if len(groups) > 1 else [("", statements) for _, statements in groups]


def _source(citation: Citation, before: Citation | None, page: Page) -> None:
    """One source; of the same passage as the one before, only its words."""
    document = citation.document
    mark = f"[{citation.number}] "
    about = filter(None, [document.publisher, document.published and written_date(document.published)])
    label = "; ".join([*about, chip(document.status)])
    style = "yellow" if document.status is DocumentStatus.SUPERSEDED else ""
    if before is None or before.passage_id != citation.passage_id:
        page.line(f"{document.title}, {citation.locator} ({label})", style=style, hang=2)
    first, *rest = (plain(line) for line in citation.quote.split("\n"))
    rows = [f"{mark}“{first}", *rest]
    rows[-1] += "”"
    for row in rows:
        page.line(row, indent=2, hang=len(mark) if row.startswith(mark) else _hang(row))


def _list(title: str, lines: Sequence[str], page: Page) -> None:
    if lines:
        page.line(title, style="bold")
        for line in lines:
            page.line(f"- {line}", hang=2)
        page.line()
