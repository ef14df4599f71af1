"""What guessing costs."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.account import world
from pictures.form import BLUE, INK, ORANGE, Numbers, figure

SHOWN = np.array([0.5, 0.9, 0.99])


def numbers() -> Numbers:
    """H(Y) of two classes by the share of the larger, in bits."""
    p = np.linspace(0.5, 1, 201)
    return {
        "share": p,
        "bits": kb.entropy(np.stack([1 - p, p], -1), base=2).value,
        "shown": kb.entropy(np.stack([1 - SHOWN, SHOWN], -1), base=2).value,
        "world": float(kb.entropy(world.nodes()[1] @ world.rows(world.nodes()[0]), base=2)),
    }


def draw(n: Numbers) -> Figure:
    """One curve, three points on it."""
    drawing, (axes,) = figure(1, 3.0)
    axes.plot(100 * n["share"], n["bits"], color=BLUE)
    axes.plot(100 * SHOWN, n["shown"], "o", color=ORANGE, clip_on=False)
    for share, bits in zip(SHOWN, n["shown"], strict=True):
        left = share > SHOWN[0]
        place = {"xytext": (-8 if left else 8, -8 if left else -14), "ha": "right" if left else "left"}
        axes.annotate(f"{bits:.3f} bits", (100 * share, bits), color=INK, textcoords="offset points", **place)
    axes.set(xlabel="share of the larger class (%)", ylabel="H(Y) (bits)", ylim=(0, 1.05), xlim=(50, 100.5))
    return drawing
