"""Column: one column of a table as it is measured, missing values told apart and dates made numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.errors import UnsupportedError
from kullback.kinds import recognise

FEW = 30
"""Up to so many distinct numbers are outcomes of their own beside another column; more are binned."""

LISTED = 10
"""Up to so many distinct numbers are outcomes even if hardly one of them occurs twice."""


@dataclasses.dataclass(frozen=True, eq=False)
class Column:
    """One column, ready to be measured.

    Attributes:
        name: as in the table.
        kind: what `recognise` says it holds.
        values: **(N,)** numbers in place of dates, null where missing; NaN is missing too.
        counts: **(K,)** how often each value occurs; what is missing counts as one of the K.
        missing: how many rows have no value.
    """

    name: str
    kind: str
    values: pl.Series
    counts: NDArray[np.int64]
    missing: int

    @property
    def distinct(self) -> int:
        """The number of distinct values, missing not counted."""
        return len(self.counts) - (self.missing > 0)

    @property
    def is_ordered(self) -> bool:
        """Whether it holds numbers or dates."""
        return self.kind in ("numeric", "datetime")

    @property
    def is_continuous(self) -> bool:
        """Whether its values are taken for draws of a density: numbers of which half or more are distinct."""
        present = len(self.values) - self.missing
        return self.is_ordered and self.distinct > LISTED and 2 * self.distinct >= present

    @property
    def is_binned(self) -> bool:
        """Whether another column sees bins of it and not its values."""
        return self.is_ordered and self.distinct > FEW

    def numbers(self) -> NDArray[np.float64]:
        """Give the values as numbers **(N,)**, NaN where missing."""
        return self.values.cast(pl.Float64).to_numpy()


def read_column(series: pl.Series) -> Column:
    """Read a column of a table.

    Raises:
        UnsupportedError: if it holds lists, structs, binary data or objects.
    """
    try:
        kind = recognise(series)
    except UnsupportedError as error:
        raise UnsupportedError(
            f"column {series.name!r} has type {series.dtype}, expected numbers, strings, booleans or dates; "
            "name another column"
        ) from error
    values = _plain(series, kind)
    counts = values.value_counts(sort=False, name="rows")["rows"].to_numpy().astype(np.int64)
    # in one order whatever that of the groups, so that sums are the same bits
    return Column(series.name, kind, values, np.sort(counts), values.null_count())


def _plain(series: pl.Series, kind: str) -> pl.Series:
    """Give values that can be grouped: seconds since 1970 or since midnight for dates and times."""
    dtype = series.dtype
    if kind == "datetime":
        if dtype.base_type() in (pl.Time, pl.Duration):
            nanoseconds = series.cast(pl.Duration("ns")) if dtype == pl.Duration else series
            return nanoseconds.cast(pl.Int64) / 1e9
        return series.cast(pl.Datetime("us")).cast(pl.Int64) / 1e6
    if dtype.is_float():
        return series.fill_nan(None)
    if dtype.is_decimal():
        return series.cast(pl.Float64)
    return series.cast(pl.String) if dtype.base_type() in (pl.Categorical, pl.Enum, pl.Null) else series
