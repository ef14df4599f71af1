"""measure: the entropy of every column of a table, and what each tells of a target."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from kullback.errors import TableError, UnsupportedError
from kullback.estimate import Estimate
from kullback.tables.column import Column, read_column
from kullback.tables.entropies import entropy_of
from kullback.tables.information import Shared, shared
from kullback.tables.read import as_frame, require_columns
from kullback.units import unit_of


@dataclasses.dataclass(frozen=True)
class ColumnMeasure:
    """What was measured of one column.

    Attributes:
        name: as in the table.
        kind: `"numeric"`, `"categorical"`, `"datetime"` or `"text"`, or the type of a column that is not measured.
        distinct: the number of distinct values, missing not counted; None of a column that is not measured.
        missing: the number of rows without a value.
        differential: whether the entropy is that of a density.
        entropy: H, or h if differential; None where there is none.
        information: I with the target; None without a target, or where there is none.
        p_value: the chance of as much information in as many rows of independent columns.
        notes: how the numbers came about, and why others are not there.
    """

    name: str
    kind: str
    distinct: int | None
    missing: int
    differential: bool = False
    entropy: Estimate | None = None
    information: Estimate | None = None
    p_value: float | None = None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain JSON types."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        numbers = {key: None if (e := fields[key]) is None else e.to_dict() for key in ("entropy", "information")}
        return fields | numbers | {"notes": list(self.notes)}


@dataclasses.dataclass(frozen=True, repr=False)
class TableMeasure:
    """What was measured of a table.

    Attributes:
        rows: the rows measured: with a target, those that have one.
        left_out: the rows without a target.
        unit: of all entropies and informations.
        target: what was measured of the target, None if none was named.
        columns: the other columns, in the order of the table.
        network: what a network captured of the target from all columns together, a lower bound; None if none was asked.
    """

    rows: int
    left_out: int
    unit: str
    target: ColumnMeasure | None
    columns: tuple[ColumnMeasure, ...]
    network: Estimate | None = None

    def by_information(self) -> tuple[ColumnMeasure, ...]:
        """Give the columns, those that tell most of the target first, those without a number last."""
        return tuple(sorted(self.columns, key=lambda c: -float("-inf" if c.information is None else c.information)))

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain JSON types."""
        return {
            "rows": self.rows,
            "left_out": self.left_out,
            "unit": self.unit,
            "target": None if self.target is None else self.target.to_dict(),
            "columns": [column.to_dict() for column in self.columns],
            "network": None if self.network is None else self.network.to_dict(),
        }

    def to_html(self, path: str | Path) -> None:
        """Write the table of columns as one self-contained HTML file, with pictures.

        Args:
            path: the file to write; it is replaced if it exists.
        """
        from kullback.report import write_columns_html

        write_columns_html(self, path)

    def __repr__(self) -> str:
        """Print a line per column."""
        from kullback.report import columns_to_text

        return columns_to_text(self)


def measure(
    table: Any,
    target: str | None = None,
    *,
    columns: Sequence[str] = (),
    base: float | None = None,
    where: str = "table",
) -> TableMeasure:
    """Measure H(X) of every column X, and I(X;Y) = H(Y) − H(Y|X) with a target Y.

    H(X) = −Σ p̂ log p̂ + (K − 1)/(2n) of outcomes, the differential entropy of numbers of which half or more are distinct
    by nearest neighbours. I(X;Y) from counts of pairs or, of two such columns, by nearest neighbours.

    Args:
        table: a dataframe of any engine, N rows.
        target: the column Y; rows without it are left out, and counted.
        columns: the columns to measure; all if empty.
        base: of the logarithm; None gives nats, 2 bits.
        where: the table's name in messages.

    Returns:
        A TableMeasure in the unit of `base`; it prints as a table and has `to_html`.

    Raises:
        UnsupportedError: if `table` is no dataframe, or the target holds lists, structs, binary data or objects.
        TableError: if a column does not exist, or the target is constant, missing everywhere or no outcome recurs.

    Example:
        >>> table = {"x": ["a", "a", "a", "b", "b"] * 50, "y": [0, 0, 1, 1, 1] * 50}
        >>> measure(table, "y", base=2).columns[0].information
        0.420 ± 0.040 bit (plug-in, Miller–Madow, n = 250)

    Source:
        C. E. Shannon, "A Mathematical Theory of Communication" (1948); G. A. Miller, "Note on the bias of information
        estimates" (1955); M. S. Roulston, Physica D 125 (1999); A. Kraskov et al., Phys. Rev. E 69 (2004).
    """
    unit = unit_of(base)
    frame = as_frame(table)
    if isinstance(columns, str):
        raise TableError(f"columns is {columns!r}, expected a list of columns; write columns=[{columns!r}]")
    require_columns(frame, [*columns, *([target] if target is not None else [])], where)
    names = [name for name in dict.fromkeys(columns or frame.columns) if name != target]
    if target is None:
        found = tuple(_measure(frame[name], None, unit) for name in names)
        return TableMeasure(len(frame), 0, unit, None, found)
    y, kept = _target(frame, target, where)
    of_target, notes = entropy_of(y)
    measured = _result(y, of_target, Shared(None, None, ()), notes, unit)
    found = tuple(_measure(kept[name], y, unit) for name in names)
    return TableMeasure(len(kept), len(frame) - len(kept), unit, measured, found)


