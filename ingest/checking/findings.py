"""What a check finds. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assistant.errors import Mistake
from assistant.knowledge import Accepted


class Severity(StrEnum):
    """Whether an answer could stand on it."""

    WRONG = "wrong"
    DOUBTFUL = "doubtful"


CHECKS: Mapping[str, tuple[Severity, str]] = {
    "unreadable": (Severity.WRONG, "a file, its front matter or a table that cannot be read as it stands"),
    "no-source": (Severity.WRONG, "a statement that says nobody's source"),
    "unknown-source": (Severity.WRONG, "a source that is not in tables/sources.csv"),
    "unlisted-source": (Severity.WRONG, "a locator names a source that the document's own list lacks"),
    "unused-source": (Severity.DOUBTFUL, "a source in the document's list that no locator names"),
    "no-locator": (Severity.WRONG, "text after the last locator, or before a heading, that has none"),
    "bad-locator": (Severity.WRONG, "braces that are no locator"),
    "broken-link": (Severity.WRONG, "a link or a citation that leads nowhere"),
    "same-passage-id": (Severity.WRONG, "two passages with one id"),
    "too-long": (Severity.WRONG, "more text than a passage may hold"),
    "empty-heading": (Severity.WRONG, "a heading with no text below it"),
    "bad-characters": (Severity.WRONG, "characters that were broken when the file was saved"),
    "unfinished": (Severity.DOUBTFUL, "a note to oneself that was left in the text"),
    "lost-comment": (Severity.WRONG, "a comment that is not closed, or that nothing reads"),
    "bad-tie": (Severity.WRONG, "words `in the original:` that are too few or too many to be known by"),
    "few-questions": (Severity.DOUBTFUL, "a passage with fewer than four questions written for it"),
    "same-question": (Severity.DOUBTFUL, "one question written for two passages of a document"),
    "dates": (Severity.DOUBTFUL, "dates in force that are missing, overlap or leave a gap"),
    "not-checked": (Severity.DOUBTFUL, "nobody says when, or against what, a document was last checked"),
    "missing-field": (Severity.DOUBTFUL, "a field that a document should have"),
    "left-out": (Severity.DOUBTFUL, "a file in the folder that is not read"),
    "area": (Severity.DOUBTFUL, "a Local Compact and the table of local agreements that do not agree"),
    "ambiguous-name": (Severity.DOUBTFUL, "one name for two things in the tables"),
    "subject": (Severity.DOUBTFUL, "a passage that begins with a word for something named before it"),
    "insider-language": (Severity.DOUBTFUL, "an abbreviation that neither the text nor a table explains"),
    "said-twice": (Severity.DOUBTFUL, "two statements that say the same in other words"),
    "needless-acceptance": (Severity.DOUBTFUL, "a row of tables/accepted.csv that accepts nothing any more"),
}
"""Every check: how bad what it finds is, and what that is."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong or doubtful.

    document: its id; the file's name for a table, and for a file of which no document could be made.
    words:    what it is about.
    """

    check: str
    mistake: Mistake
    document: str = ""
    words: str = ""

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return CHECKS[self.check][0]

    def __str__(self) -> str:
        return f"{self.mistake.where}: {self.severity}, {self.check}: {self.mistake.what}\n  {self.mistake.remedy}"

    def as_json(self) -> dict[str, str]:
        """For tools."""
        return {
            "check": self.check,
            "severity": self.severity.value,
            "where": self.mistake.where,
            "what": self.mistake.what,
            "remedy": self.mistake.remedy,
            "document": self.document,
            "words": self.words,
        }


def sift(
    findings: Iterable[Finding], accepted: Iterable[Accepted], *, was_looked_for: Callable[[Accepted], bool]
) -> tuple[list[Finding], int]:
    """The findings that nobody has accepted, those about idle acceptances added; and how many were accepted.

    was_looked_for: whether what a row accepts was looked for at all; a row is not idle when it was not.
    """
    rows = list(accepted)
    used: set[int] = set()
    kept = []
    count = 0
    for finding in findings:
        fits = [i for i, row in enumerate(rows) if _fits(row, finding)]
        used.update(fits)
        if fits:
            count += 1
        else:
            kept.append(finding)
    for i, row in enumerate(rows):
        if i not in used and _is_doubt(row.check) and was_looked_for(row):
            what = f"nothing is found any more for '{row.check}' in '{row.document}' about '{row.words}'."
            kept.append(Finding("needless-acceptance", Mistake(row.where, what, "Take the row out."), "accepted.csv"))
    return kept, count


def _is_doubt(check: str) -> bool:
    return check in CHECKS and CHECKS[check][0] is Severity.DOUBTFUL


def _fits(row: Accepted, finding: Finding) -> bool:
    """Only doubts can be let stand; what is wrong is wrong."""
    about = f"{finding.words} {finding.mistake.what}".casefold()
    return (
        finding.severity is Severity.DOUBTFUL
        and row.check == finding.check
        and row.document == finding.document
        and row.words.casefold() in about
    )
