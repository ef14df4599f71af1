"""Make the pictures of docs/ideas with numbers that the library computed.

    python scripts/make_pictures.py

Each picture is two functions: its numbers, which tests compare with closed forms, and its drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import torch
import torch.distributions as td
from matplotlib.figure import Figure

import kullback as kb

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
INK, MUTED, BLUE, ORANGE, PALE = "#22303c", "#75808a", "#2f6690", "#d1652a", "#d9e4ed"
SETTINGS: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "legend.frameon": False,
    "lines.linewidth": 2.0,
    "svg.hashsalt": "kullback",
    "savefig.facecolor": "white",
}
Numbers = dict[str, Any]


def information_numbers() -> Numbers:
    """−log₂ q of an outcome, against q."""
    q = np.append(np.linspace(0.002, 1, 500), [0.5, 0.25, 0.125])
    bits = kb.information(np.stack([q, 1 - q], -1), 0, base=2).value
    return {"q": q[:500], "bits": bits[:500], "marked_q": q[500:], "marked_bits": bits[500:]}


def draw_information(n: Numbers) -> Figure:
    """One falling curve; the halves are marked."""
    figure, (axes,) = _figure(1, 3.6)
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
    return figure


def entropy_numbers() -> Numbers:
    """Five distributions over 8 outcomes from sharp to flat: the softmax of one row at rising temperatures."""
    row = -np.abs(np.arange(8.0) - 3.2)
    rows = row / np.array([0.12, 0.5, 1.0, 2.2, np.inf])[:, None]
    p = np.exp(rows) / np.exp(rows).sum(-1, keepdims=True)
    return {"p": p, "bits": kb.entropy(p, base=2).value}


def draw_entropy(n: Numbers) -> Figure:
    """Five bar charts side by side, each with its entropy."""
    figure, panels = _figure(5, 2.6, sharey=True)
    for axes, p, bits in zip(panels, n["p"], n["bits"], strict=True):
        axes.bar(range(1, 9), p, color=BLUE)
        axes.set_title(f"{bits:.2f} bits", fontsize=12, color=ORANGE)
        axes.set(ylim=(0, 1), xticks=(1, 8))
    panels[0].set_ylabel("probability")
    panels[2].set_xlabel("outcome")
    panels[0].text(0.95, 0.82, "sharp", transform=panels[0].transAxes, ha="right")
    panels[4].text(0.5, 0.82, "flat:\nlog₂ 8 = 3", transform=panels[4].transAxes, ha="center", va="center")
    return figure


def cross_entropy_numbers() -> Numbers:
    """H(P, Q) for P = N(0, 1) and Q = N(m, 1), against m; and the densities for three of the m."""
    m, x = torch.linspace(-3, 3, 121, dtype=torch.float64), torch.linspace(-4, 6, 301, dtype=torch.float64)
    p, shown = td.Normal(0.0, 1.0), torch.tensor([3.0, 1.5, 0.0], dtype=torch.float64)
    numbers = {
        "m": m,
        "cross": kb.cross_entropy(p, td.Normal(m, 1.0)).value,
        "entropy": kb.entropy(p).value,
        "shown": shown,
        "shown_cross": kb.cross_entropy(p, td.Normal(shown, 1.0)).value,
        "x": x,
        "p": torch.exp(-kb.information(p, x).value),
        "q": torch.exp(-kb.information(td.Normal(shown, 1.0), x[:, None]).value),
    }
    return {name: value.numpy() for name, value in numbers.items()}


def draw_cross_entropy(n: Numbers) -> Figure:
    """The densities on the left, what each costs on the right."""
    figure, (left, right) = _figure(2, 3.4)
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
    return figure


def monte_carlo_numbers() -> Numbers:
    """−1/n Σ log q(x_i) for the first n of 100,000 draws of a skewed P under a normal Q, and its limit."""
    p, q = td.Gumbel(0.0, 1.0), td.Normal(0.0, 2.0)
    torch.manual_seed(14)
    x: Any = p.sample((100_000,))
    n = np.unique(np.geomspace(10, 100_000, 80).astype(int))
    estimates = [kb.cross_entropy(kb.Sample(x[:size]), q) for size in n]
    return {
        "n": n,
        "value": np.array([float(e) for e in estimates]),
        "std_error": np.array([float(e.std_error) for e in estimates]),
        "truth": float(kb.cross_entropy(p, q, method="quadrature")),
    }


def draw_monte_carlo(n: Numbers) -> Figure:
    """The running mean in its interval on the left, how the interval shrinks on the right."""
    figure, (left, right) = _figure(2, 3.4)
    half = 1.96 * n["std_error"]
    left.fill_between(n["n"], n["value"] - half, n["value"] + half, color=PALE, label="± 1.96 std_error")
    left.plot(n["n"], n["value"], color=BLUE, label="−1/n Σ log q(xᵢ)")
    left.axhline(n["truth"], color=ORANGE, linewidth=1.2, label="by quadrature")
    left.set(
        xscale="log", xlabel="n, draws of P", ylabel="cross-entropy (nats)", ylim=(n["truth"] - 0.5, n["truth"] + 0.8)
    )
    left.legend(loc="upper right")
    right.plot(n["n"], half, color=BLUE, label="1.96 std_error")
    right.plot(n["n"], half[-1] * np.sqrt(n["n"][-1] / n["n"]), color=INK, linewidth=1, linestyle=":", label="∝ 1/√n")
    right.plot(n["n"], np.abs(n["value"] - n["truth"]), ".", color=ORANGE, label="distance from the truth")
    right.set(xscale="log", yscale="log", xlabel="n, draws of P", ylabel="nats", ylim=(1e-5, 3))
    right.legend(loc="lower left")
    return figure


def kl_divergence_numbers() -> Numbers:
    """H(P, Q) and H(P) of coins, against Q; and two runs of gradient descent, one on each loss, from one start."""
    q = np.linspace(0.01, 0.99, 197)
    truth, models = np.array([0.3, 0.7]), np.stack([q, 1 - q], -1)
    numbers: Numbers = {
        "q": q,
        "cross": kb.cross_entropy(truth, models, base=2).value,
        "divergence": kb.kl_divergence(truth, models, base=2).value,
        "entropy": float(kb.entropy(truth, base=2)),
    }
    for name, measure in (("cross_entropy", kb.cross_entropy), ("kl_divergence", kb.kl_divergence)):
        numbers[f"{name}_losses"], numbers[f"{name}_path"] = _descend(measure)
    numbers["row_entropy"] = float(kb.entropy(ROW, base=2))
    return numbers


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


def draw_kl_divergence(n: Numbers) -> Figure:
    """The gap between two curves on the left, two runs of training on the right."""
    figure, (left, right) = _figure(2, 3.5)
    flat = np.full_like(n["q"], n["entropy"])
    left.fill_between(n["q"], flat, n["cross"], color=PALE)
    left.plot(n["q"], n["cross"], color=BLUE, label="H(P, Q)")
    left.plot(n["q"], flat, color=INK, linewidth=1.2, label="H(P)")
    left.annotate("", (0.75, n["entropy"]), (0.75, np.interp(0.75, n["q"], n["cross"])), arrowprops=_ARROW)
    left.text(0.77, 1.02, "KL(P‖Q)", color=ORANGE)
    left.set(xlabel="Q's probability of heads (P's is 0.3)", ylabel="bits", ylim=(0, 3))
    left.legend(loc="upper center")
    steps = np.arange(len(n["cross_entropy_losses"]))
    right.plot(steps, n["cross_entropy_losses"], color=BLUE, label="trained on H(P, Q)")
    right.plot(steps, n["kl_divergence_losses"], color=ORANGE, label="trained on KL(P‖Q)")
    right.axhline(n["row_entropy"], color=INK, linewidth=1, linestyle=":")
    right.annotate("", (20, n["kl_divergence_losses"][20]), (20, n["cross_entropy_losses"][20]), arrowprops=_ARROW)
    right.text(21, 1.0, "H(P), at every step", color=INK)
    right.set(xlabel="step", ylabel="loss (bits)", ylim=(-0.05, 4))
    right.legend(loc="upper right")
    return figure


_ARROW = {"arrowstyle": "<->", "color": ORANGE, "shrinkA": 0, "shrinkB": 0}


def _figure(panels: int, height: float, *, sharey: bool = False) -> tuple[Figure, list[Any]]:
    figure = Figure(figsize=(7.2, height), layout="constrained")
    axes: Any = figure.subplots(1, panels, sharey=sharey, squeeze=False)
    return figure, list(axes[0])


PICTURES: dict[str, tuple[Callable[[], Numbers], Callable[[Numbers], Figure]]] = {
    "information": (information_numbers, draw_information),
    "entropy": (entropy_numbers, draw_entropy),
    "cross_entropy": (cross_entropy_numbers, draw_cross_entropy),
    "monte_carlo": (monte_carlo_numbers, draw_monte_carlo),
    "kl_divergence": (kl_divergence_numbers, draw_kl_divergence),
}
"""Name → its numbers and its drawing."""


def summary(numbers: Numbers) -> str:
    """Mean and standard deviation of everything drawn, which the picture carries as its description."""
    return "; ".join(f"{name} {np.mean(x):.6g} {np.std(x):.6g}" for name, x in numbers.items())


def make(folder: Path, ending: str = "svg") -> None:
    """Draw every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(SETTINGS):
        for name, (count, draw) in PICTURES.items():
            numbers = count()
            about: Any = {"Date": None, "Description": summary(numbers)} if ending == "svg" else None
            draw(numbers).savefig(folder / f"{name}.{ending}", metadata=about)


if __name__ == "__main__":
    make(FOLDER)
