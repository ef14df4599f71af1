"""Draws of P in strata, and the score at each: with a graph where parameters have one."""

from __future__ import annotations

import dataclasses
from typing import Any, final

import torch
from torch import Tensor

from kullback.distributions.density import Points
from kullback.estimators.problem import Problem


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Scores:
    """What was computed at the draws of one stratum.

    Attributes:
        weight: the share of the stratum, a number.
        score: **(n, B…)**.
        log_ratio: log q(x)/p(x), **(n, B…)**, None where there is no q.
    """

    weight: float
    score: Tensor
    log_ratio: Tensor | None


def draw_scores(problem: Problem, n: int, rng: Any) -> list[Scores]:
    """Draw n times from P and score the draws.

    The components of a mixture without a batch are each drawn from in proportion to their weights ("stratified").

    Args:
        problem: P and Q.
        n: the number of draws for every element of the batch.
        rng: a seed, or None.

    Returns:
        Scores of each stratum, with a graph where P or Q has parameters that ask for one: through the draws where torch
        can reparameterise them, by the score function ∇ log p otherwise.
    """
    weights = problem.p.strata
    if weights is None:
        return [_scored(problem, _draws(problem, n, rng), 1.0)]
    shares = weights.detach()
    counts = torch.clamp((shares * n).round().long(), min=2).tolist()
    draws = problem.p.sample_strata(counts, rng)
    return [_scored(problem, x, float(w)) for x, w in zip(draws, shares, strict=True) if float(w) > 0]


def _draws(problem: Problem, n: int, rng: Any) -> Tensor:
    if problem.p.requires_grad:
        x = problem.p.rsample(n, rng)
        if x is not None:
            return x
    return problem.p.sample(n, rng)


def _scored(problem: Problem, x: Tensor, weight: float) -> Scores:
    at = Points(x)
    with torch.set_grad_enabled(problem.requires_grad):
        log_p = problem.p.log_prob(at)
        log_q = None if problem.q is None else problem.q.log_prob(at)
        score = problem.score(log_p, log_p if log_q is None else log_q)
        if problem.p.requires_grad and not x.requires_grad:
            score = score + _score_function(score.detach(), log_p)
        ratio = None if log_q is None else (log_q - log_p).detach()
    return Scores(weight, score, ratio)


def _score_function(score: Tensor, log_p: Tensor) -> Tensor:
    """A term of value 0 whose gradient is (score − mean) ∇ log p, which ∇ E_p[score] has besides E_p[∇ score]."""
    finite = torch.where(torch.isfinite(score), score, 0.0)
    advantage = finite - finite.mean(0)
    return advantage * (log_p - log_p.detach())
