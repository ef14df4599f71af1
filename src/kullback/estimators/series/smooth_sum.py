"""Sums of so many terms that an integral takes their place: power tails, and standard deviations in the ten thousands.

    Σ_{k ≥ N} g(k) = ∫_N^∞ g(k) dk + g(N)/2 − g′(N)/12 + …

The first N terms are summed, and the rest is Euler and Maclaurin's formula, the integral taken in u, k = N e^u.

Source:
    M. Abramowitz and I. Stegun, "Handbook of Mathematical Functions" (1964), 23.1.30.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, final

from kullback.distributions.density import Density
from kullback.estimate import Estimate
from kullback.estimators.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

_N = 4096
_FLAT = -1e-3
_STEPS = (0, 1, 3, 6, 10)
_MOST = 2_000_000
_INTEGRATED = "the terms beyond the first 4 096 were integrated: the error is an estimate, not a bound"


def is_smooth(problem: Problem) -> bool:
    """Tell whether P and Q, over whole numbers from 0 or 1, are known between them."""
    import torch

    one = torch.ones(problem.batch_shape, dtype=torch.float64)
    densities = [problem.p] if problem.q is None else [problem.p, problem.q]
    return problem.p.support.lower in (0.0, 1.0) and all(d.smooth_log_prob(one) is not None for d in densities)


def smooth_sum(problem: Problem) -> Estimate:
    """E_P[score] of whole numbers whose log-probabilities go on smoothly between them.

    Args:
        problem: P and Q for which `is_smooth`.

    Returns:
        The Estimate **(B…)** in nats; +inf, method "tail-slope", where terms fall no faster than 1/k.
    """
    import torch

    shape = problem.batch_shape
    first = torch.arange(int(problem.p.support.lower), _N, dtype=torch.float64)
    head = _terms(problem, _over(first, shape))[0].sum(0)
    tail = _integral(problem)
    before, at, after = _terms(problem, _over(torch.tensor([_N - 1.0, _N, _N + 1.0]), shape))[0]
    value = head + tail.value + at / 2 - (after - before) / 24
    value = torch.where(tail.diverges, torch.inf, value)
    # the next term of the formula is g‴(N)/720, some 1/N³ of g
    error = torch.where(tail.diverges, 0.0, tail.error + at.detach().abs() * 10 / _N**3)
    if bool(tail.diverges.any()):
        note = "infinite because the terms fall no faster than 1/k: a numerical test, not a proof"
        return Estimate(value, method="tail-slope", error=error, notes=(note,))
    return Estimate(value, method="series", error=error, notes=(_INTEGRATED,))


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Tail:
    """∫_N^∞ p · score dk.

    Attributes:
        value: **(B…)**, with its graph.
        error: an estimate of its error.
        diverges: whether the integral is infinite.
    """

    value: Tensor
    error: Tensor
    diverges: Tensor


def _over(k: Tensor, shape: tuple[int, ...]) -> Tensor:
    return k.double().reshape(-1, *(1,) * len(shape)).expand(-1, *shape)


def _terms(problem: Problem, k: Tensor) -> tuple[Tensor, Tensor]:
    """p · score, and the logarithm of its size, at k **(S, B…)**."""
    import torch

    log_p = _smooth(problem.p, k)
    log_q = log_p if problem.q is None else _smooth(problem.q, k)
    score = problem.score(*torch.broadcast_tensors(log_p, log_q))
    p = torch.exp(log_p)
    return torch.where(p > 0, p * score, 0.0), log_p + torch.log(score.abs())


def _smooth(d: Density, k: Tensor) -> Tensor:
    value = d.smooth_log_prob(k)
    if value is None:
        raise AssertionError("is_smooth was asked before")
    return value


def _integral(problem: Problem) -> Tail:
    import torch

    from kullback.estimators.quadrature.panels import Panels, refine

    start = math.log(_N)
    with torch.no_grad():
        edges, last, outer, slope = _look(problem)

    def terms(t: Tensor) -> tuple[Tensor, Tensor]:
        k = torch.exp(start + t[:, 0])
        f = _terms(problem, k)[0] * k
        f = torch.where((t[:, 0] <= last) & torch.isfinite(f), f, 0.0)[:, None]
        return f, torch.zeros_like(f)

    with torch.no_grad():
        found = refine(terms, Panels.whole(edges), rtol=1e-12, atol=1e-15, most=_MOST)
    value = found.panels.integrate(terms)[0].sum((0, 1)) if problem.requires_grad else found.value
    diverges = torch.isfinite(slope) & (slope >= _FLAT)
    size = torch.exp(torch.clamp(outer, max=0.0))
    beyond = torch.where(torch.isfinite(slope) & ~diverges, size / slope.abs(), 0.0)
    return Tail(value, found.error + beyond, diverges)


def _look(problem: Problem) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Edges in u **(M + 1, 1, B…)**; the last u of a finite term, its log-size there, and the slope towards it."""
    import torch

    from kullback.estimators.quadrature.tails import grid

    shape = problem.batch_shape
    u = _over(torch.cat([torch.zeros(1).double(), grid()[grid() > 0]]), shape)
    log_size = _terms(problem, torch.exp(math.log(_N) + u))[1] + u + math.log(_N)
    index = _over(torch.arange(len(u)), shape)
    last = torch.clamp(torch.where(torch.isfinite(log_size), index, 0.0).amax(0), min=1).long()
    outer, inner, u_outer, u_inner = (torch.gather(x, 0, i[None])[0] for x in (log_size, u) for i in (last, last - 1))
    columns = [u] if problem.p.power_tail else [u, _marks(problem.p)]
    edges = torch.sort(torch.cat(columns), dim=0).values
    return edges[:, None], u_outer, outer, (outer - inner) / (u_outer - u_inner)


def _marks(p: Density) -> Tensor:
    """u at the mode and some standard deviations away, 0 where that is among the first N."""
    import torch

    if p.middle is None:
        raise AssertionError("a smooth density without a power tail has a middle")
    mode, spread = p.middle
    k = torch.stack([mode + sign * step * spread for step in _STEPS for sign in (-1, 1)])
    return torch.log(torch.clamp(k, min=float(_N)) / _N)
