"""Row by row: surprisal, the surprisal that the model expected, and the excess."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kullback.account.observations import Observations
from kullback.units import per_nat

if TYPE_CHECKING:
    import polars as pl


def rows_frame(seen: Observations, unit: str) -> pl.DataFrame:
    """Give one row per input: what was observed and predicted, and how surprising it was.

    Columns: `row`; `labels`, how many it has; `observed`, the most frequent label; `predicted`, the most probable one;
    `surprisal`, the mean −log q(y|x) of its labels; `expected_surprisal`, the entropy of q(·|x); `excess`, their
    difference, of mean zero under a calibrated model. High expected surprisal: ambiguous. High excess: perhaps a wrong
    label. The last three are in the account's unit.
    """
    import polars as pl

    classes = np.array(seen.classes)
    scale = per_nat(unit)
    return pl.DataFrame(
        {
            "row": np.arange(len(seen.counts)),
            "labels": seen.k.astype(np.int64),
            "observed": classes[seen.counts.argmax(axis=1)],
            "predicted": classes[seen.log_q.argmax(axis=1)],
            "surprisal": seen.surprisal * scale,
            "expected_surprisal": seen.expected_surprisal * scale,
            "excess": (seen.surprisal - seen.expected_surprisal) * scale,
        }
    )
