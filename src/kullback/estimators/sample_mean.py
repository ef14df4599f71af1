"""H(P, Q) ≈ −1/n Σ_i log q(x_i): the mean information of observations under a model that has a density."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kullback.distributions.density import Density, Points
from kullback.distributions.draws import Draws
from kullback.estimate import Estimate
from kullback.estimators.tail_index import any_heavy

if TYPE_CHECKING:
    from torch import Tensor


def sample_mean(p: Draws, q: Density) -> Estimate:
    """H(P, Q) ≈ −1/n Σ_i log q(x_i), with the standard error s/√n.

    Args:
        p: observations **(n, E…)** of the truth.
        q: the model, **(B…)** of the same event shape.

    Returns:
        The Estimate **(B…)** in nats; +inf where an observation is outside the support of Q. `reliable` is False where
        so few or so heavy-tailed scores were seen that the standard error cannot be believed.
    """
    import torch

    score = 0.0 - log_prob_at(p, q)
    value = score.mean(0)
    known = torch.isfinite(value.detach())
    several = p.n > 1
    spread = score.detach().std(0) / p.n**0.5 if several else torch.full_like(value.detach(), torch.inf)
    notes: list[str] = []
    if not several:
        notes.append("one observation has no spread: its std_error is infinite")
    elif p.n < _FEW:
        notes.append(f"fewer than {_FEW} observations: the std_error is itself uncertain")
    elif bool((p.x == p.x[:1]).all()):
        notes.append("all observations are the same: the std_error knows nothing of others")
    if any_heavy(score.detach().numpy()):
        notes.append("heavy tail of the scores: the std_error may be far too small")
    return Estimate(
        value,
        method="sample mean",
        std_error=torch.where(known, spread, 0.0),
        reliable=not notes,
        notes=tuple(notes),
        n=p.n,
    )


_FEW = 30


def log_prob_at(p: Draws, q: Density) -> Tensor:
    """log q(x_i), **(n, B…)**."""
    import torch

    x = torch.as_tensor(p.x, dtype=torch.float64)
    shaped = x.reshape(p.n, *(1,) * len(q.batch_shape), *p.event_shape)
    return q.log_prob(Points(shaped.expand(p.n, *q.batch_shape, *p.event_shape)))
