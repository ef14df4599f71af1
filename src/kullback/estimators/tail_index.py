"""The tail index of a sample: how many moments it has, which decides whether a standard error can be believed.

Source:
    J. Zhang and M. A. Stephens, "A new and efficient estimation method for the generalized Pareto distribution",
    Technometrics 51 (2009), for the fit; A. Vehtari, D. Simpson, A. Gelman, Y. Yao and J. Gabry, "Pareto smoothed
    importance sampling" (2015), for the size of the tail and the prior that steadies it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

LIGHT = 0.33
"""Above, the third moment is infinite: at a few thousand draws 95 % intervals were seen to cover 88 % and less."""

_FEWEST = 20


def tail_index(x: NDArray[np.float64]) -> float:
    """Estimate k̂ of P(X > x) ∼ x^(−1/k) from the largest of a sample; moments of order below 1/k exist.

    Args:
        x: observations, **(n,)**; their upper tail is looked at.

    Returns:
        k̂, near 0 or negative for tails that fall exponentially or end; −inf where fewer than 20 are in the tail or
        they are all equal.

    Example:
        >>> import numpy as np
        >>> x = np.random.default_rng(0).pareto(2, 100_000)
        >>> round(tail_index(x), 1)
        0.5
    """
    count = min(len(x) // 5, int(3 * math.sqrt(len(x))))
    if count < _FEWEST:
        return -math.inf
    largest = np.sort(x[np.isfinite(x)])[-count - 1 :]
    excesses = largest[1:] - largest[0]
    if not excesses[-1] > 0 or excesses[len(excesses) // 4] <= 0:
        return -math.inf
    k = _generalized_pareto(excesses)
    return (k * count + 0.5 * 10) / (count + 10)


def _generalized_pareto(x: NDArray[np.float64]) -> float:
    """The posterior mean of Zhang & Stephens for the shape; `x` is sorted and positive."""
    n = len(x)
    m = 30 + int(math.sqrt(n))
    quarter = x[int(n / 4 + 0.5) - 1]
    b = 1 / x[-1] + (1 - np.sqrt(m / (np.arange(1, m + 1) - 0.5))) / (3 * quarter)
    k = np.log1p(-b[:, None] * x).mean(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_likelihood = n * (np.log(-b / k) - k - 1)
    log_likelihood = np.where(np.isfinite(log_likelihood), log_likelihood, -np.inf)
    weights = np.exp(log_likelihood - log_likelihood.max())
    best = float((b * weights).sum() / weights.sum())
    return float(np.log1p(-best * x).mean())
