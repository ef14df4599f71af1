"""The Brier floor is a number where the floor in bits is a bracket."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.account import world
from pictures.form import BLUE, INK, ORANGE, Numbers, figure

LABELS = np.array([2, 3, 5, 10, 20])


def numbers() -> Numbers:
    """The floor of the Brier score with its error by the labels of a row, 4,000 rows, and the truth E[2 p (1 − p)]."""
    found = [kb.audit(*world.drawn(4_000, int(k), 2, slope=0.5)) for k in LABELS]
    floors = [a.brier_floor for a in found if a.brier_floor is not None]
    z, w = world.nodes()
    return {
        "floor": np.array([float(e) for e in floors]),
        "std_error": np.array([float(e.std_error) for e in floors]),
        "brier": float(found[-1].brier),
        "truth": float(w @ (2 * world.rows(z).prod(-1))),
    }


def draw(n: Numbers) -> Figure:
    """Points with errors about the truth."""
    drawing, (axes,) = figure(1, 3.0)
    axes.axhline(n["truth"], color=ORANGE, linewidth=1.2, label="P(two labels differ)")
    axes.axhline(n["brier"], color=INK, linewidth=1, linestyle=":", label="Brier score of the model")
    at = np.arange(len(LABELS))
    axes.errorbar(
        at, n["floor"], 1.96 * n["std_error"], fmt="o", color=BLUE, capsize=3, label="from pairs of labels, 95 %"
    )
    axes.set(xlabel="labels per row", ylabel="Brier score", xticks=at, xticklabels=LABELS.tolist())
    axes.set(ylim=(n["truth"] - 0.03, n["brier"] + 0.05))
    axes.legend(loc="upper right", ncols=2)
    return drawing
