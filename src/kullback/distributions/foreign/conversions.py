"""SciPy's frozen distributions as torch's, where both have the family: one set of formulas serves both.

Conventions that differ: SciPy's nbinom counts failures with success probability p, torch's probs is 1 − p; SciPy's geom
counts from 1 and stays SciPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.distributions as td
from torch import Tensor

_Made = td.Distribution | None


def converted(frozen: Any) -> td.Distribution | None:
    """Give the torch distribution that a frozen SciPy distribution is.

    Args:
        frozen: what `scipy.stats.FAMILY(...)` returns.

    Returns:
        The distribution in float64, None if torch has no such family, or not with this loc and scale.
    """
    kind = type(frozen).__name__
    if kind in MULTIVARIATE:
        return MULTIVARIATE[kind](frozen)
    name = frozen.dist.name
    if name not in UNIVARIATE:
        return None
    shapes, loc, scale = frozen.dist._parse_args(*frozen.args, **frozen.kwds)  # noqa: SLF001 (SciPy has no public way)
    parameters = torch.broadcast_tensors(*(_tensor(x) for x in (*shapes, loc, scale)))
    return UNIVARIATE[name](*parameters)


def _tensor(x: Any) -> Tensor:
    return torch.as_tensor(np.asarray(x, dtype=np.float64))


def _on_half_line(make: Callable[..., td.Distribution]) -> Callable[..., _Made]:
    """A family that torch starts at 0: only without a shift."""

    def convert(*parameters: Tensor) -> _Made:
        *shapes, loc, scale = parameters
        return make(*shapes, scale) if bool((loc == 0).all()) else None

    return convert


def _standard(make: Callable[..., td.Distribution]) -> Callable[..., _Made]:
    """A family that torch has without shift and scale."""

    def convert(*parameters: Tensor) -> _Made:
        *shapes, loc, scale = parameters
        return make(*shapes) if bool(((loc == 0) & (scale == 1)).all()) else None

    return convert


def _binomial(n: Tensor, p: Tensor) -> td.Distribution:
    return td.Binomial(n, p, validate_args=False)


UNIVARIATE: dict[str, Callable[..., _Made]] = {
    "norm": td.Normal,
    "laplace": td.Laplace,
    "cauchy": td.Cauchy,
    "t": td.StudentT,
    "gumbel_r": td.Gumbel,
    "uniform": lambda loc, scale: td.Uniform(loc, loc + scale),
    "genpareto": lambda c, loc, scale: td.GeneralizedPareto(loc, scale, c),
    "expon": _on_half_line(lambda scale: td.Exponential(1 / scale)),
    "gamma": _on_half_line(lambda a, scale: td.Gamma(a, 1 / scale)),
    "invgamma": _on_half_line(lambda a, scale: td.InverseGamma(a, scale)),
    "lognorm": _on_half_line(lambda s, scale: td.LogNormal(torch.log(scale), s)),
    "weibull_min": _on_half_line(lambda c, scale: td.Weibull(scale, c)),
    "pareto": _on_half_line(lambda b, scale: td.Pareto(scale, b)),
    "halfnorm": _on_half_line(td.HalfNormal),
    "halfcauchy": _on_half_line(td.HalfCauchy),
    "beta": _standard(td.Beta),
    "chi2": _standard(td.Chi2),
    "f": _standard(td.FisherSnedecor),
    "vonmises": lambda kappa, loc, scale: td.VonMises(loc, kappa) if bool((scale == 1).all()) else None,
    "poisson": _standard(lambda mu: td.Poisson(mu)),
    "binom": _standard(_binomial),
    "bernoulli": _standard(lambda p: td.Bernoulli(p)),
    "nbinom": _standard(lambda n, p: td.NegativeBinomial(n, probs=1 - p)),
}
"""SciPy's name → shapes, loc and scale → torch's distribution, or None."""

MULTIVARIATE: dict[str, Callable[[Any], td.Distribution]] = {
    "multivariate_normal_frozen": lambda d: td.MultivariateNormal(_tensor(d.mean), _tensor(d.cov)),
    "dirichlet_frozen": lambda d: td.Dirichlet(_tensor(d.alpha)),
    "wishart_frozen": lambda d: td.Wishart(_tensor(d.df).double(), covariance_matrix=_tensor(d.scale)),
    "multinomial_frozen": lambda d: td.Multinomial(int(d.n), _tensor(d.p)),
}
"""SciPy's class → torch's distribution."""
