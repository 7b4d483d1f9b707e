"""What a change to the corpus changes, as text for a terminal: first in numbers, then by document, table, question.

What went begins with `-`, what came with `+`, as in git; colour only when the output is a terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from assistant.text import fold
from bots.cli.rendering import Page
from evals.answer_diff import RIGHT_WITHIN, AnswerChange, AnswerDiff, Cited, Given, RightChange
from evals.corpus_changes import Changes
from evals.corpus_diff import CorpusDiff, DocumentChange, FieldChange, ListedDocument, Part, PassageChange, TableChange

WENT, CAME = "red", "green"
LONG = 60
"""Values longer than this stand below each other."""
SHOWN = 240
"""So much of a quote or of an added passage is shown; --json has all of it."""
_UNANSWERED = {
    "not_in_guidance": "no answer: the guidance does not say",
    "needs_facts": "a question back",
    "out_of_scope": "no answer: outside what we answer",
    "declined": "no answer: declined",
}


def show_changes(changes: Changes, page: Page) -> None:
    """Print everything."""
    page.line(f"From  {changes.old.name}", style="bold")
    page.line(f"To    {changes.new.name}", style="bold")
    page.line()
    if changes.same_files:
        page.line("Nothing changes: the two are the same, file for file.")
        return
    _numbers(changes, page)
    _documents(changes.corpus, page)
    if changes.corpus.tables:
        page.line("TABLES", style="bold")
        page.line()
    for table in changes.corpus.tables:
        _table(table, page)
    if changes.answers is not None:
        _answers(changes.answers, page)


def _numbers(changes: Changes, page: Page) -> None:
    diff, answers = changes.corpus, changes.answers
    documents = {
        "added": diff.documents_added,
        "removed": diff.documents_removed,
        "changed": diff.documents_changed,
    }
    passages = {
        "added": diff.passages_added,
        "removed": diff.passages_removed,
        "changed": diff.passages_changed,
        "renamed": diff.passages_renamed,
    }
    rows: dict[str, Sequence[object]] = {
        "added": [row for table in diff.tables for row in table.added],
        "removed": [row for table in diff.tables for row in table.removed],
        "changed": [row for table in diff.tables for row in table.changed],
    }
    page.line(f"Documents   {_counted(documents, diff.documents_unchanged)}")
    page.line(f"Passages    {_counted(passages, diff.passages_unchanged)}")
    page.line(f"Table rows  {_counted(rows, diff.rows_unchanged)}")
    if answers is None:
        page.line("Questions   not asked")
    else:
        asked = f"{len(answers.changed)} of {answers.asked} answered otherwise"
        page.line(f"Questions   {asked} (both times as of {changes.on.isoformat()})")
        page.line(
            f"Right       {answers.right_before} of {answers.gold} right passages were among the first {RIGHT_WITHIN} "
            f"found, {answers.right_after} are now: {len(answers.lost)} lost, {len(answers.won)} won",
            hang=12,
        )
    page.line()


def _counted(found: Mapping[str, Sequence[object]], unchanged: int) -> str:
    some = ", ".join(f"{len(each):,} {what}" for what, each in found.items() if each)
    return f"{some or 'nothing changed'}; {unchanged:,} as before"


def _documents(diff: CorpusDiff, page: Page) -> None:
    if diff.documents_added or diff.documents_removed or diff.documents_changed:
        page.line("DOCUMENTS", style="bold")
        page.line()
    stood_elsewhere = [each.after.passage.document.id for each in diff.passages_renamed]
    for listed in diff.documents_removed:
        _listed(listed, "removed", 0, page)
    for listed in diff.documents_added:
        _listed(listed, "added", stood_elsewhere.count(listed.id), page)
    if diff.documents_added or diff.documents_removed:
        page.line()
    for change in diff.documents_changed:
        _document(change, diff, page)


def _listed(document: ListedDocument, what: str, stood_elsewhere: int, page: Page) -> None:
    mark, style = ("+", CAME) if what == "added" else ("-", WENT)
    page.line(f"{mark} {document.title}", style=style, hang=2)
    elsewhere = f", {stood_elsewhere} of them stood in another document" if stood_elsewhere else ""
    page.line(f"{what}: {document.path}, {_count(document.passages, 'passage')}{elsewhere}", indent=2, hang=2)


def _document(document: DocumentChange, diff: CorpusDiff, page: Page) -> None:
    def mine(part: Part) -> bool:
        return part.passage.document.id == document.id

    page.line(document.title, style="bold", hang=2)
    page.line(document.path, style="dim")
    for field in document.fields:
        _field(field, page, indent=2)
    for change in diff.passages_changed:
        if mine(change.after):
            page.line(f"changed  {_place(change.after)}", indent=2, hang=9)
            _inside(change, page)
    for change in diff.passages_renamed:
        if mine(change.after):
            page.line(f"renamed  {change.before.passage.id}", indent=2, hang=9)
            page.line(f"to {_place(change.after)}", indent=11, hang=3)
            _inside(change, page)
        elif mine(change.before):
            page.line(f"moved    {change.before.passage.id}", indent=2, hang=9)
            page.line(f"to {_place(change.after)}", indent=11, hang=3)
    _lone(filter(mine, diff.passages_removed), "removed", page)
    _lone(filter(mine, diff.passages_added), "added", page)
    page.line()


def _inside(change: PassageChange, page: Page) -> None:
    """What differs in a passage that stands in both."""
    for field in change.fields:
        _field(field, page, indent=6)
    if change.set_out_otherwise:
        page.line("the same sentences, set out otherwise", indent=6)
    _went_and_came(change.went, change.came, page)
    if change.questions_went or change.questions_came:
        page.line("questions written for it:", indent=6)
        _went_and_came(change.questions_went, change.questions_came, page)


def _went_and_came(went: Iterable[str], came: Iterable[str], page: Page, indent: int = 6) -> None:
    for mark, style, texts in (("-", WENT, went), ("+", CAME, came)):
        for text in texts:
            page.line(f"{mark} {fold(text)}", style=style, indent=indent, hang=2)


def _lone(parts: Iterable[Part], what: str, page: Page) -> None:
    for part in parts:
        page.line(f"{what:<9}{_place(part)}", indent=2, hang=9)
        texts = [_short(part.passage.text)]
        _went_and_came(texts if what == "removed" else (), texts if what == "added" else (), page)


def _place(part: Part) -> str:
    return f"{part.passage.id}, line {part.line}" if part.line else part.passage.id


def _field(field: FieldChange, page: Page, *, indent: int) -> None:
    if isinstance(field.before, tuple) or isinstance(field.after, tuple):
        before, after = (value if isinstance(value, tuple) else () for value in (field.before, field.after))
        page.line(f"{field.name}:" if {*before} != {*after} else f"{field.name}: in another order", indent=indent)
        went, came = [v for v in before if v not in after], [v for v in after if v not in before]
        _went_and_came(went, came, page, indent + 2)
        return
    old, new = field.before or "nothing", field.after or "nothing"
    if isinstance(old, str) and isinstance(new, str) and len(old) + len(new) <= LONG:
        page.line(f"{field.name}: {old} → {new}", indent=indent, hang=2)
    else:
        page.line(f"{field.name}:", indent=indent)
        _went_and_came([str(old)], [str(new)], page, indent + 2)


def _table(table: TableChange, page: Page) -> None:
    page.line(table.name, style="bold")
    if table.only_in:
        whole = table.added or table.removed
        what, style = ("is new", CAME) if table.only_in == "new" else ("is gone", WENT)
        instead = "" if table.only_in == "new" else "; the table that comes with the product is used"
        page.line(f"the whole table {what}, {_count(len(whole), 'row')}{instead}", style=style, indent=2, hang=2)
    else:
        _keys("removed", WENT, [row.key for row in table.removed], page)
        _keys("added", CAME, [row.key for row in table.added], page)
    for change in table.changed:
        page.line(f"changed  {change.key}", indent=2, hang=9)
        for field in change.fields:
            _field(field, page, indent=6)
    page.line()


def _keys(what: str, style: str, keys: Sequence[str], page: Page) -> None:
    if keys:
        page.line(f"{what:<9}{'; '.join(keys)}", style=style, indent=2, hang=9)


def _answers(answers: AnswerDiff, page: Page) -> None:
    page.line("QUESTIONS", style="bold")
    page.line()
    for what, changes, style in (("lost", answers.lost, WENT), ("won", answers.won, CAME)):
        for right in changes:
            _right(right, what, style, page)
    if answers.lost or answers.won:
        page.line()
    for change in answers.changed:
        _answer(change, page)
    if not answers.changed:
        page.line(f"All {answers.asked} are answered as before.")


def _right(right: RightChange, what: str, style: str, page: Page) -> None:
    page.line(f"right passage {what}: {right.case.question} ({right.case.id})", style=style, hang=2)
    page.line(f"“{right.gold.quote}” in {right.gold.document}", indent=2, hang=2)
    if right.held:
        page.line(f"found {_rank(right.rank_before)} before, {_rank(right.rank_after)} now", indent=2)
    elif what == "lost":
        why = "No passage has these words any more. If the wording alone changed, correct them in evals/questions."
        page.line(why, indent=2, hang=2)
    else:
        page.line("No passage had these words before.", indent=2)


def _rank(rank: int | None) -> str:
    if rank is None:
        return "not at all"
    return {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(rank, f"{rank}th")


def _answer(change: AnswerChange, page: Page) -> None:
    page.line(f"{change.case.question} ({change.case.id})", style="bold", hang=2)
    for when, given, cited, style in (
        ("before", change.before, change.went, WENT),
        ("after", change.after, change.came, CAME),
    ):
        lines = list(_quoted(cited)) or [_nothing(given)]
        for label, line in zip((when, *[""] * len(lines)), lines, strict=False):
            page.line(f"{label:<8}{line}", style=style, indent=2, hang=9 if line.startswith("“") else 8)
    if change.kept:
        page.line(f"(and {_count(change.kept, 'quote')} that both give)", style="dim", indent=10)
    page.line()


def _nothing(given: Given) -> str:
    return _UNANSWERED.get(given.status, given.status) if not given.cited else "nothing else"


def _quoted(cited: Sequence[Cited]) -> Iterator[str]:
    """Each passage's name, and below it what of it is quoted."""
    for source, quotes in groupby(cited, key=lambda each: each.source):
        yield f"{source}:"
        for each in quotes:
            yield f"“{_short(each.quote)}”"


def _short(text: str) -> str:
    one_line = fold(text.replace("\t", " | "))
    return one_line if len(one_line) <= SHOWN else f"{one_line[:SHOWN].rsplit(' ', 1)[0]} …"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
