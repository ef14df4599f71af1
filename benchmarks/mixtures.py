"""KL divergences of 1,000 pairs of normal mixtures in one call, beside a loop over scipy.integrate.quad.

Ours: `kb.kl_divergence(p, q)` with two batches of 1,000 mixtures of two normals. Theirs: for each pair,
`scipy.integrate.quad` of p log p/q between the outermost components ± 12 scales, cut at the components, once with the
log-densities of scipy.stats ("as one writes it") and once in plain Python floats ("the fastest"). Their loops are timed
over `--loop` pairs and scaled, since all 1,000 take long. Values are compared to 1e-8.

    python benchmarks/mixtures.py --repeats 5
"""

from __future__ import annotations

import math
import sys

import numpy as np
import torch
import torch.distributions as td
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import norm

import kullback as kb
from paired import Claim, Table, parser, raced


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


def written_plainly(x, weights, locations, scales):
    """The same with scipy.stats."""
    return logsumexp(np.log(weights) + norm.logpdf(x, locations, scales))


def one_by_one(p, q, count, log_density):
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
    options = parser(__doc__, 5)
    options.add_argument("--pairs", type=int, default=1000)
    options.add_argument("--loop", type=int, default=50)
    options = options.parse_args()
    p, q = draw(0, options.pairs), draw(1, options.pairs)
    batches = mixture(*p), mixture(*q)
    ours = kb.kl_divergence(*batches)
    expected = one_by_one(p, q, options.loop, log_density)
    difference = np.abs(ours.value[: options.loop].numpy() - expected).max()
    if difference > 1e-8:
        sys.exit(f"the values differ by {difference}")
    table = Table(options.json, "torch", "scipy")
    for name, function, loop in (
        ("quad, as one writes it", written_plainly, max(1, options.loop // 10)),
        ("quad, the fastest", log_density, options.loop),
    ):
        scale = options.pairs / loop
        times = raced(
            lambda: kb.kl_divergence(*batches), lambda f=function, n=loop: one_by_one(p, q, n, f), options.repeats
        )
        times = times | {"theirs_ms": times["theirs_ms"] * scale, "ratio": times["ratio"] * scale}
        note = f"theirs from {loop} pairs; difference {difference:.0e}, error said {float(ours.error.max()):.0e}"
        threads = torch.get_num_threads()
        table.add(Claim(name, f"({options.pairs},)", "float64", threads, **times, wanted=50, note=note))


if __name__ == "__main__":
    main()
