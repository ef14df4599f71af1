"""Models that move onto the truth, and what they cost."""

from __future__ import annotations

import torch
import torch.distributions as td
from matplotlib.figure import Figure

import kullback as kb
from pictures.form import BLUE, INK, ORANGE, PALE, Numbers, figure


def numbers() -> Numbers:
    """H(P, Q) for P = N(0, 1) and Q = N(m, 1), against m; and the densities for three of the m."""
    m, x = torch.linspace(-3, 3, 121, dtype=torch.float64), torch.linspace(-4, 6, 301, dtype=torch.float64)
    p, shown = td.Normal(0.0, 1.0), torch.tensor([3.0, 1.5, 0.0], dtype=torch.float64)
    found = {
        "m": m,
        "cross": kb.cross_entropy(p, td.Normal(m, 1.0)).value,
        "entropy": kb.entropy(p).value,
        "shown": shown,
        "shown_cross": kb.cross_entropy(p, td.Normal(shown, 1.0)).value,
        "x": x,
        "p": torch.exp(-kb.information(p, x).value),
        "q": torch.exp(-kb.information(td.Normal(shown, 1.0), x[:, None]).value),
    }
    return {name: value.numpy() for name, value in found.items()}


def draw(n: Numbers) -> Figure:
    """The densities on the left, what each costs on the right."""
    drawing, (left, right) = figure(2, 3.4)
    left.fill_between(n["x"], n["p"], color=PALE)
    left.plot(n["x"], n["p"], color=INK, label="P, the truth")
    for i, (alpha, q) in enumerate(zip((0.35, 0.65, 1.0), n["q"].T, strict=True)):
        left.plot(n["x"], q, color=ORANGE, alpha=alpha, linestyle="--", label="Q, the model" if i == 2 else None)
    left.set(xlabel="x", ylabel="density", ylim=(0, 0.56))
    left.legend(loc="upper right")
    right.plot(n["m"], n["cross"], color=BLUE)
    right.axhline(n["entropy"], color=INK, linewidth=1)
    right.text(-3, n["entropy"] - 0.36, f"H(P) = {n['entropy']:.2f} nats", color=INK)
    for alpha, m, value in zip((0.35, 0.65, 1.0), n["shown"], n["shown_cross"], strict=True):
        right.plot(m, value, "o", color=ORANGE, alpha=alpha, markersize=8)
    right.set(xlabel="where the middle of Q is", ylabel="cross-entropy H(P, Q) (nats)", ylim=(0.8, 6.2))
    return drawing
