"""How many labels were very surprising, beside how many the model itself expects to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kullback.account.observations import Observations
from kullback.account.sampling import sum_by_group
from kullback.units import per_nat

if TYPE_CHECKING:
    import polars as pl

CUTS = (0.2, 0.1, 0.05, 0.02, 0.01, 0.001)
"""Probabilities below which a label counts as surprising."""


def exceedances(seen: Observations, unit: str) -> pl.DataFrame:
    """Count the labels to which the model gave less than a probability c, O(c) = Σ_i Σ_j 1[q(y_ij|x_i) < c].

    The model expects E(c) = Σ_i k_i Σ_y q(y|x_i) 1[q(y|x_i) < c]. If it is calibrated, O − E is 0 in the mean. More
    may be wrong labels, or a model that is too sure. A model that was trained on wrong labels expects such labels, so
    that O − E does not count them, and no label has a probability of being wrong without a model of the mistakes.

    Args:
        seen: predictions and labels.
        unit: of the column `surprisal`.

    Returns:
        One row per cut: `probability` c; `surprisal` −log c; `observed`; `expected`; `std_error` of their difference,
        the larger of that of independent draws from q, √Σ k e (1−e), and that of the differences of rows or groups.

    Source:
        Y. H. Wang (1993), "On the number of successes in independent trials", for the variance.
    """
    import polars as pl

    rows: list[dict[str, float]] = []
    for cut in CUTS:
        below = seen.log_q < np.log(cut)
        observed, chance = (seen.counts * below).sum(axis=1), (seen.q * below).sum(axis=1)
        excess = sum_by_group((observed - seen.k * chance)[:, None], seen.groups)
        by_model = float((seen.k * chance * (1 - chance)).sum())
        rows.append(
            {
                "probability": cut,
                "surprisal": -np.log(cut) * per_nat(unit),
                "observed": float(observed.sum()),
                "expected": float((seen.k * chance).sum()),
                "std_error": max(by_model, float((excess**2).sum())) ** 0.5,
            }
        )
    return pl.DataFrame(rows).with_columns(pl.col("observed").cast(pl.Int64))
