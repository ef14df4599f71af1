"""JS(P, Q) = ½ KL(P‖M) + ½ KL(Q‖M), M = ½ (P + Q), row by row."""

from __future__ import annotations

from typing import Any

from kullback.kernels.reference.kl_divergence import kl_divergence


def jensen_shannon(p: Any, q: Any) -> Any:
    """JS(P, Q) = ½ KL(P‖M) + ½ KL(Q‖M), M = ½ (P + Q).

    Args:
        p: probabilities, **(…, K)**.
        q: probabilities, **(…, K)**.

    Returns:
        Divergences in nats, **(…)**, between 0 and log 2.

    Example:
        >>> import numpy as np
        >>> round(float(jensen_shannon(np.asarray([1.0, 0.0]), np.asarray([0.0, 1.0]))), 4)
        0.6931
    """
    m = 0.5 * (p + q)
    return 0.5 * (kl_divergence(p, m) + kl_divergence(q, m))
