"""Would any recalibration help? A test of the scores at the identity, which fits nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special  # pyright: ignore[reportMissingTypeStubs]  # scipy ships none

from kullback.account import scaling
from kullback.account.held_out import disagreement
from kullback.account.observations import Observations
from kullback.account.sampling import Array, sum_by_group
from kullback.account.scaling import Family, Rows


def score_tests(seen: Observations, families: Sequence[Family]) -> list[float]:
    """Give for each family the p-value of the hypothesis that the identity is its best map.

    The larger of two p-values, both of which ask whether the mean score g at the identity is zero. Hotelling's T² takes
    the spread of g from the rows, or groups: it holds for several labels per row, for groups, and where the model is
    wrong but cannot be improved by the family; it fails where errors are so rare that the sample shows too few. Rao's
    score test takes it from the model, H(identity)·φ/N, φ = 1 − (1 − 1/k) D/B being the share of a single label's
    variance that is left in the mean of k labels (D their disagreement, B the model's own Brier score).

    Source:
        Rao (1948), the score test; Hotelling (1931); Boos (1992), "On generalized score tests".
    """
    everything = Family("all", np.eye(2 * len(seen.classes)), np.repeat([1.0, 0.0], len(seen.classes)))
    rows = Rows(seen.log_q, seen.shares)
    units = seen.units
    s = sum_by_group(scaling.scores(rows, everything, everything.identity), seen.groups)
    mean, second = s.sum(axis=0) / units, s.T @ s / units
    information = scaling.derivatives(rows, everything, everything.identity).hessian * _left_over(seen)
    p_values: list[float] = []
    for m in (family.basis for family in families):
        x = m.T @ mean
        p_model = _chi2_p_value(x * units, *_within(m, information))
        p_values.append(max(p_model, _hotelling_p_value(x, *_within(m, second), units)))
    return p_values


def _left_over(seen: Observations) -> float:
    """Give φ, averaged over the rows; 1 where every row has one label."""
    _, d = disagreement(seen)
    expected = float(1 - (seen.q**2).sum(axis=1).mean())
    if len(d) == 0 or expected <= 0:
        return 1.0
    ratio = min(float(d.mean()) / expected, 1.0)
    return float((1 - (1 - 1 / seen.k) * ratio).mean())


def _within(basis: Array, covariance: Array) -> tuple[Array, Array]:
    """Give the covariance in a basis, and the spread that each direction would have if nothing of it cancelled."""
    return basis.T @ covariance @ basis, np.abs(basis).T @ np.sqrt(np.maximum(np.diag(covariance), 0.0))


def _chi2_p_value(total: Array, information: Array, full: Array) -> float:
    t2, rank = _quadratic(total, information, full)
    return float(special.chdtrc(rank, t2)) if rank else 1.0


def _hotelling_p_value(mean: Array, second: Array, full: Array, units: int) -> float:
    """T² = (G−1) t/(1−t) with t = ḡᵀ M⁻¹ ḡ and M the mean of g gᵀ: no spread at all about ḡ ≠ 0 gives t = 1."""
    t, rank = _quadratic(mean, second, full)
    if rank == 0 or units <= rank or t >= 1 - 1e-9:
        return 0.0  # the spread is not known or nothing; the model's own decides
    return float(special.fdtrc(rank, units - rank, (units - rank) / rank * t / (1 - t)))


def _quadratic(x: Array, covariance: Array, full: Array) -> tuple[float, int]:
    """Give xᵀ C⁻¹ x and the rank of C, judged on the scale of the correlations; what cancels to rounding is nothing."""
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    kept = np.flatnonzero(spread > 1e-6 * full)
    if not len(kept):
        return 0.0, 0
    spread = spread[kept]
    values, vectors = np.linalg.eigh(covariance[np.ix_(kept, kept)] / np.outer(spread, spread))
    large = values > 1e-9 * values.max()
    y = vectors.T[large] @ (x[kept] / spread)
    return float((y**2 / values[large]).sum()), int(large.sum())
