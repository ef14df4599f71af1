"""The noise floor H(Y|X) from several labels per input: a bracket, since no fixed number of labels gives a point.

Every bound is a mean of per-item values that is valid in expectation for each of its members (a line, a tangent, a
weight of the prior). Which member is sharpest is chosen on one half of the items and evaluated on the other, crossed,
so that choosing does not spoil the bound.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from scipy import special  # pyright: ignore[reportMissingTypeStubs]  # scipy ships none

from kullback.account.held_out import disagreement
from kullback.account.observations import Observations, average
from kullback.account.sampling import Array, Codes, mean_and_error, pick
from kullback.estimate import Estimate, Relation
from kullback.folds import assign_folds

PRIOR_WEIGHTS = (0.5, 1.0, 2.0)
"""How many labels the prior is worth in leave-one-annotator-out prediction; fixed in advance."""


@dataclasses.dataclass(frozen=True, eq=False)
class Floor:
    """The bracket and what is still learnable above it.

    Attributes:
        lower, upper: bounds of H(Y|X).
        learnable_lower, learnable_upper: bounds of E KL(P(·|x)‖q(x)) = H(P, Q) − H(Y|X).
    """

    lower: Estimate
    upper: Estimate
    learnable_lower: Estimate
    learnable_upper: Estimate

    @property
    def too_good(self) -> bool:
        """Whether the cross-entropy lies below the floor by more than 1.64 standard errors."""
        return float(self.learnable_upper) < -1.64 * float(self.learnable_upper.std_error)


def noise_floor(seen: Observations) -> Floor | None:
    """Bracket H(Y|X) for a random annotator's label; None where fewer than two sampling units have two labels.

    Items count equally; those with one label say nothing of the floor and are left out of it.
    """
    rows, d = disagreement(seen)
    groups = pick(seen.groups, rows)
    if (len(rows) if groups is None else int(groups.max(initial=0)) + 1) < 2:
        return None
    half = assign_folds(len(rows), groups, 2)
    low, low_name = _choose(lower_members(seen, rows, d), half, np.argmax)
    high, high_name = _choose(upper_members(seen, rows, d, half), half, np.argmin)
    lower, learnable_upper = _bound(seen, rows, low, low_name, ">=")
    upper, learnable_lower = _bound(seen, rows, high, high_name, "<=")
    return Floor(lower, upper, learnable_lower, learnable_upper)


def _bound(seen: Observations, rows: Codes, x: Array, name: str, relation: Relation) -> tuple[Estimate, Estimate]:
    """Give the mean of **(M,)** values of some rows as a bound, and what it leaves of the cross-entropy, paired."""
    s, n = seen.surprisal, seen.units
    influence = np.zeros(len(s))
    influence[rows] = (x - x.mean()) * (len(s) / len(rows))
    _, error = mean_and_error(influence, seen.groups)
    _, paired = mean_and_error(s - influence, seen.groups)
    flipped: Relation = "<=" if relation == ">=" else ">="
    return (
        Estimate(float(x.mean()), name, std_error=error, relation=relation, n=n),
        Estimate(float(s.mean() - x.mean()), f"cross-entropy less {name}", std_error=paired, relation=flipped, n=n),
    )


def lower_members(seen: Observations, rows: Codes, d: Array) -> dict[str, Array]:
    """Give per-item values, in nats, of each lower bound.

    `Zhang`: (1/k) Σ_y c_y (ψ(k) − ψ(c_y)), the unbiased estimate of Σ_{m<k} (1/m) Σ_y p_y (1 − p_y)^m ≤ H.
    `pairs m`: α_m − β_m (1 − D), α_m = ln(m+1) + m ln(1+1/m), β_m = m (m+1) ln(1+1/m), from the exact range of the
    entropy at a given probability that two labels differ.

    Source:
        Zhang (2012), "Entropy estimation in Turing's perspective"; Grassberger (1988); Harremoës & Topsøe (2001),
        "Inequalities between entropy and index of coincidence".
    """
    c, k = seen.counts[rows], seen.k[rows]
    terms = c * (_digamma(k)[:, None] - _digamma(np.maximum(c, 1)))
    members = {"Zhang": np.where(c > 0, terms, 0.0).sum(axis=1) / k}
    for m in range(1, len(seen.classes)):
        step = m * np.log1p(1 / m)
        members[f"pairs {m}"] = np.log(m + 1) + step - (m + 1) * step * (1 - d)
    return members


def _digamma(x: Array) -> Array:
    return np.asarray(special.digamma(x))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]  # no stubs


def upper_members(seen: Observations, rows: Codes, d: Array, half: Codes) -> dict[str, Array]:
    """Give per-item values, in nats, of each upper bound.

    `pairs`: a tangent of the concave hull of the largest entropy at a given disagreement. `left-out annotator`: the
    cross-entropy of predicting one label from the others and a prior, r = (c − e_y + τ·prior)/(k − 1 + τ), the prior
    being the other half's label frequencies or the model. `cross-entropy`: the model's own.

    Source:
        Harremoës & Topsøe (2001); leave-one-out prediction: E[−log r(Y)] = H(Y|X, others) + KL ≥ H(Y|X).
    """
    members = {"pairs": _tangent_values(d, half, len(seen.classes))}
    c, k = seen.counts[rows], seen.k[rows][:, None]
    with np.errstate(divide="ignore"):  # no label left of this class: log 0
        log_left, log_frequencies = np.log(np.maximum(c - 1, 0)), np.log(_frequencies(seen.shares[rows], half))
    for weight in PRIOR_WEIGHTS:
        for name, log_prior in {"frequencies": log_frequencies, "model": seen.log_q[rows]}.items():
            log_r = np.logaddexp(log_left, np.log(weight) + log_prior) - np.log(k - 1 + weight)
            members[f"left-out annotator, {name} × {weight:g}"] = average(c / k, -log_r)
    members["cross-entropy"] = seen.surprisal[rows]
    return members


def _frequencies(shares: Array, half: Codes) -> Array:
    """Give each row the label frequencies of the other half, with one uniform label added, **(M, K)**."""
    totals = np.stack([shares[half != side].sum(axis=0) for side in (0, 1)]) + 1 / shares.shape[1]
    return (totals / totals.sum(axis=1, keepdims=True))[half]


def _tangent_values(d: Array, half: Codes, n_classes: int) -> Array:
    """Evaluate on each half the tangent of the largest entropy at the other half's disagreement.

    Half a pair is added there, since no disagreement seen would mean a vertical tangent.
    """
    knots, heights = _largest_entropy(n_classes)
    slopes = np.diff(heights) / np.diff(knots)
    values = np.empty_like(d)
    for side in (0, 1):
        here, there = half == side, half != side
        at = (float(d[there].sum()) + 0.5) / (np.count_nonzero(there) + 1)
        piece = int(np.clip(np.searchsorted(knots, at) - 1, 0, len(slopes) - 1))
        values[here] = heights[piece] + slopes[piece] * (d[here] - knots[piece])
    return values


@cache
def _largest_entropy(n_classes: int) -> tuple[Array, Array]:
    """Give the concave hull of the largest entropy against the disagreement, as knots and heights in nats.

    The curve is traced by (1−s)·δ + s·uniform; from three classes on it is not concave near its end. The knots are
    dense where it is steep: between them the hull lies below the curve by less than 1e-6.
    """
    s = np.concatenate([[0.0], np.geomspace(1e-9, 1e-2, 2048), np.linspace(1e-2, 1.0, 4097)[1:]])
    other = s / n_classes
    first = 1 - (n_classes - 1) * other
    d = 1 - first**2 - (n_classes - 1) * other**2
    h = -special.xlogy(first, first) - (n_classes - 1) * special.xlogy(other, other)
    hull: list[int] = []
    for i in range(len(s)):
        while len(hull) > 1 and _rises(d, h, hull[-2], hull[-1], i):
            hull.pop()
        hull.append(i)
    return d[hull], h[hull]


def _rises(d: Array, h: Array, a: int, b: int, c: int) -> bool:
    """Whether point b lies on or below the chord from a to c."""
    return bool((d[b] - d[a]) * (h[c] - h[a]) >= (h[b] - h[a]) * (d[c] - d[a]))


def _choose(members: dict[str, Array], half: Codes, best: Callable[[list[float]], Any]) -> tuple[Array, str]:
    """Evaluate on each half the member that is best on the other, and name what was chosen."""
    names = list(members)
    values = np.empty_like(members[names[0]])
    chosen: list[str] = []
    for side in (0, 1):
        here, there = half == side, half != side
        judged = there if there.any() else here
        name = names[int(best([float(members[m][judged].mean()) for m in names]))]
        values[here] = members[name][here]
        chosen.append(name)
    return values, " or ".join(dict.fromkeys(chosen))
