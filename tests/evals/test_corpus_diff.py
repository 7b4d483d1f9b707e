"""What differs between two corpora, and between the answers over them. Nothing is indexed but in the last test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import Settings
from assistant.values import Document, DocumentStatus, Passage
from evals import indexes
from evals.answer_diff import AnswerDiff, Cited, Given, compare_answers
from evals.cases import Case, Gold
from evals.corpus_diff import Corpus, CorpusDiff, FieldChange, Part, Row, Table, compare_corpora
from evals.systems import Found

GRANTS = Document(id="accord", title="The Accord")


def part(text: str, key: str = "1", *, document: Document = GRANTS, **about: Any) -> Part:
    questions = about.pop("questions", ())
    passage = Passage(
        id=f"{document.id}#grants/{key}", document=document, locator=about.pop("locator", "Grants"), text=text, **about
    )
    return Part(passage, f"{document.id}.md", 7, questions)


def corpus(*parts: Part, tables: tuple[Table, ...] = ()) -> Corpus:
    documents = {each.passage.document.id: (each.path, each.passage.document) for each in parts}
    return Corpus(documents, parts, {table.name: table for table in tables})


def towns(**councils: str) -> Table:
    rows = (Row(town, {"town": town, "council": (council,)}) for town, council in councils.items())
    return Table("towns.csv", tuple(rows))


def ids(parts: tuple[Part, ...]) -> list[str]:
    return [each.passage.id for each in parts]


def diff_of_passages(old: list[Part], new: list[Part]) -> CorpusDiff:
    return compare_corpora(corpus(*old), corpus(*new))


# -- documents and passages ------------------------------------------------------------------------------------------


def test_same_corpus_differs_in_nothing() -> None:
    same = corpus(part("Pay in time."), part("Say why.", "2"), tables=(towns(Acton="Ealing"),))

    seen = compare_corpora(same, same)

    assert seen.is_empty
    assert (seen.documents_unchanged, seen.passages_unchanged, seen.rows_unchanged) == (1, 2, 1)


def test_document_that_came_or_went_is_listed_with_its_passages() -> None:
    review = Document(id="review", title="The Review")

    seen = diff_of_passages([part("Pay in time.")], [part("We looked.", document=review)])

    [added], [removed] = seen.documents_added, seen.documents_removed
    assert (added.id, added.path, added.title, added.passages) == ("review", "review.md", "The Review", 1)
    assert (removed.id, seen.documents_changed) == ("accord", ())
    assert (ids(seen.passages_added), ids(seen.passages_removed)) == (["review#grants/1"], ["accord#grants/1"])


def test_changed_field_is_told_by_its_name_in_the_front_matter_from_what_to_what() -> None:
    later = GRANTS.model_copy(
        update={"status": DocumentStatus.SUPERSEDED, "url": "https://accord.example", "sources": ("A", "B")}
    )

    [change] = diff_of_passages([part("Pay.")], [part("Pay.", document=later)]).documents_changed

    assert change.fields == (
        FieldChange("status", "historical", "superseded"),
        FieldChange("source_url", None, "https://accord.example"),
        FieldChange("sources", None, ("A", "B")),
    )


def test_file_that_was_moved_is_told() -> None:
    old, new = corpus(part("Pay.")), corpus(part("Pay."))
    moved = Corpus({"accord": ("codes/accord.md", GRANTS)}, new.parts, {})

    [change] = compare_corpora(old, moved).documents_changed

    assert change.fields == (FieldChange("file", "accord.md", "codes/accord.md"),)


def test_changed_passage_gives_the_sentences_that_went_and_came() -> None:
    old = part("Pay in time. Give ten weeks. Say why.")
    new = part("Pay in time. Give twelve weeks. Say why. Write.")

    seen = diff_of_passages([old], [new])

    [change] = seen.passages_changed
    assert change.went == ("Give ten weeks.",)
    assert change.came == ("Give twelve weeks.", "Write.")
    assert [each.id for each in seen.documents_changed] == ["accord"]


def test_row_of_a_passages_table_is_read_with_its_columns() -> None:
    columns = ("Borough", "Late")

    [change] = diff_of_passages(
        [part("Borough\tLate\nEaling\t3", columns=columns)], [part("Borough\tLate\nEaling\t4", columns=columns)]
    ).passages_changed

    assert (change.went, change.came) == (("Borough: Ealing; Late: 3",), ("Borough: Ealing; Late: 4",))


def test_sentence_said_once_less_went() -> None:
    [change] = diff_of_passages([part("Pay. Pay. Write.")], [part("Pay. Write.")]).passages_changed

    assert (change.went, change.came) == (("Pay.",), ())


def test_same_sentences_in_another_order_are_a_change_without_any_that_came() -> None:
    [change] = diff_of_passages([part("Pay. Write.")], [part("Write. Pay.")]).passages_changed

    assert change.set_out_otherwise
    assert (change.went, change.came) == ((), ())


def test_question_and_locator_that_changed_are_told() -> None:
    old = part("Pay.", questions=("when to pay", "must we pay"), locator="p. 3")
    new = part("Pay.", questions=("must we pay", "do we pay"), locator="p. 4")

    [change] = diff_of_passages([old], [new]).passages_changed

    assert (change.questions_went, change.questions_came) == (("when to pay",), ("do we pay",))
    assert change.fields == (FieldChange("locator", "p. 3", "p. 4"),)


def test_passage_of_which_only_the_id_changed_is_renamed() -> None:
    seen = diff_of_passages([part("Pay.", "late")], [part("Pay.", "4.1")])

    assert seen.new_ids == {"accord#grants/late": "accord#grants/4.1"}
    assert (seen.passages_added, seen.passages_removed, seen.passages_changed) == ((), (), ())


def test_passage_put_in_front_renames_those_after_it_and_changes_none() -> None:
    seen = diff_of_passages([part("Pay."), part("Write.", "2")], [part("Ask."), part("Pay.", "2"), part("Write.", "3")])

    assert seen.new_ids == {"accord#grants/1": "accord#grants/2", "accord#grants/2": "accord#grants/3"}
    assert ids(seen.passages_added) == ["accord#grants/1"]
    assert seen.passages_changed == ()


def test_words_that_stand_twice_keep_to_their_own_document() -> None:
    review = Document(id="review", title="The Review")
    both = [part("Pay."), part("Pay.", document=review)]

    seen = diff_of_passages(both, [part("Pay.", "4.1"), part("Pay.", "9", document=review)])

    assert seen.new_ids == {"accord#grants/1": "accord#grants/4.1", "review#grants/1": "review#grants/9"}


# -- tables ----------------------------------------------------------------------------------------------------------


def test_rows_are_known_by_their_key() -> None:
    old = corpus(part("Pay."), tables=(towns(Acton="Ealing", Balham="Wandsworth", Barnes="Richmond"),))
    new = corpus(part("Pay."), tables=(towns(Barnes="Richmond", Acton="Brent", Cheam="Sutton"),))

    [table] = compare_corpora(old, new).tables

    assert [row.key for row in table.added] == ["Cheam"]
    assert [row.key for row in table.removed] == ["Balham"]
    [changed] = table.changed
    assert (changed.key, changed.fields) == ("Acton", (FieldChange("council", ("Ealing",), ("Brent",)),))
    assert (table.unchanged, table.only_in) == (1, None)


def test_rows_of_one_key_are_told_apart_by_the_rest() -> None:
    one, two, three = (Row("No Compact", {"title": "No Compact", "area": area}) for area in ("A", "B", "C"))
    old = corpus(part("Pay."), tables=(Table("agreements", (one, two)),))
    new = corpus(part("Pay."), tables=(Table("agreements", (two, three)),))

    [table] = compare_corpora(old, new).tables

    assert (table.added, table.removed, table.unchanged) == ((), (), 1)
    assert table.changed[0].fields == (FieldChange("area", "A", "C"),)


def test_table_that_one_corpus_has_not_itself_is_told_as_a_whole() -> None:
    [table] = compare_corpora(corpus(part("Pay.")), corpus(part("Pay."), tables=(towns(Acton="Ealing"),))).tables

    assert table.only_in == "new"
    assert len(table.added) == 1


# -- answers ---------------------------------------------------------------------------------------------------------


def case(gold: str | None = "twelve weeks") -> Case:
    digests = ((Gold("accord", gold),),) if gold else ()
    return Case("case-1", "direct", "How long?", False, False, (), digests)


def given(*quotes: str, passage: str = "accord#1", found: tuple[str, ...] = (), status: str = "answered") -> Given:
    cited = tuple(Cited(passage, quote, "The Accord, 1") for quote in quotes)
    return Given(status, cited, tuple(Found("accord", text) for text in found))


def answers(
    before: Given, after: Given, *, gold: str | None = None, new_ids: dict[str, str] | None = None, texts: str = ""
) -> AnswerDiff:
    asked = case(gold)
    return compare_answers(
        [asked],
        {asked.id: before},
        {asked.id: after},
        new_ids=new_ids or {},
        passages_before=[],
        passages_after=[part(texts).passage] if texts else [],
    )


def test_answer_that_cites_other_words_has_changed() -> None:
    [change] = answers(given("Ten weeks.", "Say why."), given("Say why.", "Twelve weeks.")).changed

    assert [each.quote for each in change.went] == ["Ten weeks."]
    assert [each.quote for each in change.came] == ["Twelve weeks."]
    assert change.kept == 1


def test_order_of_citations_is_no_change() -> None:
    assert answers(given("Say why.", "Pay."), given("Pay.", "Say why.")).changed == ()


def test_same_words_of_another_passage_are_a_change_unless_it_was_renamed() -> None:
    before, after = given("Pay.", passage="accord#1"), given("Pay.", passage="accord#4.1")

    assert len(answers(before, after).changed) == 1
    assert answers(before, after, new_ids={"accord#1": "accord#4.1"}).changed == ()


def test_question_that_is_not_answered_any_more_has_changed() -> None:
    [change] = answers(given("Pay."), given(status="not_in_guidance")).changed

    assert (len(change.went), change.came, change.after.status) == (1, (), "not_in_guidance")


def test_right_passage_counts_among_the_first_five() -> None:
    right, wrong = "At least twelve weeks.", "Say why."

    lost = answers(given(found=(right,)), given(found=(*[wrong] * 5, right)), gold="twelve weeks", texts=right)
    won = answers(given(found=()), given(found=(wrong, right)), gold="twelve weeks")

    assert (lost.gold, lost.right_before, lost.right_after) == (1, 1, 0)
    assert [(each.rank_before, each.rank_after, each.held) for each in lost.lost] == [(1, 6, True)]
    assert (won.right_before, won.right_after, won.lost) == (0, 1, ())
    assert [(each.rank_before, each.rank_after) for each in won.won] == [(None, 2)]


def test_right_words_that_the_corpus_has_no_more_are_told_so() -> None:
    seen = answers(given(found=("Twelve weeks.",)), given(found=()), gold="twelve weeks", texts="Three months.")

    assert [each.held for each in seen.lost] == [False]


def test_question_without_gold_is_neither_right_nor_wrong() -> None:
    assert answers(given("Pay."), given("Pay.")).gold == 0


# -- indexes ---------------------------------------------------------------------------------------------------------


def test_text_that_another_index_holds_is_not_embedded_again(
    small_corpus: Path,
    small_data: Path,
    settings: Callable[..., Settings],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_needed(*_: object) -> None:
        raise AssertionError("a text was embedded")

    monkeypatch.setattr(indexes, "build_embedder", none_needed)

    own = indexes.build_index(
        small_corpus, tmp_path / "own", settings=settings(data_dir=small_data), borrow_from=[small_data]
    )

    assert (own.data_dir / "current").exists()
    assert (own.data_dir / "models").resolve() == (small_data / "models").resolve()
