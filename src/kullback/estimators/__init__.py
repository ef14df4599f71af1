"""A way to take the average under P: file name = method name = Estimate.method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kullback.distributions import Categorical, Tally
from kullback.errors import InputError
from kullback.estimate import Estimate
from kullback.estimators.exact_sum import exact_sum
from kullback.estimators.functional import Functional as Functional
from kullback.estimators.functional import Sensitivity as Sensitivity
from kullback.estimators.plug_in import miller_madow, plug_in

__all__ = ["METHODS", "Functional", "Sensitivity", "average"]

METHODS: dict[str, tuple[bool, Callable[..., Estimate]]] = {
    "exact sum": (False, exact_sum),
    "plug-in": (True, plug_in),
    "miller-madow": (True, miller_madow),
}
"""Every method: whether it is for samples, and the function."""


def average(functional: Functional, *arguments: Categorical | Tally, method: str | None) -> Estimate:
    """Take a measure of one or two distributions, in nats.

    Args:
        functional: the measure.
        arguments: P, or P and Q, **(B…, K)**.
        method: a key of METHODS; None takes "exact sum" where everything is known, "miller-madow" where not.

    Returns:
        The Estimate, **(B…)**, in nats.

    Raises:
        InputError: if there is no such method, or it does not go with what is known.
    """
    sampled = any(isinstance(d, Tally) for d in arguments)
    chosen = method or ("miller-madow" if sampled else "exact sum")
    if chosen not in METHODS:
        raise InputError(f"method is {method!r}, expected one of {_names(METHODS)}; or leave it out")
    for_samples, estimator = METHODS[chosen]
    if for_samples != sampled:
        fitting = [name for name, (for_samples, _) in METHODS.items() if for_samples == sampled]
        held = "counts and samples" if sampled else "probabilities"
        raise InputError(f"method is {method!r}, expected {_names(fitting)} for {held}; or leave it out")
    return estimator(functional, *arguments)


def _names(names: Any) -> str:
    return " or ".join(f"'{name}'" for name in names)
