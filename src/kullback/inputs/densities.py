"""Distributions of torch and SciPy, recognised without importing either."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from kullback.errors import InputError

if TYPE_CHECKING:
    from kullback.distributions import Density


def is_torch_distribution(x: Any) -> bool:
    """Tell whether it is a torch distribution: if torch was not imported it is none."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.distributions.Distribution)


def is_scipy_distribution(x: Any) -> bool:
    """Tell whether it is a distribution of SciPy: if scipy.stats was not imported it is none."""
    if "scipy.stats" not in sys.modules or not type(x).__module__.startswith("scipy.stats"):
        return False
    from kullback.distributions.foreign import is_scipys

    return is_scipys(x)


def check_parameters(x: Any, name: str) -> None:
    """Check what torch did not, where its validation was switched off.

    Args:
        x: a torch distribution.
        name: the argument's name, for the messages.

    Raises:
        InputError: naming the parameter that is nan or outside its constraint.
    """
    for part in ("base_dist", "component_distribution", "mixture_distribution"):
        inner = getattr(x, part, None)
        if inner is not None and not inner._validate_args:
            check_parameters(inner, name)
    constraints: Any = x.arg_constraints if isinstance(x.arg_constraints, dict) else {}
    for parameter, constraint in constraints.items():
        if parameter in vars(x) and not constraint.is_discrete:
            _check_parameter(x, name, parameter, constraint)


def _check_parameter(x: Any, name: str, parameter: str, constraint: Any) -> None:
    value = vars(x)[parameter]
    wrong = ~constraint.check(value)
    if not bool(wrong.any()):
        return
    first = f"{parameter} {value[wrong].flatten()[0].item():g}" if wrong.shape == value.shape else f"a bad {parameter}"
    raise InputError(
        f"{name} has a {type(x).__name__} with {first}, expected {_in_words(constraint)}; "
        f"without validate_args=False torch says which"
    )


_WORDS = {
    "_Real": "a real number",
    "_Simplex": "probabilities that sum to 1",
    "_GreaterThan": "a number above {lower_bound:g}",
    "_GreaterThanEq": "a number of at least {lower_bound:g}",
    "_LessThan": "a number below {upper_bound:g}",
    "_Interval": "a number between {lower_bound:g} and {upper_bound:g}",
    "_PositiveDefinite": "a positive definite matrix",
    "_LowerCholesky": "a Cholesky factor",
}


def _in_words(constraint: Any) -> str:
    inner = vars(constraint).get("base_constraint")
    if inner is not None:
        return f"a vector, each {_in_words(inner)}"
    kind = type(constraint).__name__
    return _WORDS[kind].format(**vars(constraint)) if kind in _WORDS else str(constraint)


def from_torch(x: Any, name: str, axes: tuple[int, ...]) -> Density:
    """Wrap a torch distribution."""
    from kullback.distributions.foreign.of_torch import TorchDensity

    del axes
    if not x._validate_args:
        check_parameters(x, name)
    return TorchDensity(x)


def from_scipy(x: Any, name: str, axes: tuple[int, ...]) -> Density:
    """Wrap a distribution of SciPy, as torch's where torch has the family."""
    from kullback.distributions.foreign import from_scipy as wrap

    del axes
    return wrap(x, name)
