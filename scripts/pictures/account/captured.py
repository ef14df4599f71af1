"""What the model captured: never more than there is."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from pictures.account import world
from pictures.form import BLUE, INK, ORANGE, Numbers, figure


def numbers() -> Numbers:
    """H(Y) − H(P, Q) by the slope of the model, and I(X;Y), in bits."""
    slope = np.linspace(0, 4, 81)
    loss = np.array([world.loss(a) for a in slope])
    return {"slope": slope, "captured": 1 - loss, "there": 1 - world.floor()}


def draw(n: Numbers) -> Figure:
    """The captured information under the line of what is there."""
    drawing, (axes,) = figure(1, 3.0)
    axes.axhline(n["there"], color=ORANGE, linewidth=1.2)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.plot(n["slope"], n["captured"], color=BLUE)
    axes.annotate("I(X;Y), all there is", (4, n["there"]), (0, 5), textcoords="offset points", ha="right", color=ORANGE)
    axes.text(2.9, -0.09, "worse than guessing", ha="right", color=INK)
    axes.annotate("the truth", (1, n["there"]), (1, n["there"] - 0.16), ha="center", color=INK, arrowprops=_POINTER)
    axes.set(xlabel="slope of the model: 0 says nothing, above 1 is over-confident", ylabel="captured (bits)")
    axes.set(xlim=(0, 4), ylim=(-0.15, n["there"] + 0.06))
    return drawing


_POINTER = {"arrowstyle": "-", "color": INK, "linewidth": 0.8}
