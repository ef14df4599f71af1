"""Where the density of a torch distribution on the line changes: middles, widths and edges of its components."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributions as td
from torch import Tensor

from kullback.distributions.density import Landmarks
from kullback.distributions.foreign.drawing import seeded
from kullback.distributions.foreign.families import LINE
from kullback.distributions.foreign.transforms import image
from kullback.distributions.support import Support


def landmarks_of(d: Any, support: Support) -> Landmarks:
    """Give the landmarks of a density.

    Args:
        d: a torch distribution in float64, of numbers.
        support: its support.

    Returns:
        Landmarks with J the number of components.
    """
    center, width, kinked = _middles(d)
    mixed = isinstance(d, td.MixtureSameFamily)
    if mixed:
        center, width = (torch.movedim(x, -1, 0) for x in (center, width))
    else:
        center, width = center[None], width[None]
    return Landmarks(center.detach(), width.detach(), _edges(support), kinked, mixed)


def middle_of(d: Any) -> tuple[Tensor, Tensor]:
    """Give a point within the mass of each element, and the reach of the mass around it, **(B…)** both."""
    center, width, _ = _middles(d)
    return center.detach(), width.detach()


def _middles(d: Any) -> tuple[Tensor, Tensor, bool]:
    """**(B…)**, or **(B…, K)** for a mixture of K components."""
    if isinstance(d, td.MixtureSameFamily):
        center, width, kinked = _middles(d.component_distribution)
        if isinstance(d.component_distribution, td.MixtureSameFamily):
            center, width = center.flatten(-2), width.flatten(-2)
        return center, width, kinked
    family = LINE.get(type(d))
    if family is not None:
        center, width = torch.broadcast_tensors(*family.middle(d))
        return center, width, family.kinked
    if _is_image(d):
        return _image_middles(d)
    return *_drawn(d), False


def _is_image(d: Any) -> bool:
    return (
        isinstance(d, td.TransformedDistribution)
        and not d.base_dist.event_shape
        and not isinstance(d.base_dist, td.MixtureSameFamily)
        and type(d).__module__.startswith("torch.distributions")
        and all(t.bijective for t in d.transforms)
    )


def _image_middles(d: Any) -> tuple[Tensor, Tensor, bool]:
    """The image of the base's middle; the width is that of the images of both sides."""
    center, width, kinked = _middles(d.base_dist)
    points = torch.stack([center, center - width, center + width]).detach()
    for transform in d.transforms:
        points = image(transform, points)
    reach = 0.5 * (points[2] - points[1]).abs()
    return points[0], torch.where(reach > 0, reach, 1.0), kinked


def _drawn(d: Any) -> tuple[Tensor, Tensor]:
    """The median and half the range of the middle 68 % of draws."""
    with seeded(0), torch.no_grad():
        draws = d.sample((4096,)).double()
    low, middle, high = torch.quantile(draws, torch.tensor([0.16, 0.5, 0.84], dtype=torch.float64), dim=0)
    return middle, torch.where(high > low, 0.5 * (high - low), 1.0)


def _edges(support: Support) -> Tensor | None:
    """Ends of the pieces that depend on parameters, **(L, B…)**; constant ends are ends of every chart."""
    ends = [torch.movedim(e, -1, 0) for e in (support.lower, support.upper) if isinstance(e, Tensor)]
    return torch.cat(torch.broadcast_tensors(*ends)) if ends else None
