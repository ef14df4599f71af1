"""Scrambled Sobol nets in the place of independent draws, where P is a smooth image of the unit cube.

The error comes from independent scramblings: the points of one net are not independent of each other.

Source:
    A. B. Owen, "Scrambled net variance for integrals of smooth functions", Annals of Statistics 25 (1997).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from kullback.distributions.density import Points
from kullback.distributions.foreign.drawing import seeded
from kullback.estimate import Estimate
from kullback.estimators.problem import Problem

MOST_DIMENSIONS = 12
_SCRAMBLINGS = 32
_STUDENT = 2.0395 / 1.9600
"""Quantiles of t with 31 degrees of freedom and of the normal: the spread of 32 means is itself estimated."""

_FIRST = 256


def net_mean(problem: Problem, rtol: float, atol: float, most: int) -> Estimate | None:
    """The mean score over 32 scrambled nets, doubled until the error is small enough.

    Args:
        problem: P, with a map from the unit cube and without a batch, and Q.
        rtol: relative error to reach.
        atol: absolute error to reach.
        most: the most points in all.

    Returns:
        The Estimate, None where P has no such map or too many dimensions.
    """
    dimension = problem.p.uniform_dimension
    if dimension is None or dimension > MOST_DIMENSIONS or problem.batch_shape or most < _SCRAMBLINGS * _FIRST:
        return None
    with seeded(problem.how.rng):
        every = torch.randint(2**31, (_SCRAMBLINGS,)).tolist()
    engines = [torch.quasirandom.SobolEngine(dimension, scramble=True, seed=seed) for seed in every]
    size, used = _FIRST, 0
    sums = torch.zeros(_SCRAMBLINGS, dtype=torch.float64)
    while True:
        sums = sums + torch.stack([_score(problem, engine, size).sum() for engine in engines])
        used += size
        means = sums / used
        value, spread = means.mean(), float(means.detach().std()) / math.sqrt(_SCRAMBLINGS)
        enough = spread * _STUDENT <= max(atol, rtol * abs(float(value.detach())))
        size = used
        if enough or 2 * used * _SCRAMBLINGS > most or not math.isfinite(spread):
            break
    std_error = torch.as_tensor(spread * _STUDENT, dtype=torch.float64)
    return Estimate(value, method="monte carlo, Sobol nets", std_error=std_error, n=used * _SCRAMBLINGS)


def _score(problem: Problem, engine: torch.quasirandom.SobolEngine, n: int) -> Tensor:
    u = engine.draw(n, dtype=torch.float64) + 2.0**-32  # the first point of a net may be 0, which no normal maps
    x = problem.p.from_uniform(u)
    if x is None:
        raise AssertionError("a density with a uniform_dimension has a map")
    at = Points(x)
    with torch.set_grad_enabled(problem.requires_grad):
        log_p = problem.p.log_prob(at)
        log_q = log_p if problem.q is None else problem.q.log_prob(at)
        return problem.score(log_p, log_q)
