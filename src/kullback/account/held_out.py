"""The held-out cross-entropy, the entropy gap and the Brier twin: plain means over items."""

from __future__ import annotations

import numpy as np

from kullback.account.observations import Observations
from kullback.account.sampling import Array, Codes, mean_and_error, pick
from kullback.estimate import Estimate
from kullback.units import DIMENSIONLESS


def cross_entropy(seen: Observations) -> Estimate:
    """Estimate H(P, Q) = −E log q(Y|X) by the mean over items of the mean over an item's labels.

    The error is not to be trusted where one row in a hundred carries more than a third of the loss.
    """
    s = seen.surprisal
    value, error = mean_and_error(s, seen.groups)
    heavy = is_heavy(s)
    note = ("1 % of the rows carry more than a third of the loss: the error is too small",) if heavy else ()
    return Estimate(value, method="sample mean", std_error=error, n=seen.units, reliable=not heavy, notes=note)


def is_heavy(s: Array) -> bool:
    """Whether one in a hundred of **(N,)** non-negative values carry more than a third of their sum."""
    heaviest = max(1, len(s) // 100)
    top = np.partition(s, len(s) - heaviest)[-heaviest:].sum()
    return bool(len(s) >= 100 and top > s.sum() / 3)


def entropy_gap(seen: Observations) -> Estimate:
    """Estimate E[−log q(Y|X) − H(q(·|X))], 0 for a calibrated model, positive when over-confident.

    Unbiased, without bins and without a fit; zero is necessary for calibration, not sufficient.
    """
    value, error = mean_and_error(seen.surprisal - seen.expected_surprisal, seen.groups)
    return Estimate(value, method="sample mean", std_error=error, n=seen.units)


def brier(seen: Observations) -> Estimate:
    """Estimate the Brier score E Σ_y (1[Y = y] − q_y)², between 0 and 2."""
    value, error = mean_and_error(brier_scores(seen), seen.groups)
    return Estimate(value, method="sample mean", unit=DIMENSIONLESS, std_error=error, n=seen.units)


def brier_scores(seen: Observations) -> Array:
    """Give each input's mean over its labels of Σ_y (1[Y = y] − q_y)², **(N,)**."""
    q = seen.q
    return 1 - 2 * (seen.shares * q).sum(axis=1) + (q**2).sum(axis=1)


def disagreement(seen: Observations) -> tuple[Codes, Array]:
    """Give the items with two labels or more, and for each the share of its pairs of labels that differ.

    Returns:
        **(M,)** row indices and **(M,)** values of 1 − Σ c(c−1) / k(k−1), unbiased for 1 − Σ p².
    """
    k = seen.k
    rows = np.flatnonzero(k >= 2)
    c, k = seen.counts[rows], k[rows]
    return rows, 1 - (c * (c - 1)).sum(axis=1) / (k * (k - 1))


def brier_floor(seen: Observations) -> Estimate | None:
    """Estimate the lowest Brier score that any model can reach, P(two annotators of one item disagree).

    Exactly unbiased from pairs of labels; None where no item has two.
    """
    rows, d = disagreement(seen)
    if len(rows) < 2:
        return None
    groups = pick(seen.groups, rows)
    value, error = mean_and_error(d, groups)
    n = len(rows) if groups is None else int(groups.max()) + 1
    return Estimate(value, method="pairs of labels", unit=DIMENSIONLESS, std_error=error, n=n)
