"""Every command: translate in, call, translate out.

Exits 0 on success, 2 on a mistake of the caller's, 1 on a failure of our own. Results go to standard output,
everything else to standard error. A command that needs no model imports none.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import AssistantError, CallerError, CorpusInvalid, QuestionInvalid
from assistant.settings import Settings, load_settings
from assistant.values import Kind, ScoredPassage
from bots.cli.corpus import corpus
from bots.cli.output import print_json

if TYPE_CHECKING:
    from assistant.front_door import Asked, Assistant
    from ingest import Report

KINDS = click.Choice([kind.value for kind in Kind])


class _Command(click.Group):
    """Turns our errors into a message and an exit code; no traceback reaches a person."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AssistantError as error:
            _complain(error)
            ctx.exit(2 if isinstance(error, CallerError) else 1)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:  # noqa: BLE001 - the last stop before a person
            reference = _note_failure()
            click.echo(
                f"Something of ours broke (reference {reference}). Nothing you had is lost.\n"
                "Run it again; if it breaks again, run `compact-assistant doctor`, or set COMPACT_LOG=debug.",
                err=True,
            )
            ctx.exit(1)


def _complain(error: AssistantError) -> None:
    if isinstance(error, CorpusInvalid):
        count = len(error.mistakes)
        click.echo(f"{count} mistake{'s' if count > 1 else ''}; the index is as it was.\n", err=True)
    click.echo(str(error), err=True)


def _note_failure() -> str:
    from ulid import ULID

    reference = str(ULID())
    logging.getLogger("compact").debug("%s\n%s", reference, traceback.format_exc())
    return reference


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="compact-assistant")
def main() -> None:
    """Does the Compact apply here? Answers with the passages of guidance they rest on.

    Example: compact-assistant ask "How much notice should we give before a grant ends?"
    """
    import os

    if os.environ.get("COMPACT_LOG", "").lower() == "debug":
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)


@main.command()
@click.argument("question")
@click.option("--area", help="The council's area it is about, for example Merton.")
@click.option("--on", help="The date to answer for, year-month-day; today when left out.")
@click.option("--audience", help="Who is asking, for example commissioner.")
@click.option("--json", "as_json", is_flag=True, help="Print the Answer as JSON.")
def ask(question: str, area: str | None, on: str | None, audience: str | None, as_json: bool) -> None:
    """Answer one QUESTION. With - one question a line is read, and one JSON line written for each.

    Example: compact-assistant ask "Who can be a Compact champion?" --area Merton
    """
    from assistant.front_door import Asked
    from bots.cli.rendering import Page, show_answer

    assistant = _assistant()

    def one(asked: Asked) -> dict[str, Any]:
        return assistant.answer(asked).model_dump(mode="json", by_alias=True)

    if question == "-":
        _batch(one, area=area, on=on, audience=audience)
        return
    asked = Asked(question=question, area=area, on=on, audience=audience)
    if as_json:
        print_json(one(asked))
    else:
        show_answer(assistant.answer(asked), Page())


