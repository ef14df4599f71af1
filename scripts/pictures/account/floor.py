"""The noise floor is a bracket, and labels close it."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.account import world
from pictures.form import BLUE, INK, ORANGE, PALE, Numbers, figure

LABELS = np.array([2, 3, 4, 5, 7, 10, 15, 20])


def numbers() -> Numbers:
    """Both ends of the bracket in bits by the labels of a row, 20,000 rows, and H(Y|X)."""
    accounts = [kb.audit(*world.drawn(20_000, k, 11, slope=0.5)) for k in LABELS]
    ends = [(float(a.floor_lower), float(a.floor_upper)) for a in accounts if a.floor_lower and a.floor_upper]
    low, high = np.array(ends).T
    return {"low": low, "high": high, "truth": world.floor(), "loss": float(accounts[-1].cross_entropy)}


def draw(n: Numbers) -> Figure:
    """The bracket and what lies in it."""
    drawing, (axes,) = figure(1, 3.2)
    axes.fill_between(LABELS, n["low"], n["high"], color=PALE)
    axes.plot(LABELS, n["high"], ".-", color=BLUE, label="at most")
    axes.plot(LABELS, n["low"], ".--", color=BLUE, label="at least")
    axes.axhline(n["truth"], color=ORANGE, linewidth=1.2, label="H(Y|X)")
    axes.axhline(n["loss"], color=INK, linewidth=1, linestyle=":", label="H(P, Q) of the model")
    axes.set(xlabel="labels per row", ylabel="bits", xlim=(1.5, 20.5), xticks=[2, 5, 10, 15, 20])
    axes.set(ylim=(n["low"].min() - 0.06, n["loss"] + 0.16))
    axes.legend(loc="upper right", ncols=2)
    return drawing
