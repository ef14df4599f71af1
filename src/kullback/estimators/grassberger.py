"""Grassberger's entropy of 2003: log n less a series whose bias falls off exponentially with the counts."""

from __future__ import annotations

import numpy as np

from kullback.distributions import Categorical, Tally
from kullback.estimate import Estimate
from kullback.estimators.entropy_only import Array, Rows, report, rows_of
from kullback.estimators.functional import Functional


def grassberger(functional: Functional, *arguments: Categorical | Tally) -> Estimate:
    """Ĥ_G = log n − 1/n Σ_k n_k G(n_k).

    G(1) = −γ − log 2, G(2) = 2 − γ − log 2, G(2m + 1) = G(2m), G(2m + 2) = G(2m) + 2/(2m + 1), or in closed form
    G(m) = log 2 + ψ(⌊m/2⌋ + ½). These are the numbers of 2003; the formula of 1988, ψ(m) + (−1)^m / (m (m + 1)), is
    another. Beside what falls off exponentially a bias of log n − ψ(n) ≈ 1/(2n) is left, small beside std_error.

    The std_error is the jackknife's for the part of G without the alternating sign, ψ(m), with the variances
    of the quadratic term and of the sign, ½ and ¼ for each of the S outcomes seen:

        std_error² = Σ_k n_k (D_k − D̄)² / (n (n − 1)) + 3 S/(4 n²),   D_k = ψ(n_k) + [n_k ≥ 2]

    D_k is n_k ψ(n_k) − (n_k − 1) ψ(n_k − 1). Where all outcomes are as likely the two parts count the quadratic term
    twice, and the interval is up to half too wide.

    Args:
        functional: the entropy; no other measure.
        arguments: one Tally **(B…, K)**; outcomes of count 0 do not matter.

    Returns:
        The value **(B…)** in nats with its std_error, infinite for one observation. `reliable` is False where
        (f₁ + 3)/n exceeds std_error/4, f₁ the outcomes seen once, unless all that were seen were seen 10 times.

    Raises:
        InputError: if the functional is not the entropy.
        UnsupportedError: if the argument is not counts.

    Example:
        >>> import numpy as np
        >>> from kullback.estimators import Functional
        >>> entropy = Functional("entropy", value=lambda p: p, sensitivities=lambda p: ())
        >>> grassberger(entropy, Tally(np.asarray([40.0, 20.0, 0.0, 20.0])))
        1.039 ± 0.044 nat (Grassberger, n = 80)

    Source:
        P. Grassberger, "Entropy Estimates from Insufficient Samplings" (2003), arXiv:physics/0307138, equation 35;
        S. Zahl, "Jackknifing an index of diversity", Ecology 58 (1977), for the error.
    """
    rows = rows_of(functional, arguments, "grassberger")
    return report(rows, series(rows.counts), _std_error(rows), method="Grassberger")


def series(counts: Array) -> Array:
    """Give Ĥ_G of rows of counts, **(R, K)** → **(R,)**."""
    from scipy.special import psi

    n = np.sum(counts, axis=-1)
    g = np.log(2.0) + psi(np.floor(counts / 2.0) + 0.5)
    return np.log(n) - np.sum(counts * g, axis=-1) / n


def _std_error(rows: Rows) -> Array:
    from scipy.special import psi

    c, n = rows.counts, rows.n
    d = psi(np.maximum(c, 1.0)) + (c >= 2.0)
    mean = np.sum(c * d, axis=-1) / n
    jackknife = np.sum(c * (d - mean[:, None]) ** 2, axis=-1) / (n * np.maximum(n - 1.0, 1.0))
    return np.where(n > 1.0, np.sqrt(jackknife + 0.75 * rows.seen / (n * n)), np.inf)
