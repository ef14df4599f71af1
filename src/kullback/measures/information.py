"""Information, also called surprisal."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, cast

import numpy as np
from array_api_compat import array_namespace

from kullback.distributions import Categorical, Density, Draws, Tally
from kullback.distributions.density import Points
from kullback.errors import InputError, UnsupportedError
from kullback.estimate import Estimate
from kullback.inputs import as_distribution
from kullback.inputs.arrays import as_array, is_tensor, listed
from kullback.measures.answer import answer
from kullback.units import unit_of


def information(q: Any, x: Any, *, base: float | None = None, axis: int = -1) -> Estimate:
    """I_Q(x), how surprising the outcome x is to the model Q.

    I_Q(x) = −log q(x): 0 when x was certain, → +inf as q(x) → 0.

    Args:
        q: the model: probabilities **(B…, K)**, Logits, Counts, a Sample of outcomes, or a distribution of torch or
            SciPy with batch **(B…)** and events **(E…)**.
        x: outcomes: an index 0 … K−1, or an array of them. For one row of `q` any shape; for a batch **(B…)**, one
            outcome a row, or a single one for all. For a Sample the outcomes themselves, for example texts. For a
            distribution points **(S…, E…)** that broadcast with its batch.
        base: of the logarithm; None gives nats, 2 bits, 10 bans.
        axis: where the K outcomes of an array are.

    Returns:
        Estimate, value of the shape of `x`, or **(B…)**, in nats or the unit of `base`. For Counts and Sample q(x) is
        the observed frequency, and the std_error √((1 − q)/(n q)) is that of its logarithm. For a density −log q(x) may
        be negative: densities may exceed one.

    Raises:
        UnsupportedError: if `q` or `x` is of a kind that is not taken.
        InputError: if the numbers of `q` are not what it says it is, or `x` is not one of its outcomes.

    Example:
        >>> information([0.5, 0.25, 0.25], 1, base=2)
        2 bit (exact sum)

    Source:
        C. E. Shannon, "A Mathematical Theory of Communication" (1948), §6; M. Tribus, "Thermostatics and
        Thermodynamics" (1961), for the name surprisal.
    """
    unit = unit_of(base)
    distribution = as_distribution(q, name="q", axis=axis)
    if isinstance(distribution, Density):
        return answer(_of_density(distribution, x), unit=unit, axes=(), keepdims=False)
    if isinstance(distribution, Draws):
        raise UnsupportedError(
            "q is a Sample of a density, expected a q that has one; fit a density, or name the outcomes"
        )
    known = distribution.frequencies if isinstance(distribution, Tally) else distribution
    value = 0.0 - _pick(known, _indices(x, distribution, known.values))
    if not isinstance(distribution, Tally):
        return answer(Estimate(value, method="exact sum"), unit=unit, axes=(), keepdims=False)
    return answer(_sampled(value, distribution), unit=unit, axes=(), keepdims=False)


def _of_density(q: Density, x: Any) -> Estimate:
    """−log q(x) at points **(S…, B…, E…)** that broadcast with the batch and end in the event."""
    import torch

    points = torch.as_tensor(x if is_tensor(x) else as_array(x, "x"), dtype=torch.float64)
    event = tuple(points.shape[points.ndim - len(q.event_shape) :])
    if bool(torch.isnan(points).any()):
        raise InputError("x holds nan, expected points; drop what is missing first")
    if event != q.event_shape:
        raise InputError(
            f"x has shape {tuple(points.shape)} where q ({q.name}) has outcomes of shape {tuple(q.event_shape)}, "
            f"expected points whose shape ends in it; x.reshape(...)"
        )
    batch = np.broadcast_shapes(tuple(points.shape[: points.ndim - len(event)]), q.batch_shape)
    value = 0.0 - q.log_prob(Points(points.expand((*batch, *event))))
    if q.in_torch:
        return Estimate(value, method="closed form")
    plain = value.detach().numpy()
    return Estimate(plain if plain.ndim else float(plain), method="closed form")


def _sampled(value: Any, tally: Tally) -> Estimate:
    """Var(log q̂) ≈ (1 − q)/(n q)."""
    xp: Any = array_namespace(value)
    finite = xp.isfinite(value)
    std_error = xp.where(finite, ((xp.exp(xp.where(finite, value, 0.0)) - 1) / tally.n) ** 0.5, 0.0)
    unseen = not bool(xp.all(finite))
    notes = ("infinite because the outcome is not in the sample of q; more draws may show it",) if unseen else ()
    n = int(tally.n) if not tally.n.shape else None
    return Estimate(value, method="plug-in", std_error=std_error, reliable=not unseen, notes=notes, n=n)


def _pick(q: Categorical, index: Any) -> Any:
    """log q(x): any outcomes of one row, or one outcome of every row."""
    log_q = q.log_p
    if log_q.ndim == 1:
        return log_q[index]
    xp: Any = array_namespace(log_q)
    return xp.take_along_axis(log_q, xp.broadcast_to(index, log_q.shape[:-1])[..., None], axis=-1)[..., 0]


def _indices(x: Any, q: Categorical | Tally, rows: Any) -> Any:
    """The outcomes as checked indices, in the library and on the device of `rows` **(B…, K)**."""
    K = rows.shape[-1]
    if isinstance(q, Tally) and q.outcomes is not None:
        index = _positions(x, q.outcomes)
    else:
        index = x if is_tensor(x) else np.asarray(x)
    xp: Any = array_namespace(index)
    if not xp.isdtype(index.dtype, "integral"):
        raise UnsupportedError(f"x holds {index.dtype}, expected indices of outcomes; whole numbers 0 to {K - 1}")
    outside = (index < 0) | (index >= K)
    if bool(xp.any(outside)):
        worst = int(index[outside][0]) if index.ndim else int(index)
        raise InputError(f"x is {worst}, expected an index from 0 to {K - 1}; count outcomes from 0")
    if rows.ndim > 1 and index.ndim and tuple(index.shape) != tuple(rows.shape[:-1]):
        raise InputError(
            f"x has shape {tuple(index.shape)} where q has rows of shape {tuple(rows.shape[:-1])}, expected one "
            f"outcome a row; or a single one for all"
        )
    rows_xp: Any = array_namespace(rows)
    return rows_xp.asarray(index, dtype=rows_xp.int64, device=rows.device)


def _positions(x: Any, outcomes: tuple[Hashable, ...]) -> Any:
    """Where each outcome is in the alphabet; a list or an array holds several outcomes."""
    place = {outcome: i for i, outcome in enumerate(outcomes)}
    items = listed(x)
    several = isinstance(items, list)
    wanted = cast("list[Hashable]", items) if several else [items]
    for outcome in wanted:
        if outcome not in place:
            raise InputError(
                f"x is {outcome!r}, expected one of the {len(outcomes)} outcomes of q; name it in alphabet=[...]"
            )
    index = [place[outcome] for outcome in wanted]
    return np.asarray(index if several else index[0], dtype=np.int64)
