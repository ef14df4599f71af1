"""KL divergence as a loss."""

from __future__ import annotations

from torch import Tensor

from kullback.kernels import reference
from kullback.losses.rows import Reduction, check_rows, log_softmax, reduction_of


def kl_divergence(
    input: Tensor,  # noqa: A002 (torch's name)
    target: Tensor,
    *,
    reduction: Reduction = "mean",
) -> Tensor:
    """KL(P‖Q) as a loss: P = target, Q = softmax(input).

    1/N Σ_i Σ_c p_ic log(p_ic / P_θ(c | x_i)) ≥ 0, which is 0 when the network is right. Its gradient is that of
    `cross_entropy`, because H(P) has no θ: both train the same network, but this one shows how far it still is.

    Args:
        input: logits **(N, K)**.
        target: rows of probabilities **(N, K)**, taken as constant. That they sum to one is not checked here.
        reduction: `"mean"` over the N inputs (what torch calls `"batchmean"`), `"sum"`, or `"none"`.

    Returns:
        The loss in nats, **()** or **(N,)**, of the dtype of `input`; half precision is computed in float32.

    Raises:
        UnsupportedError: if `input` or `target` is not floating point.
        InputError: if the shapes are not (N, K) both.

    Example:
        >>> import torch
        >>> kl_divergence(torch.tensor([[0.0, 0.0]]), torch.tensor([[0.5, 0.5]]))
        tensor(0.)
        >>> kl_divergence(torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]]))
        tensor(0.6931)

    Source:
        S. Kullback and R. A. Leibler, "On Information and Sufficiency" (1951), eq. 2.4.
    """
    reduce = reduction_of(reduction)
    log_q = log_softmax(input)
    check_rows(input, target)
    log_p = reference.log(target.detach().to(log_q.dtype))
    return reduce(reference.kl_divergence_of_logs(log_p, log_q)).to(input.dtype)
