"""Chao and Shen's entropy: frequencies lowered to the coverage, each weighed by its chance to be seen at all."""

from __future__ import annotations

import numpy as np

from kullback.distributions import Categorical, Tally
from kullback.estimate import Estimate
from kullback.estimators.entropy_only import Array, Rows, report, rows_of
from kullback.estimators.functional import Functional
from kullback.estimators.grassberger import series


def chao_shen(functional: Functional, *arguments: Categorical | Tally) -> Estimate:
    """Ĥ = −Σ_k p̃_k log p̃_k / (1 − (1 − p̃_k)^n), p̃_k = Ĉ n_k/n.

    Ĉ = 1 − f₁/n is Good's estimate of the coverage, the probability of the outcomes seen, and f₁ the number of them
    seen once. Where that is all of them Ĉ would be 0, and f₁ is taken as n − 1.

    The std_error is the jackknife's, (n − 1)/n Σ_i (Ĥ_(i) − mean)² over the n observations i left out, f₁ and Ĉ
    included, with the (S − 1)/(2 n²) of a quadratic term, S outcomes seen, so that it does not vanish at equal counts.

    Args:
        functional: the entropy; no other measure.
        arguments: one Tally **(B…, K)**; outcomes of count 0 do not matter.

    Returns:
        The value **(B…)** in nats with its std_error, infinite where no outcome was seen twice, as the sample then
        says nothing of the coverage. With f₁ = 0 the value is near the plug-in's and shares its bias, −(S − 1)/(2n).
        `reliable` is False where (f₁ + 3)/n exceeds std_error/4, unless all outcomes seen were seen 10 times, and
        where the value differs by more than std_error/4 from Grassberger's.

    Raises:
        InputError: if the functional is not the entropy.
        UnsupportedError: if the argument is not counts.

    Example:
        >>> import numpy as np
        >>> from kullback.estimators import Functional
        >>> entropy = Functional("entropy", value=lambda p: p, sensitivities=lambda p: ())
        >>> chao_shen(entropy, Tally(np.asarray([40.0, 20.0, 0.0, 20.0])))
        1.040 ± 0.042 nat (Chao–Shen, n = 80)

    Source:
        A. Chao and T.-J. Shen, "Nonparametric estimation of Shannon's index of diversity when there are unseen species
        in sample", Environmental and Ecological Statistics 10 (2003); S. Zahl, "Jackknifing an index of diversity",
        Ecology 58 (1977), for the error.
    """
    rows = rows_of(functional, arguments, "chao-shen")
    value = np.sum(_terms(rows.counts, rows.n, _coverage(rows.occurring(1), rows.n)), axis=-1)
    return report(rows, value, _std_error(rows), method="Chao–Shen", unbiased=series(rows.counts))


def _coverage(f1: Array, n: Array) -> Array:
    return 1.0 - np.minimum(f1, n - 1.0) / n


def _terms(counts: Array, n: Array, coverage: Array) -> Array:
    """Give −p̃ log p̃ / (1 − (1 − p̃)^n), **(R, K)**; 0 where nothing was seen."""
    from scipy.special import entr, xlog1py

    possible = (counts > 0) & (counts <= n[:, None])
    p = np.where(possible, coverage[:, None] * counts / n[:, None], 1.0)
    return entr(p) / -np.expm1(xlog1py(n[:, None], -p))


def _std_error(rows: Rows) -> Array:
    c, n = rows.counts, rows.n
    left_out = _left_out(rows)
    mean = np.sum(c * left_out, axis=-1) / n
    jackknife = (n - 1.0) / n * np.sum(c * (left_out - mean[:, None]) ** 2, axis=-1)
    repeated = rows.occurring(1) < n
    return np.where(repeated, np.sqrt(jackknife + (rows.seen - 1.0) / (2.0 * n * n)), np.inf)


def _left_out(rows: Rows) -> Array:
    """Give Ĥ without one observation of outcome k, **(R, K)**: f₁ moves by −1, +1 or 0 where n_k is 1, 2 or more."""
    c, f1 = rows.counts, rows.occurring(1)
    n = np.maximum(rows.n - 1.0, 1.0)
    values = np.zeros_like(c)
    for group, f in ((c == 1, f1 - 1.0), (c == 2, f1 + 1.0), (c > 2, f1)):
        coverage = _coverage(f, n)
        whole = _terms(c, n, coverage)
        changed = np.sum(whole, axis=-1)[:, None] - whole + _terms(c - 1.0, n, coverage)
        values = np.where(group, changed, values)
    return values
