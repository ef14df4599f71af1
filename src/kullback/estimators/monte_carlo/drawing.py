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
        return _scored(problem, [_draws(problem, n, rng)], [1.0])
    shares = weights.detach().tolist()
    counts = [max(2, round(share * n)) for share in shares]
    draws = problem.p.sample_strata(counts, rng)
    drawn = [(x, share) for x, share in zip(draws, shares, strict=True) if share > 0]
    return _scored(problem, [x for x, _ in drawn], [share for _, share in drawn])


def _draws(problem: Problem, n: int, rng: Any) -> Tensor:
    if problem.p.requires_grad:
        x = problem.p.rsample(n, rng)
        if x is not None:
            return x
    return problem.p.sample(n, rng)


def _scored(problem: Problem, draws: list[Tensor], weights: list[float]) -> list[Scores]:
    """Score every stratum; those of parameters that the draws do not carry get the term of the score function."""
    found: list[tuple[Tensor, Tensor, Tensor | None]] = []
    with torch.set_grad_enabled(problem.requires_grad):
        for x in draws:
            log_p = problem.p.log_prob(Points(x))
            log_q = None if problem.q is None else problem.q.log_prob(Points(x))
            score = problem.score(log_p, log_p if log_q is None else log_q)
            found.append((score, log_p, None if log_q is None else (log_q - log_p).detach()))
        if problem.p.requires_grad and not draws[0].requires_grad:
            scores = _with_score_function(found, weights)
        else:
            scores = [score for score, _, _ in found]
    return [Scores(w, score, ratio) for w, score, (_, _, ratio) in zip(weights, scores, found, strict=True)]


def _with_score_function(found: list[tuple[Tensor, Tensor, Tensor | None]], weights: list[float]) -> list[Tensor]:
    """Add a term of value 0 and gradient (score − mean) ∇ log p, which ∇ E_p[score] has besides E_p[∇ score].

    The mean is that over all strata: only over all of them together is the expectation of ∇ log p zero.
    """
    plain = [torch.where(torch.isfinite(score), score, 0.0).detach() for score, _, _ in found]
    mean = sum(w * x.mean(0) for w, x in zip(weights, plain, strict=True))
    return [score + (x - mean) * (log_p - log_p.detach()) for (score, log_p, _), x in zip(found, plain, strict=True)]
