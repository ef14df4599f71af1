"""The noise floor H(Y|X) from several labels per input: a bracket, since no fixed number of labels gives a point.

Every bound is a mean of per-item values that is valid in expectation for each of its members (a line, a tangent, a
weight of the prior). Which member is sharpest is chosen on one half of the items and evaluated on the other, crossed,
so that choosing does not spoil the bound.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import digamma, xlogy

from kullback.account.held_out import disagreement
from kullback.account.observations import Observations, average
from kullback.account.sampling import Array, Codes, assign_folds, mean_and_error
from kullback.estimate import Estimate

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
    """Bracket H(Y|X) for a random annotator's label; None where fewer than two items have two labels.

    Items count equally; those with one label say nothing of the floor and are left out of it.
    """
    rows, d = disagreement(seen)
    if len(rows) < 2:
        return None
    half = assign_folds(len(seen.counts), seen.groups, 2)[rows]
    low, low_name = _choose(lower_members(seen, rows, d), half, np.argmax)
    high, high_name = _choose(upper_members(seen, rows, d, half), half, np.argmin)
    n = len(seen.counts)
    s = seen.surprisal

    def floor(values: Array, name: str, relation: str) -> tuple[Estimate, Estimate]:
        # each item's influence on the mean over the items that have two labels
        influence = np.zeros(n)
        influence[rows] = (values - values.mean()) * (n / len(rows))
        _, error = mean_and_error(influence, seen.groups)
        _, paired = mean_and_error(s - influence, seen.groups)
        bound = Estimate(float(values.mean()), method=name, std_error=error, relation=relation, n=len(rows))  # pyright: ignore[reportArgumentType]
        flipped = "<=" if relation == ">=" else ">="
        rest = Estimate(
            float(s.mean() - values.mean()), method=f"cross-entropy less {name}", std_error=paired, relation=flipped, n=n
        )
        return bound, rest

    lower, learnable_upper = floor(low, low_name, ">=")
    upper, learnable_lower = floor(high, high_name, "<=")
    return Floor(lower, upper, learnable_lower, learnable_upper)


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
    terms = c * (digamma(k)[:, None] - digamma(np.maximum(c, 1)))
    members = {"Zhang": np.where(c > 0, terms, 0.0).sum(axis=1) / k}
    for m in range(1, len(seen.classes)):
        step = m * np.log1p(1 / m)
        members[f"pairs {m}"] = np.log(m + 1) + step - (m + 1) * step * (1 - d)
    return members


def upper_members(seen: Observations, rows: Codes, d: Array, half: Codes) -> dict[str, Array]:
    """Give per-item values, in nats, of each upper bound.

    `pairs`: a tangent of the concave hull of the largest entropy at a given disagreement. `left-out annotator`: the
    cross-entropy of predicting one label from the others and a prior, r = (c − e_y + τ·prior)/(k − 1 + τ), the prior
    being the label frequencies or the model. `cross-entropy`: the model's own.

    Source:
        Harremoës & Topsøe (2001); leave-one-out prediction: E[−log r(Y)] = H(Y|X, others) + KL ≥ H(Y|X).
    """
    members = {"pairs": _tangent_values(d, half, len(seen.classes))}
    c, k = seen.counts[rows], seen.k[rows][:, None]
    priors = {"frequencies": seen.shares[rows].mean(axis=0), "model": seen.q[rows]}
    for weight in PRIOR_WEIGHTS:
        for name, prior in priors.items():
            r = (c - 1 + weight * prior) / (k - 1 + weight)
            log_r = np.log(r, where=c > 0, out=np.zeros_like(c))
            members[f"left-out annotator, {name} × {weight:g}"] = average(c / k, -log_r)
    members["cross-entropy"] = seen.surprisal[rows]
    return members


def _tangent_values(d: Array, half: Codes, n_classes: int) -> Array:
    """Evaluate on each half the tangent, at the other half's mean disagreement, of the largest entropy."""
    knots, heights = _largest_entropy(n_classes)
    slopes = np.diff(heights) / np.diff(knots)
    values = np.empty_like(d)
    for side in (0, 1):
        here, there = half == side, half != side
        at = d[there].mean() if there.any() else d.mean()
        piece = int(np.clip(np.searchsorted(knots, at) - 1, 0, len(slopes) - 1))
        values[here] = heights[piece] + slopes[piece] * (d[here] - knots[piece])
    return values


def _largest_entropy(n_classes: int) -> tuple[Array, Array]:
    """Give the concave hull of the largest entropy against the disagreement, as knots and heights in nats.

    The curve is traced by s·δ + (1−s)·uniform; from three classes on it is not concave near its end.
    """
    s = np.linspace(1.0, 0.0, 4097)
    first, other = s + (1 - s) / n_classes, (1 - s) / n_classes
    d = 1 - first**2 - (n_classes - 1) * other**2
    h = -xlogy(first, first) - (n_classes - 1) * xlogy(other, other)
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
