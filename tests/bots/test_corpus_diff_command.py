"""`compact-assistant corpus diff`, over small corpora and a git repository made for the test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals import cases

Cli = Callable[..., Any]
AUTHOR = ["-c", "user.name=A Champion", "-c", "user.email=champion@example.org", "-c", "commit.gpgsign=false"]
ASKED = [
    {
        "id": "fares",
        "kind": "direct",
        "question": "Are volunteers paid their travel costs?",
        "gold": [],
        "digest": [[{"document": "derby-accord", "quote": "their bus fares back"}]],
    },
    {
        "id": "subsidy",
        "kind": "direct",
        "question": "Where did mediation settle a row about a subsidy?",
        "gold": [],
        "digest": [[{"document": "merton-story", "quote": "A mediator sat down"}]],
    },
]

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def repository(small_corpus: Path, tmp_path: Path) -> Path:
    """A repository whose one commit holds the small corpus in the folder `kept/corpus`."""
    folder = tmp_path / "repository"
    shutil.copytree(small_corpus, folder / "kept" / "corpus")
    git(folder, "init", "--quiet")
    commit(folder, "The small corpus")
    return folder


@pytest.fixture
def corpus(repository: Path) -> Path:
    """The corpus folder of the repository, to be changed."""
    return repository / "kept" / "corpus"


@pytest.fixture
def diff(inside: Cli, corpus: Path) -> Cli:
    """The command in this process, the settings naming the repository's corpus."""
    return lambda *args, **settings: inside("corpus", "diff", *args, **{"COMPACT_CORPUS_DIR": corpus, **settings})


@pytest.fixture
def two_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two questions in place of the evaluations' hundreds: one in each set."""
    folder = tmp_path / "questions"
    folder.mkdir()
    for name, row in zip(cases.SETS, ASKED, strict=True):
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    monkeypatch.setattr(cases, "QUESTIONS", folder)


