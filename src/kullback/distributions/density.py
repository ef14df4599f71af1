"""Density: a distribution that can be asked for its log-density, as the estimators see it."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, final

from kullback.distributions.support import Support

if TYPE_CHECKING:
    from torch import Tensor


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Points:
    """Where densities are evaluated.

    Attributes:
        x: the points, **(S…, B…, E…)**.
        logit: log x − log(1 − x), where it is known better than x: near 1 it holds distances that x cannot.
    """

    x: Tensor
    logit: Tensor | None = None


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Landmarks:
    """Where a density on the line changes: its peaks with their widths, and its kinks and edges.

    Attributes:
        centers: **(J, B…)**, a point in the middle of each component.
        widths: **(J, B…)**, how far the middle of each component reaches.
        edges: **(L, B…)**, kinks and ends of components, with their graph where they depend on parameters.
        kinked: whether the log-density has a kink at each center.
        mixed: whether the components are those of a mixture.
    """

    centers: Tensor
    widths: Tensor
    edges: Tensor | None = None
    kinked: bool = False
    mixed: bool = False


def kept_with_graph(build: Callable[[Any], Any]) -> cached_property[Any]:
    """A cached_property that is built with gradients on: it may first be asked for where they are off."""

    def with_graph(self: Any) -> Any:
        import torch

        with torch.enable_grad():
            return build(self)

    with_graph.__doc__ = build.__doc__
    return cached_property(with_graph)


class Density(abc.ABC):
    """A distribution with a log-density, or with log-probabilities of whole numbers; all in float64 torch tensors.

    To add one, give the attributes and the abstract methods below; what can be done besides (components for
    quadrature, a mode and tail for sums, finitely many values, a map from the unit cube) is asked for by the estimators
    and answered None where it is not known. `foreign/of_torch.py` is an example.

    Attributes:
        name: the family, for messages and notes.
        batch_shape: **B…**.
        event_shape: **E…**, `()` for numbers.
        native: the object that the user holds, None if there is none.
        in_torch: whether results are to be tensors.
        reads_logit: whether `log_prob` uses the logit of points where it has one.
    """

    name: str
    batch_shape: tuple[int, ...]
    event_shape: tuple[int, ...]
    native: Any = None
    in_torch: bool = True
    reads_logit: bool = False

    @property
    def native_in_torch(self) -> Any:
        """The torch distribution that it is, None if it is none."""
        return None

    @cached_property
    @abc.abstractmethod
    def support(self) -> Support:
        """Where it can put mass."""

    @abc.abstractmethod
    def log_prob(self, points: Points) -> Tensor:
        """log p(x): **(S…, B…, E…)** → **(S…, B…)**, −inf outside the support, without raising."""

    @abc.abstractmethod
    def sample(self, n: int, rng: Any) -> Tensor:
        """Draw **(n, B…, E…)** without a graph; `rng` is a seed, None for the library's own state."""

    @abc.abstractmethod
    def expand(self, batch_shape: tuple[int, ...]) -> Density:
        """The same distribution for every element of a larger batch."""

    @property
    def requires_grad(self) -> bool:
        """Whether a result is to carry a graph back to parameters."""
        return False

    def rsample(self, n: int, rng: Any) -> Tensor | None:
        """Draw **(n, B…, E…)** with a graph to the parameters, None where that cannot be done."""
        del n, rng
        return None

    @cached_property
    def strata(self) -> Tensor | None:
        """The weights **(K,)** of components that can be drawn from one by one, None where there are none."""
        return None

    def sample_strata(self, counts: list[int], rng: Any) -> list[Tensor]:
        """Draw so many times from each of the strata, **(n_k, E…)** each; there are none without `strata`."""
        del counts, rng
        return []

    def log_weighted_component(self, k: int, points: Points) -> Tensor:
        """log w_k p_k(x) of one of the strata, **(S…)**; without strata the density is its own only component."""
        del k
        return self.log_prob(points)

    def from_uniform(self, u: Tensor) -> Tensor | None:
        """Map the unit cube **(n, D)** to draws **(n, E…)** smoothly, None where no such map is known; no batch."""
        del u
        return None

    @cached_property
    def uniform_dimension(self) -> int | None:
        """The D of `from_uniform`, None where there is no such map."""
        return None

    def standardized(self) -> tuple[Density, float] | None:
        """Itself without location and scale, and log |scale|; None where it has none, or they are not known."""
        return None

    def values(self, limit: int) -> Tensor | None:
        """All outcomes **(K, E…)**, common to the batch, None if they are not finite or more than `limit`."""
        del limit
        return None

    @cached_property
    def landmarks(self) -> Landmarks | None:
        """Where a density on the line changes, None for vectors and whole numbers."""
        return None

    @cached_property
    def pieces(self) -> Pieces | None:
        """The components of a density on the line with their charts, None where it has none."""
        return None

    @cached_property
    def middle(self) -> tuple[Tensor, Tensor] | None:
        """A whole number near the mode and a number near the standard deviation, both **(B…)**, for sums."""
        return None

    @cached_property
    def power_tail(self) -> bool:
        """Whether probabilities of whole numbers from 1 fall like a power."""
        return False

    @property
    def draws_follow(self) -> bool:
        """Whether `sample` is known to draw from `log_prob`; False for what is known not to."""
        return True

    def smooth_log_prob(self, x: Tensor) -> Tensor | None:
        """The formula of log P(k) also between whole numbers, **(S…, B…)**, None where it is not known."""
        del x
        return None


class Pieces(abc.ABC):
    """A density on the line as Σ_k w_k p_k, each component with a chart t → x that makes its tails decay fast.

    Attributes:
        count: K, the number of components.
        shape: **(K, B…)**.
        weights: w_k, **(K, B…)**, with their graph; None for a single component.
        light: whether all tails are known to fall faster than every power, so that no wide range has to be searched.
    """

    count: int
    shape: tuple[int, ...]
    weights: Tensor | None = None

    @abc.abstractmethod
    def points(self, t: Tensor) -> tuple[Points, Tensor, Tensor]:
        """Give x(t), log dx/dt and log p_k(x(t)) of each component at its own points, **(S…, K, B…)** all."""

    @abc.abstractmethod
    def inverse(self, x: Tensor) -> Tensor:
        """Give t(x), nan outside the chart, **(S…, K, B…)**."""
