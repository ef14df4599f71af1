"""Copies of torch distributions in float64 that do not raise outside their support."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from weakref import ref

import torch
from torch.distributions import Distribution, Transform


def in_double(d: Distribution) -> Distribution:
    """Copy a distribution of torch.distributions with its parameters in float64, graph kept.

    The constructor is not called, which would check and recompute everything; what it had derived is cast as well.

    Args:
        d: any distribution; one that is not of torch's own classes throughout is returned as it is.

    Returns:
        A copy that does not validate what it is asked for.

    Example:
        >>> in_double(torch.distributions.Normal(0.0, 1.0)).loc.dtype
        torch.float64
    """
    return _copy(d, {}, _to_double) if is_torchs(d) else d


def components_in_front(d: Any) -> Any:
    """Copy the components of a mixture with the axis that counts them in front: batch **(B…, K)** → **(K, B…)**.

    Elementwise log-densities then run along the batch, which is long, and not along the components, which are few.

    Args:
        d: a MixtureSameFamily of numbers whose components are of torch's own classes, a copy in float64.

    Returns:
        The components; made once for each mixture.
    """
    held = vars(d)
    if _IN_FRONT not in held:
        with torch.enable_grad():  # it may first be asked for where gradients are off
            held[_IN_FRONT] = _moved(d.component_distribution)
    return held[_IN_FRONT]


_IN_FRONT = "components_in_front"


def _moved(d: Any) -> Any:
    batch = len(d.batch_shape)

    def move(x: torch.Tensor) -> torch.Tensor:
        if x.ndim == 0 or x.ndim > batch:
            return x
        return torch.movedim(x.reshape((1,) * (batch - x.ndim) + tuple(x.shape)), -1, 0)

    moved = _copy(d, {}, move)
    moved._batch_shape = torch.Size((d.batch_shape[-1], *d.batch_shape[:-1]))
    return moved


def is_torchs(d: Any) -> bool:
    """Whether a distribution, its bases and its transforms are all of torch's own classes."""
    return _is_torchs(d, set())


def _to_double(x: torch.Tensor) -> torch.Tensor:
    return x.double() if x.is_floating_point() else x


def _is_torchs(x: Any, seen: set[int]) -> bool:
    """Whether it, its bases and its transforms are all torch's own: others may keep parameters anywhere."""
    if isinstance(x, Distribution | Transform):
        if id(x) in seen:
            return True
        seen.add(id(x))
        return type(x).__module__.startswith("torch.distributions") and _are_torchs(vars(x).values(), seen)
    if isinstance(x, list | tuple):
        return _are_torchs(x, seen)
    return not isinstance(x, torch.nn.Module)


def _are_torchs(items: Iterable[Any], seen: set[int]) -> bool:
    return all(_is_torchs(item, seen) for item in items)


def _copy(x: Any, copies: dict[int, Any], change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    """Transforms and their inverses point at each other: each is copied once."""
    if isinstance(x, torch.Tensor):
        return change(x)
    if isinstance(x, Distribution | Transform):
        return copies[id(x)] if id(x) in copies else _copy_object(x, copies, change)
    if isinstance(x, list):
        return [_copy(item, copies, change) for item in x]
    if type(x) is tuple:
        return tuple(_copy(item, copies, change) for item in x)
    return x


def _copy_object(x: Any, copies: dict[int, Any], change: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    new: Any = object.__new__(type(x))
    copies[id(x)] = new
    new.__dict__ = {name: None if isinstance(v, ref) else _copy(v, copies, change) for name, v in vars(x).items()}
    if isinstance(x, Distribution):
        new._validate_args = False
        _factor_again(new)
    return new


def _factor_again(d: Any) -> None:
    """A covariance that was factored in float32 is factored in float64: near-singular ones keep their digits."""
    covariance = vars(d).get("covariance_matrix")
    if type(d) is torch.distributions.MultivariateNormal and covariance is not None:
        factor, problem = torch.linalg.cholesky_ex(covariance)
        if not bool(problem.any()):
            vars(d)["_unbroadcasted_scale_tril"] = factor
