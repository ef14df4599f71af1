"""The log-density of the von Mises distribution, with Bessel functions to full precision: torch's have seven digits."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


def von_mises(d: Any, x: Tensor) -> Tensor:
    """κ (cos(x − μ) − 1) − log(2π e^−κ I₀(κ)) on one turn from −π, −inf elsewhere."""
    k = d.concentration
    value = -2 * k * torch.sin(0.5 * (x - d.loc)) ** 2 - torch.log(2 * math.pi * torch.special.i0e(k))
    return torch.where(x.abs() <= math.pi, value, -torch.inf)
