"""The sum over all outcomes of known probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kullback.distributions import Categorical
from kullback.distributions.density import Density, Points
from kullback.estimate import Estimate
from kullback.estimators.functional import Functional
from kullback.estimators.problem import Problem
from kullback.kernels import reference

if TYPE_CHECKING:
    from torch import Tensor

MOST_OUTCOMES = 2**20
"""Larger alphabets are summed from the mode outwards, or drawn from."""


def exact_sum(functional: Functional, *arguments: Categorical) -> Estimate:
    """E_P[score] = Σ_k p_k · score_k.

    Args:
        functional: the measure.
        arguments: P, or P and Q, **(B…, K)**.

    Returns:
        The value **(B…)** in nats; nothing was sampled and the arithmetic is exact to rounding.
    """
    return Estimate(functional.value(*arguments), method="exact sum")


_ROWS: dict[str, Callable[[Any, Any], Any]] = {
    "entropy": lambda log_p, _: reference.entropy_of_logs(log_p),
    "cross_entropy": lambda log_p, log_q: reference.cross_entropy_of_logs(log_p.exp(), log_q),
    "kl_divergence": reference.kl_divergence_of_logs,
}


def exact_sum_of_outcomes(problem: Problem) -> Estimate | None:
    """E_P[score] = Σ_x p(x) · score(x) over the outcomes of a distribution that has finitely many.

    Args:
        problem: P and Q.

    Returns:
        The Estimate **(B…)** in nats, None where P has infinitely many outcomes, or more than MOST_OUTCOMES.
    """
    import torch

    p, q = problem.p, problem.q
    x = p.values(MOST_OUTCOMES) if p.support.discrete else None
    if x is None:
        return None
    if q is None:
        return Estimate(_ROWS[problem.measure](_row(p, x), None), method="exact sum")
    others = q.values(MOST_OUTCOMES)
    if others is not None and others.shape[1:] == x.shape[1:]:
        x = torch.unique(torch.cat([x, others]), dim=0)
    log_p, log_q = _row(p, x), _row(q, x)
    if others is None:
        log_p, log_q = _with_elsewhere(log_p, log_q)
    return Estimate(_ROWS[problem.measure](*torch.broadcast_tensors(log_p, log_q)), method="exact sum")


def _row(d: Density, x: Tensor) -> Tensor:
    """log-probabilities **(B…, K)** of the outcomes **(K, E…)**."""
    import torch

    shaped = x.reshape(len(x), *(1,) * len(d.batch_shape), *d.event_shape)
    log_p = d.log_prob(Points(shaped.expand(len(x), *d.batch_shape, *d.event_shape)))
    return torch.movedim(log_p, 0, -1)


def _with_elsewhere(log_p: Tensor, log_q: Tensor) -> tuple[Tensor, Tensor]:
    """One more outcome: all those that Q has beside P's, which the KL divergence counts."""
    import torch

    rest = 1 - log_q.exp().sum(-1, keepdim=True)
    some = rest > 1e-15
    elsewhere = torch.where(some, torch.log(torch.where(some, rest, 1.0)), -torch.inf)
    nothing = torch.full_like(log_p[..., :1], -torch.inf)
    return torch.cat([log_p, nothing], -1), torch.cat([log_q, elsewhere], -1)
