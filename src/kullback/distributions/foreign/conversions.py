"""SciPy's frozen distributions as torch's, where both have the family: one set of formulas serves both.

Conventions that differ: SciPy's nbinom counts failures with success probability p, torch's probs is 1 − p; SciPy's geom
counts from 1 and stays SciPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.stats
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
    if not isinstance(frozen, scipy.stats.distributions.rv_frozen):
        return MULTIVARIATE[kind](frozen) if kind in MULTIVARIATE else None
    name = frozen.dist.name
    if name not in UNIVARIATE:
        return None
    shapes, loc, scale = frozen.dist._parse_args(*frozen.args, **frozen.kwds)
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


def _uniform(loc: Tensor, scale: Tensor) -> td.Distribution:
    return td.Uniform(loc, loc + scale)


def _generalized_pareto(c: Tensor, loc: Tensor, scale: Tensor) -> td.Distribution:
    return td.GeneralizedPareto(loc, scale, c)


def _exponential(scale: Tensor) -> td.Distribution:
    return td.Exponential(1 / scale)


def _gamma(a: Tensor, scale: Tensor) -> td.Distribution:
    return td.Gamma(a, 1 / scale)


def _log_normal(s: Tensor, scale: Tensor) -> td.Distribution:
    return td.LogNormal(torch.log(scale), s)


def _weibull(c: Tensor, scale: Tensor) -> td.Distribution:
    return td.Weibull(scale, c)


def _pareto(b: Tensor, scale: Tensor) -> td.Distribution:
    return td.Pareto(scale, b)


def _von_mises(kappa: Tensor, loc: Tensor, scale: Tensor) -> _Made:
    return td.VonMises(loc, kappa) if bool((scale == 1).all()) else None


def _negative_binomial(n: Tensor, p: Tensor) -> td.Distribution:
    return td.NegativeBinomial(n, probs=1 - p)


UNIVARIATE: dict[str, Callable[..., _Made]] = {
    "norm": td.Normal,
    "laplace": td.Laplace,
    "cauchy": td.Cauchy,
    "t": td.StudentT,
    "gumbel_r": td.Gumbel,
    "uniform": _uniform,
    "genpareto": _generalized_pareto,
    "expon": _on_half_line(_exponential),
    "gamma": _on_half_line(_gamma),
    "invgamma": _on_half_line(td.InverseGamma),
    "lognorm": _on_half_line(_log_normal),
    "weibull_min": _on_half_line(_weibull),
    "pareto": _on_half_line(_pareto),
    "halfnorm": _on_half_line(td.HalfNormal),
    "halfcauchy": _on_half_line(td.HalfCauchy),
    "beta": _standard(td.Beta),
    "chi2": _standard(td.Chi2),
    "f": _standard(td.FisherSnedecor),
    "vonmises": _von_mises,
    "poisson": _standard(td.Poisson),
    "binom": _standard(_binomial),
    "bernoulli": _standard(td.Bernoulli),
    "nbinom": _standard(_negative_binomial),
}
"""SciPy's name → shapes, loc and scale → torch's distribution, or None."""

MULTIVARIATE: dict[str, Callable[[Any], td.Distribution]] = {
    "multivariate_normal_frozen": lambda d: td.MultivariateNormal(_tensor(d.mean), _tensor(d.cov)),
    "dirichlet_frozen": lambda d: td.Dirichlet(_tensor(d.alpha)),
    "wishart_frozen": lambda d: td.Wishart(_tensor(d.df).double(), covariance_matrix=_tensor(d.scale)),
    "multinomial_frozen": lambda d: td.Multinomial(int(d.n), _tensor(d.p)),
}
"""SciPy's class → torch's distribution."""
