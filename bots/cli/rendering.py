"""An Answer and its kin as text for a terminal.

The order is that of every channel: the answer, the doubts, what to do next, the sources, for which date and place.
Colour only when the output is a terminal; wrapped to its width.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from assistant.replies import answered_for, chip, written_date
from assistant.text import plain
from assistant.values import Answer, AnswerStatus, Citation, DocumentStatus, ScoredPassage

MAX_WIDTH = 96


def console() -> Console:
    """Standard output, at a width that reads well."""
    out = Console(highlight=False, soft_wrap=False)
    if out.width > MAX_WIDTH or not out.is_terminal:
        out.width = MAX_WIDTH
    return out


def show_answer(answer: Answer, out: Console) -> None:
    """Print an answer."""
    if answer.status is AnswerStatus.ANSWERED:
        for statement in answer.statements:
            marks = "".join(f" [{number}]" for number in statement.citations)
            out.print(Text.assemble(statement.text, (marks, "bold")), end="\n\n")
    _list("Bear in mind" if answer.statements else "", answer.caveats, out)
    _list("Next", [step.text for step in answer.next_steps], out)
    if answer.citations:
        out.print(Text("Sources", style="bold"))
        for citation in answer.citations:
            _source(citation, out)
        out.print()
    out.print(Text(f"{answered_for(answer.asked_on, answer.area)} Not legal advice.", style="dim"))


def show_passages(found: Iterable[ScoredPassage], out: Console) -> None:
    """Print what a search found, best first."""
    nothing = True
    for number, scored in enumerate(found, 1):
        nothing = False
        passage = scored.passage
        head = Text.assemble(
            (f"{number}. {passage.document.title}", "bold"), f", {passage.locator} ", (f"{scored.score:.2f}", "dim")
        )
        out.print(head)
        out.print(Padding(Text(_lines(passage.text)), (0, 0, 0, 3)))
        out.print(Padding(Text(passage.id, style="dim"), (0, 0, 1, 3)))
    if nothing:
        out.print("Nothing found. Use other words, or fewer filters.")


def _source(citation: Citation, out: Console) -> None:
    document = citation.document
    status = document.status
    style = "yellow" if status is DocumentStatus.SUPERSEDED else "dim"
    about = [p for p in (document.publisher, written_date(document.published) if document.published else None) if p]
    head = Text.assemble(
        (f"[{citation.number}] ", "bold"),
        f"{document.title}, {citation.locator} ",
        (f"({'; '.join([*about, chip(status)])})", style),
    )
    out.print(head)
    out.print(Padding(Text(f"“{_lines(citation.quote)}”", style="italic"), (0, 0, 0, 4)))


def _list(title: str, lines: Iterable[str], out: Console) -> None:
    rows = list(lines)
    if not rows:
        return
    if title:
        out.print(Text(title, style="bold"))
    for row in rows:
        out.print(Padding(Text(f"- {row}" if title else row), (0, 0, 0, 0)))
    out.print()


def _lines(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))
