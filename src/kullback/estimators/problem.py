"""What an estimator is asked when P has a density: which score, of which P and Q, and how."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict, final

import numpy as np

from kullback.distributions.density import Density
from kullback.distributions.support import outside
from kullback.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor


OUT_OF_REACH = "p has mass where x underflows or overflows: no method that evaluates densities there is right"
"""What an estimator notes that no other one can do better."""


class How(TypedDict, total=False):
    """How an average is to be taken; every measure takes these as keywords.

    Attributes:
        method: the name of one method, None for the first that applies.
        exact_only: refuse whatever is not exact to rounding, or to a proven bound.
        rtol: the relative error to aim at; None takes the method's own.
        atol: the absolute error in nats to aim at; None takes the method's own.
        max_evals: the most points at which a density is evaluated.
        rng: a seed or a NumPy generator for what is drawn; None uses the library's own state.
        n_neighbors: k of the nearest-neighbour estimators.
    """

    method: str | None
    exact_only: bool
    rtol: float | None
    atol: float | None
    max_evals: int | None
    rng: int | np.random.Generator | None
    n_neighbors: int


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Settings:
    """The keywords of How, checked and with their defaults."""

    method: str | None = None
    exact_only: bool = False
    rtol: float | None = None
    atol: float | None = None
    max_evals: int | None = None
    rng: int | np.random.Generator | None = None
    n_neighbors: int = 3

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name in ("rtol", "atol"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value, numbers.Real) and 0 <= value < math.inf):
                raise InputError(f"{name} is {value!r}, expected a number of at least 0; {name}=1e-3")
        for name, least in (("max_evals", 1), ("n_neighbors", 1)):
            value = getattr(self, name)
            if value is not None and not (_is_number(value, numbers.Integral) and value >= least):
                usual = {"max_evals": 1000, "n_neighbors": 3}[name]
                raise InputError(f"{name} is {value!r}, expected a whole number of at least {least}; {name}={usual}")
        if self.rng is None or isinstance(self.rng, np.random.Generator):
            return
        seed: Any = self.rng
        if not _is_number(seed, numbers.Integral) or seed < 0:
            what = seed if isinstance(seed, numbers.Real) else f"a {type(seed).__name__}"
            raise InputError(f"rng is {what}, expected a seed of at least 0 or a numpy Generator; rng=0")

    def targets(self, rtol: float, atol: float, most: int) -> tuple[float, float, int]:
        """Give rtol, atol and max_evals, a method's own where they were left out.

        Args:
            rtol: the method's own relative error.
            atol: its absolute error; 0 where the user gave a relative one alone.
            most: its most evaluations.

        Returns:
            The three.
        """
        if self.rtol is not None and self.atol is None:
            atol = 0.0
        given = (self.rtol, self.atol)
        errors = [default if x is None else float(x) for x, default in zip(given, (rtol, atol), strict=True)]
        return errors[0], errors[1], most if self.max_evals is None else int(self.max_evals)


def _is_number(x: Any, kind: type) -> bool:
    """Whether it is a number of this kind: True and False are not."""
    return isinstance(x, kind) and not isinstance(x, bool)


DEFAULT = Settings()
"""Nothing was asked for."""


def settings(how: How) -> Settings:
    """Check the keywords of a measure.

    Args:
        how: keywords as the user gave them.

    Returns:
        The Settings.

    Raises:
        InputError: if one is unknown or not of its kind.
    """
    if not how:
        return DEFAULT
    names = [field.name for field in dataclasses.fields(Settings)]
    for name in how:
        if name not in names:
            raise InputError(f"{name} is not a keyword of a measure, expected one of {', '.join(names)}; leave it out")
    return Settings(**how)


Score = Callable[[Any, Any], Any]

SCORES: dict[str, Score] = {
    "entropy": lambda log_p, _: -log_p,
    "cross_entropy": lambda _, log_q: -log_q,
    "kl_divergence": lambda log_p, log_q: log_p - log_q,
}
"""What is averaged under P: surprisals, and their difference."""


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Problem:
    """An average under P.

    Attributes:
        measure: a key of SCORES.
        p: the truth.
        q: the model, None for the entropy.
        how: the settings.
    """

    measure: str
    p: Density
    q: Density | None
    how: Settings

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """**B…**, to which both batches broadcast."""
        return np.broadcast_shapes(self.p.batch_shape, () if self.q is None else self.q.batch_shape)

    @cached_property
    def mismatch(self) -> Any:
        """Where P can leave the support of Q, booleans **(B…)**, None where it nowhere can."""
        if self.q is None:
            return None
        out = outside(self.p.support, self.q.support)
        if out is None:
            return None
        for _ in range(len(self.p.event_shape) if out.ndim > len(self.batch_shape) else 0):
            out = out.any(-1)
        return out if bool(out.any()) else None

    @property
    def requires_grad(self) -> bool:
        """Whether the value is to carry a graph."""
        return self.p.requires_grad or (self.q is not None and self.q.requires_grad)

    def score(self, log_p: Tensor, log_q: Tensor | None) -> Tensor:
        """The score at points where the log-densities are these."""
        return SCORES[self.measure](log_p, log_q)
