"""Tally: an unknown distribution over K outcomes, of which n draws were counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any, final

from array_api_compat import array_namespace

from kullback.distributions.categorical import Categorical


@final
@dataclasses.dataclass(frozen=True, eq=False)
class Tally:
    """Counts over the last axis, checked, in float64: what `Counts` and `Sample` become.

    Attributes:
        counts: how often each outcome was seen, **(B…, K)**, at least once in every row.
        outcomes: the K outcomes in order, None where they are the positions 0 … K−1.
        inferred: whether `outcomes` are just those that were seen, so that more may be added.
        from_sample: whether the observations came one by one.

    Example:
        >>> import numpy as np
        >>> tally = Tally(np.asarray([3.0, 1.0]))
        >>> float(tally.n), tally.frequencies.p
        (4.0, array([0.75, 0.25]))
    """

    counts: Any
    outcomes: tuple[Hashable, ...] | None = None
    inferred: bool = False
    from_sample: bool = False

    @property
    def n(self) -> Any:
        """The number of observations, **(B…)**."""
        xp: Any = array_namespace(self.counts)
        return xp.sum(self.counts, axis=-1)

    @property
    def frequencies(self) -> Categorical:
        """The observed frequencies, counts / n."""
        return Categorical(self.counts / self.n[..., None])
