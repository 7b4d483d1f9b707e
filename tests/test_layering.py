"""Imports point inward."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
FORBIDDEN = {
    "assistant": {"ingest", "bots", "evals"},
    "ingest": {"bots", "evals"},
}


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("room", FORBIDDEN)
def test_a_room_imports_nothing_from_those_around_it(room: str) -> None:
    wrong = {
        f"{path.relative_to(REPOSITORY)} imports {name}"
        for path in (REPOSITORY / room).rglob("*.py")
        for name in imports(path)
        if name.split(".")[0] in FORBIDDEN[room]
    }

    assert wrong == set()


def test_values_imports_nothing_of_ours() -> None:
    ours = {"assistant", "ingest", "bots", "evals"}

    assert not {name for name in imports(REPOSITORY / "assistant" / "values.py") if name.split(".")[0] in ours}


def test_one_module_alone_knows_chroma() -> None:
    knows = [p for p in (REPOSITORY / "assistant").rglob("*.py") if any(n.startswith("chromadb") for n in imports(p))]

    assert [p.name for p in knows] == ["chroma.py"]


def test_a_channel_knows_neither_store_nor_embeddings_nor_ranking() -> None:
    inner = {"assistant.retrieval.chroma", "assistant.embedding", "assistant.retrieval.ranking"}

    assert not {
        f"{path.name} imports {name}"
        for path in (REPOSITORY / "bots").rglob("*.py")
        for name in imports(path) & inner
        if path.name != "doctor.py"  # an examination looks at each part by itself
    }
