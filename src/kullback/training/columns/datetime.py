"""Dates and times: the moment as a number, and its phase in the year, the week and the day."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.training.columns.column import AbstractColumn, Block, Encode, Rows
from kullback.training.columns.numeric import Numeric

DAY = 86_400.0
PERIODS = {"year": 365.2425 * DAY, "week": 7 * DAY, "day": DAY}


def parse(series: pl.Series, *, strict: bool) -> pl.Series:
    """Read strings as dates and times; what is neither is null, or an error if strict."""
    if series.null_count() == len(series):
        return series.cast(pl.Null).cast(pl.Datetime("us"))
    return series.str.to_datetime(time_unit="us", strict=strict)


@dataclasses.dataclass(frozen=True, eq=False)
class Datetime(AbstractColumn):
    """Seconds since 1970 as a `Numeric`, beside sin and cos of 2π·seconds/period for the year, the week and the day."""

    moment: Numeric

    @staticmethod
    def read(series: pl.Series, encode: Encode | None = None) -> NDArray[np.float64]:
        """Read **(N, 1)** seconds, NaN where missing; a time of day counts from midnight, a duration from zero.

        Strings are read as ISO dates and times.
        """
        if series.dtype.base_type() in (pl.Time, pl.Duration):
            nanoseconds = series.cast(pl.Duration("ns")) if series.dtype == pl.Duration else series
            return Numeric.read(nanoseconds.cast(pl.Int64)) / 1e9
        if series.dtype == pl.String:
            series = parse(series, strict=True)
        return Numeric.read(series.cast(pl.Datetime("us")).cast(pl.Int64)) / 1e6

    @classmethod
    def fit(cls, raw: NDArray[np.float64], rows: Rows) -> Datetime:
        """Learn the scale of the moment."""
        return cls(Numeric.fit(raw, rows))

    def transform(self, raw: NDArray[np.float64]) -> Block:
        """Give the scaled moment and six phases, zero where missing."""
        block = self.moment.transform(raw)
        angles = np.concatenate([2 * np.pi * np.mod(raw, period) / period for period in PERIODS.values()], axis=1)
        phases = np.nan_to_num(np.concatenate([np.sin(angles), np.cos(angles)], axis=1)).astype(np.float32)
        plain = phases if block.plain is None else np.concatenate([block.plain, phases], axis=1)
        return Block(numbers=block.numbers, plain=plain)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give the state of the moment."""
        return self.moment.state()

    @classmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> Datetime:
        """Take the state of the moment back."""
        return cls(Numeric.restore(arrays, settings))
