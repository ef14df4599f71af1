"""Does what is predicted with 30 % happen in 30 % of the cases? Predicted probability against observed share."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kullback.report.pictures.canvas import COLOUR, Picture, axes, drawing, figure, to_svg

if TYPE_CHECKING:
    from kullback.account import Account

Array = NDArray[np.float64]

MAX_ROWS = 100_000
"""Rows used; more would only narrow intervals that are already thinner than the line."""

BINS = 15

Z = 1.959964
"""Half width of a 95 % interval in standard errors."""


@dataclasses.dataclass(frozen=True, eq=False)
class Bins:
    """Predictions pooled by probability.

    Attributes:
        predicted: **(B,)** mean predicted probability.
        observed: **(B,)** observed share of labels.
        low, high: **(B,)** ends of the 95 % interval of the true share.
    """

    predicted: Array
    observed: Array
    low: Array
    high: Array


def reliability(account: Account) -> Picture:
    """Draw predicted against observed, over all pairs of a row and a class; with two classes only the second."""
    seen = account.observations
    n, n_classes = len(seen.counts), len(seen.classes)
    rows = np.arange(n, dtype=np.int64)
    if n > MAX_ROWS:
        rows = np.random.default_rng(0).choice(rows, MAX_ROWS, replace=False)
    use = slice(1, 2) if n_classes == 2 else slice(None)
    q, shares = np.exp(seen.log_q[rows, use]), seen.counts[rows, use] / seen.k[rows][:, None]
    units = np.arange(len(rows)) if seen.groups is None else seen.groups[rows]
    bins = pool(q, shares, units)
    which = f"the class {seen.classes[1]}" if n_classes == 2 else f"all {n_classes} classes"
    sampled = "" if n <= MAX_ROWS else f" ({MAX_ROWS:,} rows drawn at random)".replace(",", "\u00a0")
    cluster = "rows" if seen.groups is None else "groups of rows"
    caption = (
        f"Predicted probability of {which} against the share of labels observed{sampled}, with 95 % intervals that "
        f"take {cluster} as the sampling unit. On the diagonal, predictions mean what they say; each point pools an "
        "equal part of the model's uncertainty."
    )
    return Picture(
        (_draw(bins, "Reliability: predicted probability against observed share, with 95 % intervals"),), caption
    )


def pool(q: Array, shares: Array, units: NDArray[np.int64], n_bins: int = BINS) -> Bins:
    """Pool predictions in bins of equal Σ q(1 − q), with intervals that are clustered by sampling unit.

    Bins of equal count would crowd at 0 as soon as there are many classes, and say nothing of the rest.

    Args:
        q: **(N, D)** predicted probabilities of D classes.
        shares: **(N, D)** observed shares of these classes among a row's labels.
        units: **(N,)** code of each row's sampling unit.
        n_bins: at most so many bins; fewer if there are fewer than 10 rows for each.

    Returns:
        The bins, Wilson's interval at the effective sample size p(1 − p)/se².

    Source:
        Wilson (1927); Korn & Graubard (1998), "Confidence intervals for proportions with small expected number of
        positive counts", for the effective sample size under clustering.
    """
    n, d = q.shape
    flat, seen = q.ravel(), shares.ravel()
    order = np.argsort(flat, kind="stable")
    total = np.cumsum(flat[order] * (1 - flat[order]) + 1e-12)
    n_bins = max(2, min(n_bins, n // 10))
    # equal predictions stay together, or the order of the rows would tell them apart
    mass = total[np.searchsorted(flat[order], flat[order])]
    codes = np.empty(n * d, np.int64)
    codes[order] = np.minimum(mass / total[-1] * n_bins, n_bins - 1).astype(np.int64)
    size = np.bincount(codes, minlength=n_bins)
    kept = size > 0
    with np.errstate(invalid="ignore"):
        predicted = np.bincount(codes, flat, n_bins) / size
        p = np.clip(np.bincount(codes, seen, n_bins) / size, 0.0, 1.0)
    cell, n_units = _spread(codes, seen - p[codes], np.repeat(units, d), n_bins)
    low, high = _wilson(p[kept], (cell / np.maximum(size, 1) ** 2)[kept], n_units[kept])
    return Bins(predicted[kept], p[kept], low, high)


def _spread(codes: NDArray[np.int64], residuals: Array, units: NDArray[np.int64], n_bins: int) -> tuple[Array, Array]:
    """Give for each bin Σ over units of (its summed residuals)², and how many units it holds."""
    width = int(units.max()) + 1
    sums = np.bincount(codes * width + units, residuals, n_bins * width).reshape(n_bins, width)
    present = np.bincount(codes * width + units, minlength=n_bins * width).reshape(n_bins, width) > 0
    m = present.sum(axis=1)
    return (sums**2).sum(axis=1) * m / np.maximum(m - 1, 1), m.astype(float)


def _wilson(p: Array, variance: Array, n_units: Array) -> tuple[Array, Array]:
    n = np.where(variance > 0, p * (1 - p) / np.where(variance > 0, variance, 1.0), n_units)
    n = np.maximum(n, 1.0)
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * np.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return np.clip(centre - half, 0, p), np.clip(centre + half, p, 1)


def _draw(bins: Bins, label: str) -> str:
    with drawing("reliability"):
        fig = figure(344, 330)
        ax = axes(fig, 50, 22, 12, 46)
        ax.plot([0, 1], [0, 1], color=COLOUR["muted"], linewidth=1, linestyle=(0, (4, 3)))
        error = np.stack([bins.observed - bins.low, bins.high - bins.observed])
        ax.errorbar(
            bins.predicted, bins.observed, yerr=error, color=COLOUR["captured"], ecolor=COLOUR["captured"],
            marker="o", markersize=6, markeredgecolor=COLOUR["page"], linewidth=0, elinewidth=1.6, zorder=3,
        )  # fmt: skip
        ax.text(0.03, 0.97, "happens more often\nthan predicted", va="top", color=COLOUR["muted"])
        ax.text(0.99, 0.03, "happens less often\nthan predicted", ha="right", color=COLOUR["muted"])
        ticks, names = [0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"]
        ax.set_xticks(ticks, names)
        ax.set_yticks(ticks, names)
        ax.set(xlim=(-0.01, 1.02), ylim=(-0.01, 1.02), xlabel="predicted probability", ylabel="observed share")
        return to_svg(fig, "reliability", label)
