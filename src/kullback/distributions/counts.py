"""Counts: how often each outcome was observed."""

from __future__ import annotations

import dataclasses
from typing import Any, final


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Counts:
    """Counts of independent observations: P is unknown, n = Σ x_k draws of it were seen.

    Attributes:
        x: whole numbers, **(B…, K)**: NumPy array, list or torch tensor. A zero belongs to the alphabet: it is an
            outcome that can happen and was not seen.
        axis: where the K outcomes are; it takes the place of the measure's `axis`. Measures of joint tables ignore it,
            because they name both axes themselves.

    Example:
        >>> import kullback as kb
        >>> kb.entropy(kb.Counts([60, 40]), base=2)
        0.978 ± 0.031 bit (plug-in, Miller–Madow, n = 100)
    """

    x: Any
    axis: int = -1
