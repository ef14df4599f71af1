"""Categorical: a known distribution over K outcomes."""

from __future__ import annotations

import dataclasses
from typing import Any, final

from array_api_compat import array_namespace

from kullback.kernels.reference import log


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Categorical:
    """Known probabilities over the last axis, checked, in float64, kept in the form in which they came.

    Attributes:
        values: probabilities or log-probabilities, **(B…, K)**.
        is_log: whether `values` are log-probabilities; they are not turned into probabilities before it is needed,
            so that a probability below 1e-308 keeps its surprisal.

    Example:
        >>> import numpy as np
        >>> Categorical(np.asarray([0.5, 0.5])).log_p
        array([-0.69314718, -0.69314718])
    """

    values: Any
    is_log: bool = False

    @property
    def p(self) -> Any:
        """The probabilities, **(B…, K)**."""
        xp: Any = array_namespace(self.values)
        return xp.exp(self.values) if self.is_log else self.values

    @property
    def log_p(self) -> Any:
        """The log-probabilities, **(B…, K)**."""
        return self.values if self.is_log else log(self.values)
