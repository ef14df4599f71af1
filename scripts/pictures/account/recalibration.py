"""What recalibration would remove is a bracket, and rows close it."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.account import world
from pictures.form import BLUE, ORANGE, PALE, Numbers, figure

ROWS = np.array([100, 200, 400, 800, 1600])
DRAWS = 12
SLOPE = 2.0


def numbers() -> Numbers:
    """Both ends in bits, means over draws, by the rows; and what a temperature removes, loss(2) − loss(1).

    From the ends of a draw is taken by how much the right temperature would have removed more there than on average.
    """
    truth = world.loss(SLOPE) - world.loss(1.0)
    ends = np.array([[_ends(n, seed, truth) for seed in range(DRAWS)] for n in ROWS.tolist()]).mean(axis=1)
    return {"low": ends[:, 0], "high": ends[:, 1], "truth": truth}


def _ends(n: int, seed: int, truth: float) -> tuple[float, float]:
    (q, labels), (p, _) = world.drawn(n, 1, seed, SLOPE), world.drawn(n, 1, seed)
    temperature = next(r for r in kb.audit(q, labels).recalibrations if r.family == "temperature")
    by_right_one = np.take_along_axis(np.log2(p / q), labels, axis=1).mean()
    return float(temperature.lower) - by_right_one + truth, float(temperature.upper) - by_right_one + truth


def draw(n: Numbers) -> Figure:
    """The bracket closes around the truth."""
    drawing, (axes,) = figure(1, 3.0)
    axes.fill_between(ROWS, n["low"], n["high"], color=PALE)
    axes.plot(ROWS, n["high"], ".-", color=BLUE, label="in sample: at most")
    axes.plot(ROWS, n["low"], ".--", color=BLUE, label="cross-fitted: at least")
    axes.axhline(n["truth"], color=ORANGE, linewidth=1.2, label="what a temperature removes")
    axes.set(xscale="log", xlabel="rows", ylabel="bits", xticks=ROWS, xticklabels=[f"{n:,}" for n in ROWS])
    axes.minorticks_off()
    axes.legend(loc="lower right")
    return drawing
