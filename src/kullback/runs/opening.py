"""What a user names a table by: a file, a data set or a dataframe."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polars as pl

from kullback import datasets
from kullback.datasets import Dataset
from kullback.errors import TableError
from kullback.tables import as_frame, read_table


def open_table(data: Any) -> tuple[str, pl.DataFrame, Dataset | None]:
    """Tell the table's name, the table, and the data set it is, if it is one.

    Args:
        data: the path of a CSV, TSV, Parquet or JSON-lines file, the name of a data set, or a dataframe of any engine.

    Raises:
        TableError: if it is neither a file nor a data set, or cannot be read.
        UnsupportedError: if it is no dataframe.
    """
    if isinstance(data, Dataset):
        return data.name, data.frame, data
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        if not path.exists() and str(data) in datasets.NAMES:
            known = datasets.load(str(data))
            return known.name, known.frame, known
        if not path.exists() and not path.suffix:
            raise TableError(
                f"{data} is neither a file nor a data set, expected a table or one of {', '.join(datasets.NAMES)}; "
                "check the path"
            )
        return str(data), read_table(path), None
    return "table", as_frame(data), None
