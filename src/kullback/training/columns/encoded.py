"""Text through a sentence encoder: the n-grams of `Text` for the linear path, an embedding for the deep one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.errors import InputError
from kullback.training.columns.column import AbstractColumn, Block, Encode, Floats, Rows, Sparse
from kullback.training.columns.text import Text


@dataclasses.dataclass(frozen=True, eq=False)
class Encoded(AbstractColumn):
    """Standardised sentence embeddings beside the weighted n-grams.

    Attributes:
        ngrams: the n-grams, without latent directions.
        center, spread: **(D,)** mean and standard deviation of the embeddings.
    """

    ngrams: Text
    center: Floats
    spread: Floats

    @staticmethod
    def read(series: pl.Series, encode: Encode | None = None) -> tuple[Sparse, Floats]:
        """Count n-grams and encode the texts."""
        if encode is None:
            raise InputError(
                f"column {series.name!r} was trained with a sentence encoder, expected one; pass encoder=..."
            )
        return Text.read(series), encode(series.cast(pl.String).fill_null("").to_list())

    @classmethod
    def fit(cls, raw: tuple[Sparse, Floats], rows: Rows) -> Encoded:
        """Learn the n-grams and the scale of the embeddings."""
        counts, embeddings = raw
        own = embeddings[rows]
        return cls(Text.learn(counts, rows, 0), own.mean(axis=0), np.maximum(own.std(axis=0), 1e-6))

    def transform(self, raw: tuple[Sparse, Floats]) -> Block:
        """Give the weighted n-grams and the standardised embeddings."""
        counts, embeddings = raw
        return Block(wide=self.ngrams.transform(counts).wide, plain=(embeddings - self.center) / self.spread)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give the arrays of both."""
        return self.ngrams.state()[0] | {"center": self.center, "spread": self.spread}, {}

    @classmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> Encoded:
        """Take the arrays of both back."""
        return cls(Text.restore(arrays, settings), arrays["center"], arrays["spread"])
