"""Local Compacts of other places: left out of a question that is not about them, and of no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from assistant.front_door import Asked, Assistant
from assistant.knowledge import Place, Places, Town
from assistant.retrieval.elsewhere import Elsewhere
from assistant.settings import Settings
from assistant.values import Document, DocumentStatus, Kind
from assistant.wiring import build_assistant

EVERYTHING = frozenset({"wexley", "wexshire", "greater-wexing", "wexlow", "old-wexlow", "kings-wex", "south-wexshire"})


def compact(id_: str, area: str | None, kind: Kind = Kind.LOCAL_COMPACT) -> Document:
    return Document(id=id_, title=id_, kind=kind, status=DocumentStatus.IN_FORCE, area=area)


def place(name: str, *, county: str = "", combined_authority: str = "", **more: Any) -> Place:
    given = {"official_name": f"{name} Council", "type": "County", "nation": "England", **more}
    return Place(name=name, county=county, combined_authority=combined_authority, **given)


PLACES = Places(
    [
        place("Wexley", county="Wexshire", combined_authority="Greater Wexing", also=("The Wex", "Wexley-on-Sea")),
        place("Wexshire", also=("Wexshire & the Isles",)),
        place("Greater Wexing"),
        place("Old Wexlow", until=dt.date(2009, 3, 31), replaced_by=("Wexlow",)),
        place("Wexlow", until=dt.date(2019, 3, 31), replaced_by=("New Wexlow",)),
        place("New Wexlow", since=dt.date(2019, 4, 1)),
        place("King's Wex"),
        place("South Wexshire"),
        place("Elsewhere"),
    ]
)
TOWNS = [
    Town(name="Wexham", councils=("Wexley",)),
    Town(name="Wexing-under-Hill", councils=("Wexley", "South Wexshire")),
    Town(name="Nowhere", councils=("Elsewhere",)),
]
DOCUMENTS = [
    compact("wexley", "Wexley"),
    compact("wexshire", "Wexshire"),
    compact("greater-wexing", "Greater Wexing"),
    compact("wexlow", "Wexlow"),
    compact("old-wexlow", "Old Wexlow"),
    compact("kings-wex", "King's Wex"),
    compact("south-wexshire", "South Wexshire"),
    compact("national", None, Kind.INSTRUMENT),
    compact("wexley-story", "Wexley", Kind.CASE_STUDY),
    compact("nobodys", None),
]
ELSEWHERE = Elsewhere(DOCUMENTS, PLACES, TOWNS)


def kept(question: str, area: str | None = None) -> set[str]:
    """The Local Compacts that are searched."""
    left_out = ELSEWHERE.left_out(question, area)
    assert left_out <= EVERYTHING  # never a document that is no place's Local Compact
    return set(EVERYTHING - left_out)


def test_local_compacts_of_every_place_are_left_out_of_a_question_that_names_none() -> None:
    assert kept("how much notice before a grant ends") == set()


def test_index_without_local_compacts_leaves_nothing_out() -> None:
    assert Elsewhere(DOCUMENTS[7:9], PLACES, TOWNS).left_out("how much notice in Wexley", "Wexlow") == frozenset()


def test_question_asked_for_a_place_searches_its_own_and_those_of_the_county_and_combined_authority_above() -> None:
    assert kept("how much notice", "Wexley") == {"wexley", "wexshire", "greater-wexing"}


def test_question_asked_for_a_county_does_not_search_its_districts() -> None:
    assert kept("how much notice", "Wexshire") == {"wexshire"}


def test_question_asked_for_a_place_searches_those_of_what_it_was_before_step_by_step() -> None:
    assert kept("how much notice", "New Wexlow") == {"wexlow", "old-wexlow"}
    assert kept("how much notice", "Wexlow") == {"wexlow", "old-wexlow"}
    assert kept("how much notice", "Old Wexlow") == {"old-wexlow"}


def test_question_asked_for_a_place_without_a_local_compact_searches_none() -> None:
    assert kept("how much notice", "Elsewhere") == set()
    assert kept("how much notice", "Unheard Of") == set()


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How much notice in Wexley?", {"wexley"}),
        ("WEXLEY notice", {"wexley"}),
        ("What did Wexley Council promise?", {"wexley"}),
        ("what does the wex say", {"wexley"}),
        ("fares in Wexley on Sea", {"wexley"}),
        ("is there one for Wexham", {"wexley"}),
        ("Wexing under Hill: who pays?", {"wexley", "south-wexshire"}),
        ("Wexley's Compact", {"wexley"}),
        ("Wexley’s Compact", {"wexley"}),
        ("the 'Wexley' Compact", {"wexley"}),
        ("the 'South Wexshire' Compact", {"south-wexshire", "wexshire"}),
        ("(Wexshire/Wexley)", {"wexshire", "wexley"}),
        ("Wexshire & the Isles", {"wexshire"}),
        ("in King's Wex", {"kings-wex"}),
        ("in King’s Wex", {"kings-wex"}),
        ("King's Wex's own", {"kings-wex"}),
        ("what did Old Wexlow promise", {"old-wexlow", "wexlow"}),
        ("what has New Wexlow", {"wexlow"}),
        ("who is paid in Nowhere", set()),
    ],
)
def test_question_that_names_a_place_searches_its_own(question: str, found: set[str]) -> None:
    assert kept(question) == found


@pytest.mark.parametrize("question", ["the Wexleyans", "Prewexley", "wexhamshire", "Wex", "", "???"])
def test_name_inside_another_word_does_not_count(question: str) -> None:
    assert kept(question) == set()


def test_place_named_is_searched_beside_the_place_it_is_asked_for() -> None:
    assert kept("do they do it as in King's Wex?", "Wexlow") == {"kings-wex", "wexlow", "old-wexlow"}


# -- in the search itself --------------------------------------------------------------------------------------------


TEXT = """\
---
id: {id}
title: "{area}'s own text"
publisher: "{area} Council"
published: 2011-06
kind: {kind}
status: in-force
in_force_from: 2011-06
area: {area}
jurisdiction: England
basis: "Our own words."
---
# {area}'s own text

