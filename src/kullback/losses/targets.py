"""The targets of the cross-entropy: labels, k labels or rows of probabilities become weights of the classes."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from kullback.errors import InputError, UnsupportedError
from kullback.losses.operators.arrays import computed_in
from kullback.losses.operators.softmax_cross_entropy import Target, check_range
from kullback.losses.rows import check_floating


class Options(NamedTuple):
    """What the cross-entropy takes beside logits and target."""

    weight: Tensor | None
    """Of the classes **(K,)**."""
    ignore_index: int
    label_smoothing: float


def rows_of(input: Tensor) -> tuple[Tensor, torch.Size]:  # noqa: A002 (torch's name)
    """Give logits as rows, and the shape of their losses.

    Args:
        input: logits **(K,)**, **(N, K)** or **(N, K, d1, …)**.

    Returns:
        Logits **(M, K)**; the shape without K.

    Raises:
        UnsupportedError: if they are no tensor or not floating point.
        InputError: if there are no classes.
    """
    check_floating(input, "input")
    if input.ndim == 0 or not input.shape[min(1, input.ndim - 1)]:
        raise InputError(
            f"input has shape {tuple(input.shape)}, expected logits of shape (N, K) with K > 0; input.reshape(-1, K)"
        )
    x = input if input.ndim < 3 else input.movedim(1, -1)
    return x.reshape(-1, x.shape[-1]), x.shape[:-1]


def of_rows(x: Tensor, target: Tensor, options: Options) -> tuple[Target, Tensor]:
    """Take rows of probabilities of the classes.

    Args:
        x: logits **(N, K)**.
        target: probabilities, in the order of the logits' rows, **(N, K)**.
        options: weights and smoothing of the classes.

    Returns:
        Weights of the classes; their number of rows, **(1,)**.

    Raises:
        InputError: if there is an ignore_index: rows are not ignored.
    """
    if options.ignore_index != -100:
        raise InputError(
            f"ignore_index is {options.ignore_index}, expected none beside rows of probabilities; target[kept]"
        )
    N, K = x.shape
    b = target.to(computed_in(x.dtype))
    if options.label_smoothing:
        b = b * (1 - options.label_smoothing) + options.label_smoothing / K
    if options.weight is not None:
        b = b * options.weight.detach().to(b.dtype)
    none = torch.empty(0, dtype=b.dtype, device=x.device)
    labels = torch.empty((N, 0), dtype=torch.int64, device=x.device)
    return Target(labels, -1, none.new_empty((N, 0)), none, none.new_empty(0), b), none.new_full((1,), float(N))


def of_labels(
    x: Tensor, labels: Tensor, label_weight: Tensor | None, options: Options, name: str
) -> tuple[Target, Tensor]:
    """Take k labels per input.

    Args:
        x: logits **(N, K)**.
        labels: integers **(N, k)**, or one per row in any shape.
        label_weight: of the labels **(N, k)**; None for one over the number of labels that an input has.
        options: weights and smoothing of the classes, and what a missing label is.
        name: what a message calls the labels.

    Returns:
        Weights of the classes; the sum of the labels' weights before smoothing, **(1,)**.

    Raises:
        LabelOutOfRange: if a label is not in 0 … K−1; on the CPU only, elsewhere torch's own error.
    """
    K = x.shape[1]
    wide = torch.float32 if x.device.type == "mps" else torch.float64
    none = torch.empty(0, dtype=wide, device=x.device)
    labels = labels.long()  # in 8 or 16 bits K or the ignore_index may be another number
    complete = _check_range(labels, K, options.ignore_index, name)
    labels = labels if labels.ndim == 2 and len(labels) == len(x) else labels.reshape(-1, 1)
    if complete and labels.shape[1] == 1 and label_weight is None and options.weight is None:
        N = labels.shape[0]
        v, count, share = none.new_empty((N, 0)), none.new_full((1,), float(N)), none.new_ones(N)
        v = share[:, None] * (1 - options.label_smoothing) if options.label_smoothing else v
    else:
        held = labels != options.ignore_index
        v = held.to(wide) / held.sum(1, keepdim=True).clamp(min=1) if label_weight is None else label_weight.to(wide)
        v = torch.where(held, v.detach(), 0.0)
        share = v.sum(1)
        if options.weight is not None:
            v = v * options.weight.detach().to(wide)[torch.where(held, labels, 0).long()]
        count = v.sum().reshape(1)
        v = v * (1 - options.label_smoothing) if options.label_smoothing else v
    rows = x.new_empty((0, K), dtype=computed_in(x.dtype))
    if not options.label_smoothing:
        return Target(
            labels, options.ignore_index, v, none, none.new_empty(0), rows
        ), count  # torch.compile takes no tensor twice
    shared = none.new_full((K,), options.label_smoothing / K)
    shared = shared if options.weight is None else shared * options.weight.detach().to(wide)
    return Target(labels, options.ignore_index, v, shared, share, rows), count


def unit_of(count: Tensor, reduction: str, normalizer: float | Tensor | None) -> Tensor:
    """Give what a sum of losses is multiplied by, **(1,)**.

    Args:
        count: what the mean divides by, **(1,)**.
        reduction: `"mean"`, `"sum"` or `"none"`.
        normalizer: what the mean divides by instead, a number or **()**, or None.

    Raises:
        InputError: if there is a normalizer and no mean.
    """
    if normalizer is not None:
        if reduction != "mean":
            raise InputError(f"normalizer is given with reduction={reduction!r}, expected the mean; reduction='mean'")
        count = torch.as_tensor(normalizer, dtype=count.dtype, device=count.device).detach().reshape(1)
    return 1 / count if reduction == "mean" else torch.ones_like(count)


def _check_range(labels: Tensor, classes: int, ignore_index: int, name: str) -> bool:
    """Check that labels are classes; True if none is missing. Where their values cannot be seen, say False."""
    seen = labels.device.type == "cpu" and not torch.compiler.is_compiling()
    if not seen or torch._C._are_functorch_transforms_active() or not labels.numel():  # pyright: ignore[reportPrivateUsage]  # there is no public way to ask
        return False
    low, high = torch.aminmax(labels)
    if low >= 0 and high < classes and not 0 <= ignore_index < classes:
        return True
    check_range(labels, labels != ignore_index, classes, ignore_index, name)
    return False


def check_integers(labels: Tensor, name: str) -> None:
    """Check that labels are integers.

    Raises:
        UnsupportedError: if they are not.
    """
    if labels.dtype == torch.bool or labels.is_complex() or labels.is_floating_point():
        remedy = "" if name == "target" else f"; {name}.long()"
        or_rows = " or rows of probabilities" if name == "target" else ""
        raise UnsupportedError(f"{name} holds {labels.dtype}, expected integer labels{or_rows}{remedy}")
