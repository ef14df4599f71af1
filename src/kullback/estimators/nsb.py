"""Nemenman, Shafee and Bialek's entropy: the posterior mean under a prior that is nearly flat in the entropy.

Source:
    I. Nemenman, F. Shafee and W. Bialek, "Entropy and Inference, Revisited", NIPS 14 (2002), arXiv:physics/0108025;
    D. H. Wolpert and D. R. Wolf, "Estimating functions of probability distributions from a finite set of samples",
    Physical Review E 52 (1995), for the moments at fixed β.
"""

from __future__ import annotations

import dataclasses
from typing import Any, final

import numpy as np

from kullback.distributions import Categorical, Tally
from kullback.estimate import Estimate
from kullback.estimators.entropy_only import Array, report, rows_of
from kullback.estimators.functional import Functional
from kullback.estimators.grassberger import series


def nsb(functional: Functional, *arguments: Categorical | Tally) -> Estimate:
    """Ĥ = E[H | n_1 … n_K], p ∼ Dirichlet(β, …, β), β such that the a-priori expected entropy ξ(β) is uniform.

    ξ(β) = ψ(Kβ + 1) − ψ(β + 1) runs from 0 to log K as β runs from 0 to ∞, and

        Ĥ = ∫ dξ ρ(β) E[H | n, β] / ∫ dξ ρ(β),   ρ(β) = Γ(Kβ)/Γ(n + Kβ) Π_k Γ(n_k + β)/Γ(β)

    Args:
        functional: the entropy; no other measure.
        arguments: one Tally **(B…, K)**. K is the size of the alphabet, outcomes of count 0 included; where the
            alphabet was not given it is the number of outcomes seen, and a note says so.

    Returns:
        The value **(B…)** in nats; std_error is the standard deviation of H under the posterior, error is the
        quadrature's. The posterior tells the truth of worlds like a draw from one Dirichlet(β, …, β), undersampled
        ones included, and not of others (a few likely outcomes over a floor of equally rare ones). The counts do not
        tell which it is, so `reliable` is False where (f₁ + 3)/n exceeds std_error/4, f₁ the outcomes seen once,
        unless all that were seen were seen 10 times, and where the value differs by more than std_error/4 from
        Grassberger's.

    Raises:
        InputError: if the functional is not the entropy.
        UnsupportedError: if the argument is not counts.

    Example:
        >>> from kullback.estimators import Functional
        >>> entropy = Functional("entropy", value=lambda p: p, sensitivities=lambda p: ())
        >>> estimate = nsb(entropy, Tally(np.asarray([70.0, 20.0, 10.0])))
        >>> round(float(estimate.value), 4), round(float(estimate.std_error), 4), estimate.method
        (0.8098, 0.0685, 'NSB')

    Source:
        I. Nemenman, F. Shafee and W. Bialek, "Entropy and Inference, Revisited" (2002), arXiv:physics/0108025;
        D. H. Wolpert and D. R. Wolf (1995) for E[H | n, β] and E[H² | n, β].
    """
    rows = rows_of(functional, arguments, "nsb")
    mean, sd, error = np.asarray([_posterior(row) for row in rows.counts]).reshape(-1, 3).T
    return report(rows, mean, sd, method="NSB", error=error, unbiased=series(rows.counts), needs_alphabet=True)


@final
@dataclasses.dataclass(frozen=True)
class _Multiplicities:
    """How many of the K outcomes have each of the distinct counts, **(M,)**, the count 0 included."""

    count: Array
    outcomes: Array

    @property
    def n(self) -> float:
        return float(self.count @ self.outcomes)

    @property
    def k(self) -> float:
        return float(np.sum(self.outcomes))


def _posterior(row: Array) -> tuple[float, float, float]:
    """Give mean, standard deviation and the quadrature's error of H, by the trapezoidal rule in u, β = exp(t(u)).

    t = t* + width · sinh u makes every tail fall off doubly exponentially, where the rule converges geometrically.
    """
    count, outcomes = np.unique(row, return_counts=True)
    data = _Multiplicities(count, outcomes.astype(np.float64))
    if data.k == 1:
        return 0.0, 0.0, 0.0
    mode, width = _peak(data)
    u = _window(data, mode, width)
    t = mode + width * np.sinh(u)
    mean, variance = _moments(data, np.exp(t))
    log_w = _log_weight(data, t) + np.log(np.cosh(u))
    w = np.exp(log_w - np.max(log_w))
    fine, coarse = (_mix(w[::step], mean[::step], variance[::step]) for step in (1, 2))
    return fine[0], fine[1], abs(fine[0] - coarse[0])


def _mix(w: Array, mean: Array, variance: Array) -> tuple[float, float]:
    """Give mean and standard deviation of a mixture."""
    w = w / np.sum(w)
    centre = float(w @ mean)
    return centre, float(np.sqrt(w @ (variance + (mean - centre) ** 2)))


