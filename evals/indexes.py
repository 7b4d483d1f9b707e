"""Indexes that evaluations search: built in a folder of their own, with the product's own parts."""

from __future__ import annotations

from pathlib import Path

from assistant.knowledge import load_knowledge
from assistant.retrieval.retriever import CompactRetriever
from assistant.settings import load_settings
from assistant.wiring import CurrentRetriever, build_embedder, model_of
from ingest import ingest


def open_index(corpus_dir: Path, data_dir: Path, *, questions: bool = True) -> CompactRetriever:
    """Index a folder and open it. Without `questions`, as if nobody had written any for these documents."""
    settings = load_settings(data_dir=data_dir, corpus_dir=corpus_dir)
    model = model_of(settings)
    ingest(
        data_dir=settings.data_dir,
        corpus_dir=settings.corpus_dir,
        model=model,
        embedder=lambda: build_embedder(settings, model),
        with_questions=questions,
    )
    return CurrentRetriever(settings, load_knowledge(settings.corpus_dir)).get()
