"""KL(P‖Q) as a sum of terms that are never negative, row by row.

With r = log(q/p), every term of Σ p log(p/q) − p + q is p·(e^r − 1 − r) ≥ 0, so nothing cancels between outcomes:
for nearly equal p and q the difference H(P, Q) − H(P) loses all its digits, this sum does not. Where p = 0 the term
is q, the mass of Q outside P's support. For rows that sum to one, Σ q − p = 0 and the sum is the KL divergence.
"""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from kullback.kernels.reference.logarithm import log


def kl_divergence(p: Any, q: Any) -> Any:
    """KL(P‖Q) = Σ_k p_k (e^r_k − 1 − r_k) + Σ_{p_k = 0} q_k, r = log(q/p); +inf where p > 0 = q.

    Args:
        p: probabilities of the truth, **(…, K)**.
        q: probabilities of the model, **(…, K)**.

    Returns:
        Divergences in nats, **(…)**, never negative.

    Example:
        >>> import numpy as np
        >>> round(float(kl_divergence(np.asarray([1.0, 0.0]), np.asarray([0.5, 0.5]))), 4)
        0.6931
    """
    xp: Any = array_namespace(p, q)
    seen = p > 0
    p_seen, q_seen = xp.where(seen, p, 1.0), xp.where(seen, q, 1.0)
    gap = q_seen - p_seen  # exact for q within a factor of two of p (Sterbenz 1974)
    close = xp.abs(gap) < 0.5 * p_seen
    r_close = xp.log1p(xp.where(close, gap, 0.0) / p_seen)
    r = xp.where(close, r_close, log(q_seen) - xp.log(p_seen))
    return _sum_of_terms(p, q, r)


def kl_divergence_of_logs(log_p: Any, log_q: Any) -> Any:
    """KL(P‖Q), from log-probabilities.

    Args:
        log_p: log-probabilities of the truth, **(…, K)**; a probability that underflows counts as zero.
        log_q: log-probabilities of the model, **(…, K)**.

    Returns:
        Divergences in nats, **(…)**, never negative.
    """
    xp: Any = array_namespace(log_p, log_q)
    p = xp.exp(log_p)
    seen = p > 0
    r = xp.where(seen, log_q, 0.0) - xp.where(seen, log_p, 0.0)
    return _sum_of_terms(p, xp.exp(log_q), r)


def _sum_of_terms(p: Any, q: Any, r: Any) -> Any:
    """Σ p (e^r − 1 − r), with q where p = 0; r is 0 there."""
    xp: Any = array_namespace(p, q)
    large = r > 1  # e^r may overflow: p e^r is q
    by_difference = q - p - p * xp.where(large, r, 0.0)
    terms = xp.where(large, by_difference, p * excess(xp.where(large, 0.0, r)))
    return xp.sum(xp.where(p > 0, terms, q), axis=-1)


def excess(r: Any) -> Any:
    """e^r − 1 − r for r ≤ 1, by its Taylor series near 0, where expm1(r) and r would cancel.

    Args:
        r: numbers up to 1, **(…)**.

    Returns:
        Non-negative numbers, **(…)**.

    Example:
        >>> import numpy as np
        >>> round(float(excess(np.asarray([1e-8]))[0]), 20)
        5e-17
    """
    xp: Any = array_namespace(r)
    near = xp.abs(r) < 0.03
    s = xp.where(near, r, 0.0)
    series = s * s * (1 / 2 + s * (1 / 6 + s * (1 / 24 + s * (1 / 120 + s * (1 / 720 + s / 5040)))))
    return xp.where(near, series, xp.expm1(r) - r)
