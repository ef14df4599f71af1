"""Predict new rows with a trained network: probabilities, and the entropy of each row in bits."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from kullback.errors import TableError

if TYPE_CHECKING:
    import polars as pl

WRITERS: dict[str, Callable[[pl.DataFrame, Path], None]] = {
    ".csv": lambda frame, path: frame.write_csv(path),
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
}
"""File name extension → writer."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `kullback predict`."""
    parser.add_argument("model", metavar="MODEL_DIR", help="run folder of kullback fit")
    parser.add_argument("table", metavar="TABLE", help="table with the same feature columns")
    parser.add_argument(
        "--output", metavar="FILE", help="CSV, Parquet or JSON-lines file; standard output as CSV if left out"
    )


def run(options: argparse.Namespace) -> None:
    """Write the predictions."""
    from kullback.runs import load

    output = Path(options.output) if options.output else None
    if output is not None and output.suffix.lower() not in WRITERS:
        raise TableError(
            f"{output} ends in {output.suffix or 'nothing'!r}, expected one of {', '.join(WRITERS)}; rename it"
        )
    predictions = load(options.model).predict(options.table)
    if output is None:
        sys.stdout.write(predictions.write_csv())
        return
    _write(predictions, output)


def _write(predictions: pl.DataFrame, output: Path) -> None:
    """Write a file whole or not at all."""
    part = output.with_name(f".{output.name}.part")
    try:
        WRITERS[output.suffix.lower()](predictions, part)
        os.replace(part, output)
    except OSError as error:
        reason = error.strerror or str(error).partition(" (os error")[0]
        raise TableError(f"{output} cannot be written: {reason}; free space or name another with --output") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
