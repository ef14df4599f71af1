"""The gap between cross-entropy and entropy, and descent on either."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure

import kullback as kb
from pictures.form import ARROW, BLUE, INK, ORANGE, PALE, Numbers, figure


def numbers() -> Numbers:
    """H(P, Q) and H(P) of coins, against Q; and two runs of gradient descent, one on each loss, from one start."""
    q = np.linspace(0.01, 0.99, 197)
    truth, models = np.array([0.3, 0.7]), np.stack([q, 1 - q], -1)
    found: Numbers = {
        "q": q,
        "cross": kb.cross_entropy(truth, models, base=2).value,
        "divergence": kb.kl_divergence(truth, models, base=2).value,
        "entropy": float(kb.entropy(truth, base=2)),
    }
    for name, measure in (("cross_entropy", kb.cross_entropy), ("kl_divergence", kb.kl_divergence)):
        found[f"{name}_losses"], found[f"{name}_path"] = _descend(measure)
    found["row_entropy"] = float(kb.entropy(ROW, base=2))
    return found


ROW = np.array([0.5, 0.25, 0.15, 0.07, 0.03])


def _descend(measure: Callable[..., kb.Estimate]) -> tuple[np.ndarray, np.ndarray]:
    """Fifty steps on the logits θ of Q: the losses, and θ."""
    theta = torch.tensor([-1.0, 0.0, 1.0, 2.0, 0.0], dtype=torch.float64, requires_grad=True)
    losses: list[float] = []
    path: list[np.ndarray] = []
    for _ in range(50):
        loss = measure(torch.tensor(ROW), kb.Logits(theta), base=2).value
        (slope,) = torch.autograd.grad(loss, theta)
        losses.append(float(loss.detach()))
        path.append(theta.detach().numpy().copy())
        theta = (theta - 0.5 * slope).detach().requires_grad_()
    return np.array(losses), np.stack(path)


def draw(n: Numbers) -> Figure:
    """The gap between two curves on the left, two runs of training on the right."""
    drawing, (left, right) = figure(2, 3.5)
    flat = np.full_like(n["q"], n["entropy"])
    left.fill_between(n["q"], flat, n["cross"], color=PALE)
    left.plot(n["q"], n["cross"], color=BLUE, label="H(P, Q)")
    left.plot(n["q"], flat, color=INK, linewidth=1.2, label="H(P)")
    left.annotate("", (0.75, n["entropy"]), (0.75, np.interp(0.75, n["q"], n["cross"])), arrowprops=ARROW)
    left.text(0.77, 1.02, "KL(P‖Q)", color=ORANGE)
    left.set(xlabel="Q's probability of heads (P's is 0.3)", ylabel="bits", ylim=(0, 3))
    left.legend(loc="upper center")
    steps = np.arange(len(n["cross_entropy_losses"]))
    right.plot(steps, n["cross_entropy_losses"], color=BLUE, label="trained on H(P, Q)")
    right.plot(steps, n["kl_divergence_losses"], color=ORANGE, label="trained on KL(P‖Q)")
    right.axhline(n["row_entropy"], color=INK, linewidth=1, linestyle=":")
    right.annotate("", (20, n["kl_divergence_losses"][20]), (20, n["cross_entropy_losses"][20]), arrowprops=ARROW)
    right.text(21, 1.0, "H(P), at every step", color=INK)
    right.set(xlabel="step", ylabel="loss (bits)", ylim=(-0.05, 4))
    right.legend(loc="upper right")
    return drawing
