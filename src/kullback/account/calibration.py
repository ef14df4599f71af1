"""How much of the loss recalibration alone would remove: a bracket [cross-fitted, in-sample] and a p-value."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import stats

from kullback.account import scaling
from kullback.account.observations import Observations, average
from kullback.account.sampling import Array, Codes, assign_folds, covariance_of_mean, mean_and_error, pick
from kullback.account.scaling import Family
from kullback.estimate import Estimate

N_FOLDS = 5
NONE = "none"

UNDERCOVERS = "near zero a nominal 95 % interval was seen to cover 80 to 90 %"


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
        The nested choice first, then each family; empty with fewer than ten sampling units.

    Source:
        Berta, Holzmüller, Jordan & Bach (2025), arXiv:2501.19195, for the variational form.
    """
    units = len(seen.counts) if seen.groups is None else int(seen.groups.max()) + 1
    if units < 2 * N_FOLDS:
        return ()
    members = [f for f in scaling.families(len(seen.classes)) if units >= 10 * len(f.identity)]
    folds = assign_folds(units, None, N_FOLDS)
    folds = folds if seen.groups is None else folds[seen.groups]
    with ThreadPoolExecutor() as pool:
        fits = list(pool.map(lambda family: _fit(seen, family, folds), reversed(members)))[::-1]
    return (_nested(seen, fits, folds), *(fit.result(seen) for fit in fits))


@dataclasses.dataclass(frozen=True, eq=False)
class _Fit:
    """A family fitted to all rows and to all rows but one fold, for each fold.

    Attributes:
        gain: **(N,)** in-sample gain per row, in nats.
        crossed: **(N,)** gain per row under the fit that did not see the row's fold.
        net: gain on all rows less its optimism.
        training_net: **(folds,)** the same for each training set, by which the nested choice is made.
    """

    family: Family
    gain: Array
    crossed: Array
    net: float
    training_net: Array

    def result(self, seen: Observations) -> Recalibration:
        n_parameters = len(self.family.identity)
        lower, upper = _bracket(seen, self.crossed, self.gain, n_parameters, self.family.name)
        return Recalibration(self.family.name, n_parameters, lower, upper, _score_test(seen, self.family))


def _fit(seen: Observations, family: Family, folds: Codes) -> _Fit:
    # columns are contiguous here: sums over few classes then run along the rows
    log_q, shares, before = np.asfortranarray(seen.log_q), np.asfortranarray(seen.shares), seen.surprisal

    def gain(theta: Array, rows: Codes | slice) -> Array:
        return before[rows] - average(shares[rows], -scaling.rescale(log_q[rows], family, theta))

    theta, hessian, _ = scaling.fit(log_q, shares, family)
    in_sample, crossed, training_net = gain(theta, slice(None)), np.empty(len(before)), np.empty(N_FOLDS)
    g = scaling.scores(log_q, shares, family, theta)
    net = in_sample.mean() - scaling.optimism(g, hessian, seen.groups)
    for fold in range(N_FOLDS):
        rows, held_out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        part, part_hessian, loss = scaling.fit(log_q[rows], shares[rows], family, start=theta)
        crossed[held_out] = gain(part, held_out)
        flattery = scaling.optimism(g[rows], part_hessian, pick(seen.groups, rows))
        training_net[fold] = before[rows].mean() - loss - flattery
    return _Fit(family, in_sample, crossed, float(net), training_net)


def _nested(seen: Observations, fits: list[_Fit], folds: Codes) -> Recalibration:
    """Choose on each training set the family of best net gain, or none, and score the choice on the held-out fold."""
    net = np.stack([np.zeros(N_FOLDS), *(fit.training_net for fit in fits)])
    chosen = net.argmax(axis=0)[folds]
    crossed = np.stack([np.zeros(len(folds)), *(fit.crossed for fit in fits)])[chosen, np.arange(len(folds))]
    best = max(fits, key=lambda fit: fit.net)
    name = best.family.name if best.net > 0 else f"{NONE} chosen, {best.family.name} for the upper end"
    lower, upper = _bracket(seen, crossed, best.gain, len(best.family.identity), name)
    widest = fits[min(1, len(fits) - 1)].family
    return Recalibration("nested choice", len(best.family.identity), lower, upper, _score_test(seen, widest))


def _bracket(
    seen: Observations, crossed: Array, in_sample: Array, n_parameters: int, family: str
) -> tuple[Estimate, Estimate]:
    def estimate(gain: Array, kind: str, relation: str) -> Estimate:
        value, error = mean_and_error(gain, seen.groups)
        # near the optimum the gain is half a χ² over n, whose spread the rows' own does not show
        error = float(np.hypot(error, (n_parameters / 2) ** 0.5 / len(gain)))
        return Estimate(
            value, method=f"{kind} {family}", std_error=error, relation=relation, n=len(gain), notes=(UNDERCOVERS,)  # pyright: ignore[reportArgumentType]
        )

    return estimate(crossed, "cross-fitted", ">="), estimate(in_sample, "in-sample", "<=")


def _score_test(seen: Observations, family: Family) -> float:
    """Test that the identity is the best map of the family: Hotelling's T² of the rows' scores, clustered by group.

    With one label per independent row this is asymptotically the likelihood-ratio test with D degrees of freedom; it
    also holds for several labels per row, which share their input, and for groups.

    Source:
        Rao (1948), the score test; Boos (1992), "On generalized score tests", for the robust variance.
    """
    g = scaling.scores(seen.log_q, seen.shares, family, family.identity)
    units, d = (len(g) if seen.groups is None else int(seen.groups.max()) + 1), g.shape[1]
    v = covariance_of_mean(g, seen.groups)
    rank = int(np.linalg.matrix_rank(v))
    if rank == 0 or units <= d:
        return 1.0
    t2 = float(g.mean(axis=0) @ np.linalg.pinv(v) @ g.mean(axis=0))
    return float(stats.f.sf(t2 * (units - rank) / (rank * (units - 1)), rank, units - rank))
