"""Check that each statement's words are really in the passage it cites.

In:   statements with their citations' numbers, the citations, and the passages that were retrieved.
Out:  one Grounding for each statement and citation, in statement then citation order.
Match: a quote is an exact substring of its passage's text. A statement's words are those of its quote, after
      Unicode NFKC, straight quotation marks, no emphasis marks or bullets, single spaces, any case; a table's row
      may be said with the names of its columns.
Raises: nothing for a citation that fails, which is a Grounding; ValueError when two passages share an id.
Pure: no I/O. Why exact: docs/decisions/0003-exact-words.md
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.text import as_statement, comparable
from assistant.values import Citation, Passage, Statement


class Grounded(StrEnum):
    """What came of checking one citation of one statement."""

    GROUNDED = "grounded"
    NOT_RETRIEVED = "ungrounded_not_retrieved"
    NO_SUCH_CITATION = "ungrounded_no_such_citation"
    QUOTE_NOT_IN_PASSAGE = "ungrounded_quote_not_in_passage"
    WORDS_DIFFER = "ungrounded_words_differ"


@dataclass(frozen=True, slots=True)
class Grounding:
    """The outcome for one citation of one statement, by their places in the lists given."""

    statement: int
    citation: int
    outcome: Grounded


def ground_statements(
    statements: Sequence[Statement], citations: Sequence[Citation], passages: Sequence[Passage]
) -> list[Grounding]:
    """Check every citation of every statement."""
    by_id = {passage.id: passage for passage in passages}
    if len(by_id) != len(passages):
        raise ValueError("two passages share an id")
    numbered = {citation.number: citation for citation in citations}
    return [
        Grounding(i, number, _check(statement, numbered.get(number), by_id))
        for i, statement in enumerate(statements)
        for number in statement.citations
    ]


def _check(statement: Statement, citation: Citation | None, passages: dict[str, Passage]) -> Grounded:
    if citation is None:
        return Grounded.NO_SUCH_CITATION
    passage = passages.get(citation.passage_id)
    if passage is None:
        return Grounded.NOT_RETRIEVED
    if not citation.quote or citation.quote not in passage.text:
        return Grounded.QUOTE_NOT_IN_PASSAGE
    said = _words(statement.text)
    if said not in (_words(citation.quote), _words(as_statement(citation.quote, passage.columns))):
        return Grounded.WORDS_DIFFER
    return Grounded.GROUNDED


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", comparable(text))
