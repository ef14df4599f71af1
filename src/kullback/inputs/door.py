"""The one door: what a user holds → a distribution over the last axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kullback.distributions import Categorical, Counts, Density, Draws, Logits, Sample, Tally
from kullback.errors import InputError, UnsupportedError
from kullback.inputs.arrays import is_bare
from kullback.inputs.densities import from_scipy, from_torch, is_scipy_distribution, is_torch_distribution
from kullback.inputs.draws import from_draws, is_continuous
from kullback.inputs.observations import from_counts, from_sample
from kullback.inputs.probabilities import from_logits, from_probabilities

Distribution = Categorical | Tally | Draws | Density

_Convert = Callable[[Any, str, tuple[int, ...]], Distribution]

TAKEN: tuple[tuple[Callable[[Any], bool], _Convert], ...] = (
    (is_bare, from_probabilities),
    (is_torch_distribution, from_torch),
    (lambda x: isinstance(x, Logits), from_logits),
    (lambda x: isinstance(x, Counts), from_counts),
    (is_continuous, from_draws),
    (lambda x: isinstance(x, Sample), from_sample),
    (is_scipy_distribution, from_scipy),
)
"""Every kind of input: how it is recognised, how it is converted. The first that fits is used."""


def as_distribution(x: Any, *, name: str, axis: int = -1) -> Distribution:
    """Take what a user holds as a distribution.

    Args:
        x: probabilities, Logits, Counts **(…)**, a Sample **(n,)** or **(n, D)**, a torch or a SciPy distribution.
        name: the argument's name, for the messages.
        axis: where the outcomes of a bare array are; Logits and Counts bring their own.

    Returns:
        A Categorical where the probabilities are known, a Tally where they were sampled; **(B…, K)**, float64. Draws
        where a density was sampled, a Density where there is one.

    Raises:
        UnsupportedError: if it is none of these.
        InputError: if its numbers are not what it says it is.

    Example:
        >>> as_distribution([0.5, 0.5], name="p").p
        array([0.5, 0.5])
    """
    return _convert(x, name, (outcome_axis(x, axis),))


def as_table(x: Any, *, name: str, axis: tuple[int, int]) -> tuple[Categorical | Tally, tuple[int, int]]:
    """Take what a user holds as the joint distribution of two variables.

    Args:
        x: probabilities, Logits or Counts of a two-way table, **(…)**.
        name: the argument's name, for the messages.
        axis: the axis of X and the axis of Y.

    Returns:
        The distribution over the pairs, **(B…, Kx·Ky)**, and (Kx, Ky).

    Raises:
        UnsupportedError: if it is none of these.
        InputError: if its numbers are not what it says it is, or `axis` is not a pair.

    Example:
        >>> as_table([[0.5, 0.0], [0.0, 0.5]], name="joint", axis=(-2, -1))[1]
        (2, 2)
    """
    if len(axis) != 2:
        raise InputError(f"axis is {axis}, expected the axes of X and of Y; use axis=(-2, -1)")
    distribution = _convert(x, name, axis)
    if not isinstance(distribution, Categorical | Tally):
        raise UnsupportedError(
            f"{name} is a {type(x).__name__}, expected a two-way table of probabilities or kb.Counts"
        )
    shape: Any = np.shape(x.x if isinstance(x, Logits | Counts) else x)
    return distribution, (shape[axis[0]], shape[axis[1]])


def outcome_axis(x: Any, axis: int) -> int:
    """Tell where the outcomes of an input are: Logits and Counts bring their own axis, a Sample has one only."""
    if isinstance(x, Sample):
        return -1
    return x.axis if isinstance(x, Logits | Counts) else axis


def _convert(x: Any, name: str, axes: tuple[int, ...]) -> Distribution:
    for recognises, convert in TAKEN:
        if recognises(x):
            return convert(x, name, axes)
    remedy = f"A family? {name}(...) with its parameters." if callable(x) else f"Another array? np.asarray({name})."
    raise UnsupportedError(
        f"{name} is a {type(x).__name__}, expected probabilities (NumPy array, list, tuple or torch tensor), "
        f"kb.Logits, kb.Counts, kb.Sample, or a distribution of torch or SciPy. {remedy}"
    )
