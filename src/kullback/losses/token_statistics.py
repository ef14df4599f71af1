"""What is asked of every token of a language model, from one read of its logits."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from kullback.errors import InputError, UnsupportedError
from kullback.kernels import reference
from kullback.losses.operators.arrays import array_of, computed_in
from kullback.losses.operators.softmax_cross_entropy import LabelOutOfRange
from kullback.losses.teacher import check_logits

ELEMENTS = 1 << 26
"""Logits that are looked at together on devices other than the CPU: 256 MB in float32."""


@dataclass(frozen=True)
class TokenStatistics:
    """What is asked of every token, P = target, Q = softmax(input); tensors **(N,)**, none with a gradient.

    `nll` is −log Q(target), `entropy` is H(Q), `log_sum_exp` log Σ_k exp(input_k) and `kl` KL(Q ‖ softmax(other)), all
    in nats; `argmax` is the first class of the largest logit and `rank` the number of logits above the target's, 0 for
    the best. Where the target is missing, `nll` is nan and `rank` −1.
    """

    nll: Tensor
    entropy: Tensor
    log_sum_exp: Tensor
    argmax: Tensor
    rank: Tensor
    kl: Tensor | None = None


def token_statistics(
    input: Tensor,  # noqa: A002 (torch's name)
    target: Tensor,
    *,
    other: Tensor | None = None,
    ignore_index: int = -100,
) -> TokenStatistics:
    """−log Q(y), H(Q), log-sum-exp, argmax and rank of every token, P = target, Q = softmax(input): one read.

    No gradient: train on `cross_entropy`, look with this. A logit of −inf is an outcome of probability 0. A row with
    nan has nan for every number, and the place of the first nan as its argmax.

    Args:
        input: logits **(N, V)**, of any floating type.
        target: classes 0 … V−1, integers **(N,)**.
        other: logits **(N, V)** of a second model, to be compared by KL(softmax(input) ‖ softmax(other)).
        ignore_index: the label that stands for a missing one.

    Returns:
        `TokenStatistics` of tensors **(N,)**: in nats, float32, or float64 if `input` is; places int64.

    Raises:
        UnsupportedError: if `input` or `other` is not a floating-point tensor, or `target` holds no integers.
        InputError: if shapes or devices differ, or a label is not in 0 … V−1; then it is an IndexError, too.

    Example:
        >>> s = token_statistics(torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([1, -100]))
        >>> s.nll, s.entropy
        (tensor([2.1269,    nan]), tensor([0.3653, 0.6931]))
        >>> s.rank
        tensor([ 1, -1])

    Source:
        C. E. Shannon, "A Mathematical Theory of Communication" (1948), section 6.
    """
    check_logits(input)
    if other is not None:
        _check_other(other, input)
    labels = labels_of(target, input.shape[0], input.shape[1], ignore_index).to(input.device)
    with torch.no_grad():
        return statistics_of(input, labels, other)


def labels_of(target: Tensor, N: int, V: int, ignore_index: int) -> Tensor:
    """Check labels and give them as int64 **(N,)**, −1 where one is missing.

    Args:
        target: classes 0 … V−1, integers **(N,)**.
        N: rows.
        V: classes.
        ignore_index: the label that stands for a missing one.

    Returns:
        The labels **(N,)**.

    Raises:
        UnsupportedError: if they are no tensor of integers.
        InputError: if they are not of shape (N,), or one is out of range.
    """
    if not isinstance(target, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]  # users pass NumPy arrays
        raise UnsupportedError(f"target is a {type(target).__name__}, expected a torch tensor; torch.as_tensor(target)")
    if target.dtype == torch.bool or target.is_floating_point() or target.is_complex():
        raise UnsupportedError(f"target holds {target.dtype}, expected integer labels; target.long()")
    if target.shape != (N,):
        raise InputError(
            f"target has shape {tuple(target.shape)} where input has {N} rows, expected one label per row, ({N},); "
            f"target.reshape(-1)"
        )
    target = target.long()  # in 8 or 16 bits V or the ignore_index may be another number
    labels = torch.where(target == ignore_index, -1, target)
    wrong = ((target < 0) | (target >= V)) & (target != ignore_index)
    if wrong.any():
        row = int(wrong.nonzero()[0, 0])
        raise LabelOutOfRange(
            f"target is {int(target[row])} in row {row}, expected a label from 0 to {V - 1}; "
            f"a missing label is {ignore_index}, the ignore_index"
        )
    return labels


def statistics_of(x: Tensor, labels: Tensor, other: Tensor | None = None) -> TokenStatistics:
    """Compute what `token_statistics` gives from checked arguments: on the CPU by the kernel.

    Args:
        x: logits **(N, V)**.
        labels: int64 **(N,)**, −1 where missing.
        other: logits **(N, V)**, or None.

    Returns:
        The statistics, **(N,)** each.
    """
    if other is not None and torch.float64 in (x.dtype, other.dtype):
        other = other.to(x.dtype)
    if x.device.type != "cpu":
        return _by_torch(x, labels, other)
    from kullback.kernels.cpu.token_statistics import token_statistics as loop

    y = None if other is None else array_of(other)
    found = [torch.from_numpy(v) for v in loop(array_of(x), labels.contiguous().numpy(), y)]
    nll, entropy, log_sum_exp, kl = (found[i].to(computed_in(x.dtype)) for i in (0, 1, 2, 5))
    return TokenStatistics(nll, entropy, log_sum_exp, found[3], found[4], None if other is None else kl)


def joined(parts: list[TokenStatistics]) -> TokenStatistics:
    """Put the statistics of chunks of rows one after the other."""
    kl = [part.kl for part in parts if part.kl is not None]
    return TokenStatistics(
        nll=torch.cat([part.nll for part in parts]),
        entropy=torch.cat([part.entropy for part in parts]),
        log_sum_exp=torch.cat([part.log_sum_exp for part in parts]),
        argmax=torch.cat([part.argmax for part in parts]),
        rank=torch.cat([part.rank for part in parts]),
        kl=torch.cat(kl) if kl else None,
    )


def _check_other(other: Tensor, x: Tensor) -> None:
    check_logits(other, "other")
    if other.shape != x.shape or other.device != x.device:
        raise InputError(
            f"other has shape {tuple(other.shape)} on {other.device} where input has {tuple(x.shape)} on {x.device}, "
            f"expected logits for the same rows and classes; other.to(input.device)"
        )


def _by_torch(x: Tensor, labels: Tensor, other: Tensor | None) -> TokenStatistics:
    """The same in chunks of rows, with torch's own operations."""
    rows = max(ELEMENTS // x.shape[1], 1)
    parts = [
        _chunk(x[i : i + rows], labels[i : i + rows], None if other is None else other[i : i + rows])
        for i in range(0, max(len(x), 1), rows)
    ]
    return joined(parts)


def _chunk(x: Tensor, labels: Tensor, other: Tensor | None) -> TokenStatistics:
    dtype = computed_in(x.dtype)
    x, held, broken = x.to(dtype), labels >= 0, x.isnan().any(-1)
    top = x.amax(-1)
    log_q = torch.log_softmax(x, -1)
    q = log_q.exp()
    entropy = -(q * torch.where(q == 0, 0.0, log_q)).sum(-1)
    of_target = x.gather(1, labels.clamp(min=0)[:, None])
    nll = torch.where(held, -log_q.gather(1, labels.clamp(min=0)[:, None])[:, 0], torch.nan)
    rank = torch.where(held & ~broken, (x > of_target).sum(-1), -1)
    log_sum_exp = torch.where(top.isinf(), top, torch.logsumexp(x, -1))
    if other is None:
        return TokenStatistics(nll, entropy, log_sum_exp, x.argmax(-1), rank)
    log_r = torch.log_softmax(other.to(dtype), -1)
    kl = reference.kl_divergence_of_logs(log_q, log_r)
    kl = torch.where(((log_r == -torch.inf) & (log_q > -torch.inf)).any(-1), torch.inf, kl)
    kl = torch.where(log_q.isnan().any(-1), torch.nan, kl)
    return TokenStatistics(nll, entropy, log_sum_exp, x.argmax(-1), rank, kl)
