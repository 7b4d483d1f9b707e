"""A file that cannot be read: what is wrong with it, and what to do about it."""

from __future__ import annotations

from assistant.errors import CallerError


class Unreadable(CallerError):
    """A loader cannot read these bytes. It knows no path: whoever opened the file adds it.

    what:   what is wrong, with the value seen.
    remedy: what whoever holds the file can do.
    """

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}\n{remedy}")
