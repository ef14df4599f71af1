"""What a closed form costs beside torch's own, where torch has one: entropies and KL divergences of single pairs.

Ours: `kb.entropy(p).value`, `kb.kl_divergence(p, q).value`: the support is checked, the method chosen, everything
computed in float64. Theirs: `p.entropy()`, `torch.distributions.kl_divergence(p, q)`. Both in this process, in turns,
on the same objects. Where both are right they agree to 1e-9; where torch is known to be wrong the pair is left out.

    python benchmarks/closed_forms.py --repeats 15
"""

from __future__ import annotations

import statistics
import sys

import torch
import torch.distributions as td

import kullback as kb
from paired import Claim, Table, parser, raced

CALLS = 50
T = lambda *x: torch.tensor(x if len(x) > 1 else x[0], dtype=torch.float64)  # noqa: E731 (a short name for a table)

ENTROPIES = {
    "Normal": td.Normal(T(0.3), T(1.2)),
    "Laplace": td.Laplace(T(0.3), T(1.2)),
    "Cauchy": td.Cauchy(T(0.3), T(1.2)),
    "StudentT": td.StudentT(T(4.0), T(0.0), T(1.0)),
    "Gumbel": td.Gumbel(T(0.0), T(1.0)),
    "Exponential": td.Exponential(T(1.3)),
    "Gamma": td.Gamma(T(2.2), T(1.4)),
    "Beta": td.Beta(T(1.7), T(2.4)),
    "HalfNormal": td.HalfNormal(T(1.1)),
    "LogNormal": td.LogNormal(T(0.1), T(0.6)),
    "Pareto": td.Pareto(T(1.0), T(3.0)),
    "Uniform": td.Uniform(T(0.0), T(2.0)),
    "Weibull": td.Weibull(T(1.2), T(1.7)),
    "Dirichlet": td.Dirichlet(T(1.0, 2.0, 3.0)),
    "MultivariateNormal": td.MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()),
}
PAIRS = {
    "Normal, Normal": (td.Normal(T(0.3), T(1.2)), td.Normal(T(0.0), T(1.0))),
    "Laplace, Laplace": (td.Laplace(T(0.3), T(1.2)), td.Laplace(T(0.0), T(1.0))),
    "Cauchy, Cauchy": (td.Cauchy(T(0.3), T(1.2)), td.Cauchy(T(0.0), T(1.0))),
    "Gamma, Gamma": (td.Gamma(T(2.2), T(1.4)), td.Gamma(T(1.2), T(0.4))),
    "Beta, Beta": (td.Beta(T(1.7), T(2.4)), td.Beta(T(0.7), T(1.4))),
    "Exponential, Gamma": (td.Exponential(T(1.3)), td.Gamma(T(1.2), T(0.4))),
    "Exponential, Normal": (td.Exponential(T(1.3)), td.Normal(T(0.0), T(1.0))),
    "Gumbel, Normal": (td.Gumbel(T(0.0), T(1.0)), td.Normal(T(0.0), T(2.0))),
    "Laplace, Normal": (td.Laplace(T(0.3), T(1.2)), td.Normal(T(0.0), T(1.0))),
    "Uniform, Normal": (td.Uniform(T(0.0), T(1.0)), td.Normal(T(0.0), T(1.0))),
    "Uniform, Uniform": (td.Uniform(T(0.0), T(1.0)), td.Uniform(T(-1.0), T(2.0))),
    "Pareto, Pareto": (td.Pareto(T(1.0), T(3.0)), td.Pareto(T(0.5), T(1.2))),
    "Poisson, Poisson": (td.Poisson(T(3.0)), td.Poisson(T(7.5))),
    "Geometric, Geometric": (td.Geometric(T(0.3)), td.Geometric(T(0.6))),
    "Dirichlet, Dirichlet": (td.Dirichlet(T(1.0, 2.0, 3.0)), td.Dirichlet(T(2.0, 2.0, 2.0))),
    "MVN, MVN": (
        td.MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()),
        td.MultivariateNormal(torch.ones(3).double(), 2 * torch.eye(3).double()),
    ),
}


def compare(table, name, ours, theirs, repeats):
    """Time one line and give theirs / ours."""
    if abs(float(ours()) - float(theirs())) > 1e-9:
        sys.exit(f"{name}: ours {float(ours())}, torch's {float(theirs())}")
    times = raced(ours, theirs, repeats, CALLS)
    table.add(Claim(name, "()", "float64", 1, **times))
    return times


def main():
    """Time every line and take the median of the ratios."""
    options = parser(__doc__, 15).parse_args()
    torch.set_num_threads(1)
    table = Table(options.json, "torch")
    lines = [(f"H {name}", lambda p=p: kb.entropy(p).value, lambda p=p: p.entropy()) for name, p in ENTROPIES.items()]
    lines += [
        (f"KL {name}", lambda p=p, q=q: kb.kl_divergence(p, q).value, lambda p=p, q=q: td.kl_divergence(p, q))
        for name, (p, q) in PAIRS.items()
    ]
    found = [compare(table, *line, options.repeats) for line in lines]
    middle = {name: statistics.median(times[name] for times in found) for name in found[0]}
    table.add(Claim("median of the lines above", "()", "float64", 1, **middle))


if __name__ == "__main__":
    main()
