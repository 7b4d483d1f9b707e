"""Which Local Compacts a question is not about.

A Local Compact speaks for its own place. It is searched when the question is asked for that place, for one inside it,
or for what that place has become; when the question names the place; and when somebody asks for Local Compacts alone.
In:   the documents of an index, the gazetteer.
Out:  for a question and the area it is asked for: the ids of the documents to leave out.
Pure: no I/O.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from assistant.knowledge import Place, Places, Town
from assistant.values import Document, Kind

_NOT_A_WORD = re.compile(r"[^a-z0-9&]+")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")


class Elsewhere:
    """The Local Compacts of an index, by place."""

    def __init__(self, documents: Iterable[Document], places: Places, towns: Iterable[Town] = ()) -> None:
        self._by_area: dict[str, set[str]] = defaultdict(set)
        for document in documents:
            if document.kind is Kind.LOCAL_COMPACT and document.area is not None:
                self._by_area[document.area].add(document.id)
        self._places = places
        in_council: dict[str, list[str]] = defaultdict(list)
        for town in towns:
            for council in town.councils:
                in_council[council].append(town.name)
        self._names = [
            (f" {_folded(name)} ", area)
            for area in self._by_area
            for name in (area, *_names(places.find(area)), *in_council[area])
        ]
        self._serving: dict[str, frozenset[str]] = {}

    def left_out(self, query: str, area: str | None) -> frozenset[str]:
        """Ids of the documents that this question is not about."""
        if not self._by_area:
            return frozenset()
        asked = f" {_folded(query)} "
        wanted = {of for name, of in self._names if name in asked} | self._serves(area)
        return frozenset(id_ for of, ids in self._by_area.items() if of not in wanted for id_ in ids)

    def _serves(self, area: str | None) -> frozenset[str]:
        """The place itself, what it lies in, and what it was before."""
        if area is None:
            return frozenset()
        if area not in self._serving:
            self._serving[area] = frozenset(_serving(area, self._places))
        return self._serving[area]


def _serving(area: str, places: Places) -> set[str]:
    found = _before(area, places)
    waiting = list(found)
    while waiting:
        place = places.find(waiting.pop())
        above = {place.county, place.combined_authority} - found - {""} if place else set()
        found |= above
        waiting += above
    return found


def _before(area: str, places: Places) -> set[str]:
    """The place, and every place that it has taken the place of, step by step."""
    found = {area}
    waiting = [area]
    while waiting:
        after = waiting.pop()
        before = {place.name for place in places.all if after in place.replaced_by} - found
        found |= before
        waiting += before
    return found


def _names(place: Place | None) -> tuple[str, ...]:
    return place.names if place else ()


def _folded(text: str) -> str:
    return _NOT_A_WORD.sub(" ", _POSSESSIVE.sub("", text.casefold())).strip()