## Volunteers

Volunteers get their bus fares back within {days} days. {{section 4}}
<!-- asked
are volunteers paid their travel costs
how quickly are bus fares refunded
-->
"""
PLACES_CSV = """\
name,also,official_name,type,nation,region,county,combined_authority,from,until,replaced_by
Wexshire,,Wexshire County Council,County,England,,,,,,
Wexley,The Wex,Wexley Borough Council,Non-metropolitan district,England,,Wexshire,,,,
Wexlow,,Wexlow District Council,Non-metropolitan district,England,,,,,,
Merton,,Merton Council,London borough,England,,,,,,
"""


@pytest.fixture(scope="module")
def assistant(
    tmp_path_factory: pytest.TempPathFactory, index: Callable[..., Any], settings: Callable[..., Settings]
) -> Assistant:
    """Over three places' Local Compacts and one place's story."""
    root = tmp_path_factory.mktemp("elsewhere")
    (root / "corpus" / "tables").mkdir(parents=True)
    (root / "corpus" / "tables" / "places.csv").write_text(PLACES_CSV, encoding="utf-8")
    (root / "corpus" / "tables" / "towns.csv").write_text("town,council,note\nWexham,Wexley,\n", encoding="utf-8")
    for id_, area, kind, days in (
        ("wexley", "Wexley", "local-compact", "ten"),
        ("wexshire", "Wexshire", "local-compact", "twenty"),
        ("wexlow", "Wexlow", "local-compact", "thirty"),
        ("merton-story", "Merton", "case-study", "forty"),
    ):
        text = TEXT.format(id=id_, area=area, kind=kind, days=days)
        (root / "corpus" / f"{id_}.md").write_text(text, encoding="utf-8")
    index(root / "data", root / "corpus")
    return build_assistant(settings(data_dir=root / "data", corpus_dir=root / "corpus"))


FARES = "how quickly are bus fares of volunteers refunded"


def searched(assistant: Assistant, query: str, **narrow: Any) -> set[str]:
    return {found.passage.document.id for found in assistant.search(query, limit=50, **narrow)}


def cited(assistant: Assistant, question: str, area: str | None = None) -> set[str]:
    return {c.document.id for c in assistant.answer(Asked(question=question, area=area)).citations}


def test_search_leaves_local_compacts_out_unless_their_place_is_named(assistant: Assistant) -> None:
    assert searched(assistant, FARES) == {"merton-story"}
    assert searched(assistant, f"{FARES} in Wexlow") == {"merton-story", "wexlow"}
    assert searched(assistant, f"{FARES} in Wexham") == {"merton-story", "wexley"}


def test_search_for_local_compacts_alone_leaves_none_out(assistant: Assistant) -> None:
    assert searched(assistant, FARES, kind=Kind.LOCAL_COMPACT) == {"wexley", "wexshire", "wexlow"}


def test_search_for_one_area_finds_its_local_compact_without_the_area_in_the_words(assistant: Assistant) -> None:
    assert searched(assistant, FARES, area="Wexlow") == {"wexlow"}
    assert searched(assistant, FARES, area="the wex", kind=Kind.LOCAL_COMPACT) == {"wexley"}


def test_answer_for_a_place_rests_on_its_own_local_compact_and_the_countys_and_no_others(assistant: Assistant) -> None:
    assert "wexley" in cited(assistant, FARES, "Wexley")
    assert cited(assistant, FARES, "Wexley") <= {"wexley", "wexshire", "merton-story"}
    assert cited(assistant, FARES) == {"merton-story"}
