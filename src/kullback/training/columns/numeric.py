"""Numbers: robust scale, smooth clip, and a flag where the value is missing."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.training.columns.column import AbstractColumn, Block, Encode, Rows

CLIP = 3.0


@dataclasses.dataclass(frozen=True, eq=False)
class Numeric(AbstractColumn):
    """x ↦ z / √(1 + (z/3)²) with z = (x − median) / (q₇₅ − q₂₅), and 1[x missing] if any was missing.

    Attributes:
        center: **(D,)** medians.
        scale: **(D,)** interquartile ranges, or half the ranges where these are zero.
        flagged: **(D,)** whether values were missing among the rows learned from.

    Source:
        Holzmüller, Grinsztajn & Steinwart (2024), "Better by default", arXiv:2407.04491, sec. 3.
    """

    center: NDArray[np.float64]
    scale: NDArray[np.float64]
    flagged: NDArray[np.bool_]

    @staticmethod
    def read(series: pl.Series, encode: Encode | None = None) -> NDArray[np.float64]:
        """Read **(N, 1)** floats, NaN where missing."""
        return series.cast(pl.Float64).to_numpy().astype(np.float64)[:, None]

    @classmethod
    def fit(cls, raw: NDArray[np.float64], rows: Rows) -> Numeric:
        """Learn median, scale and whether values go missing."""
        center, scale = np.zeros(raw.shape[1]), np.ones(raw.shape[1])
        for j, x in enumerate(raw[rows].T):
            finite = x[np.isfinite(x)]
            if len(finite) == 0:
                continue
            low, center[j], high = np.quantile(finite, [0.25, 0.5, 0.75])
            scale[j] = (high - low) or np.ptp(finite) / 2 or 1.0
        return cls(center, scale, np.isnan(raw[rows]).any(axis=0))

    def transform(self, raw: NDArray[np.float64]) -> Block:
        """Scale and clip; a missing value becomes 0, the median."""
        missing = np.isnan(raw)
        with np.errstate(over="ignore"):
            z = np.clip((raw - self.center) / self.scale, -1e6, 1e6)
        z = np.where(missing, 0.0, z / np.sqrt(1 + (z / CLIP) ** 2))
        flags = missing[:, self.flagged].astype(np.float32)
        return Block(numbers=z.astype(np.float32), plain=flags if flags.shape[1] else None)

    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give the three arrays."""
        return {"center": self.center, "scale": self.scale, "flagged": self.flagged}, {}

    @classmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> Numeric:
        """Take the three arrays back."""
        return cls(arrays["center"], arrays["scale"], arrays["flagged"].astype(bool))
