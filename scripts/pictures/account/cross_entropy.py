"""The cross-entropy is a mean, and a few rows may carry it."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.account import world
from pictures.form import BLUE, INK, ORANGE, Numbers, figure


def numbers() -> Numbers:
    """The share of the loss that the most surprising rows carry, of a calibrated and an over-confident model."""
    found: Numbers = {"rows": np.linspace(0, 1, 401)}
    for name, slope in {"calibrated": 1.0, "over_confident": 4.0}.items():
        q, labels = world.drawn(20_000, 1, 3, slope)
        s = np.sort(kb.audit(q, labels).rows["surprisal"].to_numpy())[::-1]
        carried = np.concatenate([[0.0], np.cumsum(s) / s.sum()])
        found[f"{name}_loss"], found[name] = float(s.mean()), carried[np.round(found["rows"] * len(s)).astype(int)]
    return found


def draw(n: Numbers) -> Figure:
    """Two curves: of so many rows, so much of the loss."""
    drawing, (axes,) = figure(1, 3.2)
    for name, color in (("calibrated", BLUE), ("over_confident", ORANGE)):
        said = f"{name.replace('_', '-')}, H(P, Q) = {n[f'{name}_loss']:.2f} bits"
        axes.plot(100 * n["rows"], 100 * n[name], color=color, label=said)
    axes.plot([0, 100], [0, 100], color=INK, linewidth=1, linestyle=":", label="all rows alike")
    axes.set(
        xlabel="the most surprising rows (%)", ylabel="what they carry of the loss (%)", xlim=(0, 100), ylim=(0, 101)
    )
    axes.legend(loc="lower right")
    return drawing
