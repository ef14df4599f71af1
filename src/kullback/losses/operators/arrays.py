"""Tensors of the CPU as the arrays that kernels read, and back, without a copy."""

from __future__ import annotations

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
