"""The tables: read whole, and every mistake told with its file and line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assistant.errors import CorpusInvalid
from assistant.knowledge import PLACE_COLUMNS, Knowledge, load_knowledge

HEADER = ",".join(column.name for column in PLACE_COLUMNS)
GOOD_PLACE = "Wexley,Wex,Wexley Borough Council,London borough,England,London,,,2009-04-01,,"


def put(corpus: Path, *, vocabulary: str | None = None, places: str | None = None) -> Path:
    """A corpus folder with these tables."""
    (corpus / "tables").mkdir(exist_ok=True)
    if vocabulary is not None:
        (corpus / "tables" / "vocabulary.yaml").write_text(vocabulary, encoding="utf-8")
    if places is not None:
        (corpus / "tables" / "places.csv").write_text(places, encoding="utf-8")
    return corpus


def mistakes(corpus: Path) -> list[str]:
    with pytest.raises(CorpusInvalid) as raised:
        load_knowledge(corpus)
    return [str(m).removeprefix(f"{corpus}/tables/") for m in raised.value.mistakes]


def both(corpus: Path) -> Knowledge:
    vocabulary = "- term: notice\n  also: [warning]\n  now: [heads-up, notice]\n  not: a poster\n  source: ours\n"
    return load_knowledge(put(corpus, vocabulary=vocabulary, places=f"{HEADER}\n{GOOD_PLACE}\n"))


def test_tables_are_read(tmp_path: Path) -> None:
    knowledge = both(tmp_path)
    [term] = knowledge.vocabulary
    assert term.forms == ("notice", "warning", "heads-up")
    assert term.not_ == "a poster"
    [place] = knowledge.places.all
    assert (place.name, place.since, place.until) == ("Wexley", dt.date(2009, 4, 1), None)


def test_table_that_a_folder_lacks_is_the_shipped_one(tmp_path: Path) -> None:
    shipped = load_knowledge(tmp_path)
    assert shipped.places.find("Merton") is not None
    own = load_knowledge(put(tmp_path, places=f"{HEADER}\n{GOOD_PLACE}\n"))
    assert own.places.names == {"Wexley"}
    assert own.vocabulary == shipped.vocabulary


def test_hash_changes_with_the_tables(tmp_path: Path) -> None:
    before = both(tmp_path).sha256
    assert both(tmp_path).sha256 == before
    put(tmp_path, places=f"{HEADER}\n")
    assert load_knowledge(tmp_path).sha256 != before


def test_place_is_found_by_either_name_in_any_case(tmp_path: Path) -> None:
    places = both(tmp_path).places
    assert places.find("wexley") == places.find(" Wexley  Borough council ") == places.all[0]
    assert places.find("Nowhere") is None


def test_names_like_this_one_are_told_once_each(tmp_path: Path) -> None:
    put(tmp_path, places=f"{HEADER}\n{GOOD_PLACE}\n{GOOD_PLACE.replace('Wex', 'Wexl').replace('Wexlley', 'Wexlow')}\n")
    assert load_knowledge(tmp_path).places.nearest("Wexly") == ["Wexley", "Wexlow"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- term: a\n  source: b\n- term: c\n", "vocabulary.yaml:3: source: field required"),
        ("- term: a\n  source: b\n  aslo: [x]\n", "vocabulary.yaml:1: aslo: extra inputs"),
        ("- term: a\n  source: b\n  also: x\n", "vocabulary.yaml:1: also: input should be a valid tuple (it is 'x')"),
        ("term: a\n", "vocabulary.yaml: the table is not a list."),
        ("- term: a: b\n", "vocabulary.yaml:1: this is not YAML."),
        ("- notice\n", "vocabulary.yaml:1: row: "),
    ],
)
def test_mistake_in_the_vocabulary_names_its_line_and_a_remedy(tmp_path: Path, text: str, said: str) -> None:
    [mistake] = mistakes(put(tmp_path, vocabulary=text))
    assert mistake.startswith(said)
    assert "\n  " in mistake


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("name,until\nWexley,\n", "places.csv:1: there is no column 'also'"),
        (f"{HEADER}\n{GOOD_PLACE},extra\n", "places.csv:2: this row has too many cells"),
        (f"{HEADER}\n{GOOD_PLACE}\nWexlow,x\n", "places.csv:3: this row has too few cells"),
        (f"{HEADER}\n{GOOD_PLACE.replace('2009-04-01', '2009-02-30')}\n", "places.csv:2: from is '2009-02-30'."),
        (f"{HEADER}\n{GOOD_PLACE.removeprefix('Wexley')}\n", "places.csv:2: name is empty."),
        (f"{HEADER}\n{GOOD_PLACE.replace('London borough', 'Borough')}\n", "places.csv:2: type is 'Borough'."),
        (f"{HEADER}\n{GOOD_PLACE.replace('England', 'Engeland')}\n", "places.csv:2: nation is 'Engeland'."),
        (f"{HEADER}\n{GOOD_PLACE}\n{GOOD_PLACE}\n", "places.csv:3: the place 'Wexley' stands in"),
        (f"{HEADER}\n{GOOD_PLACE.replace('London,,', 'London,Wexshire,')}\n", "places.csv:2: county is 'Wexshire'"),
        (f"{HEADER}\n{GOOD_PLACE.replace('London,,,', 'London,,Wex CA,')}\n", "places.csv:2: combined_authority is"),
        (f"{HEADER}\n{GOOD_PLACE}Wexlow\n", "places.csv:2: replaced_by is 'Wexlow', which is no place"),
        (
            f"{HEADER}\n{GOOD_PLACE.replace('01,,', '01,2008-03-31,')}\n",
            "places.csv:2: from is 2009-04-01, which is after",
        ),
    ],
)
def test_mistake_in_the_places_names_its_line_and_a_remedy(tmp_path: Path, rows: str, said: str) -> None:
    mistake, *_ = mistakes(put(tmp_path, places=rows))
    assert mistake.startswith(said)
    assert "\n  " in mistake


def test_succession_that_leads_round_is_told(tmp_path: Path) -> None:
    first = f"{GOOD_PLACE.replace('01,,', '01,2019-03-31,')}Wexlow"
    second = f"{GOOD_PLACE.replace('01,,', '01,2019-03-31,').replace('Wex', 'Wexl').replace('Wexlley', 'Wexlow')}Wexley"
    told = mistakes(put(tmp_path, places=f"{HEADER}\n{first}\n{second}\n"))
    assert [m for m in told if "back to itself" in m]


def test_shipped_rows_about_places_that_an_own_table_lacks_say_nothing(tmp_path: Path) -> None:
    own = load_knowledge(put(tmp_path, places=f"{HEADER}\n{GOOD_PLACE}\n"))
    assert (own.towns, [row for row in own.agreements if row.areas]) == ((), [])


def test_own_row_about_a_place_nobody_knows_is_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, places=f"{HEADER}\n{GOOD_PLACE}\n")
    (tmp_path / "tables" / "towns.csv").write_text("town,council,note\nWexham,Wexlea,\n", encoding="utf-8")
    [mistake] = mistakes(tmp_path)
    assert mistake.startswith("towns.csv:2: council is 'Wexlea', which is no place we know.\n  Did you mean 'Wexley'?")


def test_what_exists_today_goes_before_what_is_gone(tmp_path: Path) -> None:
    gone = "Wexshire,Wexley,Wexshire County Council,County,England,London,,,,2009-03-31,Wexley"
    places = load_knowledge(put(tmp_path, places=f"{HEADER}\n{gone}\n{GOOD_PLACE}\n")).places
    assert places.find("wexley") == places.all[1]
    assert places.find("Wexshire County Council") == places.all[0]
    assert places.find("WEX") == places.all[1]


def test_every_mistake_in_every_table_is_told_at_once(tmp_path: Path) -> None:
    bad = GOOD_PLACE.replace("2009-04-01", "x")
    assert len(mistakes(put(tmp_path, vocabulary="- term: a\n- source: b\n", places=f"{HEADER}\n{bad}\n{bad}\n"))) == 4


def test_table_that_is_not_utf8_is_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, vocabulary="")
    (tmp_path / "tables" / "places.csv").write_bytes(HEADER.encode() + b"\ncaf\xe9\n")
    assert any("is not UTF-8" in m for m in mistakes(tmp_path))


def test_empty_vocabulary_is_an_empty_table(tmp_path: Path) -> None:
    assert load_knowledge(put(tmp_path, vocabulary="# nothing yet\n")).vocabulary == ()
