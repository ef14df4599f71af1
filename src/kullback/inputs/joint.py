"""Two samples of one set of rows → the joint distribution of X and Y, as far as it was seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.distributions import Draws, Sample, Tally
from kullback.errors import InputError, UnsupportedError
from kullback.inputs.draws import from_draws, is_continuous
from kullback.inputs.observations import from_sample


def as_joint(x: Any, y: Any) -> tuple[Draws, Draws] | tuple[Tally, tuple[int, int]]:
    """Take two samples that belong together row by row.

    Args:
        x: a Sample of X, **(n,)** or, of a density, **(n, D)**.
        y: a Sample of Y with as many rows.

    Returns:
        Draws of both where both are of densities; else the counts of all pairs, **(Kx·Ky,)**, and (Kx, Ky).

    Raises:
        UnsupportedError: if one is not a Sample, or one is of a density and the other of outcomes.
        InputError: if they differ in length, or hold what is not an observation.

    Example:
        >>> as_joint(Sample(["a", "b", "b"]), Sample([0, 1, 1]))[0].counts.tolist()
        [1.0, 0.0, 0.0, 2.0]
    """
    for sample, name in ((x, "joint"), (y, "y")):
        if not isinstance(sample, Sample):
            raise UnsupportedError(
                f"{name} is a {type(sample).__name__}, expected a kb.Sample beside another kb.Sample"
            )
    kinds = is_continuous(x), is_continuous(y)
    if kinds[0] != kinds[1]:
        name = "y" if kinds[0] else "joint"
        raise UnsupportedError(
            f"{name} holds outcomes where the other holds draws of a density, expected both of one kind; "
            f"kb.Sample(x, continuous=True) makes numbers draws, binning makes draws outcomes"
        )
    if kinds[0]:
        return from_draws(x, "joint"), from_draws(y, "y")
    return _cross_table(x, y)


def _cross_table(x: Sample, y: Sample) -> tuple[Tally, tuple[int, int]]:
    rows, columns = from_sample(x, "joint", (-1,)), from_sample(y, "y", (-1,))
    if float(rows.n) != float(columns.n):
        raise InputError(
            f"y has {int(columns.n)} observations where joint has {int(rows.n)}, expected one for each row"
        )
    a, b = (_codes(sample, tally) for sample, tally in ((x, rows), (y, columns)))
    shape = rows.counts.shape[-1], columns.counts.shape[-1]
    counts = np.bincount(a * shape[1] + b, minlength=shape[0] * shape[1]).astype(np.float64)
    return Tally(counts), shape


def _codes(sample: Sample, tally: Tally) -> Any:
    place = {outcome: i for i, outcome in enumerate(tally.outcomes or ())}
    items: Any = sample.x if isinstance(sample.x, list | tuple) else sample.x.tolist()
    return np.asarray([place[item] for item in items])
