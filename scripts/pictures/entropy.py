"""Five distributions from sharp to flat."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.form import BLUE, ORANGE, Numbers, figure


def numbers() -> Numbers:
    """Five distributions over 8 outcomes from sharp to flat: the softmax of one row at rising temperatures."""
    row = -np.abs(np.arange(8.0) - 3.2)
    rows = row / np.array([0.12, 0.5, 1.0, 2.2, np.inf])[:, None]
    p = np.exp(rows) / np.exp(rows).sum(-1, keepdims=True)
    return {"p": p, "bits": kb.entropy(p, base=2).value}


def draw(n: Numbers) -> Figure:
    """Five bar charts side by side, each with its entropy."""
    drawing, panels = figure(5, 2.6, sharey=True)
    for axes, p, bits in zip(panels, n["p"], n["bits"], strict=True):
        axes.bar(range(1, 9), p, color=BLUE)
        axes.set_title(f"{bits:.2f} bits", fontsize=12, color=ORANGE)
        axes.set(ylim=(0, 1), xticks=(1, 8))
    panels[0].set_ylabel("probability")
    panels[2].set_xlabel("outcome")
    panels[0].text(0.95, 0.82, "sharp", transform=panels[0].transAxes, ha="right")
    panels[4].text(0.5, 0.82, "flat:\nlog₂ 8 = 3", transform=panels[4].transAxes, ha="center", va="center")
    return drawing
