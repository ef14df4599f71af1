"""All outcomes of a finite torch distribution, common to its batch."""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
import torch.distributions as td
from torch import Tensor


def values_of(d: Any, limit: int) -> Tensor | None:
    """List the outcomes.

    Args:
        d: a torch distribution.
        limit: the most outcomes to list.

    Returns:
        **(K, E…)**, or None where there are infinitely many or more than the limit. An outcome of probability 0 in
        some element of the batch is listed too.
    """
    if isinstance(d, td.MixtureSameFamily):
        return values_of(d.component_distribution, limit)
    if isinstance(d, td.Independent):
        return _grid(values_of(d.base_dist, limit), d, limit)
    if isinstance(d, td.Multinomial):
        return _compositions(d.total_count, d.event_shape[0], limit)
    if isinstance(d, td.OneHotCategorical):
        return torch.eye(d.event_shape[0], dtype=torch.float64)
    highest = _highest(d)
    return None if highest is None or highest >= limit else torch.arange(highest + 1, dtype=torch.float64)


def _highest(d: Any) -> int | None:
    """The largest of the outcomes 0, 1, …, None if there is none."""
    if isinstance(d, td.Bernoulli):
        return 1
    if isinstance(d, td.Categorical):
        return d.param_shape[-1] - 1
    if isinstance(d, td.Binomial):
        return int(d.total_count.max()) if d.total_count.numel() else 0
    return None


def _grid(values: Tensor | None, d: Any, limit: int) -> Tensor | None:
    """All vectors of independent outcomes."""
    if values is None or values.ndim > 1:
        return None
    dimensions = math.prod(d.event_shape)
    if dimensions * math.log(max(len(values), 1)) > math.log(limit):
        return None
    rows = torch.cartesian_prod(*[values] * dimensions) if dimensions else torch.zeros(1, 0, dtype=torch.float64)
    return rows.reshape(-1, *d.event_shape)


def _compositions(n: int, K: int, limit: int) -> Tensor | None:
    """All ways to write n as a sum of K counts, by stars and bars."""
    if math.comb(n + K - 1, K - 1) > limit:
        return None
    bars = torch.tensor(list(itertools.combinations(range(n + K - 1), K - 1)), dtype=torch.float64)
    bars = bars.reshape(-1, K - 1)
    ends = torch.cat([torch.full_like(bars[:, :1], -1.0), bars, torch.full_like(bars[:, :1], float(n + K - 1))], -1)
    return ends[:, 1:] - ends[:, :-1] - 1
