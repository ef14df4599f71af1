"""Numbers: a robust scale with a smooth clip, a rank, and a flag where the value is missing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.training.columns.column import AbstractColumn, Block, Encode, Rows

CLIP = 3.0
KNOTS = 65
"""Quantiles taken of the values, and again of the distinct values, so that a heap of ties leaves room for the rest."""

LARGEST = np.finfo(np.float64).max

RANK_SPREAD = 3**0.5
"""Ranks run from −√3 to √3: standard deviation one when uniform."""


@dataclasses.dataclass(frozen=True, eq=False)
class Numeric(AbstractColumn):
    """x ↦ z / √(1 + (z/3)²) with z = (x − median) / (q₇₅ − q₂₅); the rank of x; and 1[x missing] if any was missing.

    The rank was worth .011 bits of .451 on the census data, whose capital gains are mostly zero and else far apart.

    Attributes:
        center: **(D,)** medians.
        scale: **(D,)** interquartile ranges, or half the ranges where these are zero.
        flagged: **(D,)** whether values were missing among the rows learned from.
        knots: **(D, L)** values between which ranks are interpolated, ascending, NaN after the last.

    Source:
        Holzmüller, Grinsztajn & Steinwart (2024), "Better by default", arXiv:2407.04491, sec. 3, for scale and clip.
    """

    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    knots: NDArray[np.float64]

    @staticmethod
    def read(series: pl.Series, encode: Encode | None = None) -> NDArray[np.float64]:
        """Read **(N, 1)** floats, NaN where missing."""
        return series.cast(pl.Float64).to_numpy().astype(np.float64)[:, None]

    @classmethod
    def fit(cls, raw: NDArray[np.float64], rows: Rows) -> Numeric:
        """Learn median, scale, knots and whether values go missing."""
        d = raw.shape[1]
        center, scale, knots = np.zeros(d), np.ones(d), np.full((d, 2 * KNOTS), np.nan)
        for j, x in enumerate(raw[rows].T):
            finite = x[np.isfinite(x)]
            if len(finite) == 0:
                continue
            low, center[j], high = np.quantile(finite, [0.25, 0.5, 0.75])
            with np.errstate(over="ignore"):
                scale[j] = min((high - low) or np.ptp(finite) / 2 or 1.0, LARGEST)
            levels = np.linspace(0, 1, KNOTS)
            own = np.unique([np.quantile(finite, levels), np.quantile(np.unique(finite), levels)])
            knots[j, : len(own)] = own
        return cls(center, scale, np.atleast_1d(np.isnan(raw[rows]).any(axis=0)), knots)

    def transform(self, raw: NDArray[np.float64]) -> Block:
        """Scale and clip, and rank; a missing value becomes 0 in both."""
        missing = np.isnan(raw)
        with np.errstate(over="ignore"):
            z = np.clip((raw - self.center) / self.scale, -1e6, 1e6)
        z = z / np.sqrt(1 + (z / CLIP) ** 2)
        ranks = np.stack([_rank(x, knots) for x, knots in zip(raw.T, self.knots, strict=True)], axis=1)
        numbers = np.concatenate([np.where(missing, 0.0, z), np.where(missing, 0.0, ranks)], axis=1)
        flags = missing[:, self.flagged].astype(np.float32)
        return Block(numbers=numbers.astype(np.float32), plain=flags if flags.shape[1] else None)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give the arrays."""
        return {"center": self.center, "scale": self.scale, "flagged": self.flagged, "knots": self.knots}, {}

    @classmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> Numeric:
        """Take the arrays back."""
        return cls(arrays["center"], arrays["scale"], arrays["flagged"].astype(bool), arrays["knots"])


def _rank(x: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    own = knots[~np.isnan(knots)]
    if len(own) < 2:
        return np.zeros_like(x)
    return np.interp(x, own, np.linspace(-RANK_SPREAD, RANK_SPREAD, len(own)))
