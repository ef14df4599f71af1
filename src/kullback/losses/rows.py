"""What the losses share: the shape of logits, the type they are computed in, and the reduction over inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from kullback.errors import InputError, UnsupportedError

Reduction = Literal["mean", "sum", "none"]

REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {"mean": torch.mean, "sum": torch.sum, "none": torch.clone}
"""What becomes of the losses **(N,)** of the inputs."""


def reduction_of(name: str) -> Callable[[Tensor], Tensor]:
    """Look up a reduction.

    Args:
        name: a key of REDUCTIONS.

    Returns:
        The function.

    Raises:
        InputError: if there is none of this name.
    """
    if name not in REDUCTIONS:
        raise InputError(f"reduction is {name!r}, expected one of {', '.join(REDUCTIONS)}; use reduction='mean'")
    return REDUCTIONS[name]


def check_floating(x: Tensor, name: str, what: str = "floating-point logits") -> None:
    """Check that something is a tensor of floating-point numbers.

    Args:
        x: what was given.
        name: what the message calls it.
        what: and what it should hold.

    Raises:
        UnsupportedError: if it is not.
    """
    if not isinstance(x, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]  # users pass NumPy arrays
        raise UnsupportedError(f"{name} is a {type(x).__name__}, expected a torch tensor; torch.as_tensor({name})")
    if not x.is_floating_point():
        raise UnsupportedError(f"{name} holds {x.dtype}, expected {what}; {name}.float()")


def log_softmax(logits: Tensor) -> Tensor:
    """log softmax over the last axis, in float32 where the logits are of half precision.

    Args:
        logits: **(N, K)**.

    Returns:
        Log-probabilities **(N, K)**.

    Raises:
        UnsupportedError: if the logits are not floating point.
        InputError: if they are not of shape (N, K).
    """
    check_floating(logits, "input")
    if logits.ndim != 2:
        raise InputError(
            f"input has shape {tuple(logits.shape)}, expected logits of shape (N, K); input.reshape(-1, K)"
        )
    half = logits.dtype in (torch.float16, torch.bfloat16)
    return torch.log_softmax(logits, dim=-1, dtype=torch.float32 if half else logits.dtype)


def check_rows(logits: Tensor, target: Tensor) -> None:
    """Check that targets are rows of probabilities of the shape of the logits; their sums are not checked.

    Args:
        logits: **(N, K)**.
        target: **(N, K)**.

    Raises:
        UnsupportedError: if the target does not hold floating-point numbers.
        InputError: if the shapes differ.
    """
    if not target.is_floating_point():
        raise UnsupportedError(f"target holds {target.dtype}, expected rows of probabilities; target.float()")
    if target.shape != logits.shape:
        raise InputError(
            f"target has shape {tuple(target.shape)} where input has {tuple(logits.shape)}, expected rows of K "
            f"probabilities; labels are integers, target.long()"
        )
