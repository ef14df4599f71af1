"""Files and dataframes of any engine → one polars DataFrame."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import polars as pl
from numpy.typing import NDArray

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
        ending = repr(path.suffix) if path.suffix else "no extension"
        raise TableError(f"{path} ends in {ending}, expected one of {', '.join(_READERS)}; convert it")
    if path.suffix.lower() != ".parquet":
        _refuse_binary(path)
    try:
        frame = reader(path)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise TableError(
            f"{path} cannot be read as {path.suffix[1:]} ({_reason(error)}), expected a table; {_remedy(path, error)}"
        ) from error
    if frame.is_empty():
        raise TableError(f"{path} has no rows, expected a table with a header and rows; check the file")
    return frame


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__


def _remedy(path: Path, error: Exception) -> str:
    if "utf-8" in str(error).lower():
        return "save it as UTF-8 text"
    return "write the file again" if path.suffix.lower() == ".parquet" else "mend its lines or save it as .parquet"


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
        TableError: if it has no rows, or a column mixes types that polars cannot hold.
    """
    try:
        frame = _to_polars(table)
    except (pl.exceptions.PolarsError, nw.exceptions.NarwhalsError, ValueError) as error:
        # pyarrow's errors, met on the way from pandas, are ValueErrors
        raise TableError(
            f"table cannot be brought into polars ({_reason(error)}), expected named columns of one type and length; "
            "mend it or pass a polars.DataFrame"
        ) from error
    if frame.is_empty():
        raise TableError("table has no rows, expected some; check the table")
    return frame


def _to_polars(table: Any) -> pl.DataFrame:
    if isinstance(table, dict):
        return pl.DataFrame(table)
    if isinstance(table, pl.DataFrame):
        return table
    try:
        native = nw.from_native(table)
    except TypeError as error:
        raise UnsupportedError(
            f"table is a {type(table).__name__}, expected a dataframe, a path or the name of a data set; "
            "use a polars, pandas or pyarrow table"
        ) from error
    return (native.collect() if isinstance(native, nw.LazyFrame) else native).to_polars()


def name_rows(rows: NDArray[Any]) -> str:
    """Name the first rows of many, and say that rows are counted from 0."""
    if len(rows) == 1:
        return f"row {rows[0]} (counted from 0)"
    return f"{len(rows)} rows ({', '.join(str(r) for r in rows[:5])}{', …' if len(rows) > 5 else ''}, counted from 0)"


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
