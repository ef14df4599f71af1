"""H(P, Q) = −Σ p log q, row by row."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from kullback.kernels.reference.logarithm import log


def cross_entropy(p: Any, q: Any) -> Any:
    """H(P, Q) = −Σ_k p_k log q_k; +inf where p > 0 = q.

    Args:
        p: probabilities of the truth, **(…, K)**.
        q: probabilities of the model, **(…, K)**.

    Returns:
        Cross-entropies in nats, **(…)**.

    Example:
        >>> import numpy as np
        >>> round(float(cross_entropy(np.asarray([1.0, 0.0]), np.asarray([0.5, 0.5]))), 4)
        0.6931
    """
    return cross_entropy_of_logs(p, log(q))


def cross_entropy_of_logs(p: Any, log_q: Any) -> Any:
    """H(P, Q) = −Σ_k p_k log q_k, from the model's log-probabilities.

    Args:
        p: probabilities of the truth, **(…, K)**.
        log_q: log-probabilities of the model, **(…, K)**.

    Returns:
        Cross-entropies in nats, **(…)**.
    """
    xp: Any = array_namespace(p)
    # "0 −", not a leading minus: the entropy of a point mass is 0.0 and prints so, not -0.0
    return 0.0 - (p * xp.where(p > 0, log_q, 0.0)).sum(-1)
