"""Every error of ours, in one tree.

AssistantError
├── CallerError            the caller can put it right; commands exit with 2
│   ├── QuestionInvalid    a question that cannot be asked as it stands
│   ├── SettingInvalid     a setting that means nothing
│   ├── CorpusInvalid      documents or tables with mistakes: one `Mistake` each
│   ├── IndexMissing       nothing is indexed yet
│   ├── IndexBusy          another process is indexing
│   ├── DataTooNew         the data folder was written by a newer version
│   └── StorageFull        there is no room left where the index is kept
└── OperationError         something of ours failed; commands exit with 1
    ├── ModelUnavailable   the embedding model is missing, or is not the one expected
    ├── StoreUnavailable   the search store cannot be reached or read
    └── IndexFailed        a new generation could not be completed; the old one still answers

A message says what happened, where, the value seen, and what to do. Edges turn libraries' errors into these with
`raise ... from`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AssistantError(Exception):
    """Anything that this product knows it cannot do."""


class CallerError(AssistantError):
    """Something that whoever called can put right."""


class QuestionInvalid(CallerError):
    """A question that cannot be asked as it stands."""


class SettingInvalid(CallerError):
    """A setting that means nothing."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a document or table. `where` is a path, with `:line` when the line is known."""

    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n  {self.remedy}"


class CorpusInvalid(CallerError):
    """Documents or tables that cannot be indexed as they stand; nothing was changed."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class IndexMissing(CallerError):
    """Nothing is indexed yet."""


class IndexBusy(CallerError):
    """Another process is indexing into the same data folder."""


class DataTooNew(CallerError):
    """The data folder was written by a newer version of the product."""


class StorageFull(CallerError):
    """There is no room left where the index is kept. The index before still answers."""


class OperationError(AssistantError):
    """Something of ours failed."""


class ModelUnavailable(OperationError):
    """The embedding model is missing, or is not the one expected."""


class StoreUnavailable(OperationError):
    """The search store cannot be reached or read."""


class IndexFailed(OperationError):
    """A new generation could not be completed. The one before it still answers."""
