"""∫ p · score dx over the plane and over space: the trapezoid rule in coordinates in which each component is round.

For smooth integrands that die at infinity the trapezoid rule converges geometrically: halving its step squares the
error. x = m + A z, A A⊤ = Cov, and z = sinh t in every direction, so that tails of a power die too.

Source:
    L. N. Trefethen and J. A. C. Weideman, "The exponentially convergent trapezoidal rule", SIAM Review 56 (2014).
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import TYPE_CHECKING, Any

from kullback.distributions.density import Density, Points
from kullback.estimate import Estimate
from kullback.estimators.problem import Problem

if TYPE_CHECKING:
    from torch import Tensor

_RTOL, _ATOL = 1e-9, 1e-11
_REACH = 4.4
_MOST = {2: 4_000_000, 3: 8_000_000}
_STEP = 0.4
_GOOD = 1e-6
"""What is taken where no more digits come: draws would have three."""

_AT_ONCE = 500_000
_DRAWS = 8192


def cubature(problem: Problem) -> Estimate | None:
    """E_P[score] = Σ_k w_k ∫ p_k(x(t)) · score(x(t)) · |dx/dt| dt on grids of t whose step is halved.

    The error is an estimate: the difference of the last two grids, and how far the mass found is from one.

    Args:
        problem: P and Q over vectors of two or three numbers that may be anything.

    Returns:
        The Estimate **(B…)** in nats, None where the space is another, or where the grids do not settle on a value: the
        density is not smooth, or has parts that a grid misses.
    """
    import torch

    p, q = problem.p, problem.q
    dimension = p.event_shape[0] if len(p.event_shape) == 1 else 0
    plain = all(d.support.set == "box" and d.support.is_whole for d in (p, q) if d is not None)
    if dimension not in _MOST or not plain or p.support.discrete or problem.batch_shape:
        return None
    rtol, atol, most = problem.how.targets(_RTOL, _ATOL, _MOST[dimension])
    frames = _frames(p)
    step, previous, error = _STEP, math.inf, math.inf
    while (2 * _REACH / step + 1) ** dimension * len(frames) <= most:
        with torch.no_grad():
            found = _on_grid(problem, frames, step)
        value, before = float(found.value), error
        error, previous = abs(value - previous) + float(found.error), value
        if error <= max(atol, rtol * abs(value)) or (error <= _GOOD * max(1.0, abs(value)) and error > 0.5 * before):
            return _final(problem, frames, step, error)
        step /= 2
    return _final(problem, frames, 2 * step, error) if error <= _GOOD * max(1.0, abs(previous)) else None


def _final(problem: Problem, frames: list[_Frame], step: float, error: float) -> Estimate:
    import torch

    return dataclasses.replace(_on_grid(problem, frames, step), error=torch.as_tensor(error, dtype=torch.float64))


_Frame = tuple[int | None, Any, Any]
"""A component's index, its middle **(D,)** and a square root of its covariance **(D, D)**."""


def _frames(p: Density) -> list[_Frame]:
    """The frame of every component, from draws."""
    import torch

    if p.strata is None:
        return [(None, *_moments(p.sample(_DRAWS, 0)))]
    counts = [_DRAWS] * len(p.strata)
    return [(k, *_moments(x)) for k, x in enumerate(p.sample_strata(counts, 0)) if torch.isfinite(x).all()]


def _moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Medians and a root of the covariance of the draws within the middle 98 % of every direction."""
    import torch

    low, middle, high = torch.quantile(x, torch.tensor([0.01, 0.5, 0.99], dtype=torch.float64), dim=0)
    inner = x[((x >= low) & (x <= high)).all(1)]
    return middle, torch.linalg.cholesky(torch.cov(inner.T))


def _on_grid(problem: Problem, frames: list[_Frame], step: float) -> Estimate:
    """The sum over a grid of t with this step, for every component in its own frame."""
    import torch

    dimension = problem.p.event_shape[0]
    count = int(_REACH / step)
    line = step * torch.arange(-count, count + 1, dtype=torch.float64)
    value, mass = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    for (component, center, root), rows in itertools.product(frames, _rows(len(line), dimension)):
        t = torch.stack([line[(rows // len(line) ** d) % len(line)] for d in range(dimension)], -1)
        x = center + torch.sinh(t) @ root.T
        log_volume = torch.log(torch.cosh(t)).sum(-1) + torch.log(torch.diagonal(root)).sum()
        f, m = _terms(problem, component, x, log_volume)
        value, mass = value + step**dimension * f.sum(), mass + step**dimension * m.sum()
    return Estimate(value, method="cubature", error=(mass.detach() - 1).abs() * value.detach().abs())


def _rows(n: int, dimension: int) -> list[Tensor]:
    import torch

    return list(torch.split(torch.arange(n**dimension), _AT_ONCE))


def _terms(problem: Problem, component: int | None, x: Tensor, log_volume: Tensor) -> tuple[Tensor, Tensor]:
    import torch

    at = Points(x)
    log_p = problem.p.log_prob(at)
    log_q = log_p if problem.q is None else problem.q.log_prob(at)
    log_mass = log_volume + (log_p if component is None else problem.p.log_weighted_component(component, at))
    counted = log_mass > -690
    mass = torch.where(counted, torch.exp(torch.where(counted, log_mass, 0.0)), 0.0)
    score = problem.score(*(torch.where(counted, y, 0.0) for y in (log_p, log_q)))
    return torch.where(counted, mass * score, 0.0), mass
