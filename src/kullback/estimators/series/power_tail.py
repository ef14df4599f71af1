"""Sums whose terms fall like a power of k: N terms, and Euler and Maclaurin's formula for the rest.

    Σ_{k ≥ N} g(k) = ∫_N^∞ g(k) dk + g(N)/2 − g′(N)/12 + …

Source:
    M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions" (1964), 23.1.30.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kullback.distributions.density import Density
from kullback.estimate import Estimate
from kullback.estimators.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

_N = 4096
_FLAT = -1e-3


def power_tail(problem: Problem) -> Estimate | None:
    """E_P[score] of whole numbers from 1 whose log-probabilities are also known between them.

    Args:
        problem: P with `power_tail`, and Q.

    Returns:
        The Estimate **(B…)** in nats; +inf, method "tail-slope", where terms fall no faster than 1/k. None where Q is
        not known between whole numbers.
    """
    import torch

    if problem.q is not None and problem.q.smooth_log_prob(torch.ones(problem.batch_shape).double()) is None:
        return None

    shape = problem.batch_shape
    k = torch.arange(1, _N, dtype=torch.float64).reshape(-1, *(1,) * len(shape))
    terms, _, _ = _terms(problem, k.expand(-1, *shape))
    tail, diverges, beyond = _integral(problem)
    ends = torch.tensor([_N - 1.0, _N, _N + 1.0], dtype=torch.float64).reshape(-1, *(1,) * len(shape))
    before, at, after = _terms(problem, ends.expand(-1, *shape))[0]
    rest = tail + at / 2 - (after - before) / 24
    value = terms.sum(0) + rest
    value = torch.where(diverges, torch.inf, value)
    # the next term of the formula is g‴(N)/720, some 1/N³ of g
    error = torch.where(diverges, 0.0, at.abs() * 10 / _N**3 + 0.1 * beyond)
    if bool(diverges.any()):
        note = "infinite because the terms fall no faster than 1/k: a numerical test, not a proof"
        return Estimate(value, method="tail-slope", error=error, notes=(note,))
    return Estimate(value, method="series", error=error)


def _terms(problem: Problem, k: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """p · score, its logarithm's size, and p, at k **(S, B…)**."""
    import torch

    log_p = _smooth(problem.p, k)
    log_q = log_p if problem.q is None else _smooth(problem.q, k)
    score = problem.score(*torch.broadcast_tensors(log_p, log_q))
    p = torch.exp(log_p)
    return p * score, log_p + torch.log(score.abs()), p


def _smooth(d: Density, k: Tensor) -> Tensor:
    value = d.smooth_log_prob(k)
    if value is None:
        raise AssertionError("a power tail is summed only where both are smooth")
    return value


def _integral(problem: Problem) -> tuple[Tensor, Tensor, Tensor]:
    """∫_N^∞ p · score dk with k = N e^u: its value, where it is infinite, and what lies beyond the last u."""
    import torch

    from kullback.estimators.quadrature.panels import Panels
    from kullback.estimators.quadrature.tails import grid

    shape = problem.batch_shape
    start = math.log(_N)
    u = torch.cat([torch.zeros(1, dtype=torch.float64), grid()[grid() > 0]]).reshape(-1, *(1,) * len(shape))
    _, log_size, _ = _terms(problem, torch.exp(start + u).expand(-1, *shape))
    log_size = log_size + u + start
    usable = torch.isfinite(log_size)
    index = torch.arange(len(u)).reshape(u.shape)
    last = torch.clamp(torch.where(usable, index, 0).amax(0), min=1)
    outer, inner = (torch.gather(log_size, 0, i[None])[0] for i in (last, last - 1))
    u_last, u_before = (torch.gather(u.expand_as(log_size), 0, i[None])[0] for i in (last, last - 1))
    slope = (outer - inner) / (u_last - u_before)
    diverges = torch.isfinite(slope) & (slope >= _FLAT)

    def terms(t: Tensor) -> tuple[Tensor, Tensor]:
        k = torch.exp(start + t[:, 0])
        f, _, p = _terms(problem, k)
        kept = (t[:, 0] <= u_last) & torch.isfinite(f)
        return (torch.where(kept, f * k, 0.0))[:, None], (torch.where(kept, p * k, 0.0))[:, None]

    edges = u[:, None].expand(-1, 1, *shape)
    value, _, _ = Panels.whole(edges).integrate(terms)
    beyond = torch.where(diverges | (slope >= 0), 0.0, torch.exp(torch.clamp(outer, max=0.0)) / slope.abs())
    return value.sum((0, 1)), diverges, torch.nan_to_num(beyond)
