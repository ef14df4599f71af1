"""One call of `kb.kl_divergence` beside what people write when torch raises NotImplementedError: a Monte Carlo average.

Theirs: try torch's KL, except NotImplementedError: the mean of log p(x) − log q(x) over 1,000,000 draws of p, with its
standard error computed by hand. Ours: the default. Printed are the seconds and how far both are off the truth, which is
known from mpmath.

    python benchmarks/against_monte_carlo.py --repeats 5
"""

from __future__ import annotations

import argparse

import torch
import torch.distributions as td

import kullback as kb
from paired import machine, paired


def _mixture(weights, locations, scales):
    return td.MixtureSameFamily(
        td.Categorical(torch.tensor(weights).double()),
        td.Normal(torch.tensor(locations).double(), torch.tensor(scales).double()),
    )


T = torch.tensor
CASES = {
    "StudentT(5), Normal": (
        td.StudentT(T(5.0).double(), T(0.0).double(), T(1.0).double()),
        td.Normal(T(0.0).double(), T(1.0).double()),
        0.1247691941236101,
    ),
    "LogNormal, Gamma": (
        td.LogNormal(T(0.0).double(), T(1.0).double()),
        td.Gamma(T(2.0).double(), T(1.0).double()),
        0.2297827374954554,
    ),
    "Normal, mixture": (
        td.Normal(T(0.0).double(), T(1.0).double()),
        _mixture([0.4, 0.6], [-1.0, 1.0], [1.0, 0.5]),
        0.22651633208034103,
    ),
    "mixture, mixture": (
        _mixture([0.4, 0.6], [-1.0, 1.0], [1.0, 0.5]),
        _mixture([0.1, 0.9], [-0.5, 1.5], [0.7, 0.8]),
        0.6481007347915022,
    ),
    "Poisson, Geometric": (td.Poisson(T(3.0).double()), td.Geometric(T(0.3).double()), 0.3425274379935642),
    "Beta, Kumaraswamy": (
        td.Beta(T(2.0).double(), T(3.0).double()),
        td.Kumaraswamy(T(2.0).double(), T(3.0).double()),
        0.04052362514486188,
    ),
}


def by_hand(p, q, n):
    """The usual fallback."""
    try:
        return td.kl_divergence(p, q), 0.0
    except NotImplementedError:
        x = p.sample((n,))
        terms = p.log_prob(x) - q.log_prob(x)
        return terms.mean(), terms.std() / n**0.5


def main():
    """Time every case in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--draws", type=int, default=1_000_000)
    options = parser.parse_args()
    torch.manual_seed(0)
    for name, (p, q, truth) in CASES.items():
        mine, other, ratio = paired(
            lambda p=p, q=q: kb.kl_divergence(p, q), lambda p=p, q=q: by_hand(p, q, options.draws), options.repeats
        )
        ours, (value, spread) = kb.kl_divergence(p, q), by_hand(p, q, options.draws)
        print(
            f"{name:20s} kullback {1e3 * mine:7.2f} ms, off by {abs(float(ours.value) - truth):.0e} ({ours.method}) · "
            f"by hand {1e3 * other:7.1f} ms, off by {abs(float(value) - truth):.0e} ± {float(spread):.0e} · "
            f"ratio {ratio:.4f}"
        )
    print(f"{options.draws:,} draws by hand".replace(",", " "))
    print(machine("torch"))


if __name__ == "__main__":
    main()
