"""The last step of every measure: the unit, the axes that are kept, and a Python float for a single number."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from kullback.distributions import Density, Draws
from kullback.estimate import Estimate
from kullback.estimators import Functional, How, average, settings
from kullback.inputs import as_distribution, as_pair, outcome_axis
from kullback.units import unit_of


def measure_of_one(
    functional: Functional, p: Any, *, base: float | None, axis: int, keepdims: bool, how: How
) -> Estimate:
    """Take a measure of P as the user holds it.

    Args:
        functional: the measure.
        p: the truth, as `as_distribution` takes it.
        base: of the logarithm.
        axis: where the outcomes of an array are.
        keepdims: whether that axis stays, with size one.
        how: the keywords of the measure.

    Returns:
        The Estimate in the unit of `base`.
    """
    unit = unit_of(base)
    taken = as_distribution(p, name="p", axis=axis)
    estimate = average(functional, taken, how=settings(how))
    if isinstance(taken, Density | Draws):
        return estimate.to(unit)
    return answer(estimate, unit=unit, axes=(outcome_axis(p, axis),), keepdims=keepdims)


def measure_of_pair(
    functional: Functional, p: Any, q: Any, *, base: float | None, axis: int, keepdims: bool, how: How
) -> Estimate:
    """Take a measure of P and Q as the user holds them.

    Args:
        functional: the measure.
        p: the truth, as `as_pair` takes it.
        q: the model, as `as_pair` takes it.
        base: of the logarithm.
        axis: where the outcomes of an array are.
        keepdims: whether that axis stays, with size one.
        how: the keywords of the measure.

    Returns:
        The Estimate in the unit of `base`.
    """
    unit = unit_of(base)
    pair = as_pair(p, q, axis=axis)
    estimate = average(functional, *pair, how=settings(how))
    if isinstance(pair[0], Density | Draws) or isinstance(pair[1], Density | Draws):
        return estimate.to(unit)
    where = _widest_axis(p, q, outcome_axis(p, axis), outcome_axis(q, axis))
    return answer(estimate, unit=unit, axes=(where,), keepdims=keepdims)


def answer(estimate: Estimate, *, unit: str, axes: tuple[int, ...], keepdims: bool) -> Estimate:
    """Turn an Estimate in nats over batches into what the user asked for.

    Args:
        estimate: value **(B…)** in nats.
        unit: the unit to give it in.
        axes: where the outcomes were.
        keepdims: whether these axes stay, with size one.

    Returns:
        The Estimate in the unit; a float where a single NumPy number was measured.
    """
    scaled = estimate.to(unit)
    value, std_error = _shaped(scaled.value, axes, keepdims), _shaped(scaled.std_error, axes, keepdims)
    return dataclasses.replace(scaled, value=value, std_error=std_error)


def _widest_axis(p: Any, q: Any, p_axis: int, q_axis: int) -> int:
    """Give the outcome axis of whichever has more axes: the one a broadcast result is laid out by."""
    return q_axis if np.ndim(q) > np.ndim(p) else p_axis


def _shaped(x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if not keepdims:
        return float(x) if isinstance(x, float) else x  # np.float64 is a float
    if type(x) is float:  # nothing was sampled: 0.0 for every row
        return x
    xp: Any = array_namespace(x)
    ndim = x.ndim + len(axes)
    for axis in sorted(axis % ndim for axis in axes):
        x = xp.expand_dims(x, axis=axis)
    return x
