"""Text: tf-idf of hashed n-grams for the linear path, and their latent directions for the deep one."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.utils.extmath import randomized_svd

from kullback.training.columns.column import AbstractColumn, Block, Encode, Rows, Sparse

BUCKETS = 2**18
MOST = 2**17
"""n-grams kept at most of each sort, those of most documents first."""

LATENT = 100
"""Directions kept at most."""

ROUNDING = 1e-4
"""Directions along which texts, of length 1 in each sort, spread less than this are left out."""
SORTS: dict[str, dict[str, Any]] = {
    "words": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
    "characters": {"analyzer": "char_wb", "ngram_range": (2, 5)},
}
RARE = {"words": 1, "characters": 2}
"""n-grams of fewer documents than this are left out."""


@dataclasses.dataclass(frozen=True, eq=False)
class Text(AbstractColumn):
    """(1 + ln tf)·idf of n-grams, each sort scaled to length one, and its first 100 left singular directions.

    Attributes:
        kept: buckets in use; those of characters come after those of words, shifted by 2¹⁸.
        idf: **(M,)** 1 + ln((1 + n)/(1 + df)).
        directions: **(M, L)** singular directions, divided by the spread of what they give.

    Source:
        Weinberger et al. (2009), "Feature hashing"; Deerwester et al. (1990), "Indexing by latent semantic analysis";
        Cheng et al. (2016), "Wide & deep learning", for the two paths.
    """

    kept: NDArray[np.int64]
    idf: NDArray[np.float32]
    directions: NDArray[np.float16]

    @staticmethod
    def read(series: pl.Series, encode: Encode | None = None) -> Sparse:
        """Count hashed n-grams, **(N, 2¹⁹)**; a missing text has none."""
        texts = series.cast(pl.String).fill_null("").to_list()
        same: dict[str, Any] = {"n_features": BUCKETS, "alternate_sign": False, "norm": None, "dtype": np.float32}
        return sp.csr_matrix(sp.hstack([HashingVectorizer(**same, **sort).transform(texts) for sort in SORTS.values()]))

    @classmethod
    def fit(cls, raw: Sparse, rows: Rows) -> Text:
        """Learn which n-grams to keep, their idf and the latent directions."""
        return cls.learn(raw, rows, LATENT)

    @classmethod
    def learn(cls, raw: Sparse, rows: Rows, latent: int) -> Text:
        """Learn as `fit` does, with a given number of latent directions."""
        documents = np.bincount(raw[rows].indices, minlength=raw.shape[1])
        kept = np.concatenate(
            [_most_common(documents, begin=i * BUCKETS, at_least=RARE[sort]) for i, sort in enumerate(SORTS)]
        )
        idf = (1 + np.log((1 + len(rows)) / (1 + documents[kept]))).astype(np.float32)
        x = _weigh(raw[rows], kept, idf)
        size = min(latent, min(x.shape) - 1)
        if size < 1:
            return cls(kept, idf, np.zeros((len(kept), 0), np.float16))
        settings: dict[str, Any] = {"n_iter": 2, "random_state": 0}
        _, _, v = randomized_svd(x, size, **settings)
        spread = (x @ v.T).std(axis=0)
        # few rows have few directions, equal rows none: the rest are the rounding of rows of length 1
        varied = (spread > 1e-3 * spread.max()) & (spread > ROUNDING)
        directions = v.T[:, varied] / spread[varied]
        # rounded before use, so that the saved network sees what the trained one saw
        return cls(kept, idf, directions.astype(np.float16))

    def transform(self, raw: Sparse) -> Block:
        """Give the weighted n-grams and the latent text."""
        x = _weigh(raw, self.kept, self.idf)
        latent = np.asarray(x @ self.directions.astype(np.float32), np.float32)
        return Block(wide=x, plain=latent if latent.shape[1] else None)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give the three arrays."""
        return {"kept": self.kept, "idf": self.idf, "directions": self.directions}, {}

    @classmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> Text:
        """Take the three arrays back."""
        return cls(arrays["kept"], arrays["idf"], arrays["directions"])


def _most_common(documents: NDArray[np.int64], *, begin: int, at_least: int) -> NDArray[np.int64]:
    """Give the buckets of one sort that enough documents have, at most MOST of them, in order."""
    own = documents[begin : begin + BUCKETS]
    ranked = np.argsort(-own, kind="stable")[:MOST]
    return np.sort(ranked[own[ranked] >= at_least]) + begin


def _weigh(counts: Sparse, kept: NDArray[np.int64], idf: NDArray[np.float32]) -> Sparse:
    """Weigh counts as (1 + ln tf)·idf and scale each row of each sort to length one."""
    parts: list[Sparse] = []
    for i in range(len(SORTS)):
        own = (kept >= i * BUCKETS) & (kept < (i + 1) * BUCKETS)
        x: Sparse = sp.csr_matrix(counts[:, kept[own]], dtype=np.float32, copy=True)
        x.data = 1 + np.log(x.data)
        x = x @ sp.diags_array(idf[own], dtype=np.float32)
        length = np.sqrt(np.asarray(x.multiply(x).sum(axis=1))).ravel()
        parts.append(sp.diags_array((1 / np.maximum(length, 1e-12)).astype(np.float32)) @ x)
    return sp.csr_matrix(sp.hstack(parts), dtype=np.float32)
