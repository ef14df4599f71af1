"""The entropy gap shows the sign of a wrong confidence, and can miss what is wrong."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.account import world
from pictures.form import BLUE, INK, ORANGE, Numbers, figure


def numbers() -> Numbers:
    """The gap, and what recalibration removes, by the slope of the model, in bits."""
    z, w = world.nodes()
    slope = np.linspace(0.2, 3, 57)
    loss = np.array([world.loss(a) for a in slope])
    expected = np.array([w @ kb.entropy(world.rows(a * z), base=2).value for a in slope])
    return {"slope": slope, "gap": loss - expected, "removable": loss - world.loss(1.0)}


def draw(n: Numbers) -> Figure:
    """Both curves meet zero at the truth; only the gap has a sign."""
    drawing, (axes,) = figure(1, 3.0)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.plot(n["slope"], n["gap"], color=BLUE, label="entropy gap")
    axes.plot(n["slope"], n["removable"], color=ORANGE, label="removable by recalibration")
    axes.text(0.86, -0.19, "under-confident", color=INK, ha="center")
    axes.text(2.62, 0.4, "over-confident", color=INK, ha="center")
    axes.set(xlabel="slope of the model", ylabel="bits", xlim=(0.2, 3), ylim=(-0.24, 0.72))
    axes.legend(loc="upper left")
    return drawing
