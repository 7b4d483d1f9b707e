"""The five source documents, taken apart: nothing lost, nothing made up. Runs where they lie beside the repository."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from assistant.text import fold
from assistant.values import Document, Passage
from ingest.blocks import DropReason, Loaded
from ingest.dividing import MAX_PASSAGE_CHARS, divide_document
from ingest.loading.text import load_text

ORIGINALS = Path(__file__).resolve().parent.parent.parent / "shared" / "sources"
NAMES = (
    "compact-champions-support-pack-2010",
    "joint-compact-action-plan-progress-2008",
    "local-compacts-at-work-2011",
    "west-midlands-compact-review-2009",
    "what-makes-a-successful-local-compact-2008",
)
each_original = pytest.mark.parametrize("name", NAMES)

pytestmark = pytest.mark.skipif(not ORIGINALS.is_dir(), reason=f"the source documents are not at {ORIGINALS}")


@cache
def raw(name: str) -> str:
    return (ORIGINALS / f"{name}.txt").read_text(encoding="utf-8")


@cache
def loaded(name: str) -> Loaded:
    return load_text(raw(name))


@cache
def passages(name: str) -> tuple[Passage, ...]:
    return tuple(d.passage for d in divide_document(Document(id=name, title=name), loaded(name)))


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


@each_original
def test_every_word_is_in_a_passage_or_dropped_for_a_named_reason(name: str) -> None:
    kept = Counter[str]()
    for passage in passages(name):
        kept += words(passage.text)
    for heading in {p.heading_path[: n + 1] for p in passages(name) for n in range(len(p.heading_path))}:
        kept += words(heading[-1])
    for dropped in loaded(name).dropped:
        assert isinstance(dropped.reason, DropReason)
        kept += words(dropped.text)

    assert words(raw(name)) - kept == Counter()


@each_original
def test_a_passage_is_verbatim_but_for_white_space_and_what_was_dropped(name: str) -> None:
    dropped = {d.line for d in loaded(name).dropped if d.reason is not DropReason.MARKUP}
    original = re.sub(r"</?(?:ul|u)\b[^<>]*>", " ", raw(name))
    lines = [line for number, line in enumerate(original.split("\n"), 1) if number not in dropped]
    body = fold(" ".join(lines))

    for passage in passages(name):
        assert fold(passage.text) in body, passage.id


@each_original
def test_passages_are_short_and_their_ids_differ(name: str) -> None:
    found = passages(name)

    assert max(len(p.text) for p in found) <= MAX_PASSAGE_CHARS + 100
    assert len({p.id for p in found}) == len(found)


@each_original
def test_contents_lists_are_not_passages(name: str) -> None:
    assert not [p.id for p in passages(name) if re.search(r"\t\d{1,2}$", p.text.split("\n")[0]) and "...." in p.text]
    assert not [p.id for p in passages(name) if re.match(r"(?i)contents\b", p.text)]


def test_running_heads_are_in_no_passage() -> None:
    found = passages("west-midlands-compact-review-2009")

    assert not [p.id for p in found if "GOVERNMENT OFFICE" in p.text]
    dropped = loaded("west-midlands-compact-review-2009").dropped
    assert sum(d.reason is DropReason.RUNNING_HEAD for d in dropped) >= 20


def test_a_sentence_cut_by_a_page_is_whole_again() -> None:
    texts = [fold(p.text) for p in passages("west-midlands-compact-review-2009")]

    assert any("maintaining GOWMs active involvement" in text for text in texts)


def test_table_rows_keep_their_column_names() -> None:
    table = [p for p in passages("what-makes-a-successful-local-compact-2008") if "Calderdale\tMetropolitan" in p.text]

    assert len(table) == 1
    assert table[0].columns[:3] == ("Authority", "Type", "Date Compact signed")


def test_pages_come_from_the_contents_list() -> None:
    found = passages("compact-champions-support-pack-2010")
    [notes] = {
        p.locator.rsplit(", ", 1)[-1] for p in found if p.heading_path[:1] and "TEMPLATE JOB" in p.heading_path[0]
    }

    assert notes == "p. 20"


def test_a_boxed_case_study_ends_where_the_text_returns_to_the_general() -> None:
    found = passages("what-makes-a-successful-local-compact-2008")
    [general] = [p for p in found if "found it helpful to prioritise" in fold(p.text)]

    assert not any("Bournemouth" in heading for heading in general.heading_path)
