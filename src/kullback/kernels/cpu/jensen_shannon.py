"""JS(P, Q) = ½ KL(P‖M) + ½ KL(Q‖M), M = ½ (P + Q), row by row."""

from __future__ import annotations

from typing import Any

import numpy as np

from kullback.kernels.cpu.compiled import kernel
from kullback.kernels.cpu.terms import mean_divergence, row, sum_of_pair
from kullback.kernels.cpu.threads import Loop, over_rows


def jensen_shannon(p: Any, q: Any, *also: Loop) -> Any:
    """JS(P, Q) = ½ KL(P‖M) + ½ KL(Q‖M), M = ½ (P + Q).

    Args:
        p: probabilities, **(N, K)** or **(1, K)**, C-contiguous.
        q: probabilities, of the same type, **(N, K)** or **(1, K)**; one row stands for all.
        also: loops over the same rows, which are taken with them from the cache.

    Returns:
        Divergences in nats, **(N,)**, float64, between 0 and log 2.

    Example:
        >>> jensen_shannon(np.asarray([[1.0, 0.0]]), np.asarray([[0.5, 0.5]]))
        array([0.21576155])
    """
    d = np.empty(max(len(p), len(q)))
    over_rows(len(d), 2 * p.shape[1], Loop(_jensen_shannon, (p, q), (d,)), *also)
    return d


@kernel
def _jensen_shannon(p: Any, q: Any, d: Any, begin: int, end: int) -> None:
    for i in range(begin, end):
        d[i] = sum_of_pair(mean_divergence, row(p, i), row(q, i))