def _peak(data: _Multiplicities) -> tuple[float, float]:
    """Find the mode of the weight in t = log β and the distance at which it has fallen by a factor of e."""
    low, high = -np.log(data.k) - 12.0, np.log(data.n) + 12.0
    t, log_w, best = _scan(data, low, high)
    while max(log_w[best] - log_w[max(best - 8, 0)], log_w[best] - log_w[min(best + 8, 47)]) > 2.0:
        t, log_w, best = _scan(data, t[max(best - 2, 0)], t[min(best + 2, 47)])
    below = np.flatnonzero(log_w < log_w[best] - 1.0)
    width = np.min(np.abs(t[below] - t[best])) if below.size else (t[-1] - t[0]) / 2
    return float(t[best]), float(width)


def _scan(data: _Multiplicities, low: float, high: float) -> tuple[Array, Array, int]:
    """Give a grid, the weight on it and where it is largest."""
    t = np.linspace(low, high, 48)
    log_w = _log_weight(data, t)
    return t, log_w, int(np.argmax(log_w))


def _window(data: _Multiplicities, mode: float, width: float, nodes: int = 112) -> Array:
    """Place nodes where the weight is above e⁻⁴⁵ of its peak; beyond, both tails fall at least as fast as e^(−|t|)."""
    u = np.linspace(-1.0, 1.0, 81) * np.arcsinh(60.0 / width)
    t = mode + width * np.sinh(u)
    log_w = _log_weight(data, t) + np.log(np.cosh(u))
    kept = np.flatnonzero(log_w > np.max(log_w) - 45.0)
    first, last = max(kept[0] - 1, 0), min(kept[-1] + 1, 80)
    return np.linspace(u[first], u[last], nodes + 1)


def _log_weight(data: _Multiplicities, t: Array) -> Array:
    """Give log[ρ(β) dξ/dt] up to a constant, t = log β."""
    beta = np.exp(t)
    each = np.sum(data.outcomes[:, None] * _log_rising(beta[None], data.count[:, None]), axis=0)
    return each - _log_rising(data.k * beta, np.asarray(data.n)) + _log_prior(beta, data.k) + t


def _log_rising(x: Array, c: Array) -> Array:
    """Give log[Γ(x + c)/Γ(x)] − c log x: 0 for c ≤ 1, and → 0 as x → ∞, so that nothing large cancels."""
    from scipy.special import gammaln

    large = x > 30.0
    s = np.where(large, x, 1.0)
    stirling = (s + c - 0.5) * np.log1p(c / s) - c + _stirling_rest(s + c) - _stirling_rest(s)
    z = np.where(large, 1.0, x)
    direct = gammaln(z + c) - gammaln(z) - c * np.log(z)
    return np.where(c <= 1.0, 0.0, np.where(large, stirling, direct))


def _stirling_rest(x: Array) -> Array:
    """Give log Γ(x) − [(x − ½) log x − x + ½ log 2π], to 1e−16 for x > 30."""
    y = 1.0 / (x * x)
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y / 1680))) / x


def _log_prior(beta: Array, k: float) -> Array:
    """Give log dξ/dβ, dξ/dβ = K ψ₁(Kβ + 1) − ψ₁(β + 1), by its series in 1/β where the two terms cancel."""
    from scipy.special import zeta

    large = beta > 40.0
    b = np.where(large, 1.0, beta)
    direct = k * zeta(2.0, k * b + 1.0) - zeta(2.0, b + 1.0)
    y = 1.0 / np.where(large, beta, 40.0)
    terms = [(1 - 1 / k) / 2, -(1 - k**-2) / 6, 0.0, (1 - k**-4) / 30, 0.0, -(1 - k**-6) / 42]
    series: Array = y * y * np.polynomial.polynomial.polyval(y, terms)
    return np.log(np.where(large, series, direct))


def _moments(data: _Multiplicities, beta: Array) -> tuple[Array, Array]:
    """Give mean and variance of H under Dirichlet(n_k + β), **(T,)** for β **(T,)**.

    With a_k = n_k + β, A = Σ a_k, m = E H = ψ(A + 1) − Σ a_k ψ(a_k + 1)/A and u_k = ψ(a_k + 1) − ψ(A + 2) + m,

        Var H = [A²/(A + 1)² + Σ a_k (u_k² + 2 u_k + 1/(a_k + 1) + (a_k + 1) ψ₁(a_k + 2))] / (A(A + 1)) − ψ₁(A + 2)

    which is E[H²] − m², its terms gathered about m so that they do not cancel.
    """
    from scipy.special import psi, zeta

    a: Any = data.count[:, None] + beta[None]
    m = data.outcomes[:, None]
    total = data.n + data.k * beta
    psi_a = psi(a + 1.0)
    mean = np.sum(m * a * (psi(total + 1.0) - psi_a), axis=0) / total
    u = psi_a - psi(total + 2.0) + mean
    inner = u * u + 2.0 * u + 1.0 / (a + 1.0) + (a + 1.0) * zeta(2.0, a + 2.0)
    spread = (total / (total + 1.0)) ** 2 + np.sum(m * a * inner, axis=0)
    return mean, spread / (total * (total + 1.0)) - zeta(2.0, total + 2.0)