def git(folder: Path, *args: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ran = subprocess.run(["git", *AUTHOR, *args], cwd=folder, env=kept, capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", message)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def refused(ran: Any, *said: str) -> None:
    assert (ran.code, ran.out) == (2, ""), ran
    assert all(words in ran.err for words in said), ran.err
    assert "Traceback" not in ran.err


# -- the corpus ------------------------------------------------------------------------------------------------------


def test_help_has_an_example(diff: Cli) -> None:
    ran = diff("--help")
    assert ran.code == 0
    assert "Example: compact-assistant corpus diff" in ran.out


@needs_git
def test_uncommitted_changes_are_compared_with_the_last_commit(diff: Cli, corpus: Path) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    edit(corpus / "merton-story.md", "status: historical", "status: in-force")
    edit(corpus / "merton-story.md", "{p. 3}", "{#quarrel p. 3}")
    edit(corpus / "tables" / "vocabulary.yaml", "also: [warning, heads-up]", "also: [warning]")
    (corpus / "pay-table.md").unlink()

    ran = diff("--no-questions")

    assert (ran.code, ran.err) == (0, "")
    assert "Documents   1 removed, 2 changed; 2 as before" in ran.out
    assert "Passages    1 removed, 1 changed, 1 renamed; 4 as before" in ran.out
    assert "Table rows  1 changed; 1 as before" in ran.out
    assert "- What was paid when" in ran.out
    assert "- Volunteers get their bus fares back within ten days." in ran.out
    assert "+ Volunteers get their bus fares back within three days." in ran.out
    assert "status: historical → in-force" in ran.out
    assert "renamed  merton-story#the-quarrel/1" in ran.out
    assert "changed  notice" in ran.out
    assert "- heads-up" in ran.out


@needs_git
def test_revisions_are_compared_with_each_other(diff: Cli, repository: Path, corpus: Path) -> None:
    git(repository, "tag", "first")
    edit(corpus / "derby-accord.md", "ten days", "three days")
    commit(repository, "Sooner")
    edit(corpus / "derby-accord.md", "three days", "one day")

    told = json.loads(diff("first", "HEAD", "--no-questions", "--json").out)

    [changed] = told["passages"]["changed"]
    assert changed["where"] == "derby-accord.md:16"
    assert changed["sentences_came"] == ["Volunteers get their bus fares back within three days."]
    assert told["old"] == {
        "name": f"first ({told['old']['commit'][:7]})",
        "folder": None,
        "commit": git(repository, "rev-parse", "first"),
    }
    assert told["questions"] is None


def test_two_folders_need_no_repository(diff: Cli, small_corpus: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(small_corpus, tmp_path / "other"))
    (other / "new.md").write_text((other / "pay-table.md").read_text().replace("id: pay-table", "id: pay-again"))

    ran = diff(small_corpus, other, "--no-questions", PATH="")

    assert ran.code == 0
    assert "+ What was paid when" in ran.out
    assert "added: new.md, 1 passage" in ran.out


@needs_git
def test_nothing_to_tell_when_nothing_changed(diff: Cli) -> None:
    ran = diff()
    assert ran.code == 0
    assert "Nothing changes: the two are the same, file for file." in ran.out


# -- what is wrong with OLD or NEW -----------------------------------------------------------------------------------


@needs_git
def test_what_is_neither_folder_nor_revision_is_told_with_what_to_write(diff: Cli, repository: Path) -> None:
    refused(diff("mian~3"), "'mian~3' is neither a folder nor a revision", str(repository), "HEAD, a branch, a tag")
    refused(diff("--", "--all"), "'--all' is neither a folder nor a revision")


@needs_git
def test_corpus_outside_any_repository_has_no_revisions(diff: Cli, small_corpus: Path) -> None:
    refused(
        diff(COMPACT_CORPUS_DIR=small_corpus), "'HEAD' is no folder", "not a git repository", "Give a corpus folder"
    )


def test_machine_without_git_is_told(diff: Cli, tmp_path: Path) -> None:
    refused(diff(PATH=tmp_path), "without git it cannot be looked up", "Install git, or give a corpus folder")


@needs_git
def test_revision_before_there_was_a_corpus_is_told(diff: Cli, repository: Path, corpus: Path) -> None:
    later = repository / "later"
    corpus.rename(later)
    commit(repository, "Elsewhere")
    refused(diff("HEAD~1", COMPACT_CORPUS_DIR=later), "HEAD~1 does not have later", "Give a later revision")


def test_folder_without_documents_is_told(diff: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(diff(tmp_path / "empty", "--no-questions"), f"{tmp_path}/empty: there is no document")


@needs_git
def test_mistakes_of_both_are_told_by_file_and_line(diff: Cli, repository: Path, corpus: Path) -> None:
    edit(corpus / "derby-accord.md", "kind: code", "kind: leaflet")
    commit(repository, "A mistake")
    edit(corpus / "derby-accord.md", "kind: leaflet", "kind: code")
    edit(corpus / "merton-story.md", "area: Merton", "area: Mertn")

    refused(
        diff("--no-questions"),
        "2 mistakes",
        "HEAD:kept/corpus/derby-accord.md:6: kind is 'leaflet'.",
        f"{corpus}/merton-story.md:8: area is 'Mertn'",
        "What HEAD holds cannot be put right any more",
    )


def test_passage_id_that_stands_twice_is_a_mistake(diff: Cli, small_corpus: Path, corpus: Path) -> None:
    edit(corpus / "accord-2009.md", "{#1.2 promise 1.2}", "{#1.1 promise 1.2}")
    ran = diff(small_corpus, "--no-questions")
    refused(ran, f"{corpus}/accord-2009.md:25: the passage", "has the id of the one at accord-2009.md:18")


# -- the answers -----------------------------------------------------------------------------------------------------


@needs_git
@pytest.mark.usefixtures("two_questions")
def test_questions_whose_answers_change_are_shown_before_and_after(diff: Cli, corpus: Path) -> None:
    edit(corpus / "derby-accord.md", "ten days", "three days")
    edit(corpus / "merton-story.md", "The quarrel", "How it began")

    ran = diff()

    assert (ran.code, ran.err) == (0, "")
    assert "Questions   1 of 2 answered otherwise" in ran.out
    assert "2 of 2 right passages were among the first 5 found, 2 are now: 0 lost, 0 won" in ran.out
    shown = ran.out.partition("QUESTIONS")[2]
    assert "Are volunteers paid their travel costs? (fares)" in shown
    assert shown.index("within ten days") < shown.index("within three days")
    assert "subsidy" not in shown


@needs_git
@pytest.mark.usefixtures("two_questions")
def test_right_answers_lost_and_won_are_counted(diff: Cli, repository: Path, corpus: Path) -> None:
    (corpus / "merton-story.md").unlink()
    commit(repository, "Without the story")

    lost = json.loads(diff("HEAD~1", "HEAD", "--json").out)["questions"]
    won = json.loads(diff("HEAD", "HEAD~1", "--json").out)["questions"]

    assert (lost["right"]["before"], lost["right"]["after"], lost["right"]["of"]) == (2, 1, 2)
    assert [(each["id"], each["held"]) for each in lost["right"]["lost"]] == [("subsidy", False)]
    assert [each["id"] for each in won["right"]["won"]] == ["subsidy"]
    assert lost["asked"] == 2
    assert [each["id"] for each in lost["answers"]] == ["subsidy"]
    assert lost["answers"][0]["before"]["citations"][0]["passage_id"].startswith("merton-story#")
