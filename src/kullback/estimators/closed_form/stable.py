"""Sums of logarithms that lose no digits where they nearly cancel.

Every divergence within a family is written as a sum of such terms, none of them negative: r − 1 − log r, e^y − 1 − y
and the like vanish to second order, and what is subtracted is formed before it is rounded, as a gap between parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

NEAR = 0.1  # a tenth: the series have converged, and the differences still have 15 of their 17 digits


def piecewise(
    x: Tensor,
    inside: Callable[[Any], Any],
    near: Callable[[Tensor], Tensor],
    far: Callable[[Tensor], Tensor],
    *,
    within: float,
    without: float,
) -> Tensor:
    """near(x) where inside(x), far(x) elsewhere; each sees only its own part, so that neither spoils the gradient.

    Args:
        x: **(…)**.
        inside: the condition, on a float or a tensor.
        near: the one formula.
        far: the other.
        within: a number where `near` is finite.
        without: a number where `far` is finite.
    """
    if x.numel() == 1:
        return near(x) if inside(x.item()) else far(x)
    chosen = inside(x)
    if chosen.all():
        return near(x)
    if not chosen.any():
        return far(x)
    return torch.where(chosen, near(torch.where(chosen, x, within)), far(torch.where(chosen, without, x)))


def by_ratio(
    r: Tensor, gap: Callable[[], Tensor], near: Callable[[Tensor], Tensor], far: Callable[[Tensor], Tensor]
) -> Tensor:
    """near(r − 1) where r is close to 1, far(r) elsewhere; `gap` forms r − 1 from differences of parameters."""
    if r.numel() == 1:
        return near(gap()) if abs(r.item() - 1) < NEAR else far(r)
    close = (r - 1).abs() < NEAR
    if not close.any():
        return far(r)
    m = gap()
    return torch.where(close, near(torch.where(close, m, 0.0)), far(torch.where(close, 2.0, r)))


def ratio_excess(r: Tensor, gap: Callable[[], Tensor]) -> Tensor:
    """r − 1 − log r ≥ 0, for r > 0 (Itakura and Saito's divergence); +inf where r has overflowed."""
    if r.numel() == 1:
        return r if r.item() == torch.inf else by_ratio(r, gap, _log1p_excess, _ratio_excess)
    over = r == torch.inf
    if not over.any():
        return by_ratio(r, gap, _log1p_excess, _ratio_excess)
    return torch.where(over, r, by_ratio(torch.where(over, 2.0, r), gap, _log1p_excess, _ratio_excess))


def _ratio_excess(r: Tensor) -> Tensor:
    return r - 1 - r.log()


def _log1p_excess(m: Tensor) -> Tensor:
    """m − log(1 + m) for |m| < 0.1, by log(1 + m) = 2 artanh w, w = m/(2 + m)."""
    w = m / (2 + m)
    s = w * w
    return w * (m - s * (2 / 3 + s * (2 / 5 + s * (2 / 7 + s * (2 / 9 + s * (2 / 11 + s * (2 / 13)))))))


def log_ratio(r: Tensor, gap: Callable[[], Tensor]) -> Tensor:
    """Log r, by log1p of the gap where r is close to 1."""
    return by_ratio(r, gap, torch.log1p, torch.log)


def expm1_excess(y: Tensor) -> Tensor:
    """e^y − 1 − y ≥ 0."""
    return piecewise(y, _is_small, _expm1_excess, lambda y: torch.expm1(y) - y, within=0.0, without=1.0)


def _is_small(y: Any) -> Any:
    return abs(y) < NEAR


def _expm1_excess(y: Tensor) -> Tensor:
    tail = 1 / 120 + y * (1 / 720 + y * (1 / 5040 + y * (1 / 40320 + y * (1 / 362880 + y / 3628800))))
    return y * y * (1 / 2 + y * (1 / 6 + y * (1 / 24 + y * tail)))


def xlogx_excess(t: Tensor) -> Tensor:
    """(1 + t) log(1 + t) − t ≥ 0, for t ≥ −1."""
    return piecewise(t, _is_small, _xlogx_near, _xlogx_far, within=0.0, without=1.0)


def _xlogx_near(t: Tensor) -> Tensor:
    return (1 + t) * _log1p_excess(-t / (1 + t))


def _xlogx_far(t: Tensor) -> Tensor:
    u = 1 + t
    some = u > 0
    return torch.where(some, u * torch.where(some, u, 1.0).log(), 0.0) - t


def mass_excess(p: Tensor, q: Tensor, gap: Callable[[], Tensor]) -> Tensor:
    """q − p − p log(q/p) ≥ 0 for masses p, q ≥ 0; q where p = 0. `gap` is q − p."""
    if p.numel() == 1 and p.item() > 0:
        return p * ratio_excess(q / p, lambda: gap() / p)
    seen = p > 0
    safe = torch.where(seen, p, 1.0)

    def seen_gap() -> Tensor:
        return torch.where(seen, gap(), 0.0) / safe

    return torch.where(seen, safe * ratio_excess(torch.where(seen, q, 1.0) / safe, seen_gap), q)


def finite_if(valid: Tensor, x: Tensor, safe: float, value: Callable[[Tensor], Tensor]) -> Tensor:
    """value(x) where valid, +inf elsewhere; `safe` is put in place of the x for which it is not."""
    if bool(valid.all()):
        return value(x)
    return torch.where(valid, value(torch.where(valid, x, safe)), torch.inf)
