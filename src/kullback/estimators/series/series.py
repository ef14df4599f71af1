"""Σ_k p(k) · score(k) from the mode outwards, until what is left out is bounded by rounding.

If terms beyond K fall at least by the ratio ρ < 1 each, all of them together are at most t_K ρ/(1 − ρ). ρ is the
largest ratio among the last terms: for the Poisson, the binomial and the negative binomial with r ≥ 1 the ratios of p
fall with k, and the score grows like k log k at most. Where ratios tend to 1 the tail is a power, and it is integrated
(`smooth_sum`), as are sums of a hundred thousand terms and more.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, final

from kullback.distributions.density import Density, Points
from kullback.estimate import Estimate
from kullback.estimators.problem import Problem
from kullback.estimators.series.smooth_sum import is_smooth, smooth_sum

if TYPE_CHECKING:
    from torch import Tensor

_REACH = 9.6
_MOST = 50_000_000
_LAST = 8
_WIDE = 2e4
_AT_ONCE = 2**20
_SMALL = 1e-17
_NEAR = 1e-3


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Part:
    """A stretch of the sum.

    Attributes:
        value: Σ p · score, **(B…)**.
        positive: Σ p (e^r − 1 − r), r = log q/p, for the KL divergence of near-equals, **(B…)**.
        mass: Σ p, **(B…)**.
        q_mass: Σ q, **(B…)**.
        last: |p · score| of the last terms in the direction of the sum, **(_LAST, B…)**.
        last_mass: p of the last terms, **(_LAST, B…)**.
    """

    value: Tensor
    positive: Tensor
    mass: Tensor
    q_mass: Tensor
    last: Tensor
    last_mass: Tensor


def series(problem: Problem) -> Estimate | None:
    """E_P[score] of a distribution of whole numbers without a largest, or with too many to list.

    Args:
        problem: P and Q over whole numbers.

    Returns:
        The Estimate **(B…)** in nats; its error bounds what was left out. None for vectors and densities.
    """
    import torch

    problem = dataclasses.replace(problem, p=problem.p.expand(problem.batch_shape))
    p = problem.p
    if p.event_shape or not p.support.discrete:
        return None
    may_integrate = not problem.how.exact_only and is_smooth(problem)
    if p.power_tail:  # before its middle: the quantiles of a power law are far away
        return smooth_sum(problem) if may_integrate else None
    if p.middle is None:
        return None
    mode, spread = (x.detach() for x in p.middle)
    if float(spread.max()) > _WIDE and may_integrate:
        return smooth_sum(problem)
    lower = _lower(p)
    width = int(_REACH * float(spread.max())) + 32
    most = problem.how.max_evals or _MOST
    upward = _outwards(problem, mode, 1, width=width, most=most)
    downward = _outwards(problem, mode - 1, -1, width=width, most=most, lower=lower)
    parts, bounds, finished = upward[0] + downward[0], upward[1] + downward[1], upward[2] + downward[2]
    value, positive, mass, q_mass = (
        torch.stack([getattr(part, name) for part in parts]).sum(0) for name in ("value", "positive", "mass", "q_mass")
    )
    if problem.measure == "kl_divergence":
        near = (value < _NEAR) & ((q_mass - 1).abs() < 1e-12)
        value = torch.where(near, positive, value)
    bound = torch.stack(bounds).sum(0)
    return _answer(value, bound, mass.detach(), all(finished))


def _lower(p: Density) -> Tensor | float:
    lower = p.support.lower
    return lower if isinstance(lower, float) else lower.detach().amin(-1)


def _outwards(
    problem: Problem, start: Tensor, step: int, *, width: int, most: int, lower: Tensor | float = -float("inf")
) -> tuple[list[Part], list[Tensor], list[bool]]:
    """Sum in one direction from `start` until what is left is small; twice the width each time."""
    import torch

    parts: list[Part] = []
    used, offset = 0, 0
    ended = False
    bound = torch.zeros(problem.batch_shape, dtype=torch.float64)
    while not ended and used < most:
        k = start + step * torch.arange(offset, offset + width, dtype=torch.float64).reshape(-1, *(1,) * start.ndim)
        parts.append(_sum(problem, k))
        bound = _bound(parts[-1])
        size = torch.stack([part.value.abs() for part in parts]).sum(0).detach()
        past_end = bool((k[-1] < lower).all())
        ended = past_end or bool((bound <= _SMALL + 1e-16 * size).all())
        bound = torch.zeros_like(bound) if past_end else bound
        offset, used, width = offset + width, used + width, min(2 * width, max(width, _AT_ONCE))
    return parts, [bound], [ended]


def _sum(problem: Problem, k: Tensor) -> Part:
    import torch

    from kullback.kernels.reference import excess

    log_p = problem.p.log_prob(Points(k))
    log_q = log_p if problem.q is None else problem.q.log_prob(Points(k))
    log_p, log_q = torch.broadcast_tensors(log_p, log_q)
    seen = log_p > -745
    p = torch.where(seen, torch.exp(torch.where(seen, log_p, 0.0)), 0.0)
    score = problem.score(*(torch.where(seen, x, 0.0) for x in (log_p, log_q)))
    terms = torch.where(seen, p * score, 0.0)
    r = torch.where(seen & (log_q > -torch.inf), log_q - log_p, 0.0)
    q = torch.exp(log_q)
    positive = torch.where(r > 1, q - p - p * r, p * excess(torch.clamp(r, max=1.0)))
    return Part(terms.sum(0), positive.sum(0), p.sum(0), q.sum(0), terms[-_LAST:].abs().detach(), p[-_LAST:].detach())


def _bound(part: Part) -> Tensor:
    """t_K ρ/(1 − ρ), +inf where the ratios do not show ρ < 1."""
    import torch

    ratios = [_ratio(x) for x in (part.last, part.last_mass)]
    ratio = torch.maximum(*ratios)
    falls = ratio < 1 - 1e-9
    bound = torch.where(falls, part.last[-1] * ratio / torch.where(falls, 1 - ratio, 1.0), torch.inf)
    return torch.where((part.last_mass == 0).all(0), 0.0, bound)


def _ratio(x: Tensor) -> Tensor:
    """The largest ratio of neighbouring terms."""
    import torch

    some = x[:-1] > 0
    return torch.where(some, x[1:] / torch.where(some, x[:-1], 1.0), 0.0).amax(0)


def _answer(value: Tensor, bound: Tensor, mass: Tensor, finished: bool) -> Estimate:
    import torch

    notes: list[str] = []
    if not finished:
        notes.append("the sum was stopped before its tail was small; raise max_evals")
    defect = (mass - 1).abs()
    if bool((defect > 1e-7).any()):
        notes.append(f"the probabilities of p sum to {float(mass.flatten()[defect.argmax()]):.6g}, expected 1")
    error = torch.where(torch.isfinite(value.detach()), bound, 0.0)
    return Estimate(value, method="series", error=error, reliable=not notes, notes=tuple(notes))
