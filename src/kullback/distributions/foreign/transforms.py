"""Transforms without torch's clipping: its sigmoid stops at 10⁻³⁰⁸ and 1 − 10⁻¹⁶, the limits are 0 and 1."""

from __future__ import annotations

from typing import Any

import torch
import torch.distributions as td
from torch import Tensor


def image(transform: Any, x: Tensor) -> Tensor:
    """Apply a transform.

    Args:
        transform: a torch transform.
        x: points, **(…)**; the ends of an interval may be infinite.

    Returns:
        The images; those of infinite ends are the limits.

    Example:
        >>> image(td.SigmoidTransform(), torch.tensor([-torch.inf, 0.0]))
        tensor([0.0000, 0.5000])
    """
    if isinstance(transform, td.SigmoidTransform):
        return torch.sigmoid(x)
    return torch.logit(x) if isinstance(transform.inv, td.SigmoidTransform) else transform(x)
