"""What people are told in our own voice."""

from __future__ import annotations

import datetime as dt

import pytest

from assistant import replies
from assistant.values import Document, DocumentStatus, Passage, ScoredPassage

OLD = Document(id="old", title="The Old Accord", published="2009-05", status=DocumentStatus.SUPERSEDED)
NEW = Document(id="new", title="The New Accord", published="2024-03-01", in_force_from="2024-03-01")


@pytest.mark.parametrize(
    ("value", "said"),
    [("2010", "2010"), ("2010-12", "December 2010"), ("2010-12-01", "1 December 2010"), (None, "undated")],
)
def test_dates_are_written_as_people_write_them(value: str | None, said: str) -> None:
    assert replies.written_date(value) == said


def test_superseded_label_names_what_replaced_it_and_when() -> None:
    said = replies.superseded(OLD, NEW)
    assert said.startswith("Superseded")
    assert "“The Old Accord”" in said
    assert "“The New Accord”" in said
    assert "1 March 2024" in said


def test_superseded_label_does_without_a_successor_that_is_not_held() -> None:
    said = replies.superseded(OLD, None)
    assert "“The Old Accord”" in said
    assert "None" not in said


def test_every_status_has_a_chip() -> None:
    assert len({replies.chip(status) for status in DocumentStatus}) == 3
    assert replies.chip(DocumentStatus.SUPERSEDED) == "SUPERSEDED"


def test_footer_says_the_date_and_the_place() -> None:
    day = dt.date(2026, 11, 20)
    assert replies.answered_for(day, "Derby") == "As of 20 November 2026, in Derby."
    assert replies.answered_for(day, None) == "As of 20 November 2026, no place given."


def test_document_about_another_place_says_which() -> None:
    local = Document(id="m", title="How Merton mended it", area="Merton")
    assert "about Merton" in replies.local_elsewhere(local, None)
    assert "Derby" in replies.local_elsewhere(local, "Derby")


def test_nearest_thing_names_document_and_place_and_stays_doubtful() -> None:
    held = Passage(id="new#a/1", document=NEW, locator="p. 4", text="…")
    said = replies.nearest_thing(ScoredPassage(passage=held, score=0.4))
    assert "“The New Accord”" in said
    assert "p. 4" in said
    assert "may not be" in said


def test_documents_of_their_time_are_named_with_their_dates() -> None:
    said = replies.historical([OLD, Document(id="x", title="Undated notes")])
    assert "“The Old Accord” (May 2009)" in said
    assert "“Undated notes”" in said
    assert "None" not in said


def test_when_the_guidance_does_not_say_people_are_told_what_they_can_do() -> None:
    first, *rest = replies.NOT_IN_GUIDANCE, *replies.INSTEAD
    assert first == "The guidance we hold does not say."
    assert any("compact-assistant ingest" in line for line in rest)
    assert any("champion" in line for line in rest)
