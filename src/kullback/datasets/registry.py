"""The data sets by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from kullback.datasets.dataset import Dataset
from kullback.errors import InputError


def _reviews() -> Dataset:
    return Dataset(
        name="reviews",
        frame=pl.read_parquet(Path(__file__).parent / "reviews.parquet"),
        target=None,
        labels=tuple(f"rater_{i}" for i in range(1, 21)),
        group="review",
        description="3,708 sentences of 300 Amazon product reviews, called negative, neutral or positive by 20 each",
        licence="MIT",
        source="C. J. Hutto & E. Gilbert (2014), VADER, ICWSM-14; reviews: M. Hu & B. Liu (2004); vaderSentiment 0.5",
    )


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    columns = {f"pixel_{i // 8}_{i % 8}": np.asarray(pixels)[:, i] for i in range(64)}
    return Dataset(
        name="digits",
        frame=pl.DataFrame(columns | {"digit": np.asarray(digits)}),
        target="digit",
        labels=(),
        group=None,
        description="1,797 handwritten digits of 8 × 8 pixels",
        licence="BSD-3-Clause (scikit-learn)",
        source="E. Alpaydin & C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI",
    )


_MAKERS: dict[str, Callable[[], Dataset]] = {"digits": _digits, "reviews": _reviews}

NAMES = tuple(_MAKERS)
"""What `load` takes."""


def load(name: str) -> Dataset:
    """Load a data set by name.

    Args:
        name: `"reviews"` or `"digits"`.

    Returns:
        A Dataset; `.frame` is a polars DataFrame.

    Raises:
        InputError: if there is none of this name.

    Example:
        >>> load("reviews").frame.shape
        (3708, 22)
    """
    if name not in _MAKERS:
        raise InputError(f"data set is {name!r}, expected one of {', '.join(NAMES)}; or give the path of a table")
    return _MAKERS[name]()
