"""What torch's own registry knows of classes that the tables here do not name, in float64."""

from __future__ import annotations

import copy
from typing import Any

from torch import Tensor
from torch import distributions as d

ENUMERATED = (
    d.Bernoulli,
    d.Binomial,
    d.Categorical,
    d.Geometric,
    d.Multinomial,
    d.NegativeBinomial,
    d.OneHotCategorical,
    d.Poisson,
)
"""Sums elsewhere are exact for these, while torch clamps their probabilities."""


def in_double(p: Any) -> Any:
    """A copy whose parameters are float64, with their graph."""
    twin = copy.copy(p)
    for name, value in vars(p).items():
        if isinstance(value, Tensor) and value.is_floating_point():
            vars(twin)[name] = value.double()
        elif isinstance(value, d.Distribution):
            vars(twin)[name] = in_double(value)
    return twin


def entropy(p: Any) -> Tensor | None:
    """The class's own entropy, None if it has none."""
    if isinstance(p, ENUMERATED):
        return None
    try:
        return in_double(p).entropy()
    except NotImplementedError:  # torch has none: the next method is asked
        return None


def kl_divergence(p: Any, q: Any) -> Tensor | None:
    """What was registered with torch for the pair, None if nothing was."""
    if isinstance(p, ENUMERATED) or isinstance(q, ENUMERATED) or _folds(p):
        return None
    try:
        return d.kl_divergence(in_double(p), in_double(q))
    except NotImplementedError:  # torch has none: the next method is asked
        return None


def _folds(p: Any) -> bool:
    """Whether a transform is not one-to-one: torch answers with the divergence of the bases, which is too large."""
    return isinstance(p, d.TransformedDistribution) and not all(t.bijective for t in p.transforms)
