"""Perplexity."""

from __future__ import annotations

import dataclasses
from typing import Any, Unpack

import numpy as np
from array_api_compat import array_namespace

from kullback.estimate import Estimate
from kullback.estimators import How, settings
from kullback.inputs.arrays import is_tensor
from kullback.measures.cross_entropy import cross_entropy
from kullback.measures.entropy import entropy
from kullback.units import DIMENSIONLESS


def perplexity(p: Any, q: Any = None, *, axis: int = -1, keepdims: bool = False, **how: Unpack[How]) -> Estimate:
    """exp H(P, Q), the number of equally likely outcomes that would be as hard to guess.

    exp H(P) without `q`, between 1 and K; exp H(P, Q) with it. The same number whatever the base of the logarithm.

    Args:
        p: the truth, of any kind that `entropy` takes.
        q: the model, of any kind that `cross_entropy` takes, or None for P itself.
        axis: where the K outcomes of an array are.
        keepdims: whether that axis stays, with size one.
        how: as for `entropy` and `cross_entropy`.

    Returns:
        Estimate, value **(B…)**, a pure number, unit `"1"`; its std_error is exp H · std_error(H), the delta method.

    Raises:
        UnsupportedError: if `p` or `q` is of a kind that is not taken.
        InputError: if their numbers are not probabilities, logits or counts, or do not fit each other.

    Example:
        >>> perplexity([0.25, 0.25, 0.25, 0.25])
        4 (exact sum)

    Source:
        F. Jelinek, R. L. Mercer, L. R. Bahl and J. K. Baker, "Perplexity, a measure of the difficulty of speech
        recognition tasks" (1977).
    """
    settings(how)  # a perplexity has no base: one in nats is raised to e
    if q is None:
        nats = entropy(p, axis=axis, keepdims=keepdims, **how)
    else:
        nats = cross_entropy(p, q, axis=axis, keepdims=keepdims, **how)
    value, std_error = _exponentials(nats.value, nats.std_error)
    over = bool(np.any(np.isinf(_plain(value)) & np.isfinite(_plain(nats.value))))
    notes = (*nats.notes, "too large for float64: its logarithm is finite") if over else nats.notes
    return dataclasses.replace(nats, value=value, std_error=std_error, unit=DIMENSIONLESS, notes=notes)


def _plain(x: Any) -> Any:
    return x.detach().cpu().numpy() if is_tensor(x) else np.asarray(x)


def _exponentials(h: Any, std_error: Any) -> tuple[Any, Any]:
    """exp h, and exp h · std_error, 0 where exp h is infinite."""
    if isinstance(h, float):
        value, spread = _exponentials(np.asarray([h]), np.asarray([std_error]))
        return float(value[0]), float(spread[0])
    xp: Any = array_namespace(h)
    with np.errstate(over="ignore"):  # beyond e^709 the perplexity is infinite in float64, and says so
        value = xp.exp(h)
    finite = xp.isfinite(value)
    return value, xp.where(finite, value, 0.0) * std_error
