"""What is asked of every token of a language model, from its logits."""

from __future__ import annotations

import numpy as np

from kullback.kernels.reference.divergence_of_logits import kl_of_rows


def token_statistics(x: np.ndarray, target: np.ndarray, y: np.ndarray | None = None) -> tuple[np.ndarray, ...]:
    """Six numbers of every row of logits.

    −log softmax(x)_target; H = −Σ_k p_k log p_k, p = softmax(x); log Σ_k exp x_k; the first k with the largest x_k;
    how many x_k are larger than the target's; KL(softmax(x) ‖ softmax(y)).

    Args:
        x: logits **(N, K)**; −inf is an outcome of probability zero.
        target: classes **(N,)**, −1 where missing: surprisal nan, rank −1.
        y: logits **(N, K)** of a second model, or None.

    Returns:
        The six, **(N,)** each, float64 in nats or int64; without y the last is **(0,)**. A row with nan has nan for
        every number, the place of the first nan as its argmax and rank −1; one without a finite maximum has no softmax
        and nan for all but its log-sum-exp.

    Example:
        >>> [float(v[0]) for v in token_statistics(np.zeros((1, 2)), np.array([1]))[3:5]]
        [0.0, 0.0]
    """
    x = np.asarray(x, np.float64)
    rows = np.arange(len(x))
    held, broken = target >= 0, np.isnan(x).any(-1)
    m = x.max(-1)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        z = x - m[:, None]
        e = np.exp(z)
        log_s = np.log(e.sum(-1))
        entropy = log_s - np.where(e == 0, 0.0, e * z).sum(-1) / e.sum(-1)
        log_sum_exp = np.where(np.isinf(m), m, m + log_s)
        of_target = np.where(held, x[rows, target], np.nan)
        nll = m - of_target + log_s
    rank = np.where(held & ~broken, (x > of_target[:, None]).sum(-1), -1)
    kl = np.empty(0) if y is None else kl_of_rows(x, np.asarray(y, np.float64))
    return nll, entropy, log_sum_exp, x.argmax(-1), rank, kl