def entropy(table: Any, column: str, *, base: float | None = None) -> Estimate:
    """H(X) of one column, or its differential entropy if half or more of its numbers are distinct.

    H(X) = −Σ p̂ log p̂ + (K − 1)/(2n), a missing value being an outcome too

    Args:
        table: a dataframe of any engine, N rows.
        column: its name.
        base: of the logarithm; None gives nats, 2 bits.

    Returns:
        Estimate, a float in nats or the unit of `base`; a lower bound (`relation` `">="`, not `reliable`) where there
        are fewer than 5 rows for each outcome.

    Raises:
        UnsupportedError: if `table` is no dataframe or the column holds lists, structs, binary data or objects.
        TableError: if the column does not exist, or nothing can be said of its entropy.

    Example:
        >>> entropy({"city": ["Oslo", "Rome", "Oslo", "Oslo"] * 25}, "city", base=2)
        0.818 ± 0.070 bit (plug-in, Miller–Madow, n = 100)

    Source:
        C. E. Shannon (1948), §6; G. A. Miller (1955).
    """
    unit = unit_of(base)
    frame = as_frame(table)
    require_columns(frame, [column], "table")
    found, notes = entropy_of(read_column(frame[column]))
    if found is None:
        raise TableError(f"column {column!r} has {notes[-1]}, expected finite numbers; leave those rows out")
    return dataclasses.replace(found, notes=notes).to(unit)


def mutual_information(
    table: Any, *, target: str, columns: Sequence[str] = (), base: float | None = None
) -> dict[str, Estimate]:
    """I(X;Y) of every column X with the target Y, as `measure` takes it.

    I(X;Y) = H(Y) − H(Y|X) ≥ 0; corrected for bias, so that independent columns come out on either side of 0

    Args:
        table: a dataframe of any engine, N rows.
        target: the column Y.
        columns: the columns X; all others if empty.
        base: of the logarithm; None gives nats, 2 bits.

    Returns:
        Name → Estimate, a float in nats or the unit of `base`, largest first; columns of which nothing can be said,
        such as ids and free text, are not among them.

    Raises:
        UnsupportedError: as `measure`.
        TableError: as `measure`.

    Example:
        >>> table = {"x": ["a", "a", "a", "b", "b"] * 50, "y": [0, 0, 1, 1, 1] * 50}
        >>> mutual_information(table | {"id": [f"n{i}" for i in range(250)]}, target="y", base=2)
        {'x': 0.420 ± 0.040 bit (plug-in, Miller–Madow, n = 250)}

    Source:
        C. E. Shannon (1948), §12; M. S. Roulston (1999).
    """
    found = measure(table, target, columns=columns, base=base)
    return {c.name: c.information for c in found.by_information() if c.information is not None}


def rows_with(frame: pl.DataFrame, target: str) -> pl.DataFrame:
    """Give the rows in which a column has a value; NaN is none."""
    values = frame[target]
    return frame.filter((values.fill_nan(None) if values.dtype.is_float() else values).is_not_null())


def _target(frame: pl.DataFrame, target: str, where: str) -> tuple[Column, pl.DataFrame]:
    """Read the target; leave out the rows that have none."""
    kept = rows_with(frame, target)
    if kept.is_empty():
        raise TableError(f"{where}: column {target!r} is missing in every row, expected a target; name another")
    y = read_column(kept[target])
    if y.distinct < 2:
        raise TableError(
            f"{where}: column {target!r} holds one value only, {kept[target][0]!r}, expected at least two; "
            "name another target"
        )
    if not y.is_binned and y.distinct > max(2, len(kept) // 5):
        raise TableError(
            f"{where}: column {target!r} holds {y.distinct} different values in {len(kept)} rows, expected classes or "
            "numbers; an id or free text is no class: name another target"
        )
    return y, kept


def _measure(series: pl.Series, y: Column | None, unit: str) -> ColumnMeasure:
    try:
        x = read_column(series)
    except UnsupportedError:
        why = (f"not measured: a column of type {series.dtype} holds neither numbers, strings, booleans nor dates",)
        return ColumnMeasure(series.name, str(series.dtype), None, series.null_count(), notes=why)
    found, notes = entropy_of(x)
    return _result(x, found, Shared(None, None, ()) if y is None else shared(x, y), notes, unit)


def _result(x: Column, found: Estimate | None, pair: Shared, notes: tuple[str, ...], unit: str) -> ColumnMeasure:
    """Put together what was found, in the unit; the notes of both numbers stand once."""
    information = pair.information
    return ColumnMeasure(
        x.name,
        x.kind,
        x.distinct,
        x.missing,
        x.is_continuous,
        None if found is None else found.to(unit),
        None if information is None else dataclasses.replace(information, notes=pair.notes).to(unit),
        pair.p_value,
        tuple(dict.fromkeys((*notes, *pair.notes))),
    )
