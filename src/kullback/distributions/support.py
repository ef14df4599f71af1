"""Support: where a distribution can put mass, and whether one support lies inside another."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from torch import Tensor

INF = float("inf")


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Support:
    """A union of intervals (boxes for vectors), or a set with a name.

    Attributes:
        discrete: whether the distribution has probabilities (of whole numbers) rather than a density.
        lower: lower ends, a float or **(B…, E…, J)**, one of J pieces each.
        upper: upper ends.
        set: `"box"`, or the name of another set (`"simplex"`, `"positive definite matrices"`), without bounds.
    """

    discrete: bool = False
    lower: Any = -INF
    upper: Any = INF
    set: str = "box"

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the real line, or all whole numbers, without looking at a tensor."""
        return isinstance(self.lower, float) and self.lower == -INF and self.is_unbounded

    @property
    def is_unbounded(self) -> bool:
        """Whether the upper end is +inf, without looking at a tensor."""
        return isinstance(self.upper, float) and self.upper == INF


def hull(support: Support) -> tuple[Any, Any]:
    """Give the smallest and the largest point of a support.

    Args:
        support: one without a name, of intervals or boxes.

    Returns:
        A float or **(B…, E…)** each, without a graph.

    Example:
        >>> hull(Support(lower=0.0))
        (0.0, inf)
    """
    lower = support.lower if isinstance(support.lower, float) else support.lower.detach().amin(-1)
    upper = support.upper if isinstance(support.upper, float) else support.upper.detach().amax(-1)
    return lower, upper


def outside(p: Support, q: Support) -> Tensor | None:
    """Tell where P can put mass outside the support of Q, by strict comparison: common edges are inside.

    Args:
        p: the support of the truth.
        q: the support of the model; of the same kind and set.

    Returns:
        Booleans **(B…, E…)**, or None where no tensor had to be looked at and nothing is outside.

    Example:
        >>> bool(outside(Support(lower=0.0), Support(lower=0.0, upper=1.0)))
        True
    """
    if p is q or q.set != "box" or q.is_whole:
        return None
    if _are_floats(p, q) and q.lower <= p.lower and p.upper <= q.upper:
        return None
    ends = [_pieces(x) for x in (p.lower, p.upper, q.lower, q.upper)]
    if all(e.shape[-1] == 1 for e in ends):
        return ((ends[0] < ends[2]) | (ends[1] > ends[3]))[..., 0]
    a, b = (e[..., :, None] for e in ends[:2])
    low, high = (e[..., None, :] for e in ends[2:])
    return (_uncovered(a, b, low, high, step=1.0 if p.discrete else 0.0)).any(-1)


def _uncovered(a: Tensor, b: Tensor, low: Tensor, high: Tensor, *, step: float) -> Tensor:
    """Where [a, b] **(…, J, 1)** is not within the union of the [low, high] **(…, 1, L)**: **(…, J)**.

    It is not if it begins in none of them, or if one of them ends inside it and none goes on from there.
    """
    begins = ((low <= a) & (a < high + step)).any(-1)
    end = high[..., 0, :, None]
    goes_on = ((low <= end + step) & (high > end)).any(-1)
    stops_inside = (a < high + step) & (high < b)
    return ~begins | (stops_inside & ~goes_on[..., None, :]).any(-1)


def _are_floats(p: Support, q: Support) -> bool:
    return all(isinstance(x, float) for x in (p.lower, p.upper, q.lower, q.upper))


def _pieces(x: Any) -> Tensor:
    """**(…, J)** without a graph; a float is one piece."""
    import torch

    return x.detach() if isinstance(x, torch.Tensor) else torch.full((1,), float(x), dtype=torch.float64)
