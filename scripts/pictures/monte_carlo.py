"""A mean of draws closes in on its limit."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.distributions as td
from matplotlib.figure import Figure

import kullback as kb
from pictures.form import BLUE, INK, ORANGE, PALE, Numbers, figure


def numbers() -> Numbers:
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


def draw(n: Numbers) -> Figure:
    """The running mean in its interval on the left, how the interval shrinks on the right."""
    drawing, (left, right) = figure(2, 3.4)
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
    return drawing
