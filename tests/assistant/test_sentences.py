"""Where sentences begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assistant.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


def test_sentences_end_at_full_stops_questions_and_exclamations() -> None:
    assert sentences("Give notice. Is it long? It is! Good") == ["Give notice.", "Is it long?", "It is!", "Good"]


def test_closing_quotes_and_brackets_belong_to_their_sentence() -> None:
    assert sentences("“We agree.” (So do they.) They go on.") == ["“We agree.”", "(So do they.)", "They go on."]


@pytest.mark.parametrize(
    "text",
    [
        "Write, e.g. by letter, to the body.",
        "See p. 12 and paras. 3 to 4 of vol. 2 for more.",
        "Mr. Green and Dr. Lane of St. Ives met.",
        "It cost £1.5 million in 2.4 years.",
        "J. Smith wrote it.",
        "See www.example.org for more.",
    ],
)
def test_full_stop_that_ends_no_sentence_does_not_divide(text: str) -> None:
    assert sentences(text) == [text]


def test_line_ends_divide() -> None:
    assert sentences("A title\nA first line\n\nA second") == ["A title", "A first line", "A second"]


def test_items_of_a_list_stand_by_themselves_without_their_bullets() -> None:
    assert sentences("The council will:\n- listen;\n• answer;\n  – thank") == [
        "The council will:",
        "listen;",
        "answer;",
        "thank",
    ]


def test_bullets_in_running_text_divide() -> None:
    assert sentences("The council will: • listen • answer") == ["The council will:", "listen", "answer"]


def test_number_of_an_item_stays_with_it() -> None:
    assert sentences("1. Listen to them.\n2. Answer them.") == ["1. Listen to them.", "2. Answer them."]


@pytest.mark.parametrize("text", ["", " ", "\n", "- ", "...", "•\n•"])
def test_text_without_words_has_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []


def test_spans_are_in_order_do_not_overlap_and_hold_every_word() -> None:
    text = "Notice:\n- in writing, e.g. a letter;\n- twelve weeks. “Really?” Yes.\tCell | other\n\n3. Third (p. 4)."
    spans = sentence_spans(text)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    left = "".join(c for i, c in enumerate(text) if not any(start <= i < end for start, end in spans))
    assert not any(c.isalnum() for c in left)
