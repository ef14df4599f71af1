"""What the losses of distillation share: their checks of logits, temperature and weight."""

from __future__ import annotations

import math

from torch import Tensor

from kullback.errors import InputError
from kullback.losses.rows import check_floating


def check_logits(input: Tensor, name: str = "input") -> None:  # noqa: A002 (torch's name)
    """Check that logits are a floating-point tensor of shape (N, K).

    Args:
        input: logits **(N, K)**.
        name: what the message calls them.

    Raises:
        UnsupportedError: if they are no tensor or not floating point.
        InputError: if they are not of shape (N, K).
    """
    check_floating(input, name)
    if input.ndim != 2 or not input.shape[1]:
        raise InputError(
            f"{name} has shape {tuple(input.shape)}, expected logits of shape (N, K); {name}.reshape(-1, K)"
        )


def check_temperature(temperature: float) -> None:
    """Check that a temperature is above 0 and finite.

    Raises:
        InputError: if it is not.
    """
    if not 0 < temperature < math.inf:
        raise InputError(f"temperature is {temperature}, expected a finite number above 0; temperature=1.0")


def check_weight(weight: float) -> None:
    """Check that a weight lies between 0 and 1.

    Raises:
        InputError: if it does not, or is one of them, where the divergence is 0 whatever the model.
    """
    if not 0 < weight < 1:
        raise InputError(f"weight is {weight}, expected a number between 0 and 1, neither included; weight=0.5")


def check_teacher(target: Tensor, input: Tensor, *, logits: bool) -> None:  # noqa: A002 (torch's name)
    """Check that a teacher's logits or probabilities are a floating-point tensor of the shape of the model's logits.

    Raises:
        UnsupportedError: if the target is no tensor or not floating point.
        InputError: if the shapes differ.
    """
    what = "logits" if logits else "rows of probabilities"
    check_floating(target, "target", what)
    if target.shape != input.shape:
        raise InputError(
            f"target has shape {tuple(target.shape)} where input has {tuple(input.shape)}, expected {what} of the "
            f"same shape; target.reshape(input.shape)"
        )
    if target.device != input.device:
        raise InputError(f"target is on {target.device}, expected {input.device}; target.to(input.device)")
