"""Row by row: surprisal, the surprisal that the model expected, the excess, and the margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kullback.account.observations import Observations
from kullback.account.sampling import Array
from kullback.units import per_nat

if TYPE_CHECKING:
    import polars as pl


def rows_frame(seen: Observations, unit: str) -> pl.DataFrame:
    """Give one row per input: what was observed and predicted, and how surprising it was.

    Columns: `row`; `labels`, how many it has; `observed`, the most frequent label; `predicted`, the most probable one;
    `surprisal`, the mean −log q(y|x) of its labels; `expected_surprisal`, the entropy of q(·|x); `excess`, their
    difference, of mean zero under a calibrated model. High expected surprisal: ambiguous. High excess: perhaps a wrong
    label. These three are in the account's unit. `margin`, the mean over its labels of q(y|x) less the most probable
    other class, between −1 and 1: a low one is another sign of a wrong label, and neither sign is always the better.

    Source:
        C. G. Northcutt, L. Jiang & I. L. Chuang (2021), "Confident learning", sec. 3, for the margin.
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
            "margin": _margins(seen),
        }
    )


def _margins(seen: Observations) -> Array:
    """Give Σ_y share_y · (q_y − max_{j ≠ y} q_j), **(N,)**."""
    q = seen.q
    top = q.argmax(axis=1)[:, None]
    second, first = np.partition(q, -2, axis=1)[:, -2:].T
    others = np.repeat(first[:, None], q.shape[1], axis=1)
    np.put_along_axis(others, top, second[:, None], axis=1)
    return (seen.shares * (q - others)).sum(axis=1)
