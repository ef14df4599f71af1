"""Files and dataframes of any engine → one polars DataFrame."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl

from kullback.errors import TableError, UnsupportedError

_READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    ".csv": lambda path: pl.read_csv(path, infer_schema_length=None, try_parse_dates=True),
    ".tsv": lambda path: pl.read_csv(path, separator="\t", infer_schema_length=None, try_parse_dates=True),
    ".parquet": pl.read_parquet,
    ".jsonl": lambda path: pl.read_ndjson(path, infer_schema_length=None),
    ".ndjson": lambda path: pl.read_ndjson(path, infer_schema_length=None),
}
"""File name extension → reader."""


def read_table(path: str | Path) -> pl.DataFrame:
    """Read a CSV, TSV, Parquet or JSON-lines file.

    Args:
        path: the file; its extension tells the format.

    Returns:
        The table.

    Raises:
        TableError: if the file does not exist, is of another kind, cannot be read or has no rows.
    """
    path = Path(path)
    if not path.is_file():
        raise TableError(f"{path} is not a file, expected a table; check the path")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise TableError(
            f"{path} ends in {path.suffix or 'nothing'!r}, expected one of {', '.join(_READERS)}; convert it"
        )
    if path.suffix.lower() != ".parquet":
        _refuse_binary(path)
    try:
        frame = reader(path)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TableError(f"{path} cannot be read as {path.suffix[1:]}, expected a table; {reason}") from error
    if frame.is_empty():
        raise TableError(f"{path} has no rows, expected a table with a header and rows; check the file")
    return frame


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    if not head.strip():
        raise TableError(f"{path} is empty, expected a table with a header and rows; check the file")
    try:
        # a character may be cut in two at the end of what was read
        head.decode("utf-8") if len(head) < 1 << 16 else head[:-4].decode("utf-8", errors="strict")
        binary = b"\0" in head
    except UnicodeDecodeError as error:
        binary = error.start < len(head) - 8
    if binary:
        kind = "Parquet" if head.startswith(b"PAR1") else "binary data"
        remedy = "rename it to .parquet" if kind == "Parquet" else "save it as UTF-8 text"
        raise TableError(f"{path} holds {kind}, expected {path.suffix[1:]} text; {remedy}")


def as_frame(table: Any) -> pl.DataFrame:
    """Bring a dataframe of any engine into polars.

    Args:
        table: a polars, pandas, pyarrow, duckdb, dask, modin … frame, or a dict of columns.

    Returns:
        The same table in polars.

    Raises:
        UnsupportedError: if it is no dataframe.
        TableError: if it has no rows.
    """
    if isinstance(table, dict):
        frame = pl.DataFrame(table)
    elif isinstance(table, pl.DataFrame):
        frame = table
    else:
        try:
            native = nw.from_native(table)
        except TypeError as error:
            raise UnsupportedError(
                f"table is a {type(table).__name__}, expected a dataframe, a path or the name of a data set; "
                "use a polars, pandas or pyarrow table"
            ) from error
        eager = native.collect() if isinstance(native, nw.LazyFrame) else native
        frame = eager.to_polars()
    if frame.is_empty():
        raise TableError("table has no rows, expected at least one per fold; check the table")
    return frame


def require_columns(frame: pl.DataFrame, names: Iterable[str], where: str) -> None:
    """Refuse names that are not columns, with the nearest one that is.

    Raises:
        TableError: naming the first that is missing.
    """
    for name in names:
        if name not in frame.columns:
            near = difflib.get_close_matches(name, frame.columns, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(frame.columns[:12])}"
            raise TableError(f"{where} has no column {name!r}, expected one of its columns; {hint}")
