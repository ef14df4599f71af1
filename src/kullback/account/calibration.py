"""How much of the loss recalibration alone would remove: a bracket [cross-fitted, in-sample] and a p-value."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise

import numpy as np

from kullback.account import scaling
from kullback.account.observations import Observations, average
from kullback.account.sampling import Array, Codes, mean_and_error, sum_by_group
from kullback.account.scaling import Derivatives, Family, Rows
from kullback.account.score_test import score_tests
from kullback.estimate import Estimate, Relation
from kullback.folds import assign_folds

N_FOLDS = 5
UNDERCOVERS = (
    "biased in its direction: near zero the 95 % interval of one end alone was seen to cover 65 to 95 %; the bracket, "
    "from the lower end less its error to the upper end plus its error, covered 95 % and more"
)


@dataclasses.dataclass(frozen=True, eq=False)
class Recalibration:
    """What one family of maps would remove from the loss.

    Attributes:
        family: `"temperature"`, `"affine"`, `"vector"`, or `"nested choice"` among them and none.
        parameters: how many are fitted.
        lower: the cross-fitted gain; in expectation at most what the family can remove.
        upper: the in-sample gain; in expectation at least what the family can remove.
        p_value: of the hypothesis that no map of the family improves on the predictions.
    """

    family: str
    parameters: int
    lower: Estimate
    upper: Estimate
    p_value: float

    def to(self, unit: str) -> Recalibration:
        """Express the bracket in another unit."""
        return dataclasses.replace(self, lower=self.lower.to(unit), upper=self.upper.to(unit))


def recalibrations(seen: Observations) -> tuple[Recalibration, ...]:
    """Measure what recalibration would remove, by family and by a choice among the families nested in the folds.

    refinement = inf_g E[−log g(q)(Y)], calibration = H(P, Q) − refinement. A fitted g can only overstate the
    refinement out of sample and understate it in sample, so the two gains bracket what the family can remove.

    Returns:
        The nested choice first, then each family that has ten sampling units per parameter; empty with fewer than ten.

    Source:
        Berta, Holzmüller, Jordan & Bach (2025), arXiv:2501.19195, for the variational form.
    """
    fitted = _fit_all(seen)
    if fitted is None:
        return ()
    p_values = score_tests(fitted.seen, [fit.family for fit in fitted.fits])
    each = [fit.result(fitted.seen, p) for fit, p in zip(fitted.fits, p_values, strict=True)]
    return (_nested(fitted, p_values[min(1, len(p_values) - 1)]), *each)


def crossed_gain(seen: Observations) -> tuple[Array, float] | None:
    """Give what the nested choice of map would remove from each row's loss, cross-fitted: the lower end, row by row.

    The folds depend on the number of rows and on the groups alone, so that two models of the same rows share them.

    Returns:
        **(N,)** gains in nats, in the order of the rows, and the error that the fitted θ brings to their mean; None
        with fewer than ten sampling units.
    """
    fitted = _fit_all(seen)
    if fitted is None:
        return None
    gain = np.empty(len(fitted.order))
    gain[fitted.order] = fitted.crossed()
    return gain, fitted.best().spread


def _fit_all(seen: Observations) -> _Fits | None:
    """Fit each family that has ten sampling units per parameter; None with fewer than ten units."""
    if seen.units < 2 * N_FOLDS:
        return None
    members = [f for f in scaling.families(len(seen.classes)) if seen.units >= 10 * len(f.identity)]
    folds = assign_folds(len(seen.counts), seen.groups, N_FOLDS)
    sizes = np.bincount(folds, minlength=N_FOLDS)
    order = np.argsort(folds, kind="stable")
    seen = seen.take(order)
    parts = _cut(seen, np.concatenate([[0], np.cumsum(sizes)]))
    with ThreadPoolExecutor() as pool:
        fits = list(pool.map(partial(_fit, seen, parts), reversed(members)))[::-1]
    return _Fits(seen, order, sizes, fits)


def _cut(seen: Observations, ends: Codes) -> list[Rows]:
    """Cut rows that are sorted by fold into the folds, without copies."""
    spans = [slice(int(a), int(b)) for a, b in pairwise(ends)]
    return [Rows(seen.log_q[s], seen.shares[s], None if seen.groups is None else seen.groups[s]) for s in spans]


@dataclasses.dataclass(frozen=True, eq=False)
class _Fit:
    """A family fitted to all rows and to all rows but one fold, for each fold; rows are sorted by fold.

    Attributes:
        gain: **(N,)** in-sample gain per row, in nats.
        crossed: **(N,)** gain per row under the fit that did not see the row's fold.
        net: gain on all rows less its optimism.
        spread: standard error that the fitted θ itself brings to a gain near its optimum.
        training_net: **(folds,)** net for each training set, by which the nested choice is made.
    """

    family: Family
    gain: Array
    crossed: Array
    net: float
    spread: float
    training_net: Array

    def result(self, seen: Observations, p_value: float) -> Recalibration:
        lower, upper = _bracket(seen, self.crossed, self, self.family.name)
        return Recalibration(self.family.name, len(self.family.identity), lower, upper, p_value)


@dataclasses.dataclass(frozen=True, eq=False)
class _Fits:
    """Every family fitted.

    Attributes:
        seen: the rows, sorted by fold.
        order: **(N,)** where each of them stood before.
        sizes: **(folds,)** rows of each fold.
        fits: one per family.
    """

    seen: Observations
    order: Codes
    sizes: Codes
    fits: list[_Fit]

    def crossed(self) -> Array:
        """Choose on each training set the family of best net gain, or none; **(N,)** gains on the held-out folds."""
        net = np.stack([np.zeros(len(self.sizes)), *(fit.training_net for fit in self.fits)])
        chosen = np.repeat(net.argmax(axis=0), self.sizes)
        each = np.stack([np.zeros(len(chosen)), *(fit.crossed for fit in self.fits)])
        return each[chosen, np.arange(len(chosen))]

    def best(self) -> _Fit:
        """The family of best net gain on all rows."""
        return max(self.fits, key=lambda fit: fit.net)


def _fit(seen: Observations, parts: list[Rows], family: Family) -> _Fit:
    before = np.split(seen.surprisal, np.cumsum([len(rows.log_q) for rows in parts])[:-1])
    theta = scaling.fit(parts, family, start=scaling.fit([_thinned(rows) for rows in parts], family).theta).theta
    at = [scaling.derivatives(rows, family, theta) for rows in parts]
    spreads = [_outer_scores(rows, family, theta) for rows in parts]
    gain = [_gain(b, rows, family, theta) for b, rows in zip(before, parts, strict=True)]
    crossed, training_net = list(gain), np.empty(len(parts))
    for fold, rows in enumerate(parts):
        others = [i for i in range(len(parts)) if i != fold]
        fitted = scaling.fit([parts[i] for i in others], family, theta, scaling.total([at[i] for i in others]))
        crossed[fold] = _gain(before[fold], rows, family, fitted.theta)
        won = np.concatenate([before[i] for i in others]).mean() - fitted.loss
        training_net[fold] = won - _optimism(fitted.near, [spreads[i] for i in others])[0]
    joined = np.concatenate(gain)
    flattery, spread = _optimism(scaling.total(at), spreads)
    return _Fit(family, joined, np.concatenate(crossed), float(joined.mean()) - flattery, spread, training_net)


def _gain(before: Array, rows: Rows, family: Family, theta: Array) -> Array:
    return before - average(rows.shares, -scaling.rescale(rows.log_q, family, theta))


def _thinned(rows: Rows) -> Rows:
    """Keep some ten thousand rows, enough to begin near the optimum."""
    step = len(rows.log_q) // 10_000 + 1
    return Rows(rows.log_q[::step], rows.shares[::step])


def _outer_scores(rows: Rows, family: Family, theta: Array) -> Array:
    """Sum s sᵀ over sampling units, s being the sum of their rows' scores, **(D, D)**."""
    s = sum_by_group(scaling.scores(rows, family, theta), rows.groups)
    return s.T @ s


