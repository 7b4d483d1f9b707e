"""Tables as people save them: read where that is safe, refused with what to change where it is not."""

from __future__ import annotations

import pytest

from assistant.errors import Mistake
from assistant.tables import Cell, Column, Row, read_table

COLUMNS = (
    Column("name", needed=True),
    Column("also", Cell.LIST),
    Column("kind", choices=("district", "county")),
    Column("from", Cell.DATE),
    Column("revised", Cell.DATES),
)
HEADER = "name,also,kind,from,revised"


def read(text: str) -> tuple[list[Row], list[str]]:
    mistakes: list[Mistake] = []
    rows = read_table(text, COLUMNS, where="t.csv", mistakes=mistakes)
    return rows, [str(mistake) for mistake in mistakes]


def only(text: str) -> Row:
    rows, mistakes = read(text)
    assert mistakes == []
    [row] = rows
    return row


def refused(text: str) -> str:
    rows, mistakes = read(text)
    assert rows == []
    [mistake] = mistakes
    assert "\n  " in mistake
    return mistake


def test_row_has_text_lists_and_dates_and_knows_its_line() -> None:
    row = only(f"{HEADER}\nWexley,Wex | The Wex,district,2009-04,2010 | 2012-05-01\n")
    assert (row.where, row.text("name"), row.text("from")) == ("t.csv:2", "Wexley", "2009-04")
    assert row.list("also") == ("Wex", "The Wex")
    assert row.list("revised") == ("2010", "2012-05-01")


@pytest.mark.parametrize(
    "text",
    [
        "name;also;kind;from;revised\nWexley;;county;2009;\n",
        "name\talso\tkind\tfrom\trevised\nWexley\t\tcounty\t2009\t\n",
        f"\ufeff{HEADER}\nWexley,,county,2009,\n",
        f"{HEADER}\r\n  Wexley ,,county  ,\u00a02009,\r\n",
        f"{HEADER},,\nWexley,,county,2009,,,\n,,,,,,\n",
        f'# a note, with a comma\n"# another, as saved",,,,\n\n{HEADER}\n# and here\nWexley,,county,2009,\n',
        "from,Name,revised,KIND,also\n2009,Wexley,,county,\n",
        f"{HEADER}\n“Wexley”,,county,2009,\n",
    ],
)
def test_what_a_spreadsheet_does_to_a_table_is_no_mistake(text: str) -> None:
    row = only(text)
    assert (row.text("name"), row.text("kind"), row.text("from")) == ("Wexley", "county", "2009")


def test_curly_apostrophe_becomes_straight() -> None:
    assert only(f"{HEADER}\nKing’s Wexley,,,,\n").text("name") == "King's Wexley"


@pytest.mark.parametrize(
    ("date", "said"),
    [
        ("31/03/2009", "turned round.\n  Write year-month-day: 2009-03-31."),
        ("04/03/2009", "turned round.\n  Write year-month-day: 2009-03-04 or 2009-04-03."),
        ("1.4.2009", "2009-04-01 or 2009-01-04"),
        ("2009-02-30", "does not exist"),
        ("spring 2009", "is not a date"),
    ],
)
def test_date_that_cannot_be_read_is_refused_with_how_to_write_it(date: str, said: str) -> None:
    mistake = refused(f"{HEADER}\nWexley,,,{date},\n")
    assert mistake.startswith(f"t.csv:2: from is '{date}'.")
    assert said in mistake


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Wexley,,distrikt,,", "kind is 'distrikt'.\n  Did you mean 'district'? Use one of: district, county."),
        (",Wex,,,", "name is empty."),
        ("Wexley,,", "too few cells: 3, not 5."),
        ("Wexley,,,,,x", "too many cells: 6, not 5."),
        ("“Wexley, the town”,,,,", 'straight quotes (") in place of “ and ”'),
        ("Wexley,,,,2010 | 3/4/2012", "revised is '3/4/2012'."),
    ],
)
def test_row_that_cannot_be_read_names_its_line_and_the_remedy(row: str, said: str) -> None:
    mistake = refused(f"{HEADER}\n{row}\n")
    assert mistake.startswith("t.csv:2: ")
    assert said in mistake


def test_line_told_is_the_one_a_row_begins_on() -> None:
    rows, mistakes = read(f'{HEADER}\n"Wex\nley",,,,\nWexlow,,x,,\n')
    assert [row.where for row in rows] == ["t.csv:2"]
    assert mistakes[0].startswith("t.csv:4: ")


def test_quotation_mark_that_is_never_closed_is_told_where_it_begins() -> None:
    rows, mistakes = read(f'{HEADER}\nWexlow,,,,\n"Wexley,,,,\nWexham,,,,\n')
    assert [row.text("name") for row in rows] == ["Wexlow"]
    assert mistakes[0].startswith("t.csv:3: ")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("name,also,kind,from", "there is no column 'revised'"),
        (f"{HEADER},colour", "unknown column 'colour'"),
        (f"{HEADER},name", "twice 'name'"),
    ],
)
def test_wrong_columns_are_told_by_name(header: str, said: str) -> None:
    mistake = refused(f"{header}\n")
    assert mistake.startswith("t.csv:1: ")
    assert said in mistake


def test_empty_table_says_what_its_first_line_should_be() -> None:
    assert f"Give it a first line: {HEADER}." in refused("\n# nothing\n")
