"""The entropy of one column."""

from __future__ import annotations

import dataclasses

import numpy as np

from kullback import measures
from kullback.distributions import Counts
from kullback.estimate import Estimate
from kullback.estimators import nearest_neighbours
from kullback.tables.column import Column

TOO_FEW = 5
"""Rows for each outcome seen, below which a column is undersampled."""


def entropy_of(column: Column) -> tuple[Estimate | None, tuple[str, ...]]:
    """Measure H of a column's outcomes, or the differential entropy h of its numbers.

    Outcomes: −Σ p̂ log p̂ + (K − 1)/(2n), a missing value being an outcome too. Where there are fewer than 5 rows for
    each outcome, only −Σ p̂ log p̂, which is a lower bound in expectation.

    Returns:
        The Estimate in nats, None where there is none; sentences on how it came about, or why there is none.
    """
    if column.is_continuous:
        return _differential(column)
    n, k = len(column.values), len(column.counts)
    notes = ("a missing value counts as an outcome of its own",) if column.missing else ()
    if n >= TOO_FEW * k:
        found = measures.entropy(Counts(column.counts))
        doubts = _unseen(column, found)
        return dataclasses.replace(found, reliable=found.reliable and not doubts), (*notes, *doubts, *found.notes)
    found = measures.entropy(Counts(column.counts), method="plug-in")
    undersampled = f"undersampled: fewer than {TOO_FEW} rows for each value, so that the entropy is a lower bound only"
    return dataclasses.replace(found, relation=">=", reliable=False), (*notes, undersampled)


def _unseen(column: Column, found: Estimate) -> tuple[str, ...]:
    """Doubt an entropy where values not seen have a share that is not small beside its error.

    Their share is about that of the rows whose value no other row has (I. J. Good, Biometrika 40, 1953).
    """
    share = float((column.counts == 1).sum()) / len(column.values)
    if share <= float(found.std_error) / 2:
        return ()
    return ("no interval: so many values are seen once that others were not seen, and the entropy may be too low",)


def _differential(column: Column) -> tuple[Estimate | None, tuple[str, ...]]:
    x = column.numbers()
    x = x[~np.isnan(x)]
    if not np.isfinite(x).all():
        return None, ("no entropy: it holds an infinite number",)
    found = nearest_neighbours.entropy(x[:, None], name="the column")
    said = "differential entropy (h): it changes with the unit of the column"
    unit = ", here seconds" if column.kind == "datetime" else ""
    rest = (f"h is of the {len(x)} rows with a value",) if column.missing else ()
    return found, (said + unit, *rest, *found.notes)
