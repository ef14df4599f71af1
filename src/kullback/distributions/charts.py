"""Charts: maps t → x from the whole line onto a support, in which densities decay fast at both ends.

the line          x = c + s·sinh t        a power tail becomes exponential, an exponential one doubly so
a half-line       x = a + s·e^t           a singularity at a becomes an exponential tail
an interval       x = a + (b − a)·σ(t)    both ends are sent away
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    from torch import Tensor


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Chart:
    """The chart of a support, chosen element by element of a batch where the ends are not all of one kind.

    Attributes:
        center: c, or where the middle of the mass is, **(K, B…)**.
        scale: s > 0 on the line, **(K, B…)**.
        lower: a, a float or **(K, B…)**, with its graph.
        upper: b, a float or **(K, B…)**, with its graph.
    """

    center: Tensor
    scale: Tensor
    lower: Any
    upper: Any

    def points(self, t: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        """Give x(t), the logit of x where the chart is that of (0, 1), and log dx/dt."""
        return self._of_kind("points", t)

    def inverse(self, x: Tensor) -> Tensor:
        """Give t(x), nan outside."""
        return self._of_kind("inverse", x)

    @property
    def _is_unit(self) -> bool:
        """Whether it is (0, 1) throughout; ends that parameters move are not."""
        if isinstance(self.lower, float) and isinstance(self.upper, float):
            return (self.lower, self.upper) == (0.0, 1.0)
        fixed = not any(not isinstance(e, float) and e.requires_grad for e in (self.lower, self.upper))
        return fixed and all(_is_all(e, x) for e, x in ((self.lower, 0.0), (self.upper, 1.0)))

    def _of_kind(self, what: str, y: Tensor) -> Any:
        kinds = _kinds(self.lower, self.upper)
        if len(kinds) == 1:
            return getattr(self, f"_{what}_{kinds.pop()}")(y)
        return self._mixed(what, y)

    def _mixed(self, what: str, y: Tensor) -> Any:
        """Every chart on elements that have ends of its kind."""
        import torch

        lower, upper = (torch.as_tensor(e, dtype=torch.float64).expand(self.center.shape) for e in self._ends())
        chosen: list[Any] = []
        for bounded_below, bounded_above, kind in _ENDS:
            here = (lower.isfinite() == bounded_below) & (upper.isfinite() == bounded_above)
            a, b = torch.where(here & bounded_below, lower, 0.0), torch.where(here & bounded_above, upper, 1.0)
            own = Chart(self.center, self.scale, a, b)
            chosen.append((here, getattr(own, f"_{what}_{kind}")(y)))
        if what == "inverse":
            return sum(torch.where(here, t, 0.0) for here, t in chosen)
        x = sum(torch.where(here, parts[0], 0.0) for here, parts in chosen)
        return x, None, sum(torch.where(here, parts[2], 0.0) for here, parts in chosen)

    def _ends(self) -> tuple[Any, Any]:
        return self.lower, self.upper

    def _points_line(self, t: Tensor) -> tuple[Tensor, None, Tensor]:
        import torch

        return self.center + self.scale * torch.sinh(t), None, torch.log(self.scale) + _log_cosh(t)

    def _inverse_line(self, x: Tensor) -> Tensor:
        import torch

        return torch.asinh((x - self.center) / self.scale)

    def _points_up(self, t: Tensor) -> tuple[Tensor, None, Tensor]:
        import torch

        s = self._distance(self.center - self.lower)
        return self.lower + s * torch.exp(t), None, torch.log(s) + t

    def _inverse_up(self, x: Tensor) -> Tensor:
        return _log((x - self.lower) / self._distance(self.center - self.lower))

    def _points_down(self, t: Tensor) -> tuple[Tensor, None, Tensor]:
        import torch

        s = self._distance(self.upper - self.center)
        return self.upper - s * torch.exp(-t), None, torch.log(s) - t

    def _inverse_down(self, x: Tensor) -> Tensor:
        return -_log((self.upper - x) / self._distance(self.upper - self.center))

    def _points_interval(self, t: Tensor) -> tuple[Tensor, Tensor | None, Tensor]:
        import torch

        width = self.upper - self.lower
        log_dx = torch.nn.functional.logsigmoid(t) + torch.nn.functional.logsigmoid(-t)
        log_width = torch.log(width) if isinstance(width, torch.Tensor) else math.log(width)
        # from the nearer end, so that the distance to it keeps its digits
        x = torch.where(t < 0, self.lower + width * torch.sigmoid(t), self.upper - width * torch.sigmoid(-t))
        return _within(x, self.lower, self.upper), t if self._is_unit else None, log_dx + log_width

    def _inverse_interval(self, x: Tensor) -> Tensor:
        return _log((x - self.lower) / (self.upper - x))

    def _distance(self, s: Any) -> Tensor:
        """The unit of a half-line, a constant: the chart may not depend on where parameters put the center."""
        return s.detach()


_ENDS = ((False, False, "line"), (True, False, "up"), (False, True, "down"), (True, True, "interval"))


def _is_all(end: Any, x: float) -> bool:
    return end == x if isinstance(end, float) else bool((end == x).all())


def _kinds(lower: Any, upper: Any) -> set[str]:
    below, above = _finite(lower), _finite(upper)
    return {kind for b, a, kind in _ENDS if b in below and a in above}


def _finite(x: Any) -> set[bool]:
    """Whether the ends are finite: both answers where a batch has both."""
    if isinstance(x, float):
        return {math.isfinite(x)}
    finite = x.isfinite()
    return {answer for answer, holds in ((True, finite.any()), (False, (~finite).any())) if bool(holds)}


def _within(x: Tensor, lower: Any, upper: Any) -> Tensor:
    """A point that rounded to an end becomes its neighbour: many densities are 0 or inf at the end itself."""
    import torch

    low, high = (torch.as_tensor(e, dtype=torch.float64).detach() for e in (lower, upper))
    x = torch.where(x.detach() <= low, torch.nextafter(low, high), x)
    return torch.where(x.detach() >= high, torch.nextafter(high, low), x)


def _log_cosh(t: Tensor) -> Tensor:
    import torch

    size = t.abs()
    return size + torch.log1p(torch.exp(-2 * size)) - math.log(2)


def _log(x: Tensor) -> Tensor:
    """log x, nan outside the chart."""
    import torch

    return torch.where(x > 0, torch.log(torch.where(x > 0, x, 1.0)), torch.nan)
