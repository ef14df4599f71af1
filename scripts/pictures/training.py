"""One network trained twice, on cross-entropy and on KL divergence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

import kullback as kb
from pictures.form import ARROW, BLUE, INK, ORANGE, PALE, Numbers, figure

STEPS = 300
SHOWN = 14, 7
"""The two weights whose path is drawn, by their place among all."""


def world() -> tuple[Tensor, Tensor]:
    """Two hundred inputs **(N, 2)**, and the truth P(y|x) of three classes, which bends more than the network can."""
    x = 4 * torch.rand(200, 2, generator=torch.Generator().manual_seed(7), dtype=torch.float64) - 2
    first, second = 3 * torch.sin(2 * x[:, 0]), 1.5 * (x[:, 1] ** 2 - 1)
    return x, torch.softmax(torch.stack([first, second, torch.full_like(first, -0.5)], -1), -1)


def train(loss: Callable[[Tensor, Tensor], Tensor], dtype: torch.dtype, rate: float = 0.5) -> Numbers:
    """Gradient descent from one seed: the losses, and all weights before each step."""
    x, p = (t.to(dtype) for t in world())
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 3)).to(dtype)
    descent = torch.optim.SGD(network.parameters(), lr=rate)
    losses: list[float] = []
    path: list[np.ndarray] = []
    for _ in range(STEPS):
        value = loss(network(x), p)
        descent.zero_grad()
        value.backward()  # pyright: ignore[reportUnknownMemberType]  # untyped in torch
        losses.append(value.item())
        path.append(torch.nn.utils.parameters_to_vector(network.parameters()).detach().numpy())
        descent.step()
    return {"losses": np.array(losses), "path": np.stack(path)}


def numbers() -> Numbers:
    """Losses and paths of two runs, H(P), and how far apart any weight of the two ever is."""
    found: Numbers = {"entropy": float(kb.entropy(world()[1]).value.mean())}
    runs = {name: train(getattr(kb.losses, name), torch.float64) for name in ("cross_entropy", "kl_divergence")}
    for name, run in runs.items():
        found[f"{name}_losses"], found[f"{name}_path"] = run["losses"], run["path"]
    found["apart"] = np.abs(found["cross_entropy_path"] - found["kl_divergence_path"]).max()
    return found


def draw(n: Numbers) -> Figure:
    """Two losses H(P) apart on the left, the paths of two weights on the right."""
    drawing, (left, right) = figure(2, 3.7)
    steps, of_kl = np.arange(STEPS), n["kl_divergence_losses"]
    left.fill_between(steps, 0, of_kl, color=PALE)
    left.plot(steps, n["cross_entropy_losses"], color=BLUE, label="trained on H(P, Q)")
    left.plot(steps, of_kl, color=ORANGE, label="trained on KL(P‖Q)")
    left.axhline(n["entropy"], color=INK, linewidth=1, linestyle=":")
    left.text(STEPS, n["entropy"] - 0.07, "H(P)", color=INK, ha="right")
    left.annotate("", (70, of_kl[70]), (70, n["cross_entropy_losses"][70]), arrowprops=ARROW)
    left.text(76, 0.46, "H(P), at every step", color=INK)
    left.annotate("not learned", (270, of_kl[270] / 2), (232, 0.26), color=INK, ha="center", arrowprops=_POINTER)
    left.set(xlabel="step", ylabel="loss (nats)", ylim=(0, 1.5), xlim=(0, STEPS))
    left.legend(loc="upper right")
    one, other = (n["cross_entropy_path"][:, list(SHOWN)].T, n["kl_divergence_path"][:, list(SHOWN)].T)
    right.plot(*one, color=BLUE, linewidth=6, alpha=0.35, label="trained on H(P, Q)")
    right.plot(*other, color=ORANGE, linestyle="--", label="trained on KL(P‖Q)")
    right.plot(*other[:, [*range(0, STEPS, 50), -1]], "o", color=ORANGE, markersize=5)
    right.annotate("start", other[:, 0], (8, -4), textcoords="offset points", color=INK)
    right.annotate("end", other[:, -1], (-4, -18), textcoords="offset points", color=INK, ha="right")
    right.set(xlabel="a weight of the second layer", ylabel="a weight of the first layer", ylim=(0.1, 0.72))
    right.legend(loc="upper right")
    return drawing


_POINTER = {"arrowstyle": "-", "color": INK, "linewidth": 0.8}
