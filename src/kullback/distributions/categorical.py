"""Categorical: a known distribution over K outcomes."""

from __future__ import annotations

import dataclasses
from typing import Any, final

from array_api_compat import array_namespace

from kullback.kernels.by_size import Check, ask, in_float64
from kullback.kernels.reference import log


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Categorical:
    """Known probabilities over the last axis, kept in the form in which they came.

    Attributes:
        values: probabilities or log-probabilities, **(B…, K)**, in float64; many of them in their own floating type.
        is_log: whether `values` are log-probabilities; they are not turned into probabilities before it is needed,
            so that a probability below 1e-308 keeps its surprisal.
        check: what is still to be asked of the sums of `values`, where there are many; `p` and `log_p` ask it, and who
            takes `values` does: a measure in the same pass over memory.

    Example:
        >>> import numpy as np
        >>> Categorical(np.asarray([0.5, 0.5])).log_p
        array([-0.69314718, -0.69314718])
    """

    values: Any
    is_log: bool = False
    check: Check | None = None

    @property
    def p(self) -> Any:
        """The probabilities, **(B…, K)**, in float64."""
        ask(self.values, self.check)
        values = in_float64(self.values)
        xp: Any = array_namespace(values)
        return xp.exp(values) if self.is_log else values

    @property
    def log_p(self) -> Any:
        """The log-probabilities, **(B…, K)**, in float64."""
        ask(self.values, self.check)
        values = in_float64(self.values)
        return values if self.is_log else log(values)
