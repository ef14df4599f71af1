"""Draws: observations of an unknown density."""

from __future__ import annotations

import dataclasses
from typing import Any, final


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Draws:
    """Independent observations of numbers or vectors, checked, in float64: what a continuous `Sample` becomes.

    Attributes:
        x: observations, **(n, E…)**, a NumPy array or a tensor.
        event_shape: `()` for numbers, `(D,)` for vectors.

    Example:
        >>> import numpy as np
        >>> Draws(np.zeros((5, 2)), (2,)).n
        5
    """

    x: Any
    event_shape: tuple[int, ...]

    @property
    def n(self) -> int:
        """The number of observations."""
        return int(self.x.shape[0])
