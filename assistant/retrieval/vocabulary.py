"""The vocabulary table at work: a query in anybody's words reaches text in anybody else's.

In:   rows of `corpus/tables/vocabulary.yaml`, each a set of forms that mean the same or near enough.
Out:  for a query, the other forms of the terms it uses, longest match first.
Pure: no I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.knowledge import Term
from assistant.retrieval.lexical import stem, words

MAX_FORM_WORDS = 6


class Vocabulary:
    """The table, ready to look forms up in."""

    def __init__(self, rows: Iterable[Term]) -> None:
        self._rows = [row.forms for row in rows]
        self._by_form: dict[tuple[str, ...], list[int]] = {}
        self._keys: dict[str, tuple[str, ...]] = {}
        for number, forms in enumerate(self._rows):
            for form in forms:
                key = self._keys[form] = tuple(stem(word) for word in words(form))
                if key and number not in self._by_form.setdefault(key, []):
                    self._by_form[key].append(number)

    def other_forms(self, query: Sequence[str]) -> list[str]:
        """Forms that stand in one row with a form used in these words (unstemmed, in order), without those used."""
        stems = [stem(word) for word in query]
        found: list[int] = []
        used: set[tuple[str, ...]] = set()
        at = 0
        while at < len(stems):
            for length in range(min(MAX_FORM_WORDS, len(stems) - at), 0, -1):
                key = tuple(stems[at : at + length])
                if key in self._by_form:
                    found.extend(self._by_form[key])
                    used.add(key)
                    at += length
                    break
            else:
                at += 1
        forms = dict.fromkeys(form for number in found for form in self._rows[number])
        return [form for form in forms if self._keys[form] not in used]
