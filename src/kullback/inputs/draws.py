"""A continuous Sample → Draws."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace

from kullback.distributions import Draws, Sample
from kullback.errors import InputError
from kullback.inputs.arrays import as_array, is_tensor, refuse


def is_continuous(x: Any) -> bool:
    """Tell whether it is a Sample of a density: it says so, or holds fractions or vectors and has no alphabet."""
    if not isinstance(x, Sample):
        return False
    if x.continuous is not None:
        return x.continuous
    if x.alphabet is not None:
        return False
    array = x.x if is_tensor(x.x) else _numbers(x.x)
    if array is None:
        return False
    xp: Any = array_namespace(array)
    if not xp.isdtype(array.dtype, "real floating"):
        return False
    return array.ndim > 1 or bool(xp.any(xp.isfinite(array) & (array != xp.floor(array))))


def _numbers(x: Any) -> Any:
    """The array of numbers that it is, None if it is none."""
    if not isinstance(x, list | tuple | np.ndarray):
        return None
    try:
        array = np.asarray(x)
    except (ValueError, TypeError):  # a ragged list
        return None
    return array if array.dtype.kind in "fiu" else None


def from_draws(sample: Sample, name: str, axes: tuple[int, ...] = (-1,)) -> Draws:
    """Take observations of numbers or vectors.

    Args:
        sample: the wrapped observations, **(n,)** or **(n, D)**.
        name: the argument's name, for the messages.
        axes: not used; a sample has its observations first.

    Returns:
        The Draws.

    Raises:
        InputError: if there are none, one is not finite, or they are not of shape (n,) or (n, D).
    """
    del axes
    x = as_array(sample.x, name)
    xp: Any = array_namespace(x)
    if x.ndim not in (1, 2) or 0 in x.shape:
        raise InputError(
            f"{name} is a Sample of shape {tuple(x.shape)}, expected (n,) numbers or (n, D) vectors; x.reshape(n, -1)"
        )
    x = xp.astype(x, xp.float64)
    refuse(~xp.isfinite(x), x, name, "finite observations; drop what is missing first", InputError)
    return Draws(x, tuple(x.shape[1:]))
