"""Mixture: Σ_k w_k p_k of densities of any library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from kullback.distributions.density import Density, Landmarks, Pieces, Points, kept_with_graph
from kullback.distributions.support import Support

if TYPE_CHECKING:
    from torch import Tensor


@final
class Mixture(Density):
    """p(x) = Σ_k w_k p_k(x); the M = ½ (P + Q) of the Jensen–Shannon divergence is one.

    Args:
        components: densities of one event shape, all discrete or none.
        weights: **(K,)**, positive, summing to one.
        native: the object that the user holds, None if there is none.
        in_torch: whether results are to be tensors.
    """

    name = "Mixture"

    def __init__(
        self, components: list[Density], weights: Tensor, *, native: Any = None, in_torch: bool = True
    ) -> None:
        """Keep what is given."""
        import numpy as np

        self.native, self.in_torch = native, in_torch
        self.event_shape = components[0].event_shape
        self.batch_shape = np.broadcast_shapes(*(c.batch_shape for c in components))
        self.components = [c.expand(self.batch_shape) for c in components]
        self.weights = weights

    def expand(self, batch_shape: tuple[int, ...]) -> Mixture:
        """The same mixture for every element of a larger batch."""
        parts = [c.expand(batch_shape) for c in self.components]
        return Mixture(parts, self.weights, native=self.native, in_torch=self.in_torch)

    @property
    def requires_grad(self) -> bool:
        """Whether a component's log-density has a graph."""
        return any(c.requires_grad for c in self.components)

    @kept_with_graph
    def support(self) -> Support:
        """The union of the components' supports."""
        supports = [c.support for c in self.components]
        first = supports[0]
        if first.set != "box" or any(s.is_whole for s in supports):
            return Support(first.discrete, set=first.set)
        lower, upper = (self._joined([getattr(s, end) for s in supports]) for end in ("lower", "upper"))
        return Support(first.discrete, lower, upper)

    def _joined(self, ends: list[Any]) -> Any:
        import torch

        tensors = [e if isinstance(e, torch.Tensor) else torch.full((1,), e, dtype=torch.float64) for e in ends]
        batch = torch.broadcast_shapes(*(e.shape[:-1] for e in tensors))
        return torch.cat([e.expand(*batch, e.shape[-1]) for e in tensors], -1)

    def log_prob(self, points: Points) -> Tensor:
        """log Σ_k w_k p_k(x)."""
        import torch

        logs = torch.stack(torch.broadcast_tensors(*(c.log_prob(points) for c in self.components)))
        weights = self.weights.reshape(-1, *(1,) * (logs.ndim - 1))
        nowhere = torch.isneginf(logs).all(0)
        mixed = torch.logsumexp(torch.where(nowhere, 0.0, logs) + torch.log(weights), 0)
        return torch.where(nowhere, -torch.inf, mixed)

    def sample(self, n: int, rng: Any) -> Tensor:
        """Draw **(n, B…, E…)**: a component for each, then from it."""
        import torch

        from kullback.distributions.foreign.drawing import seeded, seeds

        first, *rest = seeds(rng, 1 + len(self.components))
        with seeded(first):
            which = torch.multinomial(self.weights, n, replacement=True)
        draws = torch.stack([c.sample(n, seed) for c, seed in zip(self.components, rest, strict=True)])
        return draws[which, torch.arange(n)]

    def values(self, limit: int) -> Tensor | None:
        """The outcomes of all components, if they are finite."""
        import torch

        lists = [c.values(limit) for c in self.components]
        if any(v is None for v in lists):
            return None
        return torch.unique(torch.cat([v for v in lists if v is not None]), dim=0)

    @kept_with_graph
    def landmarks(self) -> Landmarks | None:
        """Those of all components."""
        import torch

        marks = [m for m in (c.landmarks for c in self.components) if m is not None]
        if len(marks) < len(self.components):
            return None
        wide = [self._wide(m.centers) for m in marks], [self._wide(m.widths) for m in marks]
        edges = [self._wide(m.edges) for m in marks if m.edges is not None]
        return Landmarks(torch.cat(wide[0]), torch.cat(wide[1]), torch.cat(edges) if edges else None, mixed=True)

    def _wide(self, x: Tensor) -> Tensor:
        return x.expand(len(x), *self.batch_shape)

    @kept_with_graph
    def pieces(self) -> Pieces | None:
        """Those of all components, side by side."""
        parts = [p for p in (c.pieces for c in self.components) if p is not None]
        return JoinedPieces(parts, self.weights) if len(parts) == len(self.components) else None

    @kept_with_graph
    def middle(self) -> tuple[Tensor, Tensor] | None:
        """The middle of the first component, and the distance to the farthest end of another."""
        import torch

        middles = [m for m in (c.middle for c in self.components) if m is not None]
        if len(middles) < len(self.components):
            return None
        centers, widths = (torch.stack(torch.broadcast_tensors(*(m[i] for m in middles))) for i in (0, 1))
        return centers[0], ((centers - centers[0]).abs() + widths).amax(0)


@final
class JoinedPieces(Pieces):
    """The pieces of several densities as those of their mixture.

    Args:
        parts: the pieces of each component.
        weights: **(K,)**.
    """

    def __init__(self, parts: list[Pieces], weights: Tensor) -> None:
        """Keep what is given."""
        import torch

        self.parts = parts
        self.count = sum(p.count for p in parts)
        self.shape = (self.count, *parts[0].shape[1:])
        each = [w if p.weights is None else w * p.weights for p, w in zip(parts, weights, strict=True)]
        self.weights = torch.cat([w.expand(p.shape) for p, w in zip(parts, each, strict=True)])

    def points(self, t: Tensor) -> tuple[Points, Tensor, Tensor]:
        """x(t), log dx/dt and log p_k at each component's own points."""
        import torch

        found = [p.points(piece) for p, piece in zip(self.parts, self._split(t), strict=True)]
        dim = -len(self.shape)
        x, log_slope, log_p = (
            torch.cat(columns, dim)
            for columns in ([f[0].x for f in found], [f[1] for f in found], [f[2] for f in found])
        )
        return Points(x), log_slope, log_p

    def inverse(self, x: Tensor) -> Tensor:
        """t(x)."""
        import torch

        parts = [p.inverse(piece) for p, piece in zip(self.parts, self._split(x), strict=True)]
        return torch.cat(parts, -len(self.shape))

    def _split(self, x: Tensor) -> tuple[Tensor, ...]:
        import torch

        return torch.split(x, [p.count for p in self.parts], dim=-len(self.shape))
