"""Rows of probabilities and of logits: whether they are what they say, log p with log 0 = −inf, and the log-softmax."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace


def sums(p: Any) -> Any:
    """Σ_k p_k, nan where a number is negative or nan.

    Args:
        p: numbers, **(…, K)**.

    Returns:
        The sums, **(…)**.

    Example:
        >>> import numpy as np
        >>> sums(np.asarray([[0.5, 0.5], [1.5, -0.5]]))
        array([ 1., nan])
    """
    xp: Any = array_namespace(p)
    return xp.where(p >= 0, p, xp.nan).sum(-1)


def log(p: Any) -> Any:
    """log p, −inf where p is 0, with gradient 0 there.

    Args:
        p: non-negative numbers, **(…)**.

    Returns:
        Their natural logarithms, **(…)**.

    Example:
        >>> import numpy as np
        >>> log(np.asarray([1.0, 0.0]))
        array([  0., -inf])
    """
    xp: Any = array_namespace(p)
    seen = p > 0
    return xp.where(seen, xp.log(xp.where(seen, p, 1.0)), -xp.inf)


def log_softmax(x: Any) -> Any:
    """log softmax(x) = x − max x − log Σ exp(x − max x), over the last axis.

    Args:
        x: logits, **(…, K)**; −inf is an outcome of probability zero.

    Returns:
        Log-probabilities, **(…, K)**.

    Example:
        >>> import numpy as np
        >>> np.exp(log_softmax(np.asarray([0.0, 0.0])))
        array([0.5, 0.5])
    """
    xp: Any = array_namespace(x)
    shifted = x - xp.max(x, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))
