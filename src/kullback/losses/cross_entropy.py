"""The loss of a network that predicts a distribution."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.errors import InputError, UnsupportedError
from kullback.losses.operators.softmax_cross_entropy import (
    Target,
    softmax_cross_entropy,
    sum_of_softmax_cross_entropy,
)
from kullback.losses.rows import Reduction, reduction_of
from kullback.losses.targets import Options, check_integers, of_labels, of_rows, rows_of, unit_of


def cross_entropy(
    input: Tensor,  # noqa: A002 (torch's name)
    target: Tensor | None = None,
    *,
    labels: Tensor | None = None,
    label_weight: Tensor | None = None,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
    reduction: Reduction = "mean",
    z_loss: float = 0.0,
    normalizer: float | Tensor | None = None,
) -> Tensor:
    """H(P, Q) as a loss: P = target, Q = softmax(input); torch's own, and k labels per input.

    L(θ) = −1/N Σ_i 1/k_i Σ_j log P_θ(y_ij | x_i), the mean over the N inputs that have a label, k_i labels each.
    Rows of probabilities in the place of labels give −1/N Σ_i Σ_c p_ic log P_θ(c | x_i). With a target, everything is
    `torch.nn.functional.cross_entropy`.

    Args:
        input: logits **(N, K)**, or **(K,)**, or **(N, K, d1, …)**.
        target: labels 0 … K−1, integers **(N,)**, or **()**, or **(N, d1, …)**; or probabilities of the classes,
            floating point, of the shape of `input`. That they sum to one is not checked.
        labels: k labels per input in the place of `target`, integers **(N, k)**, for logits **(N, K)**.
        label_weight: weights of the `labels` **(N, k)**, v_ij in −Σ_j v_ij log P_θ(y_ij | x_i), constant; those of
            missing labels do not count. By default 1/k_i.
        weight: weights of the classes **(K,)**, constant.
        ignore_index: the label that stands for a missing one.
        label_smoothing: ε in [0, 1]; P becomes (1 − ε) P + ε/K.
        reduction: `"mean"`, `"sum"`, or `"none"`, where an input without a label has 0. The mean is the sum divided by
            the weights of all labels, or by N for rows of probabilities.
        z_loss: z ≥ 0; z (log Σ_c exp x_ic)² is added to the loss of every input that has a label.
        normalizer: what the mean divides the sum by, a number or a tensor **()**: the labels of all batches together,
            where their gradients are accumulated.

    Returns:
        The loss in nats, **()** or the shape of `input` without K, of the dtype of `input`; half precision is computed
        in float32, and float32 under autocast. The mean over no labels at all is nan, as in torch.

    Raises:
        UnsupportedError: if `input` is not floating point, or labels are not integers.
        InputError: if shapes or options do not fit, or a label is not in 0 … K−1; then it is an IndexError, too.

    Example:
        >>> logits = torch.tensor([[2.0, 0.0], [0.0, 0.0]])
        >>> cross_entropy(logits, torch.tensor([0, 1]))
        tensor(0.4100)
        >>> cross_entropy(logits, labels=torch.tensor([[0, 0, 1], [1, -100, -100]]))  # 3 labels, and 1
        tensor(0.7434)
        >>> cross_entropy(logits, torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
        tensor(0.4100)

    Source:
        C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), eq. 4.108, averaged over inputs and labels;
        z: A. Chowdhery et al., "PaLM: Scaling Language Modeling with Pathways" (2022), section 5.
    """
    reduction_of(reduction)
    x, shape = rows_of(input)
    check_options(x, weight, label_smoothing, z_loss)
    options = Options(weight, ignore_index, label_smoothing)
    b, count = target_of(input, x, target, labels, label_weight, options)
    half = input.dtype in (torch.float16, torch.bfloat16)
    dtype = torch.float32 if half and torch.is_autocast_enabled(input.device.type) else input.dtype
    unit = unit_of(count, reduction, normalizer)
    if reduction == "none":
        return softmax_cross_entropy(x, b, z_loss).reshape(shape).to(dtype)
    return sum_of_softmax_cross_entropy(x, b, z_loss, unit).to(dtype)


def target_of(  # noqa: PLR0917 (what the loss is given)
    input: Tensor,  # noqa: A002 (torch's name)
    x: Tensor,
    target: Tensor | None,
    labels: Tensor | None,
    label_weight: Tensor | None,
    options: Options,
) -> tuple[Target, Tensor]:
    """The weights of the classes for every row of x, and what the mean divides by."""
    if (target is None) == (labels is None):
        raise InputError(
            f"target and labels are {'both' if labels is not None else 'neither'} given, expected one of them; "
            f"cross_entropy(input, target) or cross_entropy(input, labels=labels)"
        )
    if labels is not None:
        _check_labels(input, labels, label_weight)
        return of_labels(x, labels, label_weight, options, "labels")
    if label_weight is not None:
        raise InputError("label_weight is given without labels, expected both; labels=target[:, None]")
    assert target is not None  # noqa: S101 (for the type checker)
    K, form = x.shape[1], tuple(input.shape)
    if target.is_floating_point():
        if target.shape != input.shape:
            raise InputError(
                f"target has shape {tuple(target.shape)} where input has {form}, expected rows of K "
                f"probabilities; labels are integers, target.long()"
            )
        rows = target if target.ndim < 3 else target.movedim(1, -1)
        return of_rows(x, rows.reshape(-1, K), options)
    check_integers(target, "target")
    expected = form[:1] + form[2:] if len(form) > 1 else ()
    if target.shape != expected:
        raise InputError(
            f"target has shape {tuple(target.shape)} where input has {form}, expected labels of shape "
            f"{expected}; k labels per input are labels=target"
        )
    return of_labels(x, target, None, options, "target")


def _check_labels(logits: Tensor, labels: Tensor, label_weight: Tensor | None) -> None:
    """Check kind and shape of k labels per input and of their weights."""
    check_integers(labels, "labels")
    if logits.ndim != 2 or labels.ndim != 2 or labels.shape[0] != logits.shape[0]:
        raise InputError(
            f"labels has shape {tuple(labels.shape)} where input has {tuple(logits.shape)}, expected (N, k) where "
            f"input has (N, K); one row of labels per row of logits"
        )
    if label_weight is None:
        return
    if not label_weight.is_floating_point():
        raise UnsupportedError(f"label_weight holds {label_weight.dtype}, expected numbers; label_weight.float()")
    if label_weight.shape != labels.shape:
        raise InputError(
            f"label_weight has shape {tuple(label_weight.shape)} where labels has {tuple(labels.shape)}, expected the "
            f"same; label_weight.expand(labels.shape)"
        )


def check_options(x: Tensor, weight: Tensor | None, label_smoothing: float, z_loss: float) -> None:
    """Check the options beside logits **(N, K)**.

    Raises:
        InputError: if `weight` is not **(K,)**, `label_smoothing` not in [0, 1], or `z_loss` below 0.
    """
    if weight is not None and (not weight.is_floating_point() or weight.shape != (x.shape[1],)):
        raise InputError(
            f"weight has shape {tuple(weight.shape)} and holds {weight.dtype}, expected one number for each of "
            f"{x.shape[1]} classes; torch.ones({x.shape[1]})"
        )
    if not 0 <= label_smoothing <= 1:
        raise InputError(f"label_smoothing is {label_smoothing}, expected a number from 0 to 1; label_smoothing=0.1")
    if not z_loss >= 0:
        raise InputError(f"z_loss is {z_loss}, expected a number from 0 on; z_loss=1e-4")


class CrossEntropy(torch.nn.Module):
    """H(P, Q) as a module, P = target, Q = softmax(input): `cross_entropy` with its options kept.

    Args:
        weight: weights of the classes **(K,)**, which move with the module.
        options: the other keywords of `cross_entropy`.

    Example:
        >>> CrossEntropy(label_smoothing=0.1)(torch.zeros(1, 2), torch.tensor([0]))
        tensor(0.6931)
    """

    def __init__(self, weight: Tensor | None = None, **options: Any) -> None:
        """Keep the options."""
        super().__init__()
        self.register_buffer("weight", weight)
        self.options = options

    def forward(self, input: Tensor, target: Tensor | None = None, **labels: Any) -> Tensor:  # noqa: A002 (torch's name)
        """Compute the loss of logits and a target, or `labels=` and `label_weight=`."""
        return cross_entropy(input, target, weight=self.weight, **labels, **self.options)  # pyright: ignore[reportArgumentType]  # a buffer is untyped

    def extra_repr(self) -> str:
        """Name the options."""
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())
