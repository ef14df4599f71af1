"""Distributions of torch and SciPy, wrapped and never changed. Importing this room imports torch."""

from kullback.distributions.foreign.of_scipy import from_scipy as from_scipy
from kullback.distributions.foreign.of_scipy import is_scipys as is_scipys
from kullback.distributions.foreign.of_torch import TorchDensity as TorchDensity

__all__ = ["TorchDensity", "from_scipy", "is_scipys"]
