"""Two losses and their paired difference on one scale; without labels, how far apart the rows are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from kullback.estimate import Estimate
from kullback.report.pictures.canvas import COLOUR, Axes, Picture, axes, drawing, figure, to_svg
from kullback.report.sentences import number, plural
from kullback.units import per_nat

if TYPE_CHECKING:
    from kullback.account import Comparison

WIDTHS, HEIGHT = {"wide": 760, "narrow": 344}, 250
"""In px, for a page and for a phone."""

ROOM = 1.5
"""How far the axes go beyond the intervals, for the numbers over them."""

BINS = 40

CAPTION = (
    "Points with bars are losses and their difference, with 95 % intervals, all on one scale. The intervals of two "
    "losses may overlap where the models clearly differ: what is hard for both widens them, and cancels between them."
)

LABEL = "The cross-entropies of A and B and their paired difference, with 95 % intervals"


def losses(comparison: Comparison) -> Picture:
    """Draw both cross-entropies, and the difference about 0, one bit as long in both."""
    a, b, d = comparison.cross_entropy_a, comparison.cross_entropy_b, comparison.difference
    if a is None or b is None or d is None:
        raise ValueError("a comparison without labels has no losses to draw")
    return Picture(tuple(_draw_losses(a, b, d, name) for name in WIDTHS), CAPTION)


def _draw_losses(a: Estimate, b: Estimate, d: Estimate, layout: str) -> str:
    half = max(_reach(a, b), _reach_of_difference(d), 1e-9) * ROOM
    centre = (float(a) + float(b)) / 2
    units = plural(d.unit)
    name = f"losses-{layout}"
    with drawing(name):
        fig = figure(WIDTHS[layout], HEIGHT)
        above = axes(fig, 46, 14, 8, 158)
        _dots(above, [("A", a), ("B", b)], (centre - half, centre + half))
        above.set_xlabel(f"cross-entropy, {units}")
        below = axes(fig, 46, 14, 160, 44)
        below.axvline(0, color=COLOUR["ink"], linewidth=1, linestyle=(0, (4, 3)))
        _dots(below, [("A − B", d)], (-half, half))
        below.set_xlabel(f"difference, {units} (left of 0: A is better)")
        return to_svg(fig, name, LABEL)


def _reach(a: Estimate, b: Estimate) -> float:
    """How far the intervals of the two losses reach from the middle between them."""
    return abs(float(a) - float(b)) / 2 + 1.96 * max(_finite(a), _finite(b))


def _reach_of_difference(d: Estimate) -> float:
    return abs(float(d)) + 1.96 * _finite(d)


def _finite(e: Estimate) -> float:
    return float(e.std_error) if math.isfinite(float(e.std_error)) else 0.0


def _dots(ax: Axes, named: list[tuple[str, Estimate]], ends: tuple[float, float]) -> None:
    places = list(range(len(named)))[::-1]
    for place, (_, e) in zip(places, named, strict=True):
        ax.errorbar(
            [float(e)], [place], xerr=1.96 * _finite(e), color=COLOUR["captured"], marker="o", markersize=7,
            markeredgecolor=COLOUR["page"], linewidth=0, elinewidth=2,
        )  # fmt: skip
        ax.text(float(e), place + 0.22, number(e, 3), ha="center", va="bottom", color=COLOUR["ink"])
    ax.set(xlim=ends, ylim=(-0.5, len(named) - 0.15), yticks=places)
    ax.set_yticklabels([name for name, _ in named], color=COLOUR["ink"])
    ax.locator_params(axis="x", nbins=5)
    ax.tick_params(axis="y", length=0)


def divergences(comparison: Comparison) -> Picture:
    """Draw how many rows have which Jensen–Shannon divergence, which is finite in every row."""
    rows = comparison.pair.jensen_shannon * per_nat(comparison.unit)
    units = plural(comparison.unit)
    label = "How many rows have which Jensen–Shannon divergence between A and B"
    caption = f"{label}, in {units}. The dashed line is the mean."
    return Picture(tuple(_draw_divergences(rows, units, label, name) for name in WIDTHS), caption)


def _draw_divergences(rows: NDArray[np.float64], units: str, label: str, layout: str) -> str:
    name = f"divergences-{layout}"
    with drawing(name):
        fig = figure(WIDTHS[layout], HEIGHT)
        ax = axes(fig, 56, 14, 14, 46)
        ax.hist(rows, bins=BINS, range=(0, max(float(rows.max()), 1e-12)), color=COLOUR["captured"])
        ax.axvline(float(np.mean(rows)), color=COLOUR["ink"], linewidth=1, linestyle=(0, (4, 3)))
        ax.set(xlabel=f"JS(A, B) of a row, {units}", ylabel="rows")
        return to_svg(fig, name, label)
