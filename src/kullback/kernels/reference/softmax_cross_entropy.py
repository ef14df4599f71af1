"""The cross-entropy of target weights and the softmax of logits, with its gradient, row by row.

With b_ic the weight of class c in row i, a_i = Σ_c b_ic and λ_i = log Σ_c exp x_ic:

    loss_i = Σ_c b_ic (λ_i − x_ic) + z λ_i²,    ∂loss_i/∂x_ic = (a_i + 2 z λ_i) exp(x_ic − λ_i) − b_ic.

The weights are b_ic = Σ_j v_ij [c = y_ij] + t_i s_c, or rows as they are.
"""

from __future__ import annotations

import numpy as np


def softmax_cross_entropy(  # noqa: PLR0917 (the loops take arrays one by one)
    x: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    shared: np.ndarray,
    share: np.ndarray,
    rows: np.ndarray,
    z: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Losses and log-sum-exps of logits.

    Args:
        x: logits **(N, K)**; −inf is an outcome of probability zero.
        labels: y, classes **(N, k)**, −1 where missing; k may be 0.
        weights: v, of the labels **(N, k)**; those of missing labels do not count. Or **(N, 0)**: 1 each.
        shared: s, weights of the classes that all rows have in common **(K,)**, or none **(0,)**.
        share: t, how much of them a row has **(N,)**, or none **(0,)**.
        rows: b itself **(N, K)**, with k = 0 and nothing shared, or none **(0, K)**.
        z: factor of the squared log-sum-exp.

    Returns:
        Losses in nats and log-sum-exps, **(N,)** each; both are 0 in a row all of whose labels are missing.

    Example:
        >>> none = np.empty(0)
        >>> loss, _ = softmax_cross_entropy(
        ...     np.zeros((1, 2)), np.array([[1]]), np.ones((1, 1)), none, none, np.empty((0, 2))
        ... )
        >>> loss.round(4).tolist()
        [0.6931]

    Source:
        C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), eq. 4.108 and 4.109; the term of z:
        A. Chowdhery et al., "PaLM" (2022), section 5.
    """
    x = np.asarray(x, np.float64)
    b, held = _target(x, labels, weights, shared, share, rows)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        lse = _log_sum_exp(x)
        surprisal = np.where(b == 0, lse[:, None], lse[:, None] - x)  # 0 · nan is nan, 0 · log 0 is 0
        loss = (b * surprisal).sum(-1) + z * lse**2
    return np.where(held, loss, 0.0), np.where(held, lse, 0.0)


def gradient_of_softmax_cross_entropy(  # noqa: PLR0917 (the loops take arrays one by one)
    x: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    shared: np.ndarray,
    share: np.ndarray,
    rows: np.ndarray,
    z: float,
    upstream: np.ndarray,
) -> np.ndarray:
    """Gradients of the losses by the logits.

    Args:
        x: logits **(N, K)**.
        labels: **(N, k)**, as for `softmax_cross_entropy`, like the next four.
        weights: **(N, k)** or **(N, 0)**.
        shared: **(K,)** or **(0,)**.
        share: **(N,)** or **(0,)**.
        rows: **(N, K)** or **(0, K)**.
        z: factor of the squared log-sum-exp.
        upstream: what a row is multiplied by **(N,)**, or all rows **(1,)**.

    Returns:
        Gradients **(N, K)**, 0 in a row all of whose labels are missing.
    """
    x = np.asarray(x, np.float64)
    b, held = _target(x, labels, weights, shared, share, rows)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        lse = _log_sum_exp(x)
        slope = (b.sum(-1) + 2 * z * lse)[:, None] * np.exp(x - lse[:, None]) - b
    return np.where(held[:, None], slope * upstream[:, None], 0.0)


def _target(  # noqa: PLR0917 (the loops take arrays one by one)
    x: np.ndarray, labels: np.ndarray, weights: np.ndarray, shared: np.ndarray, share: np.ndarray, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """b **(N, K)**, and which rows have a target **(N,)**."""
    if len(rows):
        return np.asarray(rows, np.float64), np.full(len(x), True)
    b = np.zeros(x.shape)
    for j, y in enumerate(labels.T):
        v = weights[:, j] if weights.shape[1] else np.ones(len(x))
        b[np.arange(len(x))[y >= 0], y[y >= 0]] += v[y >= 0]
    held: np.ndarray = np.any(labels >= 0, axis=-1)
    return (b + share[:, None] * shared if len(shared) else b), held


def _log_sum_exp(x: np.ndarray) -> np.ndarray:
    m = x.max(-1)
    return m + np.log(np.exp(x - m[:, None]).sum(-1))
