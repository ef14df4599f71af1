"""Dataset: a table, and which of its columns are labels."""

from __future__ import annotations

import dataclasses

import polars as pl


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """A table with its roles, its source and its licence.

    Attributes:
        name: as `load` takes it.
        frame: the table.
        target: the column that holds the label, where there is one label per row.
        labels: the columns that hold the annotators' labels, where there are several.
        group: a column whose rows belong together; not a feature.
        description: what a row is and where it comes from.
        licence: the licence's name.
        source: where to read more.
    """

    name: str
    frame: pl.DataFrame
    target: str | None
    labels: tuple[str, ...]
    group: str | None
    description: str
    licence: str
    source: str
