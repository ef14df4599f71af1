"""What is asked of every token, from hidden states and the head of a language model."""

from __future__ import annotations

import torch
from torch import Tensor

from kullback.errors import InputError
from kullback.losses.teacher import check_logits
from kullback.losses.token_statistics import TokenStatistics, joined, labels_of, statistics_of

ELEMENTS = 1 << 24
"""Logits that exist at a time: 64 MB in float32, and never fewer than 256 rows, which keep a matrix product busy."""


def linear_token_statistics(
    input: Tensor,  # noqa: A002 (torch's name)
    linear_weight: Tensor,
    target: Tensor,
    *,
    linear_bias: Tensor | None = None,
    ignore_index: int = -100,
) -> TokenStatistics:
    """−log Q(y), H(Q), log-sum-exp, argmax and rank, P = target, Q = softmax(input) after `linear_weight`.

    Q = softmax(input · linear_weightᵀ + linear_bias), in chunks of rows: the N × V logits never exist. They are
    computed by the matrix product in the dtype of `input`. No gradient.

    Args:
        input: hidden states **(N, D)**.
        linear_weight: the head **(V, D)**, of the same dtype.
        target: classes 0 … V−1, integers **(N,)**.
        linear_bias: **(V,)**, or None.
        ignore_index: the label that stands for a missing one.

    Returns:
        `TokenStatistics` of tensors **(N,)**: in nats, float32, or float64 if `input` is; places int64.

    Raises:
        UnsupportedError: if `input`, `linear_weight` or `linear_bias` is not floating point, or `target` holds no
            integers.
        InputError: if shapes or dtypes do not fit, or a label is not in 0 … V−1; then it is an IndexError, too.

    Example:
        >>> s = linear_token_statistics(torch.eye(2), torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([1, 0]))
        >>> s.nll
        tensor([2.1269, 0.6931])

    Source:
        E. Wijmans et al., "Cut Your Losses in Large-Vocabulary Language Models" (2025), for logits that never exist.
    """
    check_head(input, linear_weight, linear_bias)
    N, V = input.shape[0], linear_weight.shape[0]
    labels = labels_of(target, N, V, ignore_index).to(input.device)
    rows = max(ELEMENTS // V, 256)
    parts: list[TokenStatistics] = []
    with torch.no_grad():
        for i in range(0, max(N, 1), rows):
            logits = torch.nn.functional.linear(input[i : i + rows], linear_weight, linear_bias)
            parts.append(statistics_of(logits, labels[i : i + rows]))
    return joined(parts)


def check_head(x: Tensor, weight: Tensor, bias: Tensor | None) -> None:
    """Check hidden states **(N, D)**, a head **(V, D)** and its bias **(V,)**.

    Raises:
        UnsupportedError: if one is not floating point.
        InputError: if shapes or dtypes do not fit.
    """
    check_logits(x)
    check_logits(weight, "linear_weight")
    if weight.shape[1] != x.shape[1]:
        raise InputError(
            f"linear_weight has shape {tuple(weight.shape)} where input has {tuple(x.shape)}, expected (V, D) and "
            f"(N, D); linear_weight.T"
        )
    if weight.dtype != x.dtype:
        raise InputError(f"linear_weight holds {weight.dtype}, expected {x.dtype}; linear_weight.to(input.dtype)")
    if bias is not None and (bias.shape != weight.shape[:1] or bias.dtype != x.dtype):
        raise InputError(
            f"linear_bias has shape {tuple(bias.shape)} and holds {bias.dtype}, expected ({len(weight)},) of "
            f"{x.dtype}; linear_bias.to(input.dtype)"
        )
