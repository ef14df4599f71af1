"""What all pictures share: colours, sizes, and what numbers of a picture are."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

INK, MUTED, BLUE, ORANGE, PALE = "#22303c", "#75808a", "#2f6690", "#d1652a", "#d9e4ed"
ARROW = {"arrowstyle": "<->", "color": ORANGE, "shrinkA": 0, "shrinkB": 0}
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "svg.hashsalt": "kullback",
    "savefig.facecolor": "white",
}
Numbers = dict[str, Any]


def figure(panels: int, height: float, *, sharey: bool = False) -> tuple[Figure, list[Any]]:
    """Make a figure of the width of a page with panels side by side."""
    drawing = Figure(figsize=(7.2, height), layout="constrained")
    axes: Any = drawing.subplots(1, panels, sharey=sharey, squeeze=False)
    return drawing, list(axes[0])
