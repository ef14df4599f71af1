"""What one column tells of another: I(X;Y), and how likely as much is where they are independent."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kullback import measures
from kullback.distributions import Counts
from kullback.errors import InputError
from kullback.estimate import Estimate
from kullback.estimators import nearest_neighbours
from kullback.tables.column import Column
from kullback.tables.counting import CrossTable, Levels, binned, both_binned, codes, cross_table

MOST_PAIRS = 50_000
"""Rows that nearest neighbours are looked for in; of more, so many are drawn."""

UNSEEN = (
    "no interval: many pairs were not seen, being impossible or rare; what independent columns show by chance is taken "
    "off as bias, which is too much if they are impossible"
)

DRAWS, CELLS = 999, 5_000_000
"""Random tables drawn for a p-value, and fewer, but 99 at least, where they would have more cells together."""


@dataclasses.dataclass(frozen=True)
class Shared:
    """What two columns share.

    Attributes:
        information: I(X;Y) in nats, None where it cannot be estimated.
        p_value: the chance of as much in as many rows of independent columns.
        notes: how it was measured, or why it was not.
    """

    information: Estimate | None
    p_value: float | None
    notes: tuple[str, ...]


def shared(x: Column, y: Column) -> Shared:
    """Measure I(X;Y).

    Two columns of which half the numbers or more are distinct: by nearest neighbours. Otherwise from counts of pairs,
    Σ p̂ log p̂/(p̂_x p̂_y) − (Kxy − Kx − Ky + 1)/(2n), numbers of more than 30 distinct values in bins of equal counts,
    rare values taken as one: both can lose information and never add it, so that I is then at least the value.

    Args:
        x: a column.
        y: the target, without missing values.
    """
    levels = _levels(x, y)
    table = cross_table(*levels)
    if len(table.counts) < 2 and len(x.counts) > 1:
        return Shared(None, None, ("no information: no two of its values are seen in 5 rows or more",))
    chance = by_chance(table.counts)
    if x.is_continuous and y.is_continuous:
        found = _by_neighbours(x, y)
        if found is not None:
            return Shared(found, chance.p_value, found.notes)
    return _counted(table, levels, chance)


def _levels(x: Column, y: Column) -> tuple[Levels, Levels]:
    if x.is_binned and y.is_binned:
        return both_binned(x, y)
    if y.is_binned:
        own = Levels(x.values)
        return own, binned(y, len(cross_table(own, Levels(y.values.is_null())).counts))
    of_y = codes(y)
    return (binned(x, len(y.counts)) if x.is_binned else Levels(x.values)), of_y


def _counted(table: CrossTable, levels: tuple[Levels, Levels], chance: Chance) -> Shared:
    found = measures.mutual_information(Counts(table.counts))
    names = ("its", "the target's")
    lost = [f"in {level.bins} bins of {name} numbers" for level, name in zip(levels, names, strict=True) if level.bins]
    lost += [f"{table.pooled} values count as one, being rare"] * (table.pooled > 0)
    said = [note for note in found.notes if not note.startswith("below 0")]
    n_unseen, n = int((table.counts == 0).sum()), float(table.counts.sum())
    # the two corrections, by all pairs and by those seen, differ by this
    if n_unseen / (2 * n) > float(found.std_error) / 2:
        lost.append(UNSEEN)
        plain = measures.mutual_information(Counts(table.counts), method="plug-in")
        found = dataclasses.replace(
            found, value=float(plain) - chance.mean, method="plug-in less chance", reliable=False
        )
    below = ["below 0 by the bias correction: not to be told from 0"] if float(found) < 0 else []
    relation = ">=" if lost else "="
    notes = (*lost, *said, *below)
    return Shared(dataclasses.replace(found, relation=relation), chance.p_value, notes)


@dataclasses.dataclass(frozen=True)
class Chance:
    """What columns that are independent show.

    Attributes:
        p_value: the chance of as much information as was seen, or more.
        mean: the mean of Σ p̂ log p̂/(p̂_x p̂_y), in nats.
    """

    p_value: float
    mean: float


def by_chance(counts: NDArray[np.float64]) -> Chance:
    """Test independence.

    2n·Î, Î without correction, is χ² with (Kx − 1)(Ky − 1) degrees of freedom if at least 1 row is expected in every
    cell, and 5 in four fifths of them; otherwise Î is compared with tables drawn with the same margins.

    Args:
        counts: **(Kx, Ky)**, no row and no column of zeros.

    Source:
        S. S. Wilks, Ann. Math. Stat. 9 (1938); W. G. Cochran, Biometrics 10 (1954); for random tables W. M. Patefield,
        Appl. Stat. 30 (1981).
    """
    if 1 in counts.shape:
        return Chance(1.0, 0.0)
    from scipy.stats import chi2_contingency

    found: Any = chi2_contingency(counts, correction=False, lambda_="log-likelihood")
    expected = found.expected_freq
    if expected.min() >= 1 and (expected < 5).mean() <= 0.2:
        return Chance(float(found.pvalue), float(found.dof) / (2 * float(counts.sum())))
    return _by_random_tables(counts)


def _by_random_tables(counts: NDArray[np.float64]) -> Chance:
    """Compare Σ n_xy log n_xy, which alone differs between tables of the same margins."""
    from scipy.special import xlogy
    from scipy.stats import random_table

    draws = max(99, min(DRAWS, CELLS // counts.size))
    n, of_x, of_y = counts.sum(), counts.sum(axis=1), counts.sum(axis=0)
    tables: Any = random_table(of_x.astype(np.int64), of_y.astype(np.int64), seed=0)
    drawn = np.array([xlogy(t, t).sum() for t in (tables.rvs() for _ in range(draws))])
    seen = float(xlogy(counts, counts).sum())
    # the same table in another order of its cells gives the same sum but for rounding
    above = int((drawn >= seen - 1e-9 * abs(seen)).sum())
    margins = float(xlogy(of_x, of_x).sum() + xlogy(of_y, of_y).sum() - xlogy(n, n))
    return Chance((1 + above) / (1 + draws), (float(drawn.mean()) - margins) / float(n))


def _by_neighbours(x: Column, y: Column) -> Estimate | None:
    """Take the rows with a value of X; None where neighbours cannot be told, for duplicates or infinite numbers."""
    a, b = x.numbers(), y.numbers()
    rows = np.flatnonzero(~np.isnan(a))
    notes = [f"of the {len(rows)} rows with a value"] if x.missing else []
    if len(rows) > MOST_PAIRS:
        rows = np.random.default_rng(0).choice(rows, MOST_PAIRS, replace=False)
        notes.append(f"of {MOST_PAIRS} rows drawn at random")
    names = ("the column", "the target")
    try:
        found = nearest_neighbours.mutual_information(a[rows, None], b[rows, None], names=names)
    except InputError:
        return None
    return dataclasses.replace(found, notes=(*notes, *found.notes))
