"""Categories and booleans: a code each, with codes of their own for missing and for rare or unseen values."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.training.columns.column import AbstractColumn, Block, Encode, Rows

OTHER, MISSING, FIRST = 0, 1, 2
RARE = 2
"""A category seen fewer times than this is treated as one never seen."""

MOST = 5000
"""Categories kept at most, the most frequent first."""


@dataclasses.dataclass(frozen=True, eq=False)
class Categorical(AbstractColumn):
    """Value ↦ code: 0 for rare or unseen, 1 for missing, 2 … for the categories, most frequent first."""

    categories: tuple[str, ...]

    @staticmethod
    def read(series: pl.Series, encode: Encode | None = None) -> list[str | None]:
        """Read the values as text, None where missing."""
        return series.cast(pl.String).to_list()

    @classmethod
    def fit(cls, raw: list[str | None], rows: Rows) -> Categorical:
        """Learn the categories seen at least twice."""
        seen = Counter(value for value in (raw[i] for i in rows) if value is not None)
        return cls(tuple(value for value, times in seen.most_common(MOST) if times >= RARE))

    def transform(self, raw: list[str | None]) -> Block:
        """Give the codes."""
        codes = {value: FIRST + i for i, value in enumerate(self.categories)}
        found = [MISSING if value is None else codes.get(value, OTHER) for value in raw]
        return Block(codes=np.array(found, np.int64), size=FIRST + len(self.categories))

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give the categories."""
        return {}, {"categories": list(self.categories)}

    @classmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> Categorical:
        """Take the categories back."""
        return cls(tuple(settings["categories"]))
