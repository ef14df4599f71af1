"""What the ends of the chart tell: where the integrand has died, and whether its integral converges there.

In the charts a tail that falls like a power of x falls like e^(slope·t), slope < 0. An integrand whose slope at the
outermost finite points is not negative has an infinite integral. This is a numerical test, not a proof: a tail that
differs from the border case by a logarithm may fool it.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import final

import torch
from torch import Tensor

from kullback.estimators.quadrature.integrand import Integrand

_LEVEL = 52.0
"""Panels whose edges lie below e^−52 of the largest edge hold nothing."""

_FLAT = -1e-3
"""A slope above is that of a divergent integral."""

_NOISE = 1e-2
"""Scores below are too small for a tail that does not fall: what grows there is the rounding of log p − log q."""

_NEAR = 20.0
"""Points whose mass is within e^20 of the largest are among most of it."""

_REACHED = -30.0
"""Mass whose logarithm is above at the ends of the grid goes on beyond them."""

_ROUNDED = -30.0
"""Mass whose logarithm is below is within the rounding of a sum that is one."""

_STEPS = (
    0.5,
    1,
    1.5,
    2,
    2.5,
    3,
    3.5,
    4,
    5,
    6,
    8,
    10,
    13,
    17,
    22,
    29,
    38,
    50,
    65,
    85,
    110,
    145,
    190,
    250,
    325,
    425,
    550,
    700,
)


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Tails:
    """What was seen at the edges of a fixed grid.

    Attributes:
        edges: the edges that are kept, **(M + 1,)**, common to the batch.
        low: the first point where the score was finite, **(K, B…)**.
        high: the last one, **(K, B…)**.
        infinite: the sign of an infinite integral, 0 where it converges, **(K, B…)**.
        beyond: an estimate of the integral beyond both ends of the grid, **(K, B…)**.
        largest: the largest |score| among points that hold mass above rounding, **(K, B…)**.
        out_of_reach: whether P has mass beyond the ends of the grid, where x underflows or overflows.
    """

    edges: Tensor
    low: Tensor
    high: Tensor
    infinite: Tensor
    beyond: Tensor
    largest: Tensor
    out_of_reach: bool


@cache
def grid() -> Tensor:
    """The edges at which every integrand is first looked at, **(57,)**."""
    steps = torch.tensor(_STEPS, dtype=torch.float64)
    return torch.cat([-steps.flip(0), torch.zeros(1, dtype=torch.float64), steps])


def look(integrand: Integrand) -> Tails:
    """Evaluate the integrand at the edges of the grid.

    Args:
        integrand: the integrand; its batch is **(K, B…)**.

    Returns:
        The Tails.
    """
    t = grid().reshape(-1, *(1,) * len(integrand.shape))
    log_mass, log_p, log_q = integrand.logs(t.expand(-1, *integrand.shape))
    score = integrand.problem.score(log_p, log_q)
    points = integrand.pieces.points(t.expand_as(score))[0]
    resolved = integrand.resolved(points)
    usable = torch.isfinite(score) & torch.isfinite(log_mass) & resolved
    log_size = torch.where(usable, log_mass + torch.log(score.abs()), -torch.inf)
    first, last = _outermost(usable)
    low, high = (_at(t.expand_as(usable), i) for i in (first, last))
    ends = [_end(t, log_mass, log_size, score, at=at, inward=step) for at, step in ((first, 1), (last, -1))]
    tails = torch.where(ends[0][0] != 0, ends[0][0], ends[1][0])
    larger = torch.maximum(torch.where(torch.isnan(log_mass), -torch.inf, log_mass), log_size)
    return Tails(
        edges=_kept(larger),
        low=low,
        high=high,
        infinite=torch.where(
            _beyond_numbers(log_mass, score, resolved & (log_p < torch.inf) & integrand.within(points)),
            1.0,
            tails,
        ),
        beyond=_past(ends[0][1], resolved[0]) + _past(ends[1][1], resolved[-1]),
        largest=torch.where(usable & (log_mass > _ROUNDED), score.abs(), 0.0).amax(0),
        out_of_reach=bool((torch.maximum(log_mass[0], log_mass[-1]) > _REACHED).any()),
    )


def _past(beyond: Tensor, resolved: Tensor) -> Tensor:
    """What is beyond the last usable edge; 0 where points go on without being resolved: they are summed as they are."""
    return torch.where(resolved, beyond, 0.0)


def _beyond_numbers(log_mass: Tensor, score: Tensor, within: Tensor) -> Tensor:
    """Where the score overflows among most of the mass: the average is beyond what floating point holds."""
    top = torch.where(torch.isfinite(log_mass), log_mass, -torch.inf).amax(0)
    return ((score == torch.inf) & (log_mass > top - _NEAR) & within).any(0)


def _outermost(usable: Tensor) -> tuple[Tensor, Tensor]:
    """The first and the last usable edge; the middle one where none is."""
    count = usable.shape[0]
    index = torch.arange(count).reshape(-1, *(1,) * (usable.ndim - 1))
    first = torch.where(usable, index, count).amin(0)
    last = torch.where(usable, index, -1).amax(0)
    none = last < 0
    return torch.where(none, count // 2, first), torch.where(none, count // 2, last)


def _end(
    t: Tensor, log_mass: Tensor, log_size: Tensor, score: Tensor, *, at: Tensor, inward: int
) -> tuple[Tensor, Tensor]:
    """The sign of an infinite tail, or 0, and what a finite one holds beyond the outermost edge, f / |slope|.

    Where the mass itself does not fall, p has mass beyond what floating point reaches, and nothing can be said.
    """
    at = torch.clamp(at, 1, len(t) - 2)
    t = t.expand_as(log_size)
    distance = (_at(t, at) - _at(t, at + inward)).abs()
    outer, inner = _at(log_size, at), _at(log_size, at + inward)
    slope = (outer - inner) / distance
    mass_slope = (_at(log_mass, at) - _at(log_mass, at + inward)) / distance
    alive = torch.isfinite(outer) & torch.isfinite(inner) & (mass_slope < _FLAT)
    sign = torch.sign(_at(score, at)).nan_to_num()
    diverges = alive & (slope >= _FLAT) & (_at(score, at).abs() > _NOISE)
    falls = alive & ~diverges
    size = torch.exp(torch.clamp(outer, max=600.0))
    return torch.where(diverges, sign, 0.0), sign * torch.where(falls, size / torch.where(falls, -slope, 1.0), 0.0)


def _at(x: Tensor, i: Tensor) -> Tensor:
    return torch.gather(x, 0, i[None])[0]


def _kept(log_size: Tensor) -> Tensor:
    """The edges between the outermost that hold anything in some element of the batch, one more at each end."""
    top = log_size.amax(0, keepdim=True)
    holds = (log_size > top - _LEVEL).flatten(1).any(1)
    where = torch.nonzero(holds).flatten()
    if not len(where):
        return grid()
    return grid()[max(int(where[0]) - 1, 0) : int(where[-1]) + 2]
