"""Two inputs → two distributions over the same outcomes, in the same library, on the same device."""

from __future__ import annotations

import dataclasses
import numbers
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from kullback.distributions import Categorical, Density, Draws, Tally
from kullback.errors import InputError
from kullback.inputs.arrays import is_tensor
from kullback.inputs.beside_density import beside_density, both_drawn
from kullback.inputs.door import Distribution, as_distribution
from kullback.inputs.observations import over
from kullback.kernels.by_size import batch_of

Finite = Categorical | Tally


def as_pair(p: Any, q: Any, *, axis: int = -1) -> tuple[Distribution, Distribution]:
    """Take P and Q as distributions over the same outcomes.

    If one of them is a torch tensor, the other becomes one on the same device. Batches broadcast, outcomes never do.

    Args:
        p: the truth, as `as_distribution` takes it.
        q: the model, as `as_distribution` takes it.
        axis: where the outcomes of bare arrays are.

    Returns:
        P **(B…, K)** and Q **(B…, K)**; two Densities where one of them is; Draws beside a density or other Draws.

    Raises:
        UnsupportedError: if one of them is of a kind that is not taken.
        InputError: if their numbers, outcomes, batches or devices do not fit.

    Example:
        >>> p, q = as_pair([0.5, 0.5], [0.25, 0.75])
        >>> q.p
        array([0.25, 0.75])
    """
    first, second = as_distribution(p, name="p", axis=axis), as_distribution(q, name="q", axis=axis)
    if isinstance(first, Density) or isinstance(second, Density):
        return beside_density(p, q, first, second)
    if isinstance(first, Draws) or isinstance(second, Draws):
        return both_drawn(p, q, first, second)
    return _as_finite_pair(first, second)


def _as_finite_pair(p: Finite, q: Finite) -> tuple[Finite, Finite]:
    left, right = _same_library(*_align(p, q))
    a, b = _array(left), _array(right)
    if a.shape[-1] != b.shape[-1]:
        raise InputError(
            f"q has {b.shape[-1]} outcomes where p has {a.shape[-1]}, expected as many; "
            f"an outcome that cannot happen has probability 0"
        )
    try:
        batch_of(a, b)
    except ValueError as error:
        raise InputError(
            f"q has rows of shape {tuple(b.shape[:-1])} where p has {tuple(a.shape[:-1])}, expected shapes that "
            f"broadcast; compare row with row, or one row with all"
        ) from error
    return left, right


def _array(d: Finite) -> Any:
    return d.counts if isinstance(d, Tally) else d.values


def _with_array(d: Finite, x: Any) -> Finite:
    return dataclasses.replace(d, counts=x) if isinstance(d, Tally) else dataclasses.replace(d, values=x)


def _same_library(p: Finite, q: Finite) -> tuple[Finite, Finite]:
    a, b = _array(p), _array(q)
    if is_tensor(a) and is_tensor(b):
        if a.device != b.device:
            raise InputError(f"q is on {b.device} where p is on {a.device}, expected one device; q.to(p.device)")
        return p, q
    if is_tensor(a):
        return p, _with_array(q, _to_library_of(a, b))
    if is_tensor(b):
        return _with_array(p, _to_library_of(b, a)), q
    return p, q


def _to_library_of(pattern: Any, x: Any) -> Any:
    xp: Any = array_namespace(pattern)
    return xp.asarray(np.ascontiguousarray(x), device=pattern.device)


def _align(p: Finite, q: Finite) -> tuple[Finite, Finite]:
    """Bring samples with named outcomes into one order; arrays are over the positions 0 … K−1."""
    p_named, q_named = _outcomes(p) is not None, _outcomes(q) is not None
    if p_named and q_named:
        return _align_named(p, q)
    if p_named:
        return _index_by(p, "p", _array(q).shape[-1]), q
    if q_named:
        return p, _index_by(q, "q", _array(p).shape[-1])
    return p, q


def _outcomes(d: Finite) -> tuple[Any, ...] | None:
    return d.outcomes if isinstance(d, Tally) else None


def _index_by(d: Finite, name: str, K: int) -> Finite:
    """Read the outcomes of a sample without an alphabet as indices of K probabilities."""
    if not isinstance(d, Tally) or not d.inferred:
        return d
    for x in d.outcomes or ():
        if not (isinstance(x, numbers.Real) and x in range(K)):
            raise InputError(
                f"{name} holds the outcome {x!r}, expected one of the indices 0 to {K - 1}; "
                f"name the outcomes in order, kb.Sample(x, alphabet=[...])"
            )
    return over(d, tuple(range(K)), inferred=False)


def _align_named(p: Finite, q: Finite) -> tuple[Finite, Finite]:
    if not (isinstance(p, Tally) and isinstance(q, Tally)):
        return p, q
    a, b = p.outcomes or (), q.outcomes or ()
    if p.inferred and q.inferred:
        union = tuple(dict.fromkeys((*a, *b)))
        return over(p, union, inferred=True), over(q, union, inferred=True)
    alphabet = b if p.inferred else a
    for tally, name in ((p, "p"), (q, "q")):
        extra = [x for x in tally.outcomes or () if x not in alphabet]
        if extra:
            raise InputError(
                f"{name} holds the outcome {extra[0]!r}, expected one of the {len(alphabet)} of the other's alphabet; "
                f"give both the same alphabet="
            )
    return over(p, alphabet, inferred=False), over(q, alphabet, inferred=False)
