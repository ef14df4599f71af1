"""Distributions made of distributions: independent dimensions, common and affine transforms, normal vectors."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch import distributions as d

from kullback.estimators.closed_form import multivariate

Measure = Callable[[str, Any, Any], Tensor | None]

LOCATED = (d.Normal, d.Laplace, d.Cauchy, d.StudentT)
"""Symmetric location-scale families, whose affine images stay in the family."""


def independent(measure: str, p: Any, q: Any, closed_form: Measure) -> Tensor | None:
    """The sum over the dimensions that are read as an event; of two distributions with the same such dimensions."""
    base, dims = _flat(p)
    if q is None:
        return _summed(closed_form(measure, base, None), base, base, dims)
    other, dims_q = _flat(q)
    if dims != dims_q or p.event_shape != q.event_shape:
        return None
    return _summed(closed_form(measure, base, other), base, other, dims)


def _flat(p: Any) -> tuple[Any, int]:
    """The distribution within, and how many of its batch dimensions are events."""
    dims = 0
    while isinstance(p, d.Independent):
        dims += p.reinterpreted_batch_ndims
        p = p.base_dist
    return p, dims


def _summed(value: Tensor | None, p: Any, q: Any, dims: int) -> Tensor | None:
    if value is None or dims == 0:
        return value
    shape = torch.broadcast_shapes(p.batch_shape, q.batch_shape)
    return value.expand(shape).sum(tuple(range(-dims, 0)))


def _as_normal(p: Any) -> tuple[Tensor, Tensor] | None:
    """Mean and Cholesky factor of a normal vector, however it is written."""
    if isinstance(p, d.MultivariateNormal):
        return p.loc.double(), multivariate.cholesky(p)
    if isinstance(p, d.LowRankMultivariateNormal):
        return p.loc.double(), multivariate.low_rank_cholesky(p)
    base, dims = _flat(p)
    if type(base) is d.Normal and dims == 1:
        return base.loc.double(), torch.diag_embed(base.scale.double())
    return None


def normal_vectors(measure: str, p: Any, q: Any, closed_form: Measure) -> Tensor | None:
    """KL of two normal vectors of the same size."""
    del measure, closed_form
    a, b = _as_normal(p), _as_normal(q)
    if a is None or b is None or p.event_shape != q.event_shape:
        return None
    return multivariate.gaussian(*a, *b).expand(torch.broadcast_shapes(p.batch_shape, q.batch_shape))


def transformed(measure: str, p: Any, q: Any, closed_form: Measure) -> Tensor | None:
    """By the base where the transforms are common and one-to-one, by its family where they are affine."""
    if q is None:
        return _affine_entropy(p, closed_form)
    if measure == "kl_divergence" and _same_transforms(p, q):
        return closed_form(measure, p.base_dist, q.base_dist)
    a, b = _collapsed(p), _collapsed(q)
    return None if a is p and b is q else closed_form(measure, a, b)


def _same_transforms(p: Any, q: Any) -> bool:
    return (
        isinstance(p, d.TransformedDistribution)
        and isinstance(q, d.TransformedDistribution)
        and p.event_shape == q.event_shape
        and all(t.bijective for t in p.transforms)
        and p.transforms == q.transforms
    )


def _affine_entropy(p: Any, closed_form: Measure) -> Tensor | None:
    """H of the base + Σ log |scale| over the dimensions of an event."""
    if not all(isinstance(t, d.AffineTransform) for t in p.transforms):
        return None
    entropy = closed_form("entropy", p.base_dist, None)
    if entropy is None:
        return None
    for transform in p.transforms:
        stretch = torch.as_tensor(transform.scale, dtype=torch.float64, device=entropy.device).abs().log()
        dims = tuple(range(-len(p.event_shape), 0))
        stretch = stretch.expand(p.batch_shape + p.event_shape)
        entropy = entropy + (stretch.sum(dims) if dims else stretch)
    return entropy


def _collapsed(p: Any) -> Any:
    """A member of the family of the base, where every transform is affine and the family is closed under them."""
    if type(p) is not d.TransformedDistribution or type(p.base_dist) not in LOCATED:
        return p
    base: Any = p.base_dist
    transforms: list[Any] = p.transforms
    if not all(isinstance(t, d.AffineTransform) for t in transforms):
        return p
    loc, scale = base.loc.double(), base.scale.double()
    for transform in transforms:
        loc, scale = transform.loc + transform.scale * loc, abs(transform.scale) * scale
    image = copy.copy(base)
    image.loc, image.scale = torch.broadcast_tensors(loc, scale)
    image._batch_shape = loc.shape
    return image
