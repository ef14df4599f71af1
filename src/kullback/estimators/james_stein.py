"""Hausser and Strimmer's entropy: the plug-in of frequencies shrunk toward the uniform distribution."""

from __future__ import annotations

import numpy as np

from kullback.distributions import Categorical, Tally
from kullback.estimate import Estimate
from kullback.estimators.entropy_only import Array, Rows, report, rows_of
from kullback.estimators.functional import Functional
from kullback.estimators.grassberger import series


def james_stein(functional: Functional, *arguments: Categorical | Tally) -> Estimate:
    """Ĥ = −Σ_k p̃_k log p̃_k, p̃_k = λ/K + (1 − λ) n_k/n.

    λ = (1 − Σ p̂²) / ((n − 1) Σ (1/K − p̂)²), p̂_k = n_k/n, is the intensity of least expected squared error, at most 1;
    it is 1 where the formula divides by 0, at equal counts and for one observation.

    The std_error is the delta method's, the dependence of λ on the counts included, with the quadratic term of S
    outcomes seen:

        std_error² = Var_p̂(g)/(n − 1) + (S − 1)/(2 n²),   g_k = −(1 − λ) log p̃_k + 2 p̂_k · dλ/dΣp̂² · ∂Ĥ/∂λ

    Args:
        functional: the entropy; no other measure.
        arguments: one Tally **(B…, K)**. K is the size of the alphabet, outcomes of count 0 included; where the
            alphabet was not given it is the number of outcomes seen, and a note says so.

    Returns:
        The value **(B…)** in nats with its std_error, infinite for one observation. Shrinkage pulls the value to
        log K; where the world is far from uniform the bias outlives many observations. `reliable` is False where the
        value differs by more than std_error/4 from Grassberger's, and where (f₁ + 3)/n exceeds std_error/4, f₁ the
        outcomes seen once, unless all that were seen were seen 10 times.

    Raises:
        InputError: if the functional is not the entropy.
        UnsupportedError: if the argument is not counts.

    Example:
        >>> import numpy as np
        >>> from kullback.estimators import Functional
        >>> entropy = Functional("entropy", value=lambda p: p, sensitivities=lambda p: ())
        >>> james_stein(entropy, Tally(np.asarray([70.0, 20.0, 10.0])))
        0.816 ± 0.072 nat (James–Stein, n = 100)

    Source:
        J. Hausser and K. Strimmer, "Entropy Inference and the James–Stein Estimator, with Application to Nonlinear
        Gene Association Networks", Journal of Machine Learning Research 10 (2009), jmlr.org/papers/v10/hausser09a.html.
    """
    rows = rows_of(functional, arguments, "james-stein")
    value, std_error = _shrunk(rows)
    return report(rows, value, std_error, method="James–Stein", unbiased=series(rows.counts), needs_alphabet=True)


def _shrunk(rows: Rows) -> tuple[Array, Array]:
    """Give the value and its std_error, each **(R,)**."""
    from scipy.special import entr

    n, k = rows.n, float(rows.counts.shape[-1])
    p = rows.counts / n[:, None]
    shrinkage, slope = _intensity(p, n)
    target = shrinkage[:, None] / k + (1.0 - shrinkage[:, None]) * p
    log_target = np.log(np.where(target > 0, target, 1.0))
    along = np.sum((p - 1.0 / k) * log_target, axis=-1)
    g = -(1.0 - shrinkage[:, None]) * log_target + 2.0 * p * (slope * along)[:, None]
    mean = np.sum(p * g, axis=-1)
    variance = np.sum(p * (g - mean[:, None]) ** 2, axis=-1) / np.maximum(n - 1.0, 1.0)
    std_error = np.sqrt(variance + (rows.seen - 1.0) / (2.0 * n * n))
    return np.sum(entr(target), axis=-1), np.where(n > 1.0, std_error, np.inf)


def _intensity(p: Array, n: Array) -> tuple[Array, Array]:
    """Give λ and dλ/dΣp̂², each **(R,)**; the slope is 0 where λ is held at 1."""
    k = float(p.shape[-1])
    distance = np.sum((p - 1.0 / k) ** 2, axis=-1)
    excess = (n - 1.0) * distance
    rest = 1.0 - np.sum(p * p, axis=-1)
    partial = rest < excess
    safe = np.where(partial, excess, 1.0)
    slope = -(1.0 - 1.0 / k) / (safe * np.where(partial, distance, 1.0))
    return np.where(partial, rest / safe, 1.0), np.where(partial, slope, 0.0)
