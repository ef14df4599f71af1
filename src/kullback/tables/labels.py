"""Labels: columns of a table → how many labels of each class every row has."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.errors import TableError
from kullback.tables.read import name_rows, require_columns


class UnknownClass(TableError):  # noqa: N818 (the name says what was found)
    """A label is none of the classes that were given."""


@dataclasses.dataclass(frozen=True, eq=False)
class Labels:
    """What the annotators said.

    Attributes:
        counts: **(N, K)** labels of each class in each row.
        classes: the K names.
        columns: the columns they were read from.
    """

    counts: NDArray[np.float64]
    classes: tuple[str, ...]
    columns: tuple[str, ...]


def read_labels(
    frame: pl.DataFrame,
    *,
    target: str | None = None,
    labels: Sequence[str] = (),
    counts: Sequence[str] = (),
    classes: Sequence[str] | None = None,
    where: str = "table",
) -> Labels:
    """Read labels from one column, from a column per annotator, or from a column of counts per class.

    Args:
        frame: the table, N rows.
        target: a column with one label per row.
        labels: columns with a label each, null or empty where an annotator gave none.
        counts: columns with the number of labels of a class each; their names become the classes.
        classes: the classes in order; those that occur, sorted, if left out.
        where: the table's name in messages.

    Returns:
        The counts **(N, K)** and the classes.

    Raises:
        TableError: if not exactly one of the three is given, a column does not exist, a label is missing or unknown, or
            fewer than two classes occur.
    """
    given = [name for name, value in (("target", target), ("labels", labels), ("counts", counts)) if value]
    if len(given) != 1:
        raise TableError(
            f"{where} got {' and '.join(given) or 'no labels'}, expected one of target, labels or counts; "
            "name the column of labels with target= (--target)"
        )
    columns: tuple[str, ...] = (target,) if target else tuple(labels or counts)
    require_columns(frame, columns, where)
    if len(set(columns)) < len(columns):
        raise TableError(f"{where}: columns {', '.join(columns)} name one twice, expected each once; name it once")
    read = _read_counts if counts else _read_values
    table, names = read(frame, columns, classes, where)
    unlabelled = np.flatnonzero(table.sum(axis=1) == 0)
    if len(unlabelled):
        more = ", …" if len(columns) > 3 else ""
        what = f"column {target!r} is missing" if target else f"columns {', '.join(columns[:3])}{more} hold no label"
        raise TableError(
            f"{where}: {what} in {name_rows(unlabelled)}, expected a label in every row; drop the rows without one"
        )
    if classes is None and (table.sum(axis=0) > 0).sum() < 2:
        only = names[int(table.sum(axis=0).argmax())]
        raise TableError(f"{where}: labels hold one class only, {only!r}, expected at least two; check the column")
    return Labels(table, names, columns)


def _read_values(
    frame: pl.DataFrame, columns: Sequence[str], classes: Sequence[str] | None, where: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    values = pl.DataFrame([as_labels(frame[name], where) for name in columns])
    if classes is None:
        by_column = [values[name].drop_nulls().unique() for name in values.columns]
        seen = pl.concat(by_column)
        if sum(len(column) > 0 for column in by_column) > 1 and seen.is_unique().all():
            raise TableError(
                f"{where}: columns {', '.join(columns[:5])} share no label, expected annotators who choose "
                "among the same classes; name the columns of one question"
            )
        classes = _in_order(seen.unique().to_list())
        if len(classes) > max(2, min(len(frame) // 2, 10_000)):
            raise TableError(
                f"{where}: labels hold {len(classes)} different values in {len(frame)} rows, expected classes; "
                "a number or an id is no class: bin it first"
            )
    table = np.zeros((len(frame), len(classes)))
    for name in values.columns:
        present = values[name].is_not_null()
        codes = values[name].replace_strict(
            list(classes), list(range(len(classes))), default=None, return_dtype=pl.Int64
        )
        unknown = (present & codes.is_null()).arg_true()
        if len(unknown):
            raise UnknownClass(
                f"{where}: column {name!r} holds {values[name][unknown[0]]!r} in {name_rows(unknown.to_numpy())}, "
                f"expected one of {', '.join(classes[:12])}{', …' if len(classes) > 12 else ''}; "
                "drop these rows or name every class"
            )
        np.add.at(table, (present.arg_true().to_numpy(), codes.drop_nulls().to_numpy()), 1.0)
    return table, tuple(classes)


def as_labels(series: pl.Series, where: str) -> pl.Series:
    """Give labels as text, null where missing; whole floats lose their point, empty strings are missing.

    Raises:
        TableError: if the numbers are no whole ones, or the column holds lists, bytes or objects.
    """
    if series.dtype.is_float():
        series = series.fill_nan(None)
        # from 2⁵³ on, floats no longer tell whole numbers apart
        odd = ((series != series.round()) | (series.abs() >= 2**53)).fill_null(value=False).arg_true()
        if len(odd):
            raise TableError(
                f"{where}: column {series.name!r} holds {series[odd[0]]:g} in row {odd[0]} (counted from 0), "
                "expected classes; bin the numbers first, or pass label counts with counts= (--counts)"
            )
        series = series.cast(pl.Int64)
    if series.dtype.is_nested() or series.dtype.base_type() in (pl.Binary, pl.Object):
        raise TableError(
            f"{where}: column {series.name!r} has type {series.dtype}, expected strings, integers or booleans; "
            "convert it or name another"
        )
    text = series.cast(pl.String).str.strip_chars()
    return text.set(text == "", None)  # pyright: ignore[reportArgumentType]


def _in_order(names: list[str]) -> tuple[str, ...]:
    """Sort classes, whole numbers by their value."""
    try:
        return tuple(sorted(names, key=int))
    except ValueError:
        return tuple(sorted(names))


def _read_counts(
    frame: pl.DataFrame, columns: Sequence[str], classes: Sequence[str] | None, where: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    if classes is not None and len(classes) != len(columns):
        raise TableError(
            f"{where} has {len(columns)} columns of counts, expected {len(classes)}, one per class; name the others too"
        )
    parts: list[NDArray[np.float64]] = []
    for name in columns:
        series = frame[name]
        if not series.dtype.is_numeric():
            raise TableError(
                f"{where}: column {name!r} has type {series.dtype}, expected numbers of labels; name other columns"
            )
        x = series.cast(pl.Float64).fill_null(0.0).to_numpy()
        bad = np.flatnonzero(~(np.isfinite(x) & (x >= 0) & (x == np.round(x))))
        if len(bad):
            raise TableError(
                f"{where}: column {name!r} holds {x[bad[0]]:g} in {name_rows(bad)}, expected whole numbers of labels "
                "from 0 on; mend or drop these rows"
            )
        parts.append(x)
    return np.stack(parts, axis=1), tuple(classes or columns)
