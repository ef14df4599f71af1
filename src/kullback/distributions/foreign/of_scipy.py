"""SciPy's distributions as the estimators see them: frozen ones, those of the new infrastructure, and vectors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, final

import numpy as np
import scipy.special
import scipy.stats
import torch
from scipy.stats import (
    _distribution_infrastructure as infrastructure,  # pyright: ignore[reportPrivateUsage]  # no public name
)
from scipy.stats._distn_infrastructure import rv_sample  # pyright: ignore[reportPrivateUsage]  # no public name
from torch import Tensor

from kullback.distributions.charts import Chart
from kullback.distributions.density import Density, Landmarks, Pieces, Points
from kullback.distributions.foreign.conversions import converted
from kullback.distributions.foreign.of_torch import TorchDensity
from kullback.distributions.mixture import Mixture
from kullback.distributions.support import INF, Support
from kullback.errors import InputError, UnsupportedError


def _zipf(k: Any, a: Any) -> Any:
    return -a * np.log(k) - np.log(scipy.special.zeta(a, 1))


def _yule_simon(k: Any, alpha: Any) -> Any:
    return np.log(alpha) + scipy.special.betaln(k, alpha + 1)


def _geometric(k: Any, p: Any) -> Any:
    return (k - 1) * np.log1p(-np.asarray(p)) + np.log(p)


SMOOTH: dict[str, Callable[..., Any]] = {"zipf": _zipf, "yulesimon": _yule_simon, "geom": _geometric}
"""log P(k) of families that start at 1, also for k between whole numbers."""

_SETS = {"vonmises_fisher": "unit vectors", "dirichlet": "simplex"}
"""Where vectors live that are not everywhere."""

POWER_LAWS = ("zipf", "yulesimon")
"""Those whose probabilities fall like a power."""


def from_scipy(native: Any, argument: str) -> Density:
    """Take a distribution of SciPy.

    Args:
        native: a frozen distribution, a distribution of the new infrastructure, a mixture of these, or a frozen
            multivariate distribution.
        argument: the argument's name, for the messages.

    Returns:
        A TorchDensity where torch has the family, a ScipyDensity or a Mixture of them otherwise.
    """
    if isinstance(native, _MADE_OF_NUMBERS):  # such a one has no parameters
        native = native()
    if not (_is_vector(native) or isinstance(native, infrastructure.Mixture)):
        _check_parameters(native, argument)
    if isinstance(native, infrastructure.Mixture):
        weights = torch.as_tensor(np.asarray(native.weights, dtype=np.float64))
        return Mixture([from_scipy(c, argument) for c in native.components], weights, native=native, in_torch=False)
    frozen = not isinstance(native, infrastructure.UnivariateDistribution)
    made = converted(native) if frozen else None
    if made is not None:
        return TorchDensity(made, in_torch=False, name=name_of(native))
    _check_kind(native, argument)
    return ScipyDensity(native)


def _is_vector(native: Any) -> bool:
    """Tell whether it is one of SciPy's multivariate distributions."""
    return isinstance(native, scipy.stats._multivariate.multi_rv_frozen)  # pyright: ignore[reportPrivateUsage]  # no public name


def _check_kind(native: Any, argument: str) -> None:
    """Vectors have to have a density, of vectors; whole numbers have to be whole."""
    if _is_vector(native):
        if not callable(getattr(native, "logpdf", None)) or np.ndim(native.rvs(size=2, random_state=0)) != 2:
            raise UnsupportedError(
                f"{argument} is a {name_of(native)} of SciPy, expected numbers or vectors with a logpdf; "
                f"of vectors, draw from it: kb.Sample({argument}.rvs(10000))"
            )
    elif isinstance(getattr(native, "dist", None), _MADE_OF_NUMBERS[0]):
        outcomes = np.asarray(native.dist.xk)
        if not np.array_equal(outcomes, np.floor(outcomes)):
            raise UnsupportedError(
                f"{argument} has the outcome {outcomes[outcomes != np.floor(outcomes)][0]:g}, expected whole numbers; "
                f"their probabilities alone: numpy.asarray({argument}.pk)"
            )


