"""The tables: read whole, and every mistake told with its file and line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from assistant.errors import CorpusInvalid
from assistant.knowledge import PLACE_COLUMNS, Knowledge, load_knowledge

HEADER = ",".join(PLACE_COLUMNS)
GOOD_PLACE = "Wexley,Wexley Borough Council,London borough,England,London,,2009-04-01,,"


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
    put(tmp_path, places=f"{HEADER}\n{GOOD_PLACE}\n{GOOD_PLACE.replace('Wexley', 'Wexlow')}\n")
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
        ("name,until\nWexley,\n", "places.csv:1: the columns are ['name', 'until']."),
        (f"{HEADER}\n{GOOD_PLACE},extra\n", "places.csv:2: this row has too many or too few cells."),
        (f"{HEADER}\n{GOOD_PLACE}\nWexlow,x\n", "places.csv:3: this row has too many or too few cells."),
        (f"{HEADER}\n{GOOD_PLACE.replace('2009-04-01', '2009-02-30')}\n", "places.csv:2: from is '2009-02-30'."),
        (f"{HEADER}\n{GOOD_PLACE.removeprefix('Wexley')}\n", "places.csv:2: the name is empty."),
    ],
)
def test_mistake_in_the_places_names_its_line_and_a_remedy(tmp_path: Path, rows: str, said: str) -> None:
    [mistake] = mistakes(put(tmp_path, places=rows))
    assert mistake.startswith(said)
    assert "\n  " in mistake


def test_every_mistake_in_every_table_is_told_at_once(tmp_path: Path) -> None:
    bad = GOOD_PLACE.replace("2009-04-01", "x")
    assert len(mistakes(put(tmp_path, vocabulary="- term: a\n- source: b\n", places=f"{HEADER}\n{bad}\n{bad}\n"))) == 4


def test_table_that_is_not_utf8_is_a_mistake(tmp_path: Path) -> None:
    put(tmp_path, vocabulary="")
    (tmp_path / "tables" / "places.csv").write_bytes(HEADER.encode() + b"\ncaf\xe9\n")
    assert any("is not UTF-8" in m for m in mistakes(tmp_path))


def test_empty_vocabulary_is_an_empty_table(tmp_path: Path) -> None:
    assert load_knowledge(put(tmp_path, vocabulary="# nothing yet\n")).vocabulary == ()
