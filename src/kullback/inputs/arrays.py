"""Numbers as a user holds them → a float64 array of the same library and device, outcomes on the last axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace, is_numpy_array, is_torch_array

from kullback.errors import InputError, NotProbabilities, UnsupportedError


def is_tensor(x: Any) -> bool:
    """Tell whether it is a torch tensor, without importing torch."""
    return is_torch_array(x)


def is_bare(x: Any) -> bool:
    """Tell whether it is a NumPy array, a list, a tuple or a torch tensor."""
    return isinstance(x, list | tuple) or is_numpy_array(x) or is_torch_array(x)


def listed(x: Any) -> Any:
    """Turn an array or a tensor into a list, and leave anything else as it is."""
    array: Any = x
    return array.tolist() if is_numpy_array(x) or is_torch_array(x) else array


def as_array(x: Any, name: str) -> Any:
    """Take a NumPy array, list, tuple or torch tensor as an array of real numbers, in its own type.

    Args:
        x: the numbers, any shape.
        name: the argument's name, for the messages.

    Returns:
        A NumPy array, or the tensor itself.

    Raises:
        UnsupportedError: if it is masked, or does not hold real numbers.
        InputError: if a list is ragged.
    """
    if isinstance(x, np.ma.MaskedArray):
        raise UnsupportedError(
            f"{name} is a masked array, expected every number to be there; drop what is masked first"
        )
    if is_tensor(x):
        xp: Any = array_namespace(x)
        real = xp.isdtype(x.dtype, ("integral", "real floating"))
    else:
        try:
            x = np.asarray(x)
        except (ValueError, TypeError) as error:
            raise InputError(f"{name} is a ragged list, expected rows of equal length; pad or split it") from error
        real = x.dtype.kind in "iuf"
    if not real:
        raise UnsupportedError(f"{name} holds {x.dtype}, expected real numbers; Observations? kb.Sample({name}).")
    return x


def last_axes(x: Any, axes: tuple[int, ...], name: str, *, as_is: bool = False) -> Any:
    """Move the axes of the outcomes to the end, and make them one.

    Args:
        x: an array, **(…)**.
        axes: where the outcomes are; two axes for a joint table.
        name: the argument's name, for the messages.
        as_is: whether the array keeps its type.

    Returns:
        The array in float64, or in its own type, **(B…, K)**; K is the product of the sizes of the axes.

    Raises:
        InputError: if the array has no such axes, or no outcomes.
    """
    places = [axis + x.ndim if axis < 0 else axis for axis in axes]
    if min(places) < 0 or max(places) >= x.ndim or len(set(places)) < len(axes):
        what = f"axis={axes[0]}" if len(axes) == 1 else f"axis={axes}"
        raise InputError(f"{name} has shape {tuple(x.shape)}, expected an array that has {what}; count axes from 0")
    xp: Any = array_namespace(x)
    x = x if as_is else xp.astype(x, xp.float64)
    first = x.ndim - len(axes)
    if places != list(range(first, x.ndim)):
        x = xp.moveaxis(x, places, tuple(range(first, x.ndim)))
    x = x.reshape((*x.shape[:first], math.prod(x.shape[first:])))
    if x.shape[-1] == 0:
        raise InputError(f"{name} has no outcomes, expected at least one; pass probabilities such as [0.5, 0.5]")
    return x


def refuse(bad: Any, x: Any, name: str, expected: str, error: type[InputError] = NotProbabilities) -> None:
    """Refuse an array for the first of its numbers that is bad.

    Args:
        bad: booleans, the shape of `x`.
        x: the numbers.
        name: the argument's name.
        expected: what was expected, and the remedy.
        error: the exception.

    Raises:
        InputError: naming the number and its index.
    """
    if not bool(bad.any()):
        return
    index = first_index(bad)
    raise error(f"{name} is {number(x[index])} at index {place(index)}, expected {expected}")


def first_index(bad: Any) -> tuple[int, ...]:
    """Find the index of the first True."""
    xp: Any = array_namespace(bad)
    return tuple(int(i[0]) for i in xp.nonzero(bad))


def place(index: tuple[int, ...]) -> str:
    """Write an index as a person would: `3`, or `(1, 3)`."""
    return str(index[0]) if len(index) == 1 else str(index)


def number(x: Any) -> str:
    """Write one element of an array with at most seven digits."""
    return repr(float(f"{x.item():.7g}"))
