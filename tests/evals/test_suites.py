"""Which suites there are, what they measure with, and what they report. No index is built here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.errors import CallerError, SettingInvalid
from assistant.settings import Settings, load_settings
from evals import suites
from evals.cases import Case, Gold
from evals.indexes import ORIGINALS_SETTING, originals_folder
from evals.metrics import Ranks
from evals.record import BEGIN, END, last_runs, rewritten
from evals.reports import Gate, SuiteReport, Table
from evals.retrieval import CAPITALS, EVERY, OURS, Asked, gates, misspelt
from evals.speed import Answering, Indexing
from evals.speed import gates as speed_gates
from evals.suites import run_suites
from evals.systems import Found, plain_text, ranks
from evals.worker import Indexed

REPORT = SuiteReport(
    suite="small",
    started="2026-01-02T03:04:05+00:00",
    seconds=1.5,
    configuration={"python": "3"},
    results={"recall": 0.9},
    tables=(Table.of("Found", ("kind", "share"), [["direct", "90"]]),),
    gates=(Gate("recall", 0.9, 0.85),),
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[SuiteReport], None]:
    """Make `small` the only suite, which reports what it is given."""

    def use(report: SuiteReport) -> None:
        monkeypatch.setattr(suites, "SUITES", {"small": lambda *_: report})
        monkeypatch.setattr(suites, "BY_DEFAULT", ("small",))

    return use


def case(number: int, kind: str = "direct", *, no_shared_word: bool = False) -> Case:
    gold = ((Gold("accord", "twelve weeks"),),)
    return Case(f"case-{number}", kind, "How long?", no_shared_word, False, gold, gold)


def asked(ranked: dict[Case, Ranks], system: str = OURS, library: str = "originals") -> Asked:
    return Asked(library, "test", system, list(ranked), {each.id: rank for each, rank in ranked.items()})


def test_unknown_suite_is_refused_naming_those_there_are(settings: Settings) -> None:
    with pytest.raises(CallerError, match=r"'retrievel'(.|\n)*retrieval, speed"):
        run_suites(("retrieval", "retrievel"), settings)


def test_run_is_kept_with_its_configuration_in_the_data_folder(
    settings: Settings, small: Callable[[SuiteReport], None]
) -> None:
    small(REPORT)

    report = run_suites((), settings)

    [file] = report.files
    kept = json.loads(Path(file).read_text(encoding="utf-8"))
    assert Path(file).is_relative_to(settings.data_dir)
    assert kept["configuration"] == {"python": "3"}
    assert kept == report.as_json()["suites"][0]
    assert file in str(report)


def test_run_is_kept_in_the_folder_given(
    settings: Settings, small: Callable[[SuiteReport], None], tmp_path: Path
) -> None:
    small(REPORT)

    [file] = run_suites(("small",), settings, folder=tmp_path / "kept").files

    assert Path(file).is_relative_to(tmp_path / "kept")


def test_report_passes_unless_a_gate_is_missed(settings: Settings, small: Callable[[SuiteReport], None]) -> None:
    small(REPORT)
    assert run_suites((), settings).passed

    small(dataclasses.replace(REPORT, gates=(Gate("recall", 0.8, 0.85),)))
    missed = run_suites((), settings)

    assert not missed.passed
    assert "MISSED" in str(missed)


def test_figure_that_was_not_measured_is_neither_met_nor_missed() -> None:
    gate = Gate("recall", None, 0.85)

    assert gate.met is None
    assert dataclasses.replace(REPORT, gates=(gate,)).passed
    assert "not measured" in gate.row


def test_gate_on_a_ratio_is_met_from_below() -> None:
    assert Gate("time", 0.5, 0.5, at_most=True).met
    assert Gate("time", 0.51, 0.5, at_most=True).met is False


def test_recorded_runs_replace_those_recorded_before() -> None:
    readme = f"before\n{BEGIN}\nold\n{END}\nafter\n"

    written = rewritten(readme, [REPORT.as_json()])

    assert "old" not in written
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "| direct | 90    |" in written
    assert "2026-01-02" in written
    assert rewritten(written, [REPORT.as_json()]) == written


def test_readme_without_its_marks_is_not_written_over() -> None:
    with pytest.raises(CallerError, match="Put back"):
        rewritten("no marks", [REPORT.as_json()])


def test_last_run_of_each_suite_is_recorded(tmp_path: Path) -> None:
    for name in ("20260101T000000-retrieval.json", "20260102T000000-retrieval.json", "20260101T000000-speed.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")

    assert [path.name for path in last_runs(tmp_path)] == [
        "20260102T000000-retrieval.json",
        "20260101T000000-speed.json",
    ]


def test_passage_counts_for_each_part_that_it_holds() -> None:
    parts = ((Gold("accord", "twelve weeks"),), (Gold("accord", "in writing"), Gold("review", "by letter")))
    found = [Found("review", "twelve weeks"), Found("accord", "At least twelve weeks."), Found("review", "By letter.")]

    assert ranks(found, parts) == [2, 3]
    assert ranks([], parts) == [None, None]


def test_gates_are_on_the_test_questions_for_each_library() -> None:
    ranked: dict[Case, Ranks] = {
        case(1): [1],
        case(2, no_shared_word=True): [6],
        case(3, "slack"): [2],
    }

    seen = {gate.what: gate for gate in gates([asked(ranked)])}

    assert seen["recall@5, all, originals"].value == pytest.approx(2 / 3)
    assert seen["recall@10, all, originals"].value == 1
    assert seen["recall@5, no shared word, originals"].met is False
    assert seen["recall@5, slack, originals"].met
    assert seen["recall@5, all, digests"].met is None


def test_lead_over_another_system_is_counted_question_by_question() -> None:
    ours = asked({case(1): [1], case(2): [1], case(3): [None]})
    other = asked({case(1): [1], case(2): [9], case(3): [None]}, CAPITALS)

    lead = other.behind(ours, EVERY)

    assert lead.mean == pytest.approx(1 / 3)
    assert lead.low <= lead.mean <= lead.high


def test_misspelling_slips_once_in_each_of_the_two_longest_words() -> None:
    question = "How long should consultations with volunteers last?"

    wrong = misspelt(question)

    changed = [a for a, b in zip(question.split(), wrong.split(), strict=True) if a != b]
    assert changed == ["consultations", "volunteers"]
    assert wrong == misspelt(question)


def test_short_words_are_not_misspelt() -> None:
    assert misspelt("Can we end it?") == "Can we end it?"


def test_other_recipes_read_a_digest_without_front_matter_and_questions() -> None:
    raw = "---\nid: accord\n---\n# Accord\n\nTwelve weeks.\n<!-- asked\nhow long\n-->\n\nIn writing.\n"

    assert plain_text(raw) == "# Accord\n\nTwelve weeks.\n\n\nIn writing."


def test_originals_folder_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ORIGINALS_SETTING, str(tmp_path))
    assert originals_folder() == tmp_path

    monkeypatch.setenv(ORIGINALS_SETTING, str(tmp_path / "gone"))
    with pytest.raises(SettingInvalid, match="gone"):
        originals_folder()


def test_times_are_compared_by_each_questions_best() -> None:
    ours = Answering(((1.0, 90.0), (80.0, 3.0)), 100, (1.0,), torch=False)
    peer = Answering(((10.0, 10.0), (10.0, 10.0)), 200, (2.0,), torch=True)
    done = Indexed(embedded=9, units=9, passages=3, seconds=10.0, embedding_seconds=9.0)
    again = Indexed(embedded=0, units=9, passages=3, seconds=0.1, embedding_seconds=0.0)

    first, second = Indexing(done, 20.0), Indexing(again, 1.0)
    seen = [gate.value for gate in speed_gates({"ours": ours, "langchain": peer}, first, second)]

    assert seen == pytest.approx([0.2, 0.5, 0, 0, 0.05, 0.9])


def test_speed_without_the_peer_has_no_ratios_to_gate() -> None:
    ours = Answering(((1.0,),), None, (1.0,), torch=False)
    done = Indexed(embedded=0, units=9, passages=3, seconds=10.0, embedding_seconds=9.0)

    seen = speed_gates({"ours": ours}, Indexing(done, 20.0), Indexing(done, 1.0))

    assert [gate.met for gate in seen[:2]] == [None, None]
