"""The integrand in a chart: w_k p_k(x(t)) · score(x(t)) · dx/dt, of every component of P at its own points."""

from __future__ import annotations

import dataclasses
from typing import final

import torch
from torch import Tensor

from kullback.distributions.density import Pieces, Points
from kullback.distributions.support import hull
from kullback.estimators.problem import Problem
from kullback.kernels.reference import excess

_ULPS = 64
"""Spacings of numbers from an end of the support within which the density is that of rounding."""

_NEGLIGIBLE = -690.0
"""Where the log of p dx/dt is below, p underflows and the score may be inf, nan or anything."""


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Integrand:
    """What is integrated.

    Attributes:
        problem: the average.
        pieces: the components of P.
        shape: **(K, B…)**, broadcast over the batches of P and Q.
    """

    problem: Problem
    pieces: Pieces
    shape: tuple[int, ...]

    def logs(self, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give log w_k p_k dx/dt, log p and log q at x(t), **(S, K, B…)** each; log q is log p where there is no q."""
        points, log_slope, log_own = self.pieces.points(t)
        log_weighted = log_own + log_slope
        log_p = log_own
        if self.pieces.weights is not None:
            log_weighted = log_weighted + torch.log(self.pieces.weights)
            log_p = self.problem.p.log_prob(points)
        q = self.problem.q
        log_q = log_p if q is None else q.log_prob(_spread(points, self.shape))
        return torch.broadcast_tensors(log_weighted, log_p, log_q)  # pyright: ignore[reportReturnType]  # three of them

    def within(self, points: Points) -> Tensor:
        """Tell where x is a number between the ends of P's support, neither overflown nor rounded to an end."""
        lower, upper = hull(self.problem.p.support)
        return torch.isfinite(points.x) & (points.x > lower) & (points.x < upper)

    def resolved(self, points: Points) -> Tensor:
        """Tell where x is so far from the ends of P's support that floating point holds the distance to them."""
        if points.logit is not None and self.problem.p.reads_logit:
            return torch.ones_like(points.x, dtype=torch.bool)
        far = torch.ones_like(points.x, dtype=torch.bool)
        for end in hull(self.problem.p.support):
            size = torch.as_tensor(end, dtype=torch.float64).abs()
            near = torch.where(size < torch.inf, _ULPS * torch.finfo(torch.float64).eps * size, 0.0)
            far = far & ((points.x - end).abs() > near)
        return far

    def terms(self, t: Tensor, *, inner: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Give the integrand and the mass at t, **(S, K, B…)**.

        Args:
            t: the points.
            inner: whether each t lies between the outermost points where the score was finite: an infinite score is
                an infinity there, and the overflow of an argument elsewhere.
        """
        log_mass, log_p, log_q = self.logs(t)
        counted = (log_mass > _NEGLIGIBLE) & (log_mass < torch.inf)
        mass = torch.where(counted, torch.exp(torch.where(counted, log_mass, 0.0)), 0.0)
        score = self.problem.score(*(torch.where(counted, x, 0.0) for x in (log_p, log_q)))
        if inner is not None:
            score = torch.where(inner | score.isfinite(), score, 0.0)
        return torch.where(counted, mass * score, 0.0), mass

    def positive_terms(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """Give w_k p_k (e^r − 1 − r), r = log q/p, whose integral is the KL divergence, and the mass of Q."""
        log_mass, log_p, log_q = self.logs(t)
        counted = (log_mass > _NEGLIGIBLE) & (log_mass < torch.inf) & log_q.isfinite()
        mass = torch.where(counted, torch.exp(torch.where(counted, log_mass, 0.0)), 0.0)
        r = torch.where(counted, log_q - log_p, 0.0)
        near = torch.clamp(r, max=1.0)  # beyond, e^r may overflow where p vanishes
        far = r > 1
        q_mass = torch.exp(torch.where(counted, log_mass + r, -torch.inf))
        by_difference = q_mass - mass - mass * r
        return torch.where(far, by_difference, mass * excess(near)), q_mass


def _spread(points: Points, shape: tuple[int, ...]) -> Points:
    """Points over the batch of both: a batch of Q may be larger than that of P."""
    x = points.x
    if x.shape[-len(shape) :] == shape:
        return points
    wide = (*x.shape[: x.ndim - len(shape)], *shape)
    return Points(x.expand(wide), None if points.logit is None else points.logit.expand(wide))
