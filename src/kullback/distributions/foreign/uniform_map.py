"""Smooth maps from the unit cube to draws, for scrambled nets: normals and what torch makes of them."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributions as td
from torch import Tensor


def dimension_of(d: Any) -> int | None:
    """The dimension of the unit cube whose image under `map_of` is the distribution, None if there is no map.

    Args:
        d: a torch distribution without a batch.

    Returns:
        D ≥ 1, or None.
    """
    if isinstance(d, td.Independent):
        return None if dimension_of_base(d) is None else _size(d)
    if type(d) is td.Normal or type(d) is td.Uniform:
        return _size(d)
    if isinstance(d, td.MultivariateNormal):
        return int(d.event_shape[0])
    if isinstance(d, td.TransformedDistribution) and _is_normal(d.base_dist):
        return _size(d.base_dist)
    return None


def dimension_of_base(d: Any) -> int | None:
    """As `dimension_of`, of the distribution whose batch an Independent reads as an event."""
    return _size(d) if _is_normal(d.base_dist) or type(d.base_dist) is td.Uniform else None


def map_of(d: Any, u: Tensor) -> Tensor | None:
    """Map points of the unit cube to draws.

    Args:
        d: a torch distribution without a batch.
        u: **(n, D)**, within (0, 1).

    Returns:
        **(n, E…)** with a graph to the parameters, None if there is no map.
    """
    if dimension_of(d) is None:
        return None
    if isinstance(d, td.TransformedDistribution):
        x: Tensor = _of_base(d.base_dist, u)
        for transform in d.transforms:
            x = transform(x)  # pyright: ignore[reportAssignmentType]  # torch annotates no return type
        return x.double()
    return _of_base(d, u).double()


def _of_base(d: Any, u: Tensor) -> Tensor:
    if isinstance(d, td.MultivariateNormal):
        return d.loc + torch.special.ndtri(u).to(d.loc.dtype) @ d.scale_tril.T
    base = d.base_dist if isinstance(d, td.Independent) else d
    shaped = u.reshape(-1, *d.batch_shape, *d.event_shape)
    if type(base) is td.Uniform:
        return base.low + (base.high - base.low) * shaped.to(base.low.dtype)
    return base.loc + base.scale * torch.special.ndtri(shaped).to(base.loc.dtype)


def _is_normal(d: Any) -> bool:
    while isinstance(d, td.Independent):
        d = d.base_dist
    return type(d) is td.Normal or isinstance(d, td.MultivariateNormal)


def _size(d: Any) -> int:
    return max(1, int(torch.Size((*d.batch_shape, *d.event_shape)).numel()))
