"""The generalised Jensen–Shannon divergence as a loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.kernels import reference
from kullback.losses.rows import Reduction, reduction_of
from kullback.losses.teacher import check_logits, check_teacher, check_temperature, check_weight


def jensen_shannon(
    input: Tensor,  # noqa: A002 (torch's name)
    target: Tensor,
    *,
    weight: float = 0.5,
    target_logits: bool = True,
    temperature: float = 1.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """JS_w(P, Q) as a loss: P = target, Q = softmax(input).

    w KL(P‖M) + (1−w) KL(Q‖M), M = w P + (1−w) Q, with P = softmax(target / T) and Q = softmax(input / T): between 0
    and H(w) ≤ log 2, finite even where the two share no outcome. Divided by w it goes to KL(P‖Q) as w → 0, and divided
    by 1−w to KL(Q‖P) as w → 1. Gradients shrink like 1/T²: multiply by T² to mix it with a loss at temperature 1.

    Args:
        input: logits **(N, K)**.
        target: the teacher's logits **(N, K)**, or with `target_logits=False` its probabilities at temperature T, which
            are scaled to sum to one. Constant: no gradient goes there.
        weight: w between 0 and 1, neither included.
        target_logits: whether `target` holds logits.
        temperature: T > 0.
        reduction: `"mean"` over the N inputs, `"sum"`, or `"none"`.

    Returns:
        The loss in nats, **()** or **(N,)**, of the dtype of `input`; half precision is computed in float32.

    Raises:
        UnsupportedError: if `input` or `target` is not a floating-point tensor.
        InputError: if the shapes are not (N, K) both, or weight, temperature or reduction is none.

    Example:
        >>> jensen_shannon(torch.tensor([[-1e4, 0.0]]), torch.tensor([[1e4, 0.0]]))
        tensor(0.6931)

    Source:
        J. Lin, "Divergence Measures Based on the Shannon Entropy" (1991), eq. 4.1; R. Agarwal et al., "On-Policy
        Distillation of Language Models" (2024), eq. 1.
    """
    from kullback.losses.operators.divergence_of_logits import jensen_shannon_of_logits

    reduce = reduction_of(reduction)
    check_logits(input)
    check_teacher(target, input, logits=target_logits)
    check_temperature(temperature)
    check_weight(weight)
    if target_logits:
        return reduce(jensen_shannon_of_logits(input, target, temperature, weight)).to(input.dtype)
    x = input / temperature
    return reduce(jensen_shannon_of_logits(x, reference.log(target.detach()), 1.0, weight)).to(input.dtype)


class JensenShannon(torch.nn.Module):
    """JS_w(P, Q) as a module, P = target, Q = softmax(input): `jensen_shannon` with its options kept.

    Args:
        options: the keywords of `jensen_shannon`.

    Example:
        >>> JensenShannon(weight=0.1)(torch.zeros(1, 2), torch.zeros(1, 2))
        tensor(0.)
    """

    def __init__(self, **options: Any) -> None:
        """Keep the options."""
        super().__init__()
        self.options = options

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (torch's name)
        """Compute the loss of logits **(N, K)** and targets **(N, K)**."""
        return jensen_shannon(input, target, **self.options)

    def extra_repr(self) -> str:
        """Name the options."""
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())
