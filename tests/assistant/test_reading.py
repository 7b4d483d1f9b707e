"""A question as typed becomes one that can be answered, or is told what to write instead."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant.errors import QuestionInvalid
from assistant.knowledge import Place, Places
from assistant.reading import (
    MAX_QUESTION_CHARS,
    asks_about_the_past,
    clean_question,
    read_area,
    read_date,
    read_question,
)
from assistant.values import Document, DocumentStatus, Kind

TODAY = dt.date(2026, 11, 20)
EDITIONS = [
    Document(id=str(number), title=title, kind=kind, status=status)
    for number, (title, kind, status) in enumerate(
        [
            ("The Compact of 1998 (with codes of good practice)", Kind.INSTRUMENT, DocumentStatus.SUPERSEDED),
            ("The refreshed Compact of December 2009", Kind.INSTRUMENT, DocumentStatus.SUPERSEDED),
            ("The renewed Compact of December 2010", Kind.INSTRUMENT, DocumentStatus.SUPERSEDED),
            ("Civil Society Covenant", Kind.INSTRUMENT, DocumentStatus.IN_FORCE),
            ("A guide to prompt payment", Kind.GUIDANCE, DocumentStatus.SUPERSEDED),
        ]
    )
]


def place(name: str, official_name: str) -> Place:
    return Place(name=name, official_name=official_name, type="London borough", nation="England")


PLACES = Places([place("Merton", "London Borough of Merton"), place("Derby", "Derby City Council")])


def test_question_takes_today_and_the_deployments_area_when_nothing_is_said() -> None:
    question = read_question("How long?", today=TODAY, places=PLACES, default_area="Merton")
    assert (question.text, question.on, question.area) == ("How long?", TODAY, "Merton")


def test_what_is_said_wins_over_the_deployments_own() -> None:
    question = read_question(
        "How long?",
        today=TODAY,
        places=PLACES,
        on="2011-03-31",
        area="Derby",
        default_area="Merton",
        audience="trustee",
    )
    assert (question.on, question.area, question.audience) == (dt.date(2011, 3, 31), "Derby", "trustee")


def test_white_space_is_folded_and_what_nobody_sees_is_taken_out() -> None:
    assert clean_question("  how\u200b much\x07\n\tnotice\ufeff? ") == "how much notice?"


def test_letters_of_any_script_are_kept() -> None:
    assert clean_question("Qu’est-ce que c’est? Łódź, 東京 — £5 👍") == "Qu’est-ce que c’est? Łódź, 東京 — £5 👍"


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000"])
def test_empty_question_is_told_what_to_write(text: str) -> None:
    with pytest.raises(QuestionInvalid, match=r"The question is empty\.\nWrite one, for example"):
        clean_question(text)


@pytest.mark.parametrize("text", ["???", "\x00\x1b\x07", "👍", "-", "\u200b"])
def test_question_without_a_letter_or_number_is_told_what_to_write(text: str) -> None:
    with pytest.raises(QuestionInvalid, match=r"no letters or numbers(.|\n)*Write it in words"):
        clean_question(text)


def test_control_characters_of_a_bad_question_are_shown_and_not_sent_to_the_terminal() -> None:
    with pytest.raises(QuestionInvalid) as raised:
        clean_question("\x1b[2J"[:2] + "\x07")
    assert "\x1b" not in str(raised.value)
    assert r"\x1b" in str(raised.value)


def test_question_that_is_too_long_is_told_its_length_and_the_most() -> None:
    with pytest.raises(QuestionInvalid, match=r"20,000 characters; at most 4,000"):
        clean_question("x" * 20_000)
    assert len(clean_question("x" * MAX_QUESTION_CHARS)) == MAX_QUESTION_CHARS


@pytest.mark.parametrize(
    "written", ["2026-02-30", "2026-13-01", "soon", "31/03/2026", "2026-3-1", "20260331", "", "٢٠٢٦-٠٣-٣١"]
)
def test_date_that_does_not_exist_is_told_how_to_write_one(written: str) -> None:
    with pytest.raises(QuestionInvalid, match=r"Use year-month-day, for example 2026-03-31"):
        read_date(written)


def test_date_is_read() -> None:
    assert read_date(" 2024-02-29 ") == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    "name", ["Merton", "merton", " MERTON ", "London Borough of Merton", "london  borough of merton"]
)
def test_any_name_of_an_area_gives_its_short_name(name: str) -> None:
    assert read_area(name, PLACES) == "Merton"


@pytest.mark.parametrize("name", [None, "", "  "])
def test_no_area_is_none(name: str | None) -> None:
    assert read_area(name, PLACES) is None


def test_area_nobody_knows_is_told_the_nearest_names_once_each() -> None:
    with pytest.raises(QuestionInvalid, match=r"no council area called 'Mertn'\.\nDid you mean Merton\?$"):
        read_area("Mertn", PLACES)
    with pytest.raises(QuestionInvalid, match=r"'xyzzy'\.\nGive the name of a council"):
        read_area("xyzzy", PLACES)


@pytest.mark.parametrize(
    "text",
    [
        "What did the Compact of 1998 say about notice?",
        "How much notice in 2012?",
        "the 2010 edition",
        "notice (2009)",
        "What did the Renewed Compact say?",
        "under the first compact",
        "in the OLD Compact",
        "What did the refreshed  Compact promise?",
        "in 1999, or in 2030",
    ],
)
def test_question_that_names_an_earlier_year_or_a_past_edition_is_about_the_past(text: str) -> None:
    assert asks_about_the_past(text, TODAY, EDITIONS)


@pytest.mark.parametrize(
    "text",
    [
        "How much notice before a grant ends?",
        "How much notice in 2026?",
        "What is good practice on prompt payment?",
        "What will hold in 2030?",
        "Does the Compact still hold?",
        "May they claw back £2000?",
        "May they claw back £2,010 of it?",
        "a grant of €2010",
        "ref 12009, page 20100",
        "a cut of 2000%",
        "What does the Equality Act 2010 ask of a funder?",
        "the Charities act 2011",
        "our first grant under the Compact",
        "the renewed interest in it",
    ],
)
def test_question_that_names_none_is_about_today(text: str) -> None:
    assert not asks_about_the_past(text, TODAY, EDITIONS)


def test_year_is_past_when_it_is_before_the_day_that_is_asked_about() -> None:
    assert not asks_about_the_past("notice in 2010", dt.date(2010, 12, 31), EDITIONS)
    assert asks_about_the_past("notice in 2010", dt.date(2011, 1, 1), EDITIONS)
    assert asks_about_the_past("the Equality Act 2010 as it stood in 2012", TODAY, EDITIONS)
