"""Kinds of column: what a column of a table holds, told from its type and, for strings, its values."""

from __future__ import annotations

import polars as pl

from kullback.errors import UnsupportedError


def recognise(series: pl.Series) -> str:
    """Tell the kind of a column from its type and, for strings, its values.

    Strings are text where more than half of the values, or more than fifty of them, differ and the values have three
    words or more on average; otherwise they are categories.

    Args:
        series: the column.

    Returns:
        `"numeric"`, `"categorical"`, `"datetime"` or `"text"`.

    Raises:
        UnsupportedError: if the column holds lists, structs, binary data or objects.

    Example:
        >>> recognise(pl.Series([1.5, None])), recognise(pl.Series(["a", "b"]))
        ('numeric', 'categorical')
    """
    kind = series.dtype
    if kind.base_type() in (pl.Boolean, pl.Categorical, pl.Enum):
        return "categorical"
    if kind.is_numeric():
        return "numeric"
    if kind.is_temporal():
        return "datetime"
    if kind == pl.Null:
        return "categorical"
    if kind != pl.String:
        raise UnsupportedError(
            f"column {series.name!r} has type {kind}, expected numbers, strings, booleans or dates; "
            f"leave it out with drop=[{series.name!r}] (--drop {series.name})"
        )
    values = series.drop_nulls()
    if values.n_unique() <= min(50, len(values) / 2):
        return "categorical"
    words = values.str.count_matches(r"\S+").mean() if len(values) else 0
    return "text" if float(words or 0) >= 3 else "categorical"  # pyright: ignore[reportArgumentType]