def _check_parameters(native: Any, argument: str) -> None:
    """SciPy does not refuse parameters: it answers nan, the support's ends too."""
    if any(bool(np.isnan(e).any()) for e in native.support()):
        raise InputError(
            f"{argument} is a {name_of(native)} of SciPy with parameters that it calls invalid, expected a scale above "
            f"0 and shapes in their range; print({argument}.support()) is nan where they are not"
        )


_MADE_OF_NUMBERS = (
    rv_sample,
    scipy.stats.rv_histogram,
)
"""Distributions of listed values, and of histograms."""


def is_scipys(x: Any) -> bool:
    """Tell whether it is a distribution of SciPy."""
    kinds = (
        *_MADE_OF_NUMBERS,
        scipy.stats.distributions.rv_frozen,
        scipy.stats._multivariate.multi_rv_frozen,  # pyright: ignore[reportPrivateUsage]  # no public name
        infrastructure.UnivariateDistribution,
        infrastructure.Mixture,
    )
    return isinstance(x, kinds)


def name_of(native: Any) -> str:
    """The family's name, as SciPy calls it."""
    if isinstance(native, scipy.stats.distributions.rv_frozen):
        return str(native.dist.name)
    return type(native).__name__.removesuffix("_frozen")


@final
class ScipyDensity(Density):
    """A distribution of SciPy that torch does not have.

    Args:
        native: the distribution as the user holds it.
        batch: a larger batch that it stands for.
    """

    in_torch = False

    def __init__(self, native: Any, batch: tuple[int, ...] | None = None) -> None:
        """Keep what is given."""
        self.native = native
        self.name = name_of(native)
        self.new = isinstance(native, infrastructure.UnivariateDistribution)
        self.vector = _is_vector(native)
        self.event_shape = tuple(np.shape(native.rvs(size=2, random_state=0))[1:]) if self.vector else ()
        own = () if self.vector else np.broadcast_shapes(*(np.shape(e) for e in self._ends()))
        self.batch_shape = own if batch is None else batch

    @cached_property
    def discrete(self) -> bool:
        """Whether it has probabilities rather than a density."""
        if self.vector:
            return False
        if self.new:
            return isinstance(self.native, infrastructure.DiscreteDistribution)
        return isinstance(self.native.dist, scipy.stats.rv_discrete)

    def _ends(self) -> tuple[Any, Any]:
        return self.native.support()

    @cached_property
    def support(self) -> Support:
        """Where it can put mass."""
        if self.vector:
            return Support(set=_SETS.get(self.name, "box"))
        ends = [np.broadcast_to(np.asarray(e, dtype=np.float64), self.batch_shape) for e in self._ends()]
        lower, upper = (
            float(e.flat[0]) if e.size and (e == e.flat[0]).all() else torch.as_tensor(e.copy())[..., None]
            for e in ends
        )
        return Support(self.discrete, lower, upper)

    def standardized(self) -> tuple[Density, float] | None:
        """Of a frozen density with one location and one scale."""
        if self.vector or self.new or self.discrete or self.batch_shape:
            return None
        shapes, loc, scale = self.native.dist._parse_args(*self.native.args, **self.native.kwds)
        if (loc, scale) == (0, 1):
            return None
        return from_scipy(self.native.dist(*shapes), self.name), float(np.log(scale))

    def expand(self, batch_shape: tuple[int, ...]) -> ScipyDensity:
        """The same distribution for every element of a larger batch."""
        return ScipyDensity(self.native, batch_shape)

    def log_prob(self, points: Points) -> Tensor:
        """log p(x), −inf outside the support."""
        x = points.x.detach().numpy()
        with np.errstate(all="ignore"):  # SciPy takes logarithms of 0 on the way to −inf
            value = self.native.logpmf(x) if self.discrete else self.native.logpdf(x)
        return torch.as_tensor(np.asarray(value, dtype=np.float64))

    def _shapes(self) -> Any:
        return self.native.dist._parse_args(*self.native.args, **self.native.kwds)[0]

    def sample(self, n: int, rng: Any) -> Tensor:
        """Draw **(n, B…, E…)**."""
        generator = None if rng is None else np.random.default_rng(rng)
        if self.new:
            draws = self.native.sample((n, *self.batch_shape) if self._is_expanded() else n, rng=generator)
        else:
            size: Any = n if self.vector else (n, *self.batch_shape)
            draws = self.native.rvs(size=size, random_state=generator)
        return torch.as_tensor(np.asarray(draws, dtype=np.float64)).reshape(n, *self.batch_shape, *self.event_shape)

    def _is_expanded(self) -> bool:
        return self.batch_shape != np.broadcast_shapes(*(np.shape(e) for e in self._ends()))

    @cached_property
    def _quantiles(self) -> tuple[Tensor, Tensor]:
        """The median and half the range of the middle 68 %, **(B…)**."""
        ppf = self.native.icdf if self.new else self.native.ppf
        with np.errstate(all="ignore"):
            low, middle, high = (np.broadcast_to(ppf(u), self.batch_shape) for u in (0.16, 0.5, 0.84))
        reach = np.where(high > low, (high - low) / 2, 1.0)
        return torch.as_tensor(np.array(middle, np.float64)), torch.as_tensor(np.array(reach, np.float64))

    @cached_property
    def landmarks(self) -> Landmarks | None:
        """Its median with its width."""
        if self.vector or self.discrete:
            return None
        center, width = self._quantiles
        dist = getattr(self.native, "dist", None)
        bins = dist._hbins if isinstance(dist, scipy.stats.rv_histogram) else None  # pyright: ignore[reportPrivateUsage]
        edges = None if bins is None else torch.as_tensor(np.array(bins, np.float64))
        return Landmarks(center[None], width[None], edges)

    @cached_property
    def pieces(self) -> Pieces | None:
        """It is one piece."""
        return None if self.vector or self.discrete else OnePiece(self, *self._quantiles)

    @cached_property
    def middle(self) -> tuple[Tensor, Tensor] | None:
        """The median and the width, for sums."""
        return self._quantiles if self.discrete else None

    @cached_property
    def power_tail(self) -> bool:
        """Whether it is one of the POWER_LAWS without a shift."""
        return self.name in POWER_LAWS and self._is_smooth

    @cached_property
    def _is_smooth(self) -> bool:
        return self.discrete and not self.new and self.name in SMOOTH and bool(np.all(self._ends()[0] == 1))

    def smooth_log_prob(self, x: Tensor) -> Tensor | None:
        """Of the families of SMOOTH without a shift."""
        if not self._is_smooth:
            return None
        k = x.detach().numpy()
        value = np.where(k >= 1, SMOOTH[self.name](np.maximum(k, 1.0), *self._shapes()), -INF)
        return torch.as_tensor(np.asarray(value, dtype=np.float64))

    def values(self, limit: int) -> Tensor | None:
        """All outcomes, if they are finitely many."""
        if not self.discrete:
            return None
        low, high = (np.asarray(e, dtype=np.float64) for e in self._ends())
        if not (np.isfinite(low).all() and np.isfinite(high).all()) or high.max() - low.min() >= limit:
            return None
        return torch.arange(float(low.min()), float(high.max()) + 1, dtype=torch.float64)


@final
class OnePiece(Pieces):
    """A density on the line as its own only component.

    Args:
        density: the density.
        center: a point within its mass, **(B…)**.
        scale: the reach of the mass around it, **(B…)**.
    """

    def __init__(self, density: Density, center: Tensor, scale: Tensor) -> None:
        """Keep what is given."""
        self.density = density
        self.count, self.shape = 1, (1, *density.batch_shape)
        support = density.support
        ends = [e if isinstance(e, float) else e[..., 0][None] for e in (support.lower, support.upper)]
        self.chart = Chart(center[None], scale[None], *ends)

    def points(self, t: Tensor) -> tuple[Points, Tensor, Tensor]:
        """x(t), log dx/dt and log p."""
        x, logit, log_slope = self.chart.points(t)
        at = Points(x, logit)
        return at, log_slope, self.density.log_prob(at)

    def inverse(self, x: Tensor) -> Tensor:
        """t(x)."""
        return self.chart.inverse(x)
