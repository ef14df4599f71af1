"""KL divergences of 1,000 pairs of normal mixtures in one call, beside a loop over scipy.integrate.quad.

Ours: `kb.kl_divergence(p, q)` with two batches of 1,000 mixtures of two normals. Theirs: for each pair,
`scipy.integrate.quad` of p log p/q over the line with hand-written NumPy log-densities, cut at the components. Their loop is
timed over `--loop` pairs and scaled, since all 1,000 take long. Values are compared to 1e-8.

    python benchmarks/mixtures.py --repeats 5
"""

from __future__ import annotations

import argparse
import math
import sys

import numpy as np
import torch
import torch.distributions as td
from paired import machine, paired
from scipy.integrate import quad

import kullback as kb


def draw(seed, n):
    """Give weights, locations and scales of n mixtures of two normals, (n, 2) each."""
    rng = np.random.default_rng(seed)
    w = rng.uniform(0.2, 0.8, size=n)
    return np.stack([w, 1 - w], 1), rng.normal(0, 2, size=(n, 2)), rng.uniform(0.4, 1.5, size=(n, 2))


def mixture(weights, locations, scales):
    """Make the batch in torch."""
    w, m, s = (torch.as_tensor(x) for x in (weights, locations, scales))
    return td.MixtureSameFamily(td.Categorical(w), td.Normal(m, s))


def log_density(x, weights, locations, scales):
    """log Σ w N(x; m, s) of one mixture at one point, in plain Python floats."""
    parts = [
        math.log(w) - 0.5 * ((x - m) / s) ** 2 - math.log(s) - 0.5 * math.log(2 * math.pi)
        for w, m, s in zip(weights, locations, scales, strict=True)
    ]
    top = max(parts)
    return top + math.log(sum(math.exp(part - top) for part in parts))


def one_by_one(p, q, count):
    """Integrate the first `count` pairs."""
    values = []
    for i in range(count):
        a, b = ([x[i].tolist() for x in side] for side in (p, q))

        def integrand(x, a=a, b=b):
            log_p = log_density(x, *a)
            return math.exp(log_p) * (log_p - log_density(x, *b))

        low, high = min(np.subtract(a[1], np.multiply(12, a[2]))), max(np.add(a[1], np.multiply(12, a[2])))
        values.append(quad(integrand, low, high, points=sorted(a[1] + b[1]), limit=200)[0])
    return values


def main():
    """Time both in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--loop", type=int, default=50)
    options = parser.parse_args()
    p, q = draw(0, options.pairs), draw(1, options.pairs)
    batches = mixture(*p), mixture(*q)
    ours = kb.kl_divergence(*batches)
    difference = np.abs(ours.value[: options.loop].numpy() - one_by_one(p, q, options.loop)).max()
    if difference > 1e-8:
        sys.exit(f"the values differ by {difference}")
    mine, other, ratio = paired(
        lambda: kb.kl_divergence(*batches), lambda: one_by_one(p, q, options.loop), options.repeats
    )
    scale = options.pairs / options.loop
    print(f"{options.pairs} pairs: kullback {mine:.3f} s · quad {other * scale:.1f} s (from {options.loop} pairs)")
    print(f"ratio quad / ours {scale / ratio:.0f} (median of {options.repeats} paired turns)")
    print(f"largest difference {difference:.1e}, largest error said {float(ours.error.max()):.1e}")
    print(machine("torch", "scipy"))


if __name__ == "__main__":
    main()
