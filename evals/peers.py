"""Other people's recipes over the same documents with the same model: what a team would otherwise have built.

LangChain        its plain recipe: RecursiveCharacterTextSplitter 1000/200, HuggingFaceEmbeddings, Chroma on disk,
                 `similarity_search`.
Haystack hybrid  DocumentSplitter by 170 words, 30 shared (about 1,000 characters), InMemoryDocumentStore; BM25 and
                 embedding retrievers, each at its defaults, joined by reciprocal rank fusion. Haystack 3 has no
                 sentence-transformers embedder of its own, so its retriever is given the model's vectors.

The extra `peers` brings both: `pip install "compact-assistant[peers]"`. Nothing is fetched from a hub and no telemetry
is sent.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.embedding import model_folder
from assistant.settings import BUNDLED_MODEL
from evals.systems import DEPTH, Found, Text

LANGCHAIN = "LangChain"
HAYSTACK = "Haystack hybrid"
_CHARS, _SHARED_CHARS = 1000, 200
_WORDS, _SHARED_WORDS = 170, 30


@dataclass(frozen=True, slots=True)
class Peer:
    """A recipe: the packages it needs, and how to build it over texts, with a folder it may keep its index in."""

    name: str
    packages: tuple[str, ...]
    build: Callable[[Sequence[Text], Path], Any]

    @property
    def missing(self) -> list[str]:
        """Packages that are not installed."""
        return [name for name in self.packages if importlib.util.find_spec(_module(name)) is None]

    @property
    def versions(self) -> str:
        """Its packages as installed."""
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in self.packages)


class LangChain:
    """LangChain's plain recipe."""

    name = LANGCHAIN

    def __init__(self, store: Any) -> None:
        self._store = store
        self.lengths = [len(text) for text in store.get(include=["documents"])["documents"]]

    @classmethod
    def build(cls, texts: Sequence[Text], folder: Path) -> LangChain:
        """Index the texts in `folder`, unless it holds an index of these very texts."""
        made_from = folder / "made-from"
        key = _key(texts, LANGCHAIN_PEER.versions)
        if made_from.is_file() and made_from.read_text(encoding="utf-8") == key:
            return cls.open(folder)
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        splitter = RecursiveCharacterTextSplitter(chunk_size=_CHARS, chunk_overlap=_SHARED_CHARS)
        whole = [Document(page_content=text.text, metadata={"document": text.document}) for text in texts]
        opened = cls._open_store(folder)
        opened.add_documents(splitter.split_documents(whole))
        made_from.write_text(key, encoding="utf-8")
        return cls(opened)

    @classmethod
    def open(cls, folder: Path) -> LangChain:
        """An index that `build` made."""
        return cls(cls._open_store(folder))

    @staticmethod
    def _open_store(folder: Path) -> Any:
        _stay_offline()
        from langchain_chroma import Chroma
        from langchain_huggingface import HuggingFaceEmbeddings

        embeddings = HuggingFaceEmbeddings(model_name=str(model_folder(BUNDLED_MODEL)))
        return Chroma(persist_directory=str(folder / "chroma"), embedding_function=embeddings)

    def find(self, question: str, limit: int = DEPTH) -> list[Found]:
        """The nearest chunks."""
        found = self._store.similarity_search(question, k=limit)
        return [Found(each.metadata["document"], each.page_content) for each in found]


class Haystack:
    """Haystack's hybrid recipe."""

    name = HAYSTACK

    def __init__(self, store: Any, encode: Callable[[list[str]], list[list[float]]]) -> None:
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

        self._encode = encode
        self._by_words = InMemoryBM25Retriever(store)
        self._by_meaning = InMemoryEmbeddingRetriever(store)
        self._joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")
        self.lengths = [len(chunk.content or "") for chunk in store.filter_documents()]

    @classmethod
    def build(cls, texts: Sequence[Text], folder: Path) -> Haystack:  # noqa: ARG003 - it keeps its index in memory
        """Index the texts in memory."""
        _stay_offline()
        from haystack import Document
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(model_folder(BUNDLED_MODEL)), device="cpu", local_files_only=True)

        def encode(batch: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = model.encode(batch, show_progress_bar=False).tolist()
            return vectors

        splitter = DocumentSplitter(split_by="word", split_length=_WORDS, split_overlap=_SHARED_WORDS)
        splitter.warm_up()
        whole = [Document(content=text.text, meta={"document": text.document}) for text in texts]
        chunks = splitter.run(documents=whole)["documents"]
        vectors = encode([chunk.content or "" for chunk in chunks])
        store = InMemoryDocumentStore()
        store.write_documents([replace(chunk, embedding=v) for chunk, v in zip(chunks, vectors, strict=True)])
        return cls(store, encode)

    def find(self, question: str) -> list[Found]:
        """Both retrievers' chunks, joined."""
        by_words = self._by_words.run(query=question)["documents"]
        by_meaning = self._by_meaning.run(query_embedding=self._encode([question])[0])["documents"]
        joined = self._joiner.run(documents=[by_words, by_meaning])["documents"]
        return [Found(each.meta["document"], each.content) for each in joined[:DEPTH]]


LANGCHAIN_PEER = Peer(
    LANGCHAIN,
    ("langchain-core", "langchain-chroma", "langchain-huggingface", "langchain-text-splitters"),
    LangChain.build,
)
HAYSTACK_PEER = Peer(HAYSTACK, ("haystack-ai",), Haystack.build)
PEERS = (LANGCHAIN_PEER, HAYSTACK_PEER)


def _module(package: str) -> str:
    return {"haystack-ai": "haystack"}.get(package, package.replace("-", "_"))


def _key(texts: Iterable[Text], versions: str) -> str:
    state = [versions, _CHARS, _SHARED_CHARS, *([text.document, text.text] for text in texts)]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()


def _stay_offline() -> None:
    """No hub, no telemetry, and no progress bars of other people's."""
    os.environ.update(HF_HUB_OFFLINE="1", ANONYMIZED_TELEMETRY="False", HAYSTACK_TELEMETRY_ENABLED="False")
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
