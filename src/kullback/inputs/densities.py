"""Distributions of torch and SciPy, recognised without importing either."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

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


def from_torch(x: Any, name: str, axes: tuple[int, ...]) -> Density:
    """Wrap a torch distribution."""
    from kullback.distributions.foreign import TorchDensity

    del name, axes
    return TorchDensity(x)


def from_scipy(x: Any, name: str, axes: tuple[int, ...]) -> Density:
    """Wrap a distribution of SciPy, as torch's where torch has the family."""
    from kullback.distributions.foreign import from_scipy as wrap

    del name, axes
    return wrap(x)
