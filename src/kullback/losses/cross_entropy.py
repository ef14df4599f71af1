"""The loss of a network that predicts a distribution."""

from __future__ import annotations

import torch
from torch import Tensor

from kullback.errors import InputError, UnsupportedError
from kullback.kernels import reference
from kullback.losses.rows import Reduction, check_rows, log_softmax, reduction_of


def cross_entropy(
    input: Tensor,  # noqa: A002 (torch's name)
    target: Tensor,
    *,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Tensor:
    """H(P, Q) as a loss: P = target, Q = softmax(input).

    L(θ) = −1/N Σ_i 1/k_i Σ_j log P_θ(y_ij | x_i), the mean over the N inputs that have a label, k_i labels each.
    Rows of probabilities in the place of labels give −1/N Σ_i Σ_c p_ic log P_θ(c | x_i). One label per input (k = 1)
    is `torch.nn.functional.cross_entropy`.

    Args:
        input: logits **(N, K)**.
        target: labels 0 … K−1, integers **(N,)** or **(N, k)**; or rows of probabilities, floating point **(N, K)**.
            That rows sum to one is not checked here.
        ignore_index: the label that stands for a missing one.
        reduction: `"mean"` over the inputs with a label, `"sum"`, or `"none"`, where an input without a label has 0.

    Returns:
        The loss in nats, **()** or **(N,)**, of the dtype of `input`; half precision is computed in float32. The mean
        over no labels at all is nan, as in torch.

    Raises:
        UnsupportedError: if `input` is not floating point, or `target` is boolean or complex.
        InputError: if shapes do not fit, or a label is not in 0 … K−1; then it is an IndexError, too.

    Example:
        >>> logits = torch.tensor([[2.0, 0.0], [0.0, 0.0]])
        >>> cross_entropy(logits, torch.tensor([0, 1]))
        tensor(0.4100)
        >>> cross_entropy(logits, torch.tensor([[0, 0, 1], [1, -100, -100]]))  # 3 labels, and 1
        tensor(0.7434)
        >>> cross_entropy(logits, torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
        tensor(0.4100)

    Source:
        C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), eq. 4.108, averaged over inputs and labels.
    """
    reduce = reduction_of(reduction)
    log_q = log_softmax(input)
    if target.is_floating_point():
        check_rows(input, target)
        return reduce(reference.cross_entropy_of_logs(target.to(log_q.dtype), log_q)).to(input.dtype)
    complete = _check_labels(target, input, ignore_index)
    if complete and target.ndim == 1:
        return torch.nn.functional.nll_loss(log_q, target.long(), reduction=reduction).to(input.dtype)
    if complete:
        return reduce(-log_q.gather(1, target.long()).mean(dim=1)).to(input.dtype)
    return _of_labels(log_q, target.reshape(target.shape[0], -1).long(), ignore_index, reduction).to(input.dtype)


class LabelOutOfRange(InputError, IndexError):  # noqa: N818 (the name says what was found)
    """A label is not one of the classes."""


def _of_labels(log_q: Tensor, labels: Tensor, ignore_index: int, reduction: Reduction) -> Tensor:
    """−1/k_i Σ_j log q_i(y_ij) for every input i, reduced over the inputs that have a label; labels **(N, k)**."""
    held = labels != ignore_index
    surprisal = -log_q.gather(1, labels.where(held, 0))
    k = held.sum(dim=1)
    losses = surprisal.where(held, 0.0).sum(dim=1) / k.clamp(min=1)
    return losses.sum() / (k > 0).sum() if reduction == "mean" else reduction_of(reduction)(losses)


def _check_labels(target: Tensor, logits: Tensor, ignore_index: int) -> bool:
    """Check shape, kind and range of labels; True if none is missing. One pass over them where all are in range."""
    if target.dtype == torch.bool or target.is_complex():
        raise UnsupportedError(f"target holds {target.dtype}, expected integer labels or rows of probabilities")
    N, K = logits.shape
    if target.ndim not in (1, 2) or target.shape[0] != N:
        raise InputError(
            f"target has shape {tuple(target.shape)} where input has {(N, K)}, expected labels of shape ({N},) "
            f"or ({N}, k); one row of labels per row of logits"
        )
    if not target.numel():
        return False
    low, high = torch.aminmax(target)
    if low >= 0 and high < K and not 0 <= ignore_index < K:
        return True
    wrong = ((target < 0) | (target >= K)) & (target != ignore_index)
    if wrong.any():
        row = int(wrong.nonzero()[0, 0])
        raise LabelOutOfRange(
            f"target is {target[wrong][0].item()} in row {row}, expected a label from 0 to {K - 1}; "
            f"a missing label is {ignore_index}, the ignore_index"
        )
    return False
