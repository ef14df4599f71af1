"""What is left of the loss above the noise."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from pictures.account import world
from pictures.form import BLUE, INK, ORANGE, PALE, Numbers, figure


def numbers() -> Numbers:
    """H(P, Q) of models that see a part of the input only, and H(Y|X), in bits."""
    seen = np.linspace(0, 1, 41)
    return {"seen": seen, "loss": np.array([_loss(r) for r in seen]), "floor": world.floor()}


def _loss(r: float) -> float:
    """The loss of the best model that sees u, z = r u + √(1 − r²) v with u and v alike and independent."""
    import kullback as kb

    z, w = world.nodes()
    other = np.sqrt(1 - r**2) * z
    q = np.tensordot(w, world.rows(r * z[None, :] + other[:, None]), axes=(0, 0))
    return float(w @ kb.entropy(q, base=2).value)


def draw(n: Numbers) -> Figure:
    """The loss in its two parts."""
    drawing, (axes,) = figure(1, 3.2)
    share = 100 * n["seen"] ** 2
    axes.fill_between(share, 0, n["floor"], color=PALE)
    axes.fill_between(share, n["floor"], n["loss"], color=ORANGE, alpha=0.25)
    axes.plot(share, n["loss"], color=BLUE)
    axes.text(50, n["floor"] / 2, "noise of the labels", ha="center", color=INK)
    axes.text(14, (n["floor"] + 0.96) / 2, "still learnable", ha="center", color=INK)
    axes.annotate("H(P, Q)", (62, np.interp(62, share, n["loss"])), (6, 8), textcoords="offset points", color=BLUE)
    axes.set(xlabel="of the variance of the input, the model sees (%)", ylabel="bits", xlim=(0, 100), ylim=(0, 1.05))
    return drawing
