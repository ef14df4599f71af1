"""The sum over all outcomes of known probabilities."""

from __future__ import annotations

from kullback.distributions import Categorical
from kullback.estimate import Estimate
from kullback.estimators.functional import Functional


def exact_sum(functional: Functional, *arguments: Categorical) -> Estimate:
    """E_P[score] = Σ_k p_k · score_k.

    Args:
        functional: the measure.
        arguments: P, or P and Q, **(B…, K)**.

    Returns:
        The value **(B…)** in nats; nothing was sampled and the arithmetic is exact to rounding.
    """
    return Estimate(functional.value(*arguments), method="exact sum")
