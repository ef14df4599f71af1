"""Tensors of the CPU as the arrays that kernels read, and back, without a copy."""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch import Tensor


def array_of(x: Tensor) -> np.ndarray:
    """Give the array of a tensor, C-contiguous; half precision as its bits.

    Args:
        x: floating point, on the CPU.

    Returns:
        float32 or float64, int16 for bfloat16, uint16 for float16.

    Example:
        >>> array_of(torch.tensor([1.0], dtype=torch.bfloat16))
        array([16256], dtype=int16)
    """
    x = x.detach().contiguous()
    if x.dtype == torch.bfloat16:
        return x.view(torch.int16).numpy()
    return x.view(torch.int16).numpy().view(np.uint16) if x.dtype == torch.float16 else x.numpy()


def tensor_of(x: np.ndarray, dtype: torch.dtype) -> Tensor:
    """Give the tensor of a dtype whose elements an array, as of `array_of`, holds."""
    return torch.from_numpy(x.view(np.int16)).view(dtype) if x.itemsize == 2 else torch.from_numpy(x)


def computed_in(dtype: torch.dtype) -> torch.dtype:
    """Give the type of results: float64 for float64, float32 for all others."""
    return torch.float64 if dtype == torch.float64 else torch.float32


LARGE = 1 << 22
"""Bytes from which on the pages of fresh memory cost more than the pass that writes them."""

_spare: list[np.ndarray] = []
"""The memory of the last large gradient, which is taken again when nothing refers to it any more."""


def place_for(x: np.ndarray) -> np.ndarray:
    """Give memory of the shape and type of an array, with anything in it.

    One large piece is kept for the next call: a gradient of every step that asked the system for its pages would take
    twice the time. It is given up when one of another size is asked for.

    Args:
        x: any.

    Returns:
        An array that shares memory with nothing that is in use.

    Example:
        >>> place_for(np.zeros((2, 3), dtype=np.float32)).shape
        (2, 3)
    """
    if x.nbytes < LARGE:
        return np.empty_like(x)
    kept = _spare.pop() if _spare else None  # taken out first: two threads do not get the same
    if kept is None or kept.nbytes != x.nbytes or sys.getrefcount(kept) > 2:
        kept = np.empty(x.nbytes, np.uint8)
    _spare[:] = [kept]
    return kept[: x.nbytes].view(x.dtype).reshape(x.shape)
