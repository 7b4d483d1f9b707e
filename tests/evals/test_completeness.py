"""Whether digests say what their originals say: read from small made-up documents, embedded by their words alone."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.embedding import Vectors
from assistant.errors import CorpusInvalid
from assistant.settings import load_settings
from assistant.text import comparable
from assistant.values import Document
from evals.completeness import suite
from evals.completeness.facts import Held, read_facts
from evals.completeness.kinds import Fact
from evals.completeness.measures import Found, Where, force_without_counterpart, with_notes
from evals.completeness.names import Lexicon
from evals.completeness.pairs import Pair, parts_of
from evals.completeness.suite import compare, gates, nearness, pair_of
from evals.completeness.tables import (
    EXPLAINED,
    ORIGINALS,
    Explanation,
    Outcome,
    Read,
    draw_sample,
    idle,
    load_explanations,
    load_originals,
    load_read,
    stale,
    without_explained,
)
from ingest.loading.markdown import load_markdown
from ingest.loading.text import load_text
from ingest.sources import Source

NAME = "Wexley report"
NO_NAMES = Lexicon.of(())
SUBJECTS = ("apples", "bridges", "candles", "drains", "engines", "ferries", "gardens", "harbours", "islands", "jetties")
FILLER = "\n\n".join(f"The councillors who met talked of {subject}." for subject in SUBJECTS)
FILLER_DIGEST = FILLER.replace(".", ". {p. 2}")
FAR_AWAY = "Of jars, pots, lids, pans, boxes, tins, cups and mugs there were 48."


def original(text: str) -> Source:
    document = Document(id="wexley-2009", title="The Wexley Report", publisher="Wexley Forum", published="2009-05-14")
    return Source(document=document, loaded=load_text(text), path="wexley-2009.txt", sha256="")


def digest(text: str, *, id_: str = "wexley", sources: tuple[str, ...] = (NAME,)) -> Source:
    document = Document(id=id_, title="Wexley (digest)", sources=sources)
    return Source(document=document, loaded=load_markdown(text), path=f"{id_}.md", sha256="")


def by_words(texts: Sequence[str]) -> Vectors:
    out = np.zeros((len(texts), 512), np.float32)
    for row, text in zip(out, texts, strict=True):
        for word in re.findall(r"\w+", comparable(text)):
            row[zlib.crc32(word.encode()) % 512] += 1
    return np.asarray(out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-9), np.float32)


def pair(original_text: str, *digests: str | Source) -> Pair:
    return pair_of(original(original_text), NAME, [d if isinstance(d, Source) else digest(d) for d in digests])


def found(original_text: str, *digests: str | Source) -> list[Found]:
    return compare(nearness([pair(original_text, *digests)], by_words))


def missing(kind: str, original_text: str, *digests: str | Source) -> list[str]:
    return [f.words for f in found(original_text, *digests) if f.kind == kind and f.where is not Where.NEAR]


def facts(text: str) -> list[Fact]:
    return read_facts(text, NO_NAMES)


@pytest.mark.parametrize(
    ("said", "as_digest_says"),
    [
        ("thirty four actions", "34 actions"),
        ("over 1700 forms", "more than 1,700 forms"),
        ("a hundred people", "100 people"),
        ("a cut of 10%", "cut by ten per cent"),
        ("approximately £22million", "about £22 million"),
        ("£4m in savings", "£4,000,000 was saved"),
        ("Tuesday 2 December 2008", "on December 2nd, 2008"),
        ("1 to 8 November 2008", "from 1 November to 8 November 2008"),
        ("between July and early November 2008", "from July to November 2008"),
        ("in 2009-10", "in 2009/2010"),
        ("the plan for 2006-8", "a plan from 2006 to 2008"),
        ("the autumn of 2008", "in autumn 2008"),
        ("both sectors, two of them", "both"),
        ("the ninth meeting", "the 9th meeting"),
        ("a three year plan of 2-3 parts", "over three years, in two to three parts"),
        ("Steering Groups' rules", "the steering group"),
        ("the Health & Care Board", "the Health and Care Board"),
        ("an LSP", "a local strategic partnership"),
        ("the Local Strategic Partnership", "the LSP"),
        ("the Wexley LSP", "Wexley's local strategic partnership"),
        ("it was Sir Bert’s Forum", "Sir Bert's 'Forum'"),
        ("see www.wexley.org.uk/cuts", "at <http://www.wexley.org.uk/cuts>."),
    ],
)
def test_fact_written_otherwise_is_the_same_fact(said: str, as_digest_says: str) -> None:
    held = Held(as_digest_says)

    assert facts(said)
    assert [f.words for f in facts(said) if not held.holds(f)] == []


@pytest.mark.parametrize(
    ("said", "otherwise"),
    [
        ("a cut of 10%", "10 cuts"),
        ("a cut of 10%", "a cut of 11%"),
        ("£22 million", "22 million people"),
        ("thirty four actions", "thirty actions and 4 more"),
        ("2 December 2008", "3 December 2008"),
        ("2 December 2008", "2 December 2009"),
        ("2 December 2008", "on 2 December"),
        ("in 2009-10", "in 2009"),
        ("it was Karon Monaghan", "Karon of Wexley"),
        ("the Office of the Third Sector", "an office"),
        ("an LSP", "a local partnership"),
    ],
)
def test_another_fact_is_not_taken_for_it(said: str, otherwise: str) -> None:
    held = Held(otherwise)

    assert any(not held.holds(f) for f in facts(said))


def test_number_that_only_counts_list_items_is_no_fact() -> None:
    assert facts("3. Write to the group.") == []
    assert facts("(b) Write to the group.") == []
    assert facts("7\tWrite to the group.") == []


def test_capital_that_only_begins_a_sentence_makes_no_name() -> None:
    lexicon = Lexicon.of(["We met in Wexley. Local bodies met too.", "They are local."])

    assert [f.words for f in read_facts("Local bodies came. Wexley came too.", lexicon)] == ["Wexley"]


def test_heading_in_capitals_names_only_what_running_text_names() -> None:
    lexicon = Lexicon.of(["We met the Wexley Forum, which is a local forum for building plans."])

    assert [f.words for f in read_facts("Building the Wexley Forum", lexicon, heading=True)] == ["Wexley Forum"]


def test_fact_that_no_passage_holds_is_missing_and_told_with_its_line() -> None:
    text = "# Report\n\nThe forum met in Wexley with 48 councillors and spent £300."

    [lost] = [
        f
        for f in found(text, "# D\n\nThe forum met in Wexley and spent £300. {p. 1}\n")
        if f.kind == "fact" and f.where is not Where.NEAR
    ]

    assert (lost.words, lost.line, lost.where) == ("48", 3, Where.NOWHERE)
    assert "councillors" in lost.around


def test_fact_that_stands_only_in_a_passage_about_something_else_is_missing() -> None:
    text = f"# Report\n\nThe councillors who met numbered 48.\n\n{FILLER}"

    [lost] = [
        f
        for f in found(text, f"# D\n\n{FILLER_DIGEST}\n\n{FAR_AWAY} {{p. 9}}\n")
        if f.kind == "fact" and f.words == "48"
    ]

    assert lost.where is Where.ELSEWHERE


def test_passage_tied_by_an_anchor_is_near() -> None:
    text = f"# Report\n\nThe councillors who met numbered 48.\n\n{FILLER}"
    tied = f"{FAR_AWAY} {{p. 9}}\n<!-- asked\nhow many\nin the original: who met numbered 48\n-->\n"

    assert "48" not in missing("fact", text, f"# D\n\n{FILLER_DIGEST}\n\n{tied}")


def test_paragraph_that_no_passage_is_like_is_missing() -> None:
    said = "The forum asks every council to give twelve weeks for each reply."
    unsaid = "Volunteers may claim the price of a bus ride whenever they come along."

    assert missing("paragraph", f"# R\n\n{said}\n\n{unsaid}", f"# D\n\n{said} {{p. 1}}\n") == [unsaid]


def test_paragraph_is_said_by_a_passage_tied_to_it_in_other_words() -> None:
    text = "# R\n\nVolunteers may claim the price of a bus ride whenever they come along."
    restated = "Fares are refunded. {p. 1}\n<!-- asked\nfares\nin the original: the price of a bus ride\n-->\n"

    assert missing("paragraph", text, f"# D\n\n{restated}") == []


def test_row_has_its_label_and_its_figures_in_one_row() -> None:
    table = "# R\n\nPlace\tSigned\tKind\nWexley\t2004\tUnitary\nAlderton\t2005\tCounty\n"
    mixed = (
        "# D\n\n| Place | Signed | Kind |\n|---|---|---|\n| Wexley | 2004 | unitary |\n| Alderton | 2004 | county |\n"
    )

    assert missing("row", table, f"{mixed}\n{{Table 1}}\n") == ["Alderton | 2005 | County"]


def test_row_has_the_figures_of_its_long_cells_too() -> None:
    table = "# R\n\nPlace\tHistory\nWexley\tsigned by all bodies in 2005 after long talks\nAlderton\tnever signed\n"
    rows = "| Wexley | signed by all in 2004 |\n| Alderton | never signed |"
    digest_table = f"# D\n\n| Place | History |\n|---|---|\n{rows}\n"

    assert len(missing("row", table, f"{digest_table}\n{{Table 1}}\n")) == 1


def test_statement_whose_number_or_name_the_original_lacks_is_not_sound() -> None:
    text = "# R\n\nThe forum met in Wexley with 48 councillors."

    assert missing("statement", text, "# D\n\nThe forum met in Alderton with 47 councillors. {p. 1}\n") == [
        "Alderton",
        "47",
    ]


def test_statement_may_name_the_report_and_count_its_lists() -> None:
    text = "# R\n\nGroups should:\n\n- write early to members\n- meet often with members\n- report back to members\n"
    restated = "# D\n\nThe Wexley Report of May 2009 tells groups three things about members. {p. 1}\n"

    assert missing("statement", text, restated) == []


def test_statement_of_a_document_with_other_sources_need_not_stand_in_this_original() -> None:
    lender = digest(
        f"# D\n\nIn Alderton 99 met. {{in Alderton paper}}\n\nIn Wexley 48 met. {{as reported by {NAME}}}\n",
        sources=(NAME, "Alderton paper"),
    )

    seen = pair("# R\n\nIn Wexley 48 met.", lender)

    assert [piece.said for piece in seen.pieces] == [("In Wexley 48 met.",)]
    assert seen.statements == ()


def test_number_may_count_what_a_statement_itself_lists() -> None:
    text = "# R\n\nIt was done with Wexley, Alderton and Marlow."

    assert missing("statement", text, "# D\n\nIt had three partners: Wexley, Alderton and Marlow. {p. 1}\n") == []
    assert missing("statement", text, "# D\n\nIt had four partners: Wexley, Alderton and Marlow. {p. 1}\n") == ["four"]


def test_small_number_leads_to_the_reference_it_means_and_back() -> None:
    cited = "Partners have to trust each other, as others have shown⁷."
    lists = "# References\n\n7. Marlow, B. (1999) Trust.\n\n8. Hale, C. (2001) Doubt.\n\n# Questions\n\n7. Who met?"
    parts = parts_of(original(f"# Report\n\n{cited}\n\n{lists}"))
    at = {part.block.text: n for n, part in enumerate(parts)}
    marked, note = at[cited], at["7. Marlow, B. (1999) Trust."]

    assert with_notes({marked}, parts) == {marked, note}
    assert with_notes({note}, parts) == {marked, note}
    assert with_notes({at["8. Hale, C. (2001) Doubt."]}, parts) == {at["8. Hale, C. (2001) Doubt."]}


def test_page_numbers_of_the_contents_list_bear_out_only_what_is_said_of_pages() -> None:
    contents = "Contents\n\nThe first part\t41\nThe second part\t47\nThe third part\t52\n"
    text = f"Wexley report\n\n{contents}\n# The first part\n\nThey met.\n"

    assert missing("statement", text, "# D\n\nThe second part begins on page 47. {p. 1}\n") == []
    assert missing("statement", text, "# D\n\nThere were 47 who met. {p. 1}\n") == ["47"]


def test_force_that_the_original_does_not_have_is_doubtful() -> None:
    assert list(force_without_counterpart("Councils must reply.", "Councils may reply.")) == ["must"]
    assert list(force_without_counterpart("Councils do not reply.", "Councils reply.")) == ["not"]
    assert list(force_without_counterpart("Councils must reply.", "Councils are required to reply.")) == []


def lost(words: str, around: str, kind: str = "fact") -> Found:
    return Found("wexley-2009", kind, words, around, Where.NOWHERE, line=3)


def test_explanation_holds_for_the_fact_where_it_stands_and_nowhere_else() -> None:
    explanation = Explanation("wexley-2009", "fact", "Total Winner", "no name", 2)
    there, elsewhere = lost("Winner", "the Total Winner of all"), lost("Winner", "a Winner, it says")

    assert without_explained([there, elsewhere], [explanation]) == ([there], [elsewhere])


def test_explanation_of_nothing_that_is_missing_is_idle() -> None:
    used = Explanation("wexley-2009", "paragraph", "printed on paper", "printer's line", 2)
    unused = Explanation("wexley-2009", "paragraph", "bound in leather", "printer's line", 3)

    assert idle([lost("It is printed on paper.", "0.20", "paragraph")], [used, unused]) == [unused]


def test_gate_is_met_when_all_that_is_missing_is_explained() -> None:
    everything = [lost("Winner", "the Total Winner of all"), Found("wexley-2009", "fact", "48", "", Where.NEAR)]
    explanation = Explanation("wexley-2009", "fact", "Total Winner", "no name", 2)

    assert [g.met for g in gates(everything, [])] == [False, None, None, None]
    assert [g.met for g in gates(everything, [explanation])] == [True, None, None, None]


def test_explanation_without_a_reason_is_refused_by_line(tmp_path: Path) -> None:
    table = tmp_path / "explained.csv"
    table.write_text("original,kind,words,reason\na,fact,48,counted\na,fact,49,\na,word,50,none\n", encoding="utf-8")

    with pytest.raises(CorpusInvalid, match=r"explained\.csv:3(.|\n)*explained\.csv:4: kind is 'word'"):
        load_explanations(table)


def test_shipped_tables_can_be_read_and_explain_originals_only() -> None:
    originals = set(load_originals(ORIGINALS).values())

    assert len(originals) == 5
    assert {e.original for e in load_explanations(EXPLAINED)} <= originals
    assert load_read()


def test_sample_is_drawn_evenly_and_stays_when_one_statement_changes() -> None:
    numbers = [f"Meeting {n} was held. {{p. {n}}}" for n in range(100, 140)]
    first = pair("# R\n\nMeetings.", "# D\n\n" + "\n\n".join(numbers))
    second = pair("# R\n\nMeetings.", "# D\n\n" + "\n\n".join(["Meeting 1 was cancelled. {p. 1}", *numbers[1:]]))

    drawn, again = draw_sample([first, first], size=11), draw_sample([second, second], size=11)

    assert len(drawn) == 11
    assert len(set(drawn)) == 6
    assert drawn == draw_sample([first, first], size=11)
    assert len(set(drawn) & set(again)) >= 5


def test_statement_that_was_read_and_changed_since_makes_the_sample_stale() -> None:
    kept = Read("wexley", "It met.", "met", Outcome.BORNE_OUT, "")
    changed = Read("wexley", "It met twice.", "met", Outcome.BORNE_OUT, "")

    assert stale([kept, changed], lambda _, words: words == "It met.") == [changed]


def test_without_the_originals_nothing_is_measured_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(suite, "originals_folder", lambda: None)

    report = suite.run(load_settings(data_dir=tmp_path), tmp_path, lambda _: None)

    assert [gate.met for gate in report.gates] == [None] * 4
    assert report.passed
    assert "The originals are not here" in report.notes[0]
