"""Categories and booleans: a code each, with codes of their own for missing and for rare or unseen values."""

from __future__ import annotations

import dataclasses
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

Raw = tuple[NDArray[np.int64], tuple[str, ...]]


@dataclasses.dataclass(frozen=True, eq=False)
class Categorical(AbstractColumn):
    """Value ↦ code: 0 for rare or unseen, 1 for missing, 2 … for the categories, most frequent first.

    What `read` gives is the values in order and, for each row, where its value stands among them, −1 where missing.
    """

    categories: tuple[str, ...]

    @staticmethod
    def read(series: pl.Series, encode: Encode | None = None) -> Raw:
        """Read the values as text; whole floats lose their point, so that 1.0 is the category 1."""
        text = series.cast(pl.String)
        if series.dtype.is_float():
            text = text.str.strip_suffix(".0")
        values = text.drop_nulls().unique().sort()
        codes = text.cast(pl.Enum(values)).to_physical().cast(pl.Int64)
        return codes.fill_null(-1).to_numpy(), tuple(values)

    @classmethod
    def fit(cls, raw: Raw, rows: Rows) -> Categorical:
        """Learn the categories seen at least twice; equally frequent ones stand in the order of their names."""
        where, values = raw
        times = np.bincount(where[rows] + 1, minlength=len(values) + 1)[1:]
        ranked = np.argsort(-times, kind="stable")[:MOST]
        return cls(tuple(values[i] for i in ranked if times[i] >= RARE))

    def transform(self, raw: Raw) -> Block:
        """Give the codes."""
        where, values = raw
        codes = {value: FIRST + i for i, value in enumerate(self.categories)}
        # the last entry is the one that −1 points to
        table = np.array([*(codes.get(value, OTHER) for value in values), MISSING], np.int64)
        return Block(codes=table[where], size=FIRST + len(self.categories))

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give the categories."""
        return {}, {"categories": list(self.categories)}

    @classmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> Categorical:
        """Take the categories back."""
        return cls(tuple(settings["categories"]))
