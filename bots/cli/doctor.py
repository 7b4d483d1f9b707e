"""Examine an installation: for each thing, whether it is well, and what to do when it is not."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from assistant.errors import AssistantError
from assistant.settings import BUNDLED_MODEL, Settings


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one thing. `remedy` is empty when it is well."""

    name: str
    ok: bool
    found: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        return asdict(self)

    def __str__(self) -> str:
        line = f"{'ok     ' if self.ok else 'PROBLEM'} {self.name}: {self.found}"
        return f"{line}\n        {self.remedy}" if self.remedy else line


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order in which one needs the other."""
    checks = [
        ("corpus", _corpus),
        ("data folder", _data_folder),
        ("embedding model", _model),
        ("store", _store),
        ("index", _index),
        ("chat model", _chat_model),
        ("database", _database),
        ("Slack", _slack),
    ]
    return [_safely(name, check, settings) for name, check in checks]


def _safely(name: str, check: Callable[[Settings], tuple[str, str]], settings: Settings) -> Check:
    try:
        found, remedy = check(settings)
    except AssistantError as error:
        what, _, remedy = str(error).partition("\n")
        return Check(name, ok=False, found=what, remedy=remedy or "See the message above.")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with an installation is to be told, not to end the examination
        return Check(name, ok=False, found=f"{type(error).__name__}: {error}", remedy="Install the product again.")
    return Check(name, ok=not remedy, found=found, remedy=remedy)


def _corpus(settings: Settings) -> tuple[str, str]:
    from assistant.knowledge import load_knowledge

    if not settings.corpus_dir.is_dir():
        return f"there is no folder {settings.corpus_dir}", "Set COMPACT_CORPUS_DIR to a folder of guidance."
    knowledge = load_knowledge(settings.corpus_dir)
    return f"{settings.corpus_dir}; {len(knowledge.vocabulary)} terms, {len(knowledge.places.all)} places", ""


def _data_folder(settings: Settings) -> tuple[str, str]:
    from assistant.retrieval.generation import check_format

    folder = settings.data_dir
    check_format(folder)
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not os.access(nearest, os.W_OK):
        return f"{folder} cannot be written", "Allow this user to write there, or set COMPACT_DATA_DIR."
    return f"{folder}", ""


def _model(settings: Settings) -> tuple[str, str]:
    from assistant.wiring import build_embedder, model_of

    name = model_of(settings)
    embedder = build_embedder(settings, name)
    dimensions = embedder.embed(["a trial sentence"]).shape[1]
    checked = ", hash as published" if settings.embedding_model == BUNDLED_MODEL else ""
    return f"{name}{checked}; {type(embedder).__name__}, {dimensions} dimensions", ""


def _store(settings: Settings) -> tuple[str, str]:
    if settings.chroma_url is None:
        return "Chroma, embedded in the data folder", ""
    from assistant.retrieval.chroma import server_version

    return f"Chroma server {server_version(settings.chroma_url)} at {settings.chroma_url}", ""


def _index(settings: Settings) -> tuple[str, str]:
    from assistant.wiring import build_assistant

    assistant = build_assistant(settings)
    manifest = assistant.manifest()
    found = assistant.search("notice before a grant ends", limit=1)
    told = f"generation {manifest.id}: {len(manifest.documents)} documents, {manifest.passages} passages"
    if manifest.passages and not found:
        return f"{told}, but a search finds none", "Run `compact-assistant ingest` to build it again."
    return told, ""


def _chat_model(settings: Settings) -> tuple[str, str]:
    if settings.chat_model is None:
        return "none set; none is needed", ""
    return f"{settings.chat_model} is set, and this version does not use one yet", ""


def _database(settings: Settings) -> tuple[str, str]:
    told = "none yet: this version keeps no records"
    return (f"{told} (COMPACT_DATABASE_URL is set)" if settings.database_url else told), ""


def _slack(settings: Settings) -> tuple[str, str]:
    tokens = {"COMPACT_SLACK_BOT_TOKEN": settings.slack_bot_token, "COMPACT_SLACK_APP_TOKEN": settings.slack_app_token}
    given = [name for name, token in tokens.items() if token is not None]
    return (f"{' and '.join(given)} set" if given else "no tokens set") + "; this version has no Slack bot yet", ""
