"""What every column tells of the target: a bar with its error for each row of the table, on one scale up to H(Y)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kullback.report.columns import SEEN, bound
from kullback.report.sentences import signed

if TYPE_CHECKING:
    from kullback.tables import ColumnMeasure, TableMeasure

WIDTH, HEIGHT = 200.0, 18.0
"""In px. Written as rectangles and lines, since each stands in a cell of the table beside the column's name."""

LEFT = 0.04
"""The share of the picture that is left for what comes out below 0."""


def scale_end(found: TableMeasure) -> float:
    """Give where the scale ends: at H(Y), or at the largest value with its error where nothing bounds it."""
    most = bound(found)
    if most is not None:
        return most
    return max((sum(_span(c)) for c in found.columns), default=0.0) or 1.0


def information_bar(found: TableMeasure, c: ColumnMeasure) -> str:
    """Draw one column's information as a bar of the scale, with a whisker of one standard error to either side.

    Args:
        found: gives the scale.
        c: the column.

    Returns:
        One `<svg>` element without text; empty where there is no information.
    """
    if c.information is None:
        return ""
    value, spread = _span(c)
    zoom, zero = WIDTH * (1 - LEFT) / scale_end(found), WIDTH * LEFT
    start, end = sorted((zero, zero + value * zoom))
    colour = "captured" if c.p_value is not None and c.p_value < SEEN else "floor"
    parts = [
        f'<rect x="{zero:.2f}" y="3" width="{WIDTH - zero:.2f}" height="12" fill="var(--line)" fill-opacity=".45"/>',
        f'<rect x="{max(start, 0):.2f}" y="3" width="{max(end - max(start, 0), 1):.2f}" height="12" '
        f'fill="var(--{colour})"/>',
        f'<path d="M{zero:.2f} 0V{HEIGHT:.0f}" stroke="var(--ink)" stroke-width="1"/>',
    ]
    if spread > 0:
        low, high = (min(max(zero + x * zoom, 0.5), WIDTH - 0.5) for x in (value - spread, value + spread))
        whisker = f"M{low:.2f} 9H{high:.2f}M{low:.2f} 5.5V12.5M{high:.2f} 5.5V12.5"
        parts.append(f'<path d="{whisker}" stroke="var(--ink)" stroke-width="1.5" fill="none"/>')
    label = f"{signed(value, 4)} of {signed(scale_end(found), 4)}"
    return f'<svg role="img" aria-label="{label}" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}">{"".join(parts)}</svg>'


def _span(c: ColumnMeasure) -> tuple[float, float]:
    """Give the value and the error that is drawn: none where the interval is known not to cover."""
    if c.information is None:
        return 0.0, 0.0
    return float(c.information), float(c.information.std_error) if c.information.reliable else 0.0
