"""Two columns → a table of counts, fine enough to keep what they share and coarse enough to be estimated."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.tables.column import Column

RARE = 5
"""A value seen in fewer rows than this counts, with the others, as one."""

ROWS_A_CELL = 50
"""Rows that bins leave to a cell: the bias of information is then .01 nats before it is corrected."""

MOST_BINS = 30


@dataclasses.dataclass(frozen=True, eq=False)
class Levels:
    """The outcomes in which a column is counted.

    Attributes:
        values: **(N,)** the column's own values, or the numbers of bins; null where missing.
        bins: how many bins, 0 where the values are the column's own.
    """

    values: pl.Series
    bins: int = 0


@dataclasses.dataclass(frozen=True, eq=False)
class CrossTable:
    """Counts of pairs.

    Attributes:
        counts: **(Kx, Ky)**, no row and no column of zeros.
        pooled: how many values of X count as one, because they are rare.
    """

    counts: NDArray[np.float64]
    pooled: int


def binned(column: Column, beside: int) -> Levels:
    """Cut numbers into bins of equal counts, so many that the bias beside a column of so many outcomes is small.

    Equal numbers stay together, so that there may be fewer bins; what is missing stays missing.
    """
    x = column.numbers()
    present = ~np.isnan(x)
    wanted = min(max(int(present.sum()) // (ROWS_A_CELL * max(beside, 2)), 2), MOST_BINS)
    at = np.linspace(0, 1, wanted + 1)[1:-1]
    # 'lower' gives numbers that occur: no mean of two, which two infinities do not have
    edges = np.unique(np.quantile(x[present], at, method="lower"))
    places = np.searchsorted(edges, x, side="left")
    codes = pl.Series("x", places, dtype=pl.Int64).set(pl.Series(~present), None)
    return Levels(codes, codes.drop_nulls().n_unique())


def both_binned(x: Column, y: Column) -> tuple[Levels, Levels]:
    """Cut two columns of numbers into equally many bins, by the same rule."""
    side = int(np.sqrt(len(x.values) / ROWS_A_CELL))
    return binned(x, side), binned(y, side)


def cross_table(x: Levels, y: Levels) -> CrossTable:
    """Count the pairs.

    Values of X seen in fewer than 5 rows count as one; so do the least frequent where a cell would hold fewer than 5
    rows in the mean. Y is not asked for this, so that what is left is information on Y, never more than all of it.
    """
    pairs = pl.DataFrame({"x": x.values, "y": y.values}).group_by("x", "y").len("rows")
    of_x = pairs.group_by("x").agg("y", "rows", pl.col("rows").sum().alias("total"))
    of_x = of_x.sort("total", "x", descending=[True, False])
    ys = pairs["y"].unique().sort()
    kept = _kept(of_x["total"].to_numpy(), len(x.values) // (RARE * len(ys)))
    cells = of_x.select("y", "rows").with_row_index("i").explode("y", "rows")
    row = np.minimum(cells["i"].to_numpy().astype(np.int64), kept)
    column = np.searchsorted(ys.to_numpy(), cells["y"].to_numpy())
    counts = np.zeros((min(kept + 1, len(of_x)), len(ys)))
    np.add.at(counts, (row, column), cells["rows"].to_numpy())
    pooled = len(of_x) - kept
    return CrossTable(counts, pooled if pooled > 1 else 0)


def _kept(totals: NDArray[np.int64], most: int) -> int:
    """Say how many of the values, most frequent first, stand for themselves."""
    often = int((totals >= RARE).sum())
    if often == len(totals) and often <= max(most, 2):
        return often
    return min(often, max(most, 2) - 1)


def codes(column: Column) -> Levels:
    """Give values as numbers 0 … K − 1 in their order, so that they are counted quickly; none may be missing."""
    return Levels(column.values.rank("dense").cast(pl.Int64) - 1)
