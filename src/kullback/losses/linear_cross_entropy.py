"""The cross-entropy of a language model's head, from hidden states: the N × V logits never exist."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.losses.cross_entropy import check_options, target_of
from kullback.losses.linear_token_statistics import check_head
from kullback.losses.operators.linear_cross_entropy import linear_cross_entropy as of_head
from kullback.losses.rows import Reduction, reduction_of
from kullback.losses.targets import Options, unit_of


def linear_cross_entropy(
    input: Tensor,  # noqa: A002 (torch's name)
    linear_weight: Tensor,
    target: Tensor | None = None,
    *,
    linear_bias: Tensor | None = None,
    labels: Tensor | None = None,
    label_weight: Tensor | None = None,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
    z_loss: float = 0.0,
    normalizer: float | Tensor | None = None,
) -> Tensor:
    """H(P, Q) of hidden states and a head as a loss: P = target, Q = softmax(input) after `linear_weight`.

    `cross_entropy` of the logits input · linear_weightᵀ + linear_bias, in chunks of rows.
    A chunk's logits are computed, their gradient is written over them, and both its products are taken before the next
    chunk. Chunks are chosen by tokens, 256 at least, which keep a matrix product busy. The gradient of the head is
    added up in float32, or float64 if `input` is, and rounded once. On a CPU, rows without a label are not multiplied.

    Gradients are made in the forward pass where losses are added up, and only those that are wanted. With
    `reduction="none"`, in a second backward pass and in float16, whose losses are scaled later, the backward pass
    multiplies again. All logits exist where derivatives are differentiated themselves, under torch.func, and where
    rows of probabilities want a gradient. The same call gives the same bits.

    Under torch.autocast, hidden states, head and bias are rounded to its type, as a linear layer rounds them, and
    multiplied in it; the loss is float32. A CPU without instructions for half precision multiplies in float32 what was
    rounded: torch's own products of bfloat16 take a hundred times as long there.

    Args:
        input: hidden states **(N, D)**.
        linear_weight: the head **(V, D)**, of the same dtype.
        target: as of `cross_entropy` for logits **(N, V)**: labels **(N,)**, or probabilities **(N, V)**.
        linear_bias: **(V,)**, or None.
        labels: k labels per input in the place of `target`, **(N, k)**.
        label_weight: of the labels **(N, k)**.
        weight: of the classes **(V,)**.
        ignore_index: the label that stands for a missing one.
        label_smoothing: ε in [0, 1].
        reduction: `"mean"`, `"sum"` or `"none"`.
        z_loss: factor of the squared log-sum-exp.
        normalizer: what the mean divides the sum by.

    Returns:
        The loss in nats, **()** or **(N,)**, float32, or float64 if `input` is: adding up in half precision loses most
        of a loss.

    Raises:
        UnsupportedError: if `input`, `linear_weight` or `linear_bias` is not floating point, or labels are not
            integers.
        InputError: if shapes, dtypes or options do not fit, or a label is not in 0 … V−1; then it is an IndexError,
            too.

    Example:
        >>> linear_cross_entropy(torch.eye(2), torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1]))
        tensor(0.4100)

    Source:
        E. Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models" (2025); P.-L. Hsu et al., "Liger
        Kernel" (2024), for chunks whose gradient takes the place of their logits.
    """
    reduction_of(reduction)
    x, head, bias = (_as_autocast_has_it(t) for t in (input, linear_weight, linear_bias))
    check_head(x, head, bias)
    like = x.new_empty(1).expand(x.shape[0], head.shape[0])
    check_options(like, weight, label_smoothing, z_loss)
    b, count = target_of(like, like, target, labels, label_weight, Options(weight, ignore_index, label_smoothing))
    unit = unit_of(count, reduction, normalizer)
    return of_head(x, head, bias, b, z_loss, unit, reduction != "none")


def _as_autocast_has_it(x: Any) -> Any:
    """What a linear layer multiplies under torch.autocast: all but float64 in the type that was chosen."""
    if not isinstance(x, Tensor) or not x.is_floating_point() or x.dtype == torch.float64:
        return x
    device = x.device.type
    return x.to(torch.get_autocast_dtype(device)) if torch.is_autocast_enabled(device) else x
