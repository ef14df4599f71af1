"""The support of a torch distribution, from its constraint, its components or its transforms."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributions as td
from torch.distributions import constraints as c

from kullback.distributions.foreign.families import LINE
from kullback.distributions.foreign.transforms import image
from kullback.distributions.support import INF, Support

LINE_SUPPORT = Support()
POSITIVE = Support(lower=0.0)
UNIT = Support(lower=0.0, upper=1.0)
NATURALS = Support(discrete=True, lower=0.0)

CONSTANT: dict[type, Support] = {
    **dict.fromkeys((td.Normal, td.Laplace, td.Cauchy, td.StudentT, td.Gumbel), LINE_SUPPORT),
    **dict.fromkeys((td.MultivariateNormal, td.LowRankMultivariateNormal), LINE_SUPPORT),
    **dict.fromkeys((td.HalfNormal, td.HalfCauchy, td.Exponential, td.Gamma, td.Chi2, td.InverseGamma), POSITIVE),
    **dict.fromkeys((td.LogNormal, td.Weibull, td.FisherSnedecor), POSITIVE),
    **dict.fromkeys((td.Beta, td.Kumaraswamy, td.ContinuousBernoulli, td.RelaxedBernoulli), UNIT),
    **dict.fromkeys((td.Poisson, td.Geometric, td.NegativeBinomial), NATURALS),
    td.Dirichlet: Support(set="simplex"),
}
"""Families whose support does not depend on a parameter."""

READ = frozenset((td.Uniform, td.Pareto))
"""Families whose ends are parameters: they need not be copied to be known."""

_SETS: dict[type, tuple[bool, str]] = {
    type(c.simplex): (False, "simplex"),
    type(c.one_hot): (True, "one-hot vectors"),
    type(c.positive_definite): (False, "positive definite matrices"),
    type(c.positive_semidefinite): (False, "positive definite matrices"),
    type(c.corr_cholesky): (False, "Cholesky factors of correlations"),
    type(c.lower_cholesky): (False, "Cholesky factors"),
    type(c.lower_triangular): (False, "lower triangular matrices"),
    type(c.square): (False, "square matrices"),
    type(c.symmetric): (False, "symmetric matrices"),
}

_BOUNDED = ("lower_bound", "upper_bound")


def support_of(d: Any) -> Support:
    """Give the support of a distribution in float64.

    Args:
        d: a torch distribution.

    Returns:
        The Support; one object for all distributions on the whole line, (0, ∞), (0, 1) and the natural numbers.
    """
    family = LINE.get(type(d))
    if family is not None and family.support is not None:
        return _interval(*family.support(d))
    for kind, rule in _RULES:
        if isinstance(d, kind):
            return rule(d)
    try:
        constraint: Any = d.support
    except NotImplementedError:  # a class of the user's that does not say where it lives may live anywhere
        return LINE_SUPPORT
    return _of_constraint(constraint)


def _of_constraint(constraint: Any) -> Support:
    while isinstance(constraint, type(c.real_vector)):
        constraint = constraint.base_constraint
    named = _SETS.get(type(constraint))
    if named is not None:
        return Support(named[0], set=named[1])
    discrete = bool(constraint.is_discrete)
    if isinstance(constraint, type(c.boolean)):
        return Support(True, 0.0, 1.0)
    lower, upper = (getattr(constraint, name, None) for name in _BOUNDED)
    return _interval(-INF if lower is None else lower, INF if upper is None else upper, discrete=discrete)


def _interval(lower: Any, upper: Any, *, discrete: bool = False) -> Support:
    low, high = (_end(x) for x in (lower, upper))
    if isinstance(low, float) and isinstance(high, float):
        for known in (LINE_SUPPORT, POSITIVE, UNIT, NATURALS):
            if (low, high, discrete) == (known.lower, known.upper, known.discrete):
                return known
    return Support(discrete, low, high)


def _end(x: Any) -> Any:
    """A float, or a tensor **(…, 1)**."""
    return x.double()[..., None] if isinstance(x, torch.Tensor) else float(x)


def _of_mixture(d: Any) -> Support:
    """The union of the components' intervals: their last batch dimension becomes that of the pieces."""
    inner = support_of(d.component_distribution)
    if inner.set != "box" or (isinstance(inner.lower, float) and isinstance(inner.upper, float)):
        return inner
    event = len(d.event_shape)
    ends = [_pieces_last(e, d.component_distribution.batch_shape, event) for e in (inner.lower, inner.upper)]
    if event:  # the union of boxes is taken as their hull
        ends = [ends[0].amin(-1, keepdim=True), ends[1].amax(-1, keepdim=True)]
    return Support(inner.discrete, ends[0], ends[1])


def _pieces_last(end: Any, batch: Any, event: int) -> torch.Tensor:
    x = torch.as_tensor(end, dtype=torch.float64)
    x = x[..., 0] if x.ndim else x.expand((*batch, *(1,) * event))
    return torch.movedim(x, -1 - event, -1)


def _of_independent(d: Any) -> Support:
    return support_of(d.base_dist)


def _of_multinomial(d: Any) -> Support:
    return Support(discrete=True, set=f"counts of {d.total_count} over {d.event_shape[0]} outcomes")


def _of_transformed(d: Any) -> Support:
    """The image of the base's interval; a transform that is not one to one is known by its codomain alone."""
    if type(d) is not td.TransformedDistribution or d.event_shape:
        return _of_constraint(d.support)
    base = support_of(d.base_dist)
    if d.base_dist.event_shape or not all(t.bijective and not t.domain.event_dim for t in d.transforms):
        return _of_constraint(d.support)
    ends = [torch.as_tensor(e, dtype=torch.float64) for e in (base.lower, base.upper)]
    tensors = [e[..., 0] if e.ndim else e for e in ends]
    for transform in d.transforms:
        tensors = [image(transform, e) for e in tensors]
    tensors = [_cut_if_infinite(e) for e in tensors]
    low, high = torch.minimum(*tensors), torch.maximum(*tensors)
    if low.ndim or high.ndim or low.requires_grad or high.requires_grad:
        if not low.requires_grad and not high.requires_grad and _constant(low) and _constant(high):
            return _interval(float(low.flatten()[0]), float(high.flatten()[0]))
        return _interval(low, high)
    return _interval(float(low), float(high))


def _cut_if_infinite(end: torch.Tensor) -> torch.Tensor:
    """An infinite end does not move with parameters, but its derivative by a factor would be infinite too."""
    return end if bool(torch.isfinite(end).all()) else end.detach()


def _constant(x: torch.Tensor) -> bool:
    return x.numel() > 0 and bool((x == x.flatten()[0]).all())


_RULES = (
    (td.MixtureSameFamily, _of_mixture),
    (td.Independent, _of_independent),
    (td.Multinomial, _of_multinomial),
    (td.TransformedDistribution, _of_transformed),
)
"""What is not told by its own constraint."""
