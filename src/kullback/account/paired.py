"""Paired differences A − B of what the account says of each model, and how far apart their predictions are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kullback.account.calibration import crossed_gain
from kullback.account.held_out import brier_scores, is_heavy
from kullback.account.observations import Observations
from kullback.account.pair import Pair
from kullback.account.sampling import Array, mean_and_error, pick
from kullback.estimate import Estimate
from kullback.units import DIMENSIONLESS

BOTH_BOUNDED = (
    "the difference of two cross-fitted gains, each in expectation at most what recalibration removes: it tells which "
    "model has more to gain, and bounds nothing"
)


def difference(a: Observations, b: Observations) -> Estimate:
    """Estimate H(P, A) − H(P, B) by the mean over items of the difference of their surprisals.

    What is hard for both models cancels row by row, so that the error is that of the difference and mostly far below
    those of the two losses. It is not to be trusted where one row in a hundred carries more than a third of the
    differences.

    Source:
        The t statistic of paired comparisons, Student (1908), "The probable error of a mean", sec. IX.
    """
    d = a.surprisal - b.surprisal
    value, error = mean_and_error(d, a.groups)
    heavy = is_heavy(np.abs(d))
    note = ("1 % of the rows carry more than a third of the differences: the error may be too small",) if heavy else ()
    return Estimate(value, "paired mean", std_error=error, n=a.units, reliable=not heavy, notes=note)


def entropy_gap_difference(a: Observations, b: Observations) -> Estimate:
    """Estimate the difference of the entropy gaps, E[−log a(Y) − H(a)] − E[−log b(Y) − H(b)], paired."""
    gaps = [seen.surprisal - seen.expected_surprisal for seen in (a, b)]
    value, error = mean_and_error(gaps[0] - gaps[1], a.groups)
    return Estimate(value, "paired mean", std_error=error, n=a.units)


def brier_difference(a: Observations, b: Observations) -> Estimate:
    """Estimate the difference of the Brier scores, paired."""
    value, error = mean_and_error(brier_scores(a) - brier_scores(b), a.groups)
    return Estimate(value, "paired mean", unit=DIMENSIONLESS, std_error=error, n=a.units)


def recalibration_difference(a: Observations, b: Observations) -> Estimate | None:
    """Estimate how much more recalibration removes from the loss of A than from that of B.

    Cross-fitted on the same folds. The rows' spread is paired; what the two fits bring is added to it as if they were
    independent, which overstates it. None with fewer than ten sampling units.
    """
    of_a, of_b = crossed_gain(a), crossed_gain(b)
    if of_a is None or of_b is None:
        return None
    (gain_a, spread_a), (gain_b, spread_b) = of_a, of_b
    value, error = mean_and_error(gain_a - gain_b, a.groups)
    error = float(np.sqrt(error**2 + spread_a**2 + spread_b**2))
    return Estimate(value, "paired mean of cross-fitted gains", std_error=error, n=a.units, notes=(BOTH_BOUNDED,))


def divergence(pair: Pair, rows: Array) -> Estimate:
    """Average **(N,)** divergences; infinite where any row is, and then the rows are counted and the rest is said."""
    infinite = np.isinf(rows)
    if not infinite.any():
        value, error = mean_and_error(rows, pair.groups)
        return Estimate(value, "mean of exact sums", std_error=error, n=pair.units)
    count, n = int(infinite.sum()), len(rows)
    said = f"infinite in {count} of {n} rows, where one model gives the probability 0 to what the other holds possible"
    return Estimate(np.inf, "mean of exact sums", std_error=np.inf, n=pair.units, reliable=False, notes=(said,))


def agreement(pair: Pair) -> Estimate:
    """Estimate how often A and B have the same first choice."""
    a, b = pair.choices
    value, error = mean_and_error((a == b).astype(np.float64), pair.groups)
    return Estimate(value, "share of rows", unit=DIMENSIONLESS, std_error=error, n=pair.units)


def right_where_they_differ(pair: Pair) -> tuple[Estimate, Estimate, Estimate] | None:
    """Estimate, over the rows where first choices differ, how often A's is the label, how often B's, and A − B.

    With several labels, the share of a row's labels that are the choice. None without labels or such rows.
    """
    a, b = pair.choices
    rows: NDArray[np.int64] = np.flatnonzero(a != b)
    if pair.seen is None or not len(rows):
        return None
    shares, groups = pair.seen[0].shares, pick(pair.groups, rows)
    of_a, of_b = shares[rows, a[rows]], shares[rows, b[rows]]
    n = len(rows) if groups is None else int(groups.max()) + 1
    first, second, both = (
        Estimate(value, "share of labels where choices differ", unit=DIMENSIONLESS, std_error=error, n=n)
        for value, error in (mean_and_error(x, groups) for x in (of_a, of_b, of_a - of_b))
    )
    return first, second, both
