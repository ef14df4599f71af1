"""H(P) = −Σ p log p, row by row."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from kullback.kernels.reference.cross_entropy import cross_entropy_of_logs


def entropy(p: Any) -> Any:
    """H(P) = −Σ_k p_k log p_k.

    Args:
        p: probabilities, **(…, K)**.

    Returns:
        Entropies in nats, **(…)**.

    Example:
        >>> import numpy as np
        >>> round(float(entropy(np.asarray([0.5, 0.5, 0.0]))), 4)
        0.6931
    """
    xp: Any = array_namespace(p)
    return 0.0 - (p * xp.log(xp.where(p > 0, p, 1.0))).sum(-1)


def entropy_of_logs(log_p: Any) -> Any:
    """H(P) = −Σ_k p_k log p_k, from log-probabilities.

    Args:
        log_p: log-probabilities, **(…, K)**.

    Returns:
        Entropies in nats, **(…)**.
    """
    xp: Any = array_namespace(log_p)
    return cross_entropy_of_logs(xp.exp(log_p), log_p)
