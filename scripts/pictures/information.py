"""What one outcome says, against its probability."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

import kullback as kb
from pictures.form import BLUE, ORANGE, Numbers, figure


def numbers() -> Numbers:
    """−log₂ q of an outcome, against q."""
    q = np.append(np.linspace(0.002, 1, 500), [0.5, 0.25, 0.125])
    bits = kb.information(np.stack([q, 1 - q], -1), 0, base=2).value
    return {"q": q[:500], "bits": bits[:500], "marked_q": q[500:], "marked_bits": bits[500:]}


def draw(n: Numbers) -> Figure:
    """One falling curve; the halves are marked."""
    drawing, (axes,) = figure(1, 3.6)
    axes.plot(n["q"], n["bits"], color=BLUE)
    axes.plot(n["marked_q"], n["marked_bits"], "o", color=ORANGE)
    for q, bits in zip(n["marked_q"], n["marked_bits"], strict=True):
        axes.annotate(
            f"q = {q:g}: {bits:.0f} {'bit' if bits == 1 else 'bits'}", (q, bits), (10, 6), textcoords="offset points"
        )
    axes.annotate("certain: 0 bits", (1, 0), (-98, 14), textcoords="offset points")
    axes.set(
        xlim=(0, 1.02),
        ylim=(0, 9),
        xlabel="probability q that the model gave to what happened",
        ylabel="information (bits)",
    )
    return drawing
