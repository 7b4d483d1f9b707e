"""A document as the checks see it. Pure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.errors import Mistake
from assistant.values import Document
from ingest.checking.findings import Finding
from ingest.dividing import Divided
from ingest.sources import Source


@dataclass(frozen=True, slots=True)
class Text:
    """A document with its passages and the raw text of its file ("" for a PDF and the like). `where` is its path."""

    source: Source
    where: str
    raw: str
    divided: tuple[Divided, ...]

    @property
    def document(self) -> Document:
        """The document."""
        return self.source.document

    @property
    def is_digest(self) -> bool:
        """Whether its passages say, or ought to, where an original has them."""
        own_words = "digest" in (self.document.basis or "").lower()
        return bool(self.raw and own_words) or any(block.locator for block in self.source.loaded.blocks)

    def finding(self, check: str, line: int | None, what: str, remedy: str, words: str = "") -> Finding:
        """Something found on a line of this document's file; line 1 where none is known."""
        mistake = Mistake(f"{self.where}:{line or 1}", what, remedy)
        return Finding(check, mistake, document=self.document.id, words=words)

    def line_of_field(self, name: str) -> int:
        """The line of the file on which this field of its front matter stands, 1 when it has none."""
        lines = self.raw.split("\n")
        return next((number for number, line in enumerate(lines, 1) if line.startswith(f"{name}:")), 1)

    def line_of_question(self, question: str, passage: Divided) -> int:
        """The line on which this question stands below a passage; the passage's own when it is not found."""
        first = passage.line or 1
        rows = enumerate(self.raw.split("\n")[first - 1 :], first)
        return next((number for number, row in rows if row.strip() == question), first)
