"""TorchDensity: a distribution of torch.distributions, or of anything built on it, as the estimators see it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, final

import torch
import torch.distributions as td
from torch import Tensor

from kullback.distributions.density import Density, Landmarks, Pieces, Points, kept_with_graph
from kullback.distributions.foreign import circle, finite, whole_numbers
from kullback.distributions.foreign.double import components_in_front, in_double, is_torchs
from kullback.distributions.foreign.drawing import seeded
from kullback.distributions.foreign.enumeration import values_of
from kullback.distributions.foreign.families import LATTICE, LINE
from kullback.distributions.foreign.landmarks import landmarks_of
from kullback.distributions.foreign.line import LINE_DENSITIES
from kullback.distributions.foreign.pieces import TorchPieces
from kullback.distributions.foreign.supports import CONSTANT, READ, support_of
from kullback.distributions.foreign.uniform_map import dimension_of, map_of
from kullback.distributions.foreign.unit_interval import LOGIT_DENSITIES, after_sigmoid
from kullback.distributions.support import Support, hull

_MOST_STRATA = 64

EXACT: dict[type, Callable[[Any, Tensor], Tensor]] = {
    td.Bernoulli: finite.bernoulli,
    td.Categorical: finite.categorical,
    td.OneHotCategorical: finite.one_hot,
    td.OneHotCategoricalStraightThrough: finite.one_hot,
    td.Multinomial: finite.multinomial,
    td.Poisson: whole_numbers.poisson,
    td.Binomial: whole_numbers.binomial,
    td.NegativeBinomial: whole_numbers.negative_binomial,
    td.Geometric: whole_numbers.geometric,
    td.VonMises: circle.von_mises,
    **LINE_DENSITIES,
}


@final
class TorchDensity(Density):
    """A torch distribution, in float64 where its classes are torch's own.

    Args:
        native: the distribution as the user holds it.
        in_torch: False if it stands for one of SciPy's, so that results are NumPy's.
        name: the family's name, the class's if None.
    """

    reads_logit = True

    def __init__(self, native: td.Distribution, *, in_torch: bool = True, name: str | None = None) -> None:
        """Keep what is given."""
        self.native = native
        self.in_torch = in_torch
        self.name = name or type(native).__name__
        self.batch_shape = native.batch_shape
        self.event_shape = native.event_shape
        known = CONSTANT.get(type(native))
        if known is not None:
            vars(self)["support"] = known

    @property
    def native_in_torch(self) -> Any:
        """The torch distribution itself."""
        return self.native

    @kept_with_graph
    def double(self) -> Any:
        """The distribution in float64, which does not raise outside its support."""
        return in_double(self.native)

    @kept_with_graph
    def support(self) -> Support:
        """Where it can put mass."""
        return support_of(self.native if type(self.native) in READ else self.double)

    def log_prob(self, points: Points) -> Tensor:
        """log p(x), −inf outside the support."""
        return masked_log_prob(self.double, points, self.support)

    def sample(self, n: int, rng: Any) -> Tensor:
        """Draw **(n, B…, E…)** without a graph."""
        with seeded(rng), torch.no_grad():
            return self.double.sample((n,)).double()

    def expand(self, batch_shape: tuple[int, ...]) -> TorchDensity:
        """The same distribution for every element of a larger batch."""
        if batch_shape == self.batch_shape:
            return self
        return TorchDensity(self.native.expand(torch.Size(batch_shape)), in_torch=self.in_torch, name=self.name)

    @property
    def requires_grad(self) -> bool:
        """Whether the log-density of a draw has a graph."""
        return torch.is_grad_enabled() and self._has_graph

    @cached_property
    def _has_graph(self) -> bool:
        return _holds_graph(self.native, set())

    def rsample(self, n: int, rng: Any) -> Tensor | None:
        """Draw with a graph to the parameters, where torch can."""
        if not self.double.has_rsample:
            return None
        with seeded(rng):
            return self.double.rsample((n,)).double()

    @kept_with_graph
    def strata(self) -> Tensor | None:
        """The weights of a mixture of at most 64 components, without a batch."""
        d = self.double
        if self.batch_shape or not isinstance(d, td.MixtureSameFamily):
            return None
        weights = d.mixture_distribution.probs
        return weights if len(weights) <= _MOST_STRATA else None

    def sample_strata(self, counts: list[int], rng: Any) -> list[Tensor]:
        """Draw from each component."""
        component = self.double.component_distribution
        with seeded(rng), torch.no_grad():
            draws = component.sample((max(counts),)).double()
        return [draws[:n, k] for k, n in enumerate(counts)]

    def log_weighted_component(self, k: int, points: Points) -> Tensor:
        """log w_k p_k(x) of one component of a mixture without a batch."""
        component = self.double.component_distribution
        event = len(self.event_shape)
        x = points.x.unsqueeze(-1 - event)
        return component.log_prob(x)[..., k] + torch.log(self.double.mixture_distribution.probs[k])

    def from_uniform(self, u: Tensor) -> Tensor | None:
        """Map the unit cube to draws, for normals and what is made of them."""
        return map_of(self.double, u)

    @cached_property
    def uniform_dimension(self) -> int | None:
        """The dimension of that cube."""
        return None if self.batch_shape else dimension_of(self.double)

    def values(self, limit: int) -> Tensor | None:
        """All outcomes, if they are finite."""
        return values_of(self.double, limit)

    @kept_with_graph
    def landmarks(self) -> Landmarks | None:
        """Where the density changes."""
        return None if self.event_shape or self.support.discrete else landmarks_of(self.double, self.support)

    @kept_with_graph
    def pieces(self) -> Pieces | None:
        """The components with their charts."""
        return None if self.event_shape or self.support.discrete else TorchPieces(self)

    @property
    def draws_follow(self) -> bool:
        """torch 2.13 draws Cholesky factors of 3 × 3 correlations and larger from another density than it states."""
        return not (isinstance(self.native, td.LKJCholesky) and self.native.dim > 2)

    def smooth_log_prob(self, x: Tensor) -> Tensor | None:
        """Of Poisson, geometric and negative binomial distributions."""
        kind = type(self.double)
        return EXACT[kind](self.double, x) if kind in LATTICE and kind in EXACT else None

    @kept_with_graph
    def middle(self) -> tuple[Tensor, Tensor] | None:
        """The mode and the standard deviation of whole numbers."""
        if self.event_shape or not self.support.discrete:
            return None
        family = LATTICE.get(type(self.native))
        if family is not None:
            return family(self.double)
        draws = self.sample(4096, 0)
        return draws.median(0).values.floor(), draws.std(0)


def masked_log_prob(d: Any, points: Points, support: Support) -> Tensor:
    """log p(x) in float64, −inf outside the support; from the logit where that holds more digits."""
    kind = type(d)
    if points.logit is not None:
        if kind in LOGIT_DENSITIES:
            return LOGIT_DENSITIES[kind](d, points.logit)
        inner = before_sigmoid(d)
        if inner is not None:
            of_logit = masked_log_prob(inner, Points(points.logit), support_of(inner))
            return after_sigmoid(of_logit, points.logit)
    exact = EXACT.get(kind)
    if exact is not None:
        value = exact(d, points.x)
        between = points.x != points.x.floor() if support.discrete and not d.event_shape else None
        return value if between is None else torch.where(between, -torch.inf, value)
    x = points.x if _is_double(d) else points.x.to(_dtype_of(d))
    if kind is td.MixtureSameFamily and not d.event_shape and is_torchs(d.component_distribution):
        return _mixed(d, points)
    if support.set != "box" or support.is_whole:
        return d.log_prob(x).double()
    return _inside(d, x, support)


def _mixed(d: Any, points: Points) -> Tensor:
    """log Σ_k w_k p_k(x) of numbers, the components on an axis of their own in front of the batch."""
    axis = -1 - len(d.batch_shape)
    component = components_in_front(d)
    logit = None if points.logit is None else points.logit.unsqueeze(axis)
    parts = masked_log_prob(component, Points(points.x.unsqueeze(axis), logit), support_of(component))
    weighted = parts + torch.movedim(finite.log_probabilities(d.mixture_distribution), -1, axis)
    top = weighted.detach().amax(axis, keepdim=True)
    top = torch.where(torch.isfinite(top), top, 0.0)
    total = torch.exp(weighted - top).sum(axis)
    some = total > 0
    return torch.where(some, top.squeeze(axis) + torch.log(torch.where(some, total, 1.0)), -torch.inf)


def before_sigmoid(d: Any) -> Any:
    """T of σ(T), where the last transform is a sigmoid; None otherwise."""
    if not isinstance(d, td.TransformedDistribution) or type(d) in LINE or not d.transforms:
        return None
    if not isinstance(d.transforms[-1], td.SigmoidTransform):
        return None
    rest: Any = d.transforms[:-1]
    return td.TransformedDistribution(d.base_dist, rest, validate_args=False) if rest else d.base_dist


def _inside(d: Any, x: Tensor, support: Support) -> Tensor:
    """Ask only for points of the hull: elsewhere some families return nan, or the density of another point."""
    event = len(d.event_shape)
    lower, upper = hull(support)
    bad = (x < lower) | (x > upper)
    if support.discrete:
        bad = bad | (x != x.floor())
    anywhere = bool(bad.any())
    safe = torch.where(bad, _some_point(d, lower, upper, x), x) if anywhere else x
    value = d.log_prob(safe).double()
    if not anywhere:
        return value
    outside = bad.flatten(-event).any(-1) if event else bad
    return torch.where(outside, -torch.inf, value)


def _some_point(d: Any, lower: Any, upper: Any, x: Tensor) -> Tensor:
    low, high = (torch.as_tensor(e, dtype=x.dtype) for e in (lower, upper))
    middle = torch.where(high.isfinite(), 0.5 * (low + high), low + 1)
    middle = torch.where(low.isfinite(), middle, torch.where(high.isfinite(), high - 1, 0.0))
    return middle.floor() if _is_whole(d) else middle


def _is_whole(d: Any) -> bool:
    return bool(getattr(d.support, "is_discrete", False))


def _is_double(d: Any) -> bool:
    return type(d).__module__.startswith("torch.distributions")


def _dtype_of(d: Any) -> torch.dtype:
    """The type in which a distribution of another library computes: that of its draws."""
    with seeded(0), torch.no_grad():
        return d.sample((1,)).dtype


def _holds_graph(x: Any, seen: set[int]) -> bool:
    """Whether anything inside requires gradients; transforms and their inverses point at each other."""
    if isinstance(x, Tensor):
        return x.requires_grad
    if isinstance(x, torch.nn.Module):
        return any(parameter.requires_grad for parameter in x.parameters())
    if isinstance(x, list | tuple):
        return any(_holds_graph(item, seen) for item in x)
    if isinstance(x, td.Distribution | td.Transform) and id(x) not in seen:
        seen.add(id(x))
        return any(_holds_graph(item, seen) for item in vars(x).values())
    return False
