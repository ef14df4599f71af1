"""KL and Jensen–Shannon divergence between the softmax of two arrays of logits, with their gradients by the first."""

from __future__ import annotations

import numpy as np

from kullback.kernels.reference.kl_divergence import excess


def kl_divergence_of_logits(x: np.ndarray, y: np.ndarray, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """KL(P‖Q), P = softmax(y / T), Q = softmax(x / T), and its gradient (Q − P) / T by x.

    Args:
        x: logits of the model **(N, K)**; −inf is an outcome of probability zero.
        y: logits of the truth **(N, K)**.
        temperature: T > 0.

    Returns:
        Divergences in nats, **(N,)**, +inf where Q has probability zero and P has not; gradients **(N, K)**.

    Example:
        >>> kl, gradient = kl_divergence_of_logits(np.array([[0.0, 0.0]]), np.array([[0.0, -np.inf]]))
        >>> round(float(kl[0]), 4), gradient.tolist()
        (0.6931, [[-0.5, 0.5]])

    Source:
        G. Hinton, O. Vinyals and J. Dean, "Distilling the Knowledge in a Neural Network" (2015), eq. 2.
    """
    x, y = np.asarray(x, np.float64) / temperature, np.asarray(y, np.float64) / temperature
    with np.errstate(invalid="ignore", divide="ignore"):
        log_p, log_q = _log_softmax(y), _log_softmax(x)
        return kl_of_rows(y, x), (np.exp(log_q) - np.exp(log_p)) / temperature


def jensen_shannon_of_logits(
    x: np.ndarray, y: np.ndarray, temperature: float = 1.0, weight: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """w KL(P‖M) + (1−w) KL(Q‖M), M = w P + (1−w) Q, P = softmax(y / T), Q = softmax(x / T), and its gradient by x.

    The gradient is (1−w)/T · q_k · (log(q_k/m_k) − KL(Q‖M)), 0 where q_k is 0.

    Args:
        x: logits of the model **(N, K)**; −inf is an outcome of probability zero.
        y: logits of the truth **(N, K)**.
        temperature: T > 0.
        weight: w between 0 and 1, neither included.

    Returns:
        Divergences in nats, **(N,)**, finite; gradients **(N, K)**.

    Example:
        >>> js, _ = jensen_shannon_of_logits(np.array([[-np.inf, 0.0]]), np.array([[0.0, -np.inf]]))
        >>> round(float(js[0]), 4)
        0.6931

    Source:
        J. Lin, "Divergence Measures Based on the Shannon Entropy" (1991), eq. 4.1.
    """
    w, v = weight, 1.0 - weight
    with np.errstate(invalid="ignore", divide="ignore"):
        log_p = _log_softmax(np.asarray(y, np.float64) / temperature)
        log_q = _log_softmax(np.asarray(x, np.float64) / temperature)
        log_m = np.logaddexp(np.log(w) + log_p, np.log(v) + log_q)
        p_part, q_part = _terms(log_p, log_m).sum(-1), _terms(log_q, log_m).sum(-1)
        q = np.exp(log_q)
        gradient = np.where(q == 0, 0.0, v / temperature * q * (log_q - log_m - q_part[:, None]))
    return w * p_part + v * q_part, gradient


def kl_of_rows(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """KL(softmax(x) ‖ softmax(y)), **(N,)**, from logits **(N, K)**, as a sum of terms that are never negative."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _terms(_log_softmax(x), _log_softmax(y)).sum(-1)


def _log_softmax(x: np.ndarray) -> np.ndarray:
    z = x - x.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def _terms(log_p: np.ndarray, log_q: np.ndarray) -> np.ndarray:
    """p (e^r − 1 − r), r = log(q/p); q where p is 0, +inf where q is impossible and p is not."""
    p, q = np.exp(log_p), np.exp(log_q)
    r = np.where(p == 0, 0.0, log_q - log_p)
    terms = np.where(r > 1, q - p - p * r, p * excess(np.where(r > 1, 0.0, r)))
    return np.where((log_q == -np.inf) & (log_p > -np.inf), np.inf, np.where(p == 0, q, terms))
