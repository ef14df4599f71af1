"""Columns of a table on their way into a network: one kind a file, recognised by one ordered rule."""

from __future__ import annotations

import polars as pl

from kullback.errors import InputError, UnsupportedError
from kullback.training.columns.categorical import Categorical
from kullback.training.columns.column import AbstractColumn as AbstractColumn
from kullback.training.columns.column import Block as Block
from kullback.training.columns.column import Encode as Encode
from kullback.training.columns.column import Sparse as Sparse
from kullback.training.columns.datetime import Datetime
from kullback.training.columns.encoded import Encoded
from kullback.training.columns.numeric import Numeric
from kullback.training.columns.text import Text

KINDS: dict[str, type[AbstractColumn]] = {
    "numeric": Numeric,
    "categorical": Categorical,
    "datetime": Datetime,
    "text": Text,
    "encoded text": Encoded,
}
"""Every kind of column by its name, as it is written in a run's config."""


def recognise(series: pl.Series) -> str:
    """Tell the kind of a column from its type and, for strings, its values.

    Strings are text where more than half of the values, or more than fifty of them, differ and the values have three
    words or more on average; otherwise they are categories.

    Returns:
        A key of KINDS.

    Raises:
        UnsupportedError: if the column holds lists, structs, binary data or objects.
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
    distinct = values.n_unique()
    words = values.str.count_matches(r"\S+").mean() if len(values) else 0
    texts = distinct > min(50, len(values) / 2) and float(words or 0) >= 3  # pyright: ignore[reportArgumentType]
    return "text" if texts else "categorical"


def choose_kinds(frame: pl.DataFrame, forced: dict[str, str], *, encoded: bool) -> dict[str, str]:
    """Give every feature column its kind, with the user's word above the rule.

    Args:
        frame: the feature columns.
        forced: column → kind.
        encoded: whether text goes through a sentence encoder.

    Raises:
        InputError: if a forced column or kind does not exist.
    """
    for name, kind in forced.items():
        if name not in frame.columns:
            raise InputError(
                f"column {name!r} is no feature column, expected one of {', '.join(frame.columns[:12])}; "
                "give kinds to columns that are neither labels, group nor dropped"
            )
        if kind not in KINDS:
            raise InputError(
                f"kind of column {name!r} is {kind!r}, expected {', '.join(KINDS)}; use kinds={{{name!r}: 'text'}}"
            )
    kinds = {name: forced.get(name) or recognise(frame[name]) for name in frame.columns}
    return {name: "encoded text" if encoded and kind == "text" else kind for name, kind in kinds.items()}
