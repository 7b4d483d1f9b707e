"""`corpus check` and `corpus stats` as those who keep the corpus use them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import SHIPPED_CORPUS
from ingest.checking.vectors import KEPT

Cli = Callable[..., Any]
DERBY = "derby-accord.md"


@pytest.fixture
def corpus(small_corpus: Path, tmp_path: Path) -> Path:
    """The small corpus with what `corpus check` asks for, to be changed."""
    folder = Path(shutil.copytree(small_corpus, tmp_path / "corpus"))
    (folder / "tables" / "sources.csv").write_text(
        "name,title,publisher,published,licence,address\nOurs,Our own,,,,\n", encoding="utf-8"
    )
    (folder / "tables" / "vocabulary.yaml").write_text("- term: notice\n  source: Ours\n", encoding="utf-8")
    for path in folder.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        fields = 'licence: "ours"\nsources: [Ours]\nlast_checked: 2026-11-01\nchecked_against: "nothing"\n'
        fields += "in_force_from: 2011-06\n" if path.name == DERBY else ""
        text = text.replace("jurisdiction: England\n", f"jurisdiction: England\n{fields}")
        text = re.sub(r"-->\n", lambda found: f"one {found.start()}\ntwo {found.start()}\n-->\n", text)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def own(inside: Cli, corpus: Path) -> Cli:
    """The command line in this process, over that corpus."""
    return lambda *args, **options: inside("corpus", *args, **{"COMPACT_CORPUS_DIR": corpus, **options})


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("command", ["", "check", "stats"])
def test_help_has_an_example(cli: Cli, command: str) -> None:
    ran = cli("corpus", *filter(None, [command]), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert "Usage: " in ran.out
    assert "Example: compact-assistant corpus" in ran.out


@pytest.mark.parametrize("args", [["check", "--quik"], ["chek"], ["stats", "extra"]])
def test_wrong_command_line_is_told_how_to_write_it(inside: Cli, args: list[str]) -> None:
    ran = inside("corpus", *args)
    assert (ran.code, ran.out) == (2, "")
    assert "--help" in ran.err


def test_shipped_corpus_has_nothing_wrong(cli: Cli) -> None:
    ran = cli("corpus", "check", "--quick", COMPACT_CORPUS_DIR=SHIPPED_CORPUS)
    assert (ran.code, ran.err) == (0, ""), ran.out
    assert re.search(r"^(Nothing wrong|0 wrong, \d+ doubtful)", ran.out, re.MULTILINE)


def test_sound_corpus_is_said_to_be_sound_in_one_line(own: Cli) -> None:
    ran = own("check")
    assert ran.code == 0, ran.out
    assert (
        ran.out == "Nothing wrong and nothing doubtful in 5 documents, 7 passages, 9 statements; 0 doubts let stand.\n"
    )


def test_what_is_wrong_is_told_by_file_and_line_with_the_remedy_and_a_summary_and_exits_2(
    own: Cli, corpus: Path
) -> None:
    edit(corpus / DERBY, "status: in-force", "status: replaced")
    edit(corpus / "merton-story.md", "{p. 3}", "{p. 3; as reported by Nobody}")
    edit(corpus / "pay-table.md", 'licence: "ours"\n', "")
    ran = own("check", "--quick")
    assert (ran.code, ran.err) == (2, "")
    assert f"{corpus}/{DERBY}:7: wrong, unreadable: status is 'replaced'.\n  Use in-force, superseded or" in ran.out
    assert f"{corpus}/merton-story.md:21: wrong, unknown-source: the locator says 'as reported by Nobody'" in ran.out
    assert f"{corpus}/pay-table.md:1: doubtful, missing-field: licence is missing.\n  Add `licence:`" in ran.out
    assert ran.out.endswith("\n\n2 wrong, 1 doubtful in 4 documents, 6 passages, 8 statements; 0 doubts let stand.\n")


def test_doubts_alone_exit_0(own: Cli, corpus: Path) -> None:
    edit(corpus / "pay-table.md", 'licence: "ours"\n', "")
    ran = own("check", "--quick")
    assert ran.code == 0
    assert ran.out.splitlines()[-1].startswith("0 wrong, 1 doubtful in ")


def test_json_holds_what_people_are_told(own: Cli, corpus: Path) -> None:
    edit(corpus / DERBY, "{section 4}", "")
    edit(corpus / "pay-table.md", 'licence: "ours"\n', "")
    people, tools = own("check", "--quick"), own("check", "--quick", "--json")
    said = json.loads(tools.out)
    assert (tools.code, tools.err) == (people.code, "") == (2, "")
    assert said["wrong"] + said["doubtful"] == len(said["findings"]) > 1
    for finding in said["findings"]:
        head = f"{finding['where']}: {finding['severity']}, {finding['check']}: {finding['what']}"
        assert f"{head}\n  {finding['remedy']}\n" in people.out
    summary = f"{said['wrong']} wrong, {said['doubtful']} doubtful in {said['corpus']['documents']} documents, "
    assert summary in people.out
    assert f"; {said['accepted']} doubts let stand." in people.out


def test_doubt_let_stand_is_counted(own: Cli, corpus: Path) -> None:
    edit(corpus / "pay-table.md", 'licence: "ours"\n', "")
    (corpus / "tables" / "accepted.csv").write_text(
        "check,document,words,reason\nmissing-field,pay-table,licence,Nobody owns figures.\n", encoding="utf-8"
    )
    assert own("check", "--quick").out.startswith("Nothing wrong and nothing doubtful")
    assert "; 1 doubt let stand." in own("check", "--quick").out


def test_whole_check_finds_statements_that_say_the_same_and_a_quick_one_does_not(own: Cli, corpus: Path) -> None:
    passage = "\n## Others\n\n{} {{section 9}}\n<!-- asked\na\nb\nc\nd\n-->\n"
    text = "A public body must tell a charity at least twelve weeks before its grant ends."
    with (corpus / "accord-2009.md").open("a", encoding="utf-8") as file:
        file.write(passage.format(text).replace("Others", "Ending money"))
    assert own("check", "--quick").out.startswith("Nothing wrong")
    ran = own("check")
    assert ran.code == 0
    assert re.search(r"accord-2009\.md:\d+: doubtful, said-twice: .*\(likeness 0\.9\d\)\.\n  Say it once", ran.out)


def test_quick_check_writes_nothing_and_a_whole_one_keeps_vectors_for_the_next(
    own: Cli, corpus: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    before = {path.name for path in data.iterdir()}, {p: p.read_bytes() for p in corpus.rglob("*") if p.is_file()}
    own("check", "--quick")
    assert {path.name for path in data.iterdir()} == before[0]
    own("check")
    assert {path.name for path in data.iterdir()} == before[0] | {KEPT}
    assert {p: p.read_bytes() for p in corpus.rglob("*") if p.is_file()} == before[1]


# -- numbers ---------------------------------------------------------------------------------------------------------


def test_stats_print_the_numbers_that_json_holds(own: Cli, corpus: Path) -> None:
    people, tools = own("stats"), json.loads(own("stats", "--json").out)
    assert people.code == 0
    head, *lines = people.out.splitlines()
    assert head == f"Corpus: {tools.pop('corpus_dir')}" == f"Corpus: {corpus}"
    expected = []
    for name, value in tools.items():
        if isinstance(value, dict):
            expected += [f"{name}:", *(f"  {each}: {count:,}" for each, count in value.items())]
        else:
            expected.append(f"{name}: {value:,}")
    assert lines == expected


def test_stats_count_what_there_is(own: Cli) -> None:
    counts = json.loads(own("stats", "--json").out)
    assert (counts["documents"], counts["passages"], counts["documents about one place"]) == (5, 7, 2)
    assert sum(counts["documents by kind"].values()) == sum(counts["documents by status"].values()) == 5
    assert counts["questions written for passages"] == 28
    assert (counts["rows of tables"]["sources"], counts["rows of tables"]["vocabulary"]) == (1, 1)


def test_stats_agree_with_the_check(own: Cli) -> None:
    stats = json.loads(own("stats", "--json").out)
    del stats["corpus_dir"]
    assert json.loads(own("check", "--quick", "--json").out)["corpus"] == stats


def test_stats_say_that_something_is_not_counted(own: Cli, corpus: Path) -> None:
    edit(corpus / DERBY, "status: in-force", "status: replaced")
    ran = own("stats", "--json")
    assert (ran.code, json.loads(ran.out)["documents"]) == (0, 4)
    assert ran.err.startswith(
        "Not counted is what cannot be read, for 1 mistake.\nSee `compact-assistant corpus check`."
    )


# -- a folder that is not there --------------------------------------------------------------------------------------


def test_missing_corpus_folder_is_told(own: Cli, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    checked, counted = (own(command, COMPACT_CORPUS_DIR=gone) for command in ("check", "stats"))
    said = "there is no such file or folder.\n  Look at the spelling of the path.\n"
    assert (checked.code, checked.err) == (2, "")
    assert checked.out.startswith(f"{gone}: wrong, unreadable: {said}")
    assert (counted.code, counted.out) == (2, "")
    assert f"{gone}: {said}" in counted.err


def test_corpus_folder_that_is_a_file_is_checked_as_one_document(own: Cli, corpus: Path) -> None:
    edit(corpus / DERBY, "{section 4}", "")
    ran = own("check", "--quick", COMPACT_CORPUS_DIR=corpus / DERBY)
    assert f"{corpus / DERBY}:21: wrong, no-locator" in ran.out
    assert " in 1 document, 1 passage, 1 statement; 0 doubts let stand." in ran.out
