"""Where everything is put together: the one place that makes the real parts from the settings."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

from assistant.embedding import Embedder, load_embedder, model_folder, model_name
from assistant.errors import IndexMissing, StoreUnavailable
from assistant.front_door import Assistant
from assistant.knowledge import Knowledge, load_knowledge
from assistant.retrieval.elsewhere import Elsewhere
from assistant.retrieval.generation import MODELS, current_generation, load_manifest, named_generation
from assistant.retrieval.ranking import shipped_weights
from assistant.retrieval.retriever import CompactRetriever, IndexedPassages
from assistant.retrieval.spelling import Speller
from assistant.retrieval.vocabulary import Vocabulary
from assistant.settings import Settings


def build_assistant(settings: Settings, *, today: Callable[[], dt.date] = dt.date.today) -> Assistant:
    """The assistant of these settings. Nothing is opened before the first question."""
    knowledge = load_knowledge(settings.corpus_dir)
    return Assistant(
        CurrentRetriever(settings, knowledge).get,
        knowledge.places,
        default_area=settings.area,
        today=today,
    )


def build_embedder(settings: Settings, name: str | None = None) -> Embedder:
    """The embedder of these settings."""
    return load_embedder(
        settings.embedding_model, settings.embedding_backend, cache_dir=settings.data_dir / MODELS, name=name
    )


def model_of(settings: Settings) -> str:
    """The name of the embedding model, with the start of its weights' hash. Raises ModelUnavailable."""
    return model_name(settings.embedding_model)


class CurrentRetriever:
    """Opens the generation in use, and opens the next one when `ingest` has switched to it."""

    def __init__(self, settings: Settings, knowledge: Knowledge) -> None:
        self._settings = settings
        self._knowledge = knowledge
        self._lock = threading.Lock()
        self._open: CompactRetriever | None = None
        self._known_words = _dictionary(settings)

    def get(self) -> CompactRetriever:
        """The retriever of the generation that answers now. Raises IndexMissing when there is none."""
        with self._lock:
            if self._open is not None and self._open.index.manifest.id == named_generation(self._settings.data_dir):
                return self._open
            while True:
                current = current_generation(self._settings.data_dir)
                try:
                    self._open = self._reopen()
                except StoreUnavailable:
                    if current_generation(self._settings.data_dir) == current:
                        raise  # else it was replaced and cleared away while it was being opened
                else:
                    return self._open

    def _reopen(self) -> CompactRetriever:
        settings = self._settings
        manifest = load_manifest(settings.data_dir)
        name = self._open.embedder.name if self._open else model_of(settings)
        if manifest.model != name:
            raise IndexMissing(
                f"The index was made with the model {manifest.model}, and COMPACT_EMBEDDING_MODEL is now "
                f"{settings.embedding_model!r}.\nRun `compact-assistant ingest` to index with it."
            )
        embedder = self._open.embedder if self._open else build_embedder(settings, name)
        index = IndexedPassages(settings.data_dir, manifest)
        vocabulary = Vocabulary(self._knowledge.vocabulary)
        return CompactRetriever(
            index=index,
            embedder=embedder,
            vocabulary=vocabulary,
            speller=Speller(index.words, self._known_words),
            weights=shipped_weights(),
            elsewhere=Elsewhere(
                [entry.document for entry in manifest.documents], self._knowledge.places, self._knowledge.towns
            ),
        )


def _dictionary(settings: Settings) -> frozenset[str]:
    """Words that are right as they stand: the embedding model's own whole words, where it lists them."""
    listed = model_folder(settings.embedding_model) / "vocab.txt"
    if not listed.is_file():
        return frozenset()
    with listed.open(encoding="utf-8") as file:
        return frozenset(word for line in file if (word := line.strip()).isalpha())
