"""One call of `kb.kl_divergence` beside what people write when torch raises NotImplementedError: a Monte Carlo average.

Theirs: try torch's KL, except NotImplementedError: the mean of log p(x) − log q(x) over 1,000,000 draws of p, with its
standard error computed by hand. Ours: the default. The truth is known from mpmath; both are compared with it.

    python benchmarks/against_monte_carlo.py --repeats 5
"""

from __future__ import annotations

import functools
import sys

import torch
import torch.distributions as td

import kullback as kb
from paired import Claim, Table, parser, raced

T = functools.partial(torch.tensor, dtype=torch.float64)  # .4 in float32 is another number than mpmath's


def _mixture(weights, locations, scales):
    return td.MixtureSameFamily(
        td.Categorical(T(weights)),
        td.Normal(T(locations), T(scales)),
    )


CASES = {
    "StudentT(5), Normal": (
        td.StudentT(T(5.0), T(0.0), T(1.0)),
        td.Normal(T(0.0), T(1.0)),
        0.1247691941236101,
    ),
    "LogNormal, Gamma": (
        td.LogNormal(T(0.0), T(1.0)),
        td.Gamma(T(2.0), T(1.0)),
        0.2297827374954554,
    ),
    "Normal, mixture": (
        td.Normal(T(0.0), T(1.0)),
        _mixture([0.4, 0.6], [-1.0, 1.0], [1.0, 0.5]),
        0.22651633208034103,
    ),
    "mixture, mixture": (
        _mixture([0.4, 0.6], [-1.0, 1.0], [1.0, 0.5]),
        _mixture([0.1, 0.9], [-0.5, 1.5], [0.7, 0.8]),
        0.6481007347915022,
    ),
    "Poisson, Geometric": (td.Poisson(T(3.0)), td.Geometric(T(0.3)), 0.3425274379935642),
    "Beta, Kumaraswamy": (
        td.Beta(T(2.0), T(3.0)),
        td.Kumaraswamy(T(2.0), T(3.0)),
        0.04052362514486188,
    ),
}


def by_hand(p, q, n):
    """The usual fallback."""
    try:
        return td.kl_divergence(p, q), 0.0
    except NotImplementedError:  # torch has no formula; this is what people then write
        x = p.sample((n,))
        terms = p.log_prob(x) - q.log_prob(x)
        return terms.mean(), terms.std() / n**0.5


def main():
    """Time every case in turns."""
    options = parser(__doc__, 5)
    options.add_argument("--draws", type=int, default=1_000_000)
    options = options.parse_args()
    torch.manual_seed(0)
    table = Table(options.json, "torch")
    for name, (p, q, truth) in CASES.items():
        ours, (value, spread) = kb.kl_divergence(p, q), by_hand(p, q, options.draws)
        mine, other = abs(float(ours.value) - truth), abs(float(value) - truth)
        if mine > max(float(ours.error), 1e-12) or other > 6 * float(spread):
            sys.exit(f"{name}: ours off by {mine}, by hand off by {other} ± {float(spread)}")
        times = raced(
            lambda p=p, q=q: kb.kl_divergence(p, q), lambda p=p, q=q: by_hand(p, q, options.draws), options.repeats
        )
        note = f"ours off by {mine:.0e} ({ours.method}), theirs by {other:.0e} ± {float(spread):.0e}"
        threads = torch.get_num_threads()
        table.add(Claim(name, f"{options.draws} draws", "float64", threads, **times, wanted=1, note=note))


if __name__ == "__main__":
    main()
