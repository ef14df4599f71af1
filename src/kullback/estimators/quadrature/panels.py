"""Panels of t: where they begin, and which are halved until their errors are small enough."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import final

import torch
from torch import Tensor

from kullback.distributions.density import Density, Landmarks, Pieces
from kullback.estimators.quadrature.rule import POINTS, apply, rule

_PLAIN = (0.0, 1.0, 4.0)
_MIXED = (0.0, 2.0, 6.0)
_AT_ONCE = 1_000_000
_ROUNDS = 24

Terms = Callable[[Tensor], tuple[Tensor, Tensor]]


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Panels:
    """Panels cut out of the stretches between neighbouring edges.

    Attributes:
        edges: sorted, **(M + 1, K, B…)**; where they are ends of components they keep their graph.
        stretch: the stretch that each panel lies in, **(m,)**.
        begin: where it begins, as a fraction of the stretch, **(m,)**.
        end: where it ends.
    """

    edges: Tensor
    stretch: Tensor
    begin: Tensor
    end: Tensor

    @classmethod
    def whole(cls, edges: Tensor) -> Panels:
        """One panel for every stretch."""
        count = len(edges) - 1
        zero = torch.zeros(count, dtype=torch.float64)
        return cls(edges, torch.arange(count), zero, zero + 1)

    def choose(self, which: Tensor) -> Panels:
        """Keep some of the panels."""
        return Panels(self.edges, self.stretch[which], self.begin[which], self.end[which])

    def halves(self) -> Panels:
        """Cut every panel in two."""
        middle = 0.5 * (self.begin + self.end)
        return Panels(
            self.edges,
            torch.cat([self.stretch, self.stretch]),
            torch.cat([self.begin, middle]),
            torch.cat([middle, self.end]),
        )

    def join(self, other: Panels) -> Panels:
        """Put both lists together."""
        pairs = ((self.stretch, other.stretch), (self.begin, other.begin), (self.end, other.end))
        return Panels(self.edges, *(torch.cat(pair) for pair in pairs))

    def integrate(self, terms: Terms) -> tuple[Tensor, Tensor, Tensor]:
        """Apply the rule to every panel.

        Args:
            terms: t **(S, K, B…)** → integrand and mass, the same shape.

        Returns:
            Integrals of the integrand, their errors, and integrals of the mass, **(m, K, B…)** each.
        """
        size = max(1, self.edges[0].numel())
        step = max(1, _AT_ONCE // (POINTS * size))
        parts = [self._some(terms, slice(i, i + step)) for i in range(0, len(self.stretch), step)]
        value, error, mass = (torch.cat(x) for x in zip(*parts, strict=True))
        return value, error, mass

    def _some(self, terms: Terms, which: slice) -> tuple[Tensor, Tensor, Tensor]:
        nodes, kronrod, _ = rule()
        batch = (1,) * (self.edges.ndim - 1)
        start = self.edges[self.stretch[which]]
        length = self.edges[self.stretch[which] + 1] - start
        begin, end = (x[which].reshape(-1, *batch) for x in (self.begin, self.end))
        fraction = begin[:, None] + (end - begin)[:, None] * nodes.reshape(1, -1, *batch)
        t = start[:, None] + length[:, None] * fraction
        f, mass = (x.reshape(t.shape) for x in terms(t.flatten(0, 1)))
        width = length * (end - begin)
        value, error = apply(f, width)
        return value, error, torch.einsum("mn...,n->m...", mass, kronrod) * width


def first_edges(kept: Tensor, pieces: Pieces, densities: list[Density], shape: tuple[int, ...]) -> Tensor:
    """Put the edges of the grid together with the landmarks of P and Q.

    Args:
        kept: edges of the grid, **(M + 1,)**.
        pieces: the components of P.
        densities: P and Q.
        shape: **(K, B…)**.

    Returns:
        Sorted edges, **(M' + 1, K, B…)**.
    """
    columns = [kept.reshape(-1, *(1,) * len(shape)).expand(-1, *shape)]
    for density in densities:
        if density.landmarks is not None:
            x = _places(density.landmarks, len(shape) - 1)
            columns.append(_inside(x[:, None].expand(len(x), *shape), kept, pieces))
    return torch.sort(torch.cat(columns), dim=0).values


def _inside(x: Tensor, kept: Tensor, pieces: Pieces) -> Tensor:
    """t(x) where x lies between the outermost edges, the first of these elsewhere: no gradient passes there."""
    with torch.no_grad():
        t = pieces.inverse(x)
        inside = (t > kept[0]) & (t < kept[-1])
        anywhere = pieces.points(torch.zeros_like(t))[0].x
    return torch.where(inside, pieces.inverse(torch.where(inside, x, anywhere)), kept[0])


def _places(marks: Landmarks, batch: int) -> Tensor:
    """Points x where panels begin, **(L, B…)**, with `batch` dimensions of the batch."""
    steps = _MIXED if marks.mixed else (_PLAIN[:1] if marks.kinked else _PLAIN)
    offsets = torch.tensor(sorted({s for step in steps for s in (-step, step)}), dtype=torch.float64)
    centers, widths = (_padded(x, batch) for x in (marks.centers, marks.widths))
    x = (centers + offsets.reshape(-1, *(1,) * centers.ndim) * widths).flatten(0, 1)
    if marks.edges is None:
        return x
    edges = _padded(marks.edges, batch)
    both = torch.broadcast_shapes(x.shape[1:], edges.shape[1:])
    return torch.cat([x.expand(len(x), *both), edges.expand(len(edges), *both)])


def _padded(x: Tensor, batch: int) -> Tensor:
    """**(L, B…)** with ones before a batch of fewer dimensions."""
    return x.reshape(len(x), *(1,) * (batch - x.ndim + 1), *x.shape[1:])


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Integral:
    """What an integral came to.

    Attributes:
        panels: the panels that it was summed over.
        value: **(B…)**.
        error: the estimate of its error, **(B…)**.
        mass: the integral of the mass over the same panels, **(B…)**.
        finished: whether the error is as small as was asked for; False where the points ran out.
    """

    panels: Panels
    value: Tensor
    error: Tensor
    mass: Tensor
    finished: bool = True


def refine(terms: Terms, panels: Panels, *, rtol: float | Tensor, atol: float, most: int) -> Integral:
    """Halve panels until the error of the sum is small enough.

    Args:
        terms: t → integrand and mass.
        panels: the first panels.
        rtol: error relative to the integral, for the whole batch or **(B…)**.
        atol: absolute error.
        most: the most points to evaluate, per element of the batch.

    Returns:
        The Integral over the final panels.
    """
    found = panels.integrate(terms)
    done: Panels | None = None
    totals = [torch.zeros_like(x[0]) for x in found]
    used, finished = len(panels.stretch) * POINTS, False
    for _ in range(_ROUNDS):
        value, error, _ = found
        target = _target(totals[0].sum(0) + value.sum((0, 1)), rtol, atol)
        count = max(1, value.shape[1] * (len(panels.stretch) + (0 if done is None else len(done.stretch))))
        short = totals[1].sum(0) + error.sum((0, 1)) > target  # elements of the batch that are not there yet
        bad = ((error > target / count) & short).flatten(1).any(1)
        finished = not bool(bad.any())
        if finished or used + 2 * POINTS * int(bad.sum()) > most:
            break
        good = panels.choose(~bad)
        done = good if done is None else done.join(good)
        totals = [total + x[~bad].sum(0) for total, x in zip(totals, found, strict=True)]
        panels = panels.choose(bad).halves()
        found = panels.integrate(terms)
        used += len(panels.stretch) * POINTS
    value, error, mass = ((total + x.sum(0)).sum(0) for total, x in zip(totals, found, strict=True))
    return Integral(panels if done is None else done.join(panels), value, error, mass, finished)


def _target(value: Tensor, rtol: float | Tensor, atol: float) -> Tensor:
    finite = torch.where(torch.isfinite(value), value, 0.0)
    return torch.clamp(rtol * finite.abs(), min=atol)
