"""Bare arrays and Logits → Categorical."""

from __future__ import annotations

import functools
from typing import Any

from array_api_compat import array_namespace

from kullback.distributions import Categorical, Logits
from kullback.errors import NotProbabilities
from kullback.inputs.arrays import as_array, first_index, last_axes, number, place, refuse
from kullback.kernels import by_size
from kullback.kernels.reference import log_softmax

TOLERANCE = 1e-6
"""How far from one the sum of float64 probabilities may be."""

_FLOAT32_EPS = 2.0**-23


def from_probabilities(x: Any, name: str, axes: tuple[int, ...]) -> Categorical:
    """Take an array as probabilities; nothing else is ever read into it.

    Args:
        x: non-negative numbers, **(…)**, that sum to one along the axes.
        name: the argument's name, for the messages.
        axes: where the outcomes are.

    Returns:
        The distribution, **(B…, K)**. Many numbers are checked by the measure that is taken of them.

    Raises:
        NotProbabilities: if a number is negative or not finite, or a row does not sum to one.
    """
    array = as_array(x, name)
    large = by_size.is_large(array)
    p = last_axes(array, axes, name, as_is=large)
    p = by_size.in_order(p) if large else p
    check = functools.partial(_check, p, _tolerance(array, p.shape[-1]), name, axes)
    if large:
        return Categorical(p, check=check)
    check(by_size.sums(p))
    return Categorical(p)


def _check(p: Any, tolerance: float, name: str, axes: tuple[int, ...], total: Any) -> None:
    """Raise NotProbabilities unless the sums of rows are one, nan being the sum of what holds a negative number."""
    within = abs(total - 1) <= tolerance * (1 + 1e-6)  # so that 1 + 1e-6 itself, which rounds up, is within
    if bool(within.all()):
        return
    xp: Any = array_namespace(p)
    refuse(~xp.isfinite(p), p, name, "finite probabilities; remove or repair it first")
    refuse(p < 0, p, name, f"probabilities of at least 0; Logits? kb.Logits({name}).")
    row = first_index(~within) if total.ndim else ()
    along = f"along axis {axes[0]}" if len(axes) == 1 else f"along axes {axes}"
    where = f" in row {place(row)}" if row else ""
    raise NotProbabilities(
        f"{name} sums to {number(total[row])} {along}{where}, expected 1 (within {_short(tolerance)}). "
        f"Counts? kb.Counts({name}). Logits? kb.Logits({name}). Observations? kb.Sample({name})."
    )


def from_logits(logits: Logits, name: str, axes: tuple[int, ...]) -> Categorical:
    """Take the log-softmax of logits.

    Args:
        logits: the wrapped numbers, **(…)**.
        name: the argument's name, for the messages.
        axes: where the outcomes are.

    Returns:
        The distribution, **(B…, K)**, as log-probabilities.

    Raises:
        NotProbabilities: if a number is nan or +inf, or a row is −inf throughout.
    """
    array = as_array(logits.x, name)
    log_p = by_size.log_softmax(last_axes(array, axes, name, as_is=True)) if by_size.is_large(array) else None
    if log_p is not None:
        return Categorical(log_p, is_log=True)
    x = last_axes(array, axes, name)
    xp: Any = array_namespace(x)
    refuse(xp.isnan(x) | (x == xp.inf), x, name, "logits below inf; remove or repair it first")
    empty = xp.all(x == -xp.inf, axis=-1)
    if bool(xp.any(empty)):
        where = f" in row {place(first_index(empty))}" if empty.ndim else ""
        raise NotProbabilities(f"{name} has only logits of -inf{where}, expected a finite one; unmask an outcome")
    return Categorical(log_softmax(x), is_log=True)


def _tolerance(array: Any, K: int) -> float:
    """How far from one a row may sum, by the type in which the probabilities came.

    Rounding to a type with spacing eps moves the sum by at most eps/2; adding K numbers in float32, as a softmax does,
    by about √K of its spacings. float64, integers: 1e-6; float32: √K · 1.2e-7; float16: 1e-3; bfloat16: 8e-3.
    """
    if array.dtype.itemsize == 8:  # float64, int64
        return TOLERANCE
    xp: Any = array_namespace(array)
    if not xp.isdtype(array.dtype, "real floating"):
        return TOLERANCE
    return max(TOLERANCE, float(xp.finfo(array.dtype).eps), K**0.5 * _FLOAT32_EPS)


def _short(x: float) -> str:
    """1e-6 rather than 1e-06."""
    return f"{x:.2g}".replace("e-0", "e-")