def _optimism(at: Derivatives, spreads: Sequence[Array]) -> tuple[float, float]:
    """Estimate by how much the in-sample gain flatters, tr(H⁻¹ V), and the error that θ brings, √(½ tr (H⁻¹ V)²).

    H is the Hessian of the mean loss and V the covariance of its gradient. For independent single labels and a true
    model they are D/N and √(D/2)/N, as the gain is then half a χ² over N.

    Source:
        Takeuchi (1976), the information criterion of misspecified models.
    """
    inverse = np.linalg.pinv(at.hessian / at.n, rcond=1e-10, hermitian=True)
    x = inverse @ np.sum(spreads, axis=0) / at.n**2
    return float(np.trace(x)), float(np.sqrt(max(np.trace(x @ x), 0.0) / 2))


def _nested(fitted: _Fits, p_value: float) -> Recalibration:
    """Bracket what the nested choice removes."""
    best = fitted.best()
    name = best.family.name if best.net > 0 else f"none chosen, {best.family.name} for the upper end"
    lower, upper = _bracket(fitted.seen, fitted.crossed(), best, name)
    return Recalibration("nested choice", len(best.family.identity), lower, upper, p_value)


def _bracket(seen: Observations, crossed: Array, fit: _Fit, name: str) -> tuple[Estimate, Estimate]:
    def estimate(gain: Array, kind: str, relation: Relation) -> Estimate:
        value, error = mean_and_error(gain, seen.groups)
        # near the optimum the rows' own spread does not show that θ was fitted
        error = float(np.hypot(error, fit.spread))
        method = f"{kind} {name}"
        return Estimate(value, method, std_error=error, relation=relation, n=seen.units, notes=(UNDERCOVERS,))

    return estimate(crossed, "cross-fitted", ">="), estimate(fit.gain, "in-sample", "<=")
