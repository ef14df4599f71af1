"""What an estimator has to know of a measure: its value, and how it moves when P or Q moves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, final

from array_api_compat import array_namespace


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Sensitivity:
    """How a measure T moves when its argument p is replaced by the frequencies of n draws of p.

    T(p̂) ≈ T(p) + Σ_k T'_k (p̂_k − p_k) + ½ Σ_kl T''_kl (p̂_k − p_k)(p̂_l − p_l), p̂ multinomial, so that

        E T(p̂) − T(p) ≈ bias / n,    Var T(p̂) ≈ Var_p(T') / n + spread / n²

    Attributes:
        slope: T'_k, **(B…, K)**; a constant may be added to it. Only its values where p_k > 0 are used.
        bias: ½ tr(T'' Σ), Σ = diag(p) − p pᵀ, **(B…)**; None where T is linear in p, and T(p̂) unbiased.
        spread: ½ tr((T'' Σ)²), the variance of the quadratic term, which is all there is where the slope is flat.
        corrected: whether Miller–Madow subtracts the bias.
    """

    slope: Any
    bias: Any = None
    spread: Any = 0.0
    corrected: bool = True


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Functional:
    """A measure as the estimators see it.

    Attributes:
        name: the measure's name, `"entropy"`.
        value: Categoricals P (and Q) → the measure in nats, **(B…)**.
        sensitivities: probabilities p (and q) **(B…, K)** → one Sensitivity for each.
    """

    name: str
    value: Callable[..., Any]
    sensitivities: Callable[..., tuple[Sensitivity, ...]]


def seen(p: Any) -> Any:
    """Count the outcomes of positive probability, **(B…, K)** → **(B…)**, in float64."""
    xp: Any = array_namespace(p)
    return xp.sum(xp.astype(p > 0, xp.float64), axis=-1)


def diagonal(p: Any, slope: Any, w: Any, *, corrected: bool) -> Sensitivity:
    """Give the sensitivity of a measure whose second derivative is diagonal, T''_kk = w_k / p_k.

    ½ tr(T'' Σ) = ½ Σ w (1 − p),   ½ tr((T'' Σ)²) = ½ [Σ w² − 2 Σ w² p + (Σ w p)²]

    Args:
        p: the argument, **(B…, K)**.
        slope: T', **(B…, K)**.
        w: T''·p, **(B…, K)**.
        corrected: whether Miller–Madow subtracts the bias.

    Returns:
        The Sensitivity.
    """
    xp: Any = array_namespace(p)
    bias = 0.5 * xp.sum(xp.where(p > 0, w * (1 - p), 0.0), axis=-1)
    spread = 0.5 * (xp.sum(w * w * (1 - 2 * p), axis=-1) + xp.sum(w * p, axis=-1) ** 2)
    return Sensitivity(slope, bias, spread, corrected)
