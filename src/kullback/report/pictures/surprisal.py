"""How surprising a row's labels were against how surprising the model expected them to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kullback.report.pictures.canvas import COLOUR, Axes, Picture, axes, drawing, figure, to_svg
from kullback.report.sentences import plural
from kullback.units import per_nat

if TYPE_CHECKING:
    from kullback.account import Account

Array = NDArray[np.float64]

POINTS = 500
"""Up to so many rows are drawn one by one; more as shading."""

BINS, LEVELS = 12, 5

LABEL = "Surprisal against expected surprisal of every row, with binned means and the diagonal of a calibrated model"


def surprisal(account: Account) -> Picture:
    """Draw every row's surprisal against its expected surprisal, with the means of bins of equal count."""
    seen = account.observations
    scale = per_nat(account.unit)
    x, y = seen.expected_surprisal * scale, seen.surprisal * scale
    # all points far out would squeeze the rest into a corner, so the axis ends where 1 in 200 rows is beyond
    top = float(max(np.quantile(y, 0.995), x.max(), 1e-9)) * 1.05
    beyond = int((y > top).sum())
    shown = "each dot is a row" if len(x) <= POINTS else "the stronger the colour, the more rows"
    more = f" {beyond} rows lie above the picture." if beyond else ""
    caption = (
        f"Surprisal of a row's labels against the surprisal the model expected, in {plural(account.unit)}; {shown}. "
        "Points with bars are means of equally many rows, with 95 % intervals: above the diagonal the model was too "
        f"sure, below it not sure enough. A row far above it may be mislabelled, or misunderstood by the model.{more}"
    )
    return Picture((_draw(account, x, y, top),), caption)


def _draw(account: Account, x: Array, y: Array, top: float) -> str:
    unit = plural(account.unit)
    with drawing("surprisal"):
        fig = figure(344, 330)
        ax = axes(fig, 50, 12, 12, 46)
        right = float(max(x.max(), 1e-9)) * 1.04
        if len(x) <= POINTS:
            ax.plot(x, y, "o", color=COLOUR["learnable"], alpha=0.5, markersize=4, markeredgewidth=0)
        else:
            _shade(ax, x, y, right, top)
        end = min(right, top)
        ax.plot([0, end], [0, end], color=COLOUR["ink"], linewidth=1, linestyle=(0, (4, 3)), zorder=3)
        at, mean, error = binned_means(x, y, account.observations.groups)
        ax.errorbar(
            at, mean, yerr=1.96 * error, color=COLOUR["captured"], marker="o", markersize=6,
            markeredgecolor=COLOUR["page"], linewidth=0, elinewidth=1.6, zorder=4,
        )  # fmt: skip
        ax.set(xlim=(0, right), ylim=(0, top), xlabel=f"expected surprisal, {unit}", ylabel=f"surprisal, {unit}")
        return to_svg(fig, "surprisal", LABEL)


def binned_means(x: Array, y: Array, groups: NDArray[np.int64] | None) -> tuple[Array, Array, Array]:
    """Give the means of x and of y in bins of equal count, and the standard error of y's, clustered by group.

    Args:
        x: **(N,)** by which rows are pooled.
        y: **(N,)** what is averaged.
        groups: **(N,)** codes of the sampling units, or None.

    Returns:
        Three arrays of **(B,)**, for at most 12 bins of 10 rows or more, where there are as many.
    """
    order = np.argsort(x, kind="stable")
    found: list[tuple[float, float, float]] = []
    for rows in np.array_split(order, max(1, min(BINS, len(x) // 10))):
        residuals = y[rows] - y[rows].mean()
        if groups is not None:
            residuals = np.bincount(np.unique(groups[rows], return_inverse=True)[1], residuals)
        m = len(residuals)
        error = np.sqrt((residuals**2).sum() * m / max(m - 1, 1)) / len(rows)
        found.append((float(x[rows].mean()), float(y[rows].mean()), float(error)))
    at, mean, error = np.array(found).T
    return at, mean, error


def _shade(ax: Axes, x: Array, y: Array, right: float, top: float) -> None:
    """Shade cells by the logarithm of how many rows they hold, one compound path for each level."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    count, x_edges, y_edges = np.histogram2d(x, y, bins=(36, 34), range=((0, right), (0, top)))
    level = np.ceil(LEVELS * np.log1p(count) / np.log1p(max(count.max(), 1.0))).astype(int)
    for step in range(1, LEVELS + 1):
        columns, rows = np.nonzero(level == step)
        left, low = x_edges[columns], y_edges[rows]
        width, height = x_edges[1] - x_edges[0], y_edges[1] - y_edges[0]
        corners = [(left, low), (left + width, low), (left + width, low + height), (left, low + height), (left, low)]
        vertices = np.stack([np.stack(corner, axis=1) for corner in corners], axis=1).reshape(-1, 2)
        codes: Any = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(left))
        if len(left):
            path = Path(vertices, codes)
            ax.add_patch(PathPatch(path, facecolor=COLOUR["learnable"], alpha=step / LEVELS, linewidth=0, zorder=1))
