"""Encoded text, kept in the run folder so that it is computed once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from kullback.training import Encode
from kullback.training.encoder import load_encoder


def caching_encoder(name: str, cache: Path | None, watch: Callable[[int, int], None] | None = None) -> Encode:
    """Load an encoder that looks into a file before it encodes, and writes there what it encoded.

    Args:
        name: as `load_encoder` takes it.
        cache: a safetensors file of embeddings by the SHA-256 of encoder and texts; None keeps nothing.
        watch: called with the number of texts done and to do.
    """
    encode = load_encoder(name, watch)

    def cached(texts: list[str]) -> NDArray[np.float32]:
        key = hashlib.sha256("\0".join([name, *texts]).encode()).hexdigest()
        known = _read(cache)
        if key not in known:
            known[key] = np.ascontiguousarray(encode(texts))
            if cache is not None:
                part = cache.with_suffix(".part")
                try:
                    part.write_bytes(save(known))
                    os.replace(part, cache)
                finally:
                    part.unlink(missing_ok=True)
        return known[key]

    return cached


def _read(cache: Path | None) -> dict[str, NDArray[np.float32]]:
    if cache is None or not cache.exists():
        return {}
    try:
        return load_file(cache)
    except SafetensorError:
        # cut short by a killed run: encode again
        return {}
