"""`compact-assistant corpus …`: for the people who keep the corpus."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import CorpusInvalid
from assistant.settings import Settings, load_settings
from bots.cli.output import print_json

if TYPE_CHECKING:
    from ingest.checking import Examination


@click.group()
def corpus() -> None:
    """Look after what the assistant knows.

    Example: compact-assistant corpus check
    """


@corpus.command()
@click.option("--quick", is_flag=True, help="Leave out the search for statements that say the same in other words.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(quick: bool, as_json: bool) -> None:
    """Say what is wrong or doubtful in the corpus, by file and line, and what to do; exits 2 when something is wrong.

    Example: compact-assistant corpus check --quick
    """
    examination = _examine(load_settings(), quick=quick)
    if as_json:
        print_json(examination.as_json())
    else:
        for finding in examination.findings:
            click.echo(f"{finding}\n")
        click.echo(_summary(examination))
    if examination.wrong:
        sys.exit(2)


@corpus.command()
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def stats(as_json: bool) -> None:
    """Say what there is in the corpus, in numbers.

    Example: compact-assistant corpus stats
    """
    settings = load_settings()
    examination = _examine(settings, quick=True)
    counts = examination.counts
    unread = [finding.mistake for finding in examination.findings if finding.check == "unreadable"]
    if not counts["documents"]:
        raise CorpusInvalid(unread)
    if unread:
        click.echo(f"Not counted is what cannot be read, for {_so_many(len(unread), 'mistake')}.", err=True)
        click.echo("See `compact-assistant corpus check`.", err=True)
    if as_json:
        print_json({"corpus_dir": str(settings.corpus_dir), **counts})
        return
    click.echo(f"Corpus: {settings.corpus_dir}")
    for name, value in counts.items():
        if isinstance(value, dict):
            click.echo(f"{name}:")
            for each, count in value.items():
                click.echo(f"  {each}: {count:,}")
        else:
            click.echo(f"{name}: {value:,}")


@corpus.command()
@click.argument("old", default="HEAD")
@click.argument("new", required=False)
@click.option("--no-questions", is_flag=True, help="Leave out asking the questions of the evaluations.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def diff(old: str, new: str | None, no_questions: bool, as_json: bool) -> None:
    """Say what changes from OLD to NEW: documents, passages, rows of tables, and the answers to the evaluations'
    questions.

    Each is a corpus folder, or a git revision of the corpus folder of the settings (HEAD, a tag, main~3); a name that
    is both is the folder. OLD is HEAD when left out, NEW the corpus folder as it is. Documents added by hand with
    `ingest` are left aside.

    Example: compact-assistant corpus diff HEAD --no-questions
    """
    from bots.cli.progress import progress_bar
    from evals.corpus_changes import diff_corpora

    with progress_bar() as progress:
        changes = diff_corpora(
            old, new, load_settings(), today=dt.date.today(), questions=not no_questions, progress=progress
        )
    if as_json:
        print_json(changes.as_json())
        return
    from bots.cli.differences import show_changes
    from bots.cli.rendering import Page

    show_changes(changes, Page())


def _examine(settings: Settings, *, quick: bool) -> Examination:
    from bots.cli.progress import progress_bar
    from ingest.checking import examine_corpus

    today = dt.date.today().isoformat()
    if quick:
        return examine_corpus(settings.corpus_dir, today=today, embed=None)
    from assistant.wiring import build_embedder, model_of
    from ingest.checking.vectors import embed_statements

    model = model_of(settings)
    with progress_bar() as progress:

        def embed(texts: Any) -> Any:
            return embed_statements(
                texts,
                data_dir=settings.data_dir,
                model=model,
                embedder=lambda: build_embedder(settings, model),
                progress=progress,
            )

        return examine_corpus(settings.corpus_dir, today=today, embed=embed)


def _summary(examination: Examination) -> str:
    counts = examination.counts
    doubtful = len(examination.findings) - examination.wrong
    looked_at = ", ".join(_so_many(counts[f"{what}s"], what) for what in ("document", "passage", "statement"))
    let_stand = f"{_so_many(examination.accepted, 'doubt')} let stand"
    if not examination.findings:
        return f"Nothing wrong and nothing doubtful in {looked_at}; {let_stand}."
    return f"{examination.wrong} wrong, {doubtful} doubtful in {looked_at}; {let_stand}."


def _so_many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
