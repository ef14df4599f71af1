"""A way to take the average under P: file name = method name = Estimate.method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kullback.distributions import Categorical, Density, Draws, Tally
from kullback.errors import InputError
from kullback.estimate import Estimate
from kullback.estimators.chao_shen import chao_shen
from kullback.estimators.exact_sum import exact_sum
from kullback.estimators.functional import Functional as Functional
from kullback.estimators.functional import Sensitivity as Sensitivity
from kullback.estimators.grassberger import grassberger
from kullback.estimators.james_stein import james_stein
from kullback.estimators.nsb import nsb
from kullback.estimators.plug_in import miller_madow, plug_in
from kullback.estimators.problem import How as How
from kullback.estimators.problem import Settings as Settings
from kullback.estimators.problem import settings as settings

__all__ = ["METHODS", "Functional", "How", "Sensitivity", "Settings", "average", "settings"]

METHODS: dict[str, tuple[bool, Callable[..., Estimate]]] = {
    "exact sum": (False, exact_sum),
    "plug-in": (True, plug_in),
    "miller-madow": (True, miller_madow),
    "chao-shen": (True, chao_shen),
    "grassberger": (True, grassberger),
    "james-stein": (True, james_stein),
    "nsb": (True, nsb),
}
"""Every method for finitely many outcomes: whether it is for samples, and the function."""

OF_ENTROPY = ("chao-shen", "grassberger", "james-stein", "nsb")
"""Those that estimate the entropy alone."""


def average(functional: Functional, *arguments: Categorical | Tally | Draws | Density, how: Settings) -> Estimate:
    """Take a measure of one or two distributions, in nats.

    Args:
        functional: the measure.
        arguments: P, or P and Q: **(B…, K)** probabilities or counts, Draws, or a Density.
        how: the settings; without a method the first that applies is taken.

    Returns:
        The Estimate, **(B…)**, in nats.

    Raises:
        InputError: if there is no such method, or it does not go with what is known.
        UnsupportedError: if no method is known.
    """
    first, second = arguments[0], arguments[-1]
    if isinstance(first, Draws) or isinstance(second, Draws):
        from kullback.estimators.draws import average_of_draws

        return average_of_draws(functional.name, *arguments, how=how)
    if isinstance(first, Density) and (second is first or isinstance(second, Density)):
        from kullback.estimators.densities import average_of_density

        q = None if len(arguments) == 1 else second
        return average_of_density(functional.name, first, q, how)  # pyright: ignore[reportArgumentType]  # a Density
    return _average_of_outcomes(functional, *arguments, how=how)  # pyright: ignore[reportArgumentType]  # what is left


def _average_of_outcomes(functional: Functional, *arguments: Categorical | Tally, how: Settings) -> Estimate:
    method = how.method
    sampled = any(isinstance(d, Tally) for d in arguments)
    chosen = method or ("miller-madow" if sampled else "exact sum")
    if chosen not in METHODS:
        raise InputError(f"method is {method!r}, expected one of {_names(METHODS)}; or leave it out")
    for_samples, estimator = METHODS[chosen]
    if for_samples != sampled:
        alone = () if functional.name == "entropy" else OF_ENTROPY
        fitting = [name for name, row in METHODS.items() if row[0] == sampled and name not in alone]
        held = "counts and samples" if sampled else "probabilities"
        raise InputError(f"method is {method!r}, expected {_names(fitting)} for {held}; or leave it out")
    if sampled and how.exact_only:
        raise InputError("exact_only is True and the numbers were sampled, expected probabilities; exact_only=False")
    return estimator(functional, *arguments)


def _names(names: Any) -> str:
    return " or ".join(f"'{name}'" for name in names)
