"""KL divergence as a loss."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from kullback.kernels import reference
from kullback.losses.rows import Reduction, check_rows, log_softmax, reduction_of
from kullback.losses.teacher import check_logits, check_teacher, check_temperature


def kl_divergence(
    input: Tensor,  # noqa: A002 (torch's name)
    target: Tensor,
    *,
    target_logits: bool = False,
    temperature: float = 1.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """KL(P‖Q) as a loss: P = target, Q = softmax(input).

    1/N Σ_i Σ_c p_ic log(p_ic / P_θ(c | x_i)) ≥ 0, which is 0 when the network is right. Its gradient is that of
    `cross_entropy`, because H(P) has no θ: both train the same network, but this one shows how far it still is.

    To distil a teacher, pass its logits and `target_logits=True`: P = softmax(target / T), Q = softmax(input / T). The
    loss is multiplied by nothing; its gradients shrink like 1/T², so multiply by T² to mix it with a loss at T = 1.

    Args:
        input: logits **(N, K)**.
        target: rows of probabilities **(N, K)**, or logits. Constant: no gradient goes there. That probabilities sum to
            one is not checked here.
        target_logits: whether `target` holds logits; probabilities are taken as those at temperature T.
        temperature: T > 0.
        reduction: `"mean"` over the N inputs (what torch calls `"batchmean"`), `"sum"`, or `"none"`.

    Returns:
        The loss in nats, **()** or **(N,)**, of the dtype of `input`; half precision is computed in float32.

    Raises:
        UnsupportedError: if `input` or `target` is not floating point.
        InputError: if the shapes are not (N, K) both, or there is no such temperature or reduction.

    Example:
        >>> kl_divergence(torch.tensor([[0.0, 0.0]]), torch.tensor([[0.5, 0.5]]))
        tensor(0.)
        >>> kl_divergence(torch.tensor([[0.0, 0.0]]), torch.tensor([[1.0, 0.0]]))
        tensor(0.6931)
        >>> kl_divergence(torch.zeros(1, 2), torch.tensor([[2.0, 0.0]]), target_logits=True, temperature=2.0)
        tensor(0.1109)

    Source:
        S. Kullback and R. A. Leibler, "On Information and Sufficiency" (1951), eq. 2.4; of logits: G. Hinton,
        O. Vinyals and J. Dean, "Distilling the Knowledge in a Neural Network" (2015), eq. 2.
    """
    reduce = reduction_of(reduction)
    check_temperature(temperature)
    if target_logits:
        from kullback.losses.operators.divergence_of_logits import kl_divergence_of_logits

        check_logits(input)
        check_teacher(target, input, logits=True)
        return reduce(kl_divergence_of_logits(input, target, temperature)).to(input.dtype)
    log_q = log_softmax(input if temperature == 1 else input / temperature)
    check_rows(input, target)
    log_p = reference.log(target.detach().to(log_q.dtype))
    return reduce(reference.kl_divergence_of_logs(log_p, log_q)).to(input.dtype)


class KLDivergence(torch.nn.Module):
    """KL(P‖Q) as a module, P = target, Q = softmax(input): `kl_divergence` with its options kept.

    Args:
        options: the keywords of `kl_divergence`.

    Example:
        >>> KLDivergence(target_logits=True, temperature=2.0)(torch.zeros(1, 2), torch.zeros(1, 2))
        tensor(0.)
    """

    def __init__(self, **options: Any) -> None:
        """Keep the options."""
        super().__init__()
        self.options = options

    def forward(self, input: Tensor, target: Tensor) -> Tensor:  # noqa: A002 (torch's name)
        """Compute the loss of logits **(N, K)** and targets **(N, K)**."""
        return kl_divergence(input, target, **self.options)

    def extra_repr(self) -> str:
        """Name the options."""
        return ", ".join(f"{name}={value!r}" for name, value in self.options.items())