@main.command()
@click.argument("query")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="How many passages.")
@click.option("--area", help="Only documents about this council's area.")
@click.option("--kind", type=KINDS, help="Only documents of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print the passages as JSON.")
def search(query: str, limit: int, area: str | None, kind: str | None, as_json: bool) -> None:
    """The passages found for QUERY, best first. With - one query a line is read, one JSON line written for each.

    Example: compact-assistant search "late payment" --kind case-study
    """
    from bots.cli.rendering import Page, show_passages

    assistant = _assistant()

    def one(asked: Asked) -> dict[str, Any]:
        found = assistant.search(asked.question, limit=limit, area=asked.area, kind=Kind(kind) if kind else None)
        return {"query": asked.question, "passages": [_scored(f) for f in found]}

    if query == "-":
        _batch(one, area=area, on=None, audience=None)
        return
    if as_json:
        from assistant.front_door import Asked

        print_json(one(Asked(question=query, area=area)))
    else:
        found = assistant.search(query, limit=limit, area=area, kind=Kind(kind) if kind else None)
        show_passages(found, Page())


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--kind", type=KINDS, help="The kind of the documents added.")
@click.option("--area", help="The one council's area they are about.")
@click.option("--title", help="The title, when one file is added.")
@click.option("--published", help="When it was published: 2010, 2010-12 or 2010-12-14.")
@click.option("--forget", multiple=True, metavar="ID", help="Leave out a document added before.")
@click.option("--status", is_flag=True, help="Only say what is indexed.")
@click.option("--quiet", is_flag=True, help="Say nothing when nothing has changed.")
@click.option("--json", "as_json", is_flag=True, help="With --status or after indexing: print JSON.")
def ingest(
    paths: tuple[Path, ...],
    kind: str | None,
    area: str | None,
    title: str | None,
    published: str | None,
    forget: tuple[str, ...],
    status: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Index the corpus and everything added before; with PATHS, add those files or folders too.

    Example: compact-assistant ingest local-compact.pdf --kind local-compact --area Merton --published 2019-04
    """
    settings = load_settings()
    if status:
        _print_status(settings, as_json)
        return
    from ingest import Overrides

    overrides = Overrides(kind=Kind(kind) if kind else None, area=area, title=title, published=published)
    given = any(value is not None for value in (kind, area, title, published))
    if given and not paths:
        raise click.UsageError("--kind, --area, --title and --published describe files: name the files to add.")
    report = _ingest(settings, add=paths, overrides=overrides if given else None, forget=forget)
    for warning in report.warnings:
        click.echo(f"Note: {warning}", err=True)
    manifest = report.manifest
    if as_json:
        print_json(_status(manifest) | {"changed": report.changed, "embedded": report.embedded})
    elif report.changed:
        click.echo(
            f"Indexed {len(manifest.documents)} documents, {manifest.passages} passages "
            f"({report.embedded} of {manifest.units} texts embedded anew). Generation {manifest.id}."
        )
    elif not quiet:
        click.echo(f"Nothing has changed. Generation {manifest.id} answers.")


main.add_command(corpus)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the checks as JSON.")
def doctor(as_json: bool) -> None:
    """Check the installation and say what to do about each problem.

    Example: compact-assistant doctor
    """
    from bots.cli.doctor import examine

    checks = examine(load_settings())
    if as_json:
        print_json({"checks": [check.as_json() for check in checks], "ok": all(check.ok for check in checks)})
    else:
        for check in checks:
            click.echo(str(check))
    if not all(check.ok for check in checks):
        sys.exit(1)


@main.command()
@click.argument("suites", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def evaluate(suites: tuple[str, ...], as_json: bool) -> None:
    """Run the evaluation SUITES (all when none is named); exits 1 when a gate is missed.

    Example: compact-assistant evaluate retrieval
    """
    from evals.suites import run_suites

    report = run_suites(suites, load_settings())
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(str(report))
    if not report.passed:
        sys.exit(1)


def _assistant() -> Assistant:
    from assistant.wiring import build_assistant

    return build_assistant(load_settings())


def _ingest(settings: Settings, *, add: tuple[Path, ...], overrides: Any, forget: tuple[str, ...]) -> Report:
    from assistant.wiring import build_embedder, model_of
    from bots.cli.progress import progress_bar
    from ingest import ingest as run

    model = model_of(settings)
    with progress_bar() as progress:
        return run(
            data_dir=settings.data_dir,
            corpus_dir=settings.corpus_dir,
            model=model,
            embedder=lambda: build_embedder(settings, model),
            chroma_url=settings.chroma_url,
            add=add,
            overrides=overrides,
            forget=forget,
            progress=progress,
        )


def _print_status(settings: Settings, as_json: bool) -> None:
    from assistant.retrieval.generation import load_manifest

    manifest = load_manifest(settings.data_dir)
    if as_json:
        print_json(_status(manifest))
        return
    click.echo(
        f"Generation {manifest.id}, made {manifest.created} with {manifest.model}\n"
        f"{len(manifest.documents)} documents, {manifest.passages} passages, {manifest.words:,} words, "
        f"{manifest.units:,} texts embedded\nCorpus: {manifest.corpus_dir}"
    )
    for entry in manifest.documents:
        origin = "added " if entry.added else ""
        click.echo(f"  {entry.document.id}: {entry.passages} passages, {origin}{entry.path}")


def _status(manifest: Any) -> dict[str, Any]:
    return {
        "generation": manifest.id,
        "created": manifest.created,
        "model": manifest.model,
        "corpus_dir": manifest.corpus_dir,
        "passages": manifest.passages,
        "words": manifest.words,
        "units": manifest.units,
        "documents": [
            {
                "id": entry.document.id,
                "title": entry.document.title,
                "passages": entry.passages,
                "words": entry.words,
                "path": entry.path,
                "added": entry.added,
            }
            for entry in manifest.documents
        ],
    }


def _scored(found: ScoredPassage) -> dict[str, Any]:
    from assistant.values import CitedDocument

    passage = found.passage
    return {
        "id": passage.id,
        "document": CitedDocument.of(passage.document).model_dump(mode="json"),
        "heading_path": list(passage.heading_path),
        "locator": passage.locator,
        "text": passage.text,
        "score": found.score,
    }


def _batch(one: Callable[[Asked], dict[str, Any]], *, area: str | None, on: str | None, audience: str | None) -> None:
    """One JSON line for each line read, in order; a bad line gives an error object in its place."""
    for raw in sys.stdin.buffer:
        line = raw.rstrip(b"\r\n")
        try:
            result = one(_asked(line, area=area, on=on, audience=audience))
        except AssistantError as error:
            shown = line.decode("utf-8", errors="replace")[:200]
            result = {"error": {"type": type(error).__name__, "message": str(error)}, "line": shown}
        click.echo(json.dumps(result, ensure_ascii=False))


def _asked(raw: bytes, *, area: str | None, on: str | None, audience: str | None) -> Asked:
    """A line of a batch: plain text, or a JSON object with the fields of the API's body."""
    from assistant.front_door import Asked

    try:
        line = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QuestionInvalid(
            f"Byte 0x{raw[error.start]:02x} of this line is not UTF-8.\nSave what you send as UTF-8."
        ) from error
    if not line.lstrip().startswith("{"):
        return Asked(question=line, area=area, on=on, audience=audience)
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionInvalid(
            f'This line begins like JSON and is not ({error}).\nWrite {{"question": "…"}}.'
        ) from error
    fields = {"question", "area", "on", "audience", "conversation_id"}
    unknown = sorted(set(given) - fields)
    wrong = [name for name, value in given.items() if value is not None and not _is_text(value)]
    if unknown or wrong or not given.get("question"):
        what = f"unknown field {unknown[0]!r}" if unknown else f"{wrong[0]} is not text" if wrong else "no question"
        raise QuestionInvalid(f"This line has {what}.\nThe fields are question, area, on, audience, conversation_id.")
    defaults = {"area": area, "on": on, "audience": audience}
    return Asked(**(defaults | {name: value for name, value in given.items() if value is not None}))


def _is_text(value: Any) -> bool:
    """Whether it is text that can be written again: JSON may hold halves of characters."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)
