"""Columns of a table on their way into a network: one kind a file, recognised by one ordered rule."""

from __future__ import annotations

import polars as pl

from kullback.errors import InputError
from kullback.kinds import recognise as recognise
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
