"""Fit: a trained network with its out-of-fold predictions, its account and its history; saved and loaded."""

from __future__ import annotations

import dataclasses
import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kullback.account import Account, audit
from kullback.errors import RunFolderError
from kullback.report import write_html
from kullback.runs import folder as files
from kullback.runs.encoding import caching_encoder
from kullback.runs.folder import RunFolder, require_complete
from kullback.runs.storage import describe, restore, save_arrays
from kullback.tables import as_frame, read_table, require_columns
from kullback.tables.predictions import COUNT, GROUP, PROBABILITY
from kullback.training import Ensemble
from kullback.units import per_nat

REPORT_COLUMNS = 6
"""Columns shown beside a surprising row where the table has no text."""


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """What `kb.fit` gives.

    Attributes:
        ensemble: the networks of all folds; they predict together.
        predictions: one row per predicted row: `row`, `fold`, `p_CLASS`, `count_CLASS`, and `group` if grouped.
        history: one dict per epoch: fold, epoch, train and held_out loss in bits, and best.
        config: what was asked for and found: data, labels, classes, kinds, seed, folds, encoder, versions.
        texts: what the report shows of each predicted row; None after loading.
    """

    ensemble: Ensemble
    predictions: pl.DataFrame
    history: tuple[dict[str, Any], ...]
    config: dict[str, Any]
    texts: tuple[str, ...] | None = None

    @cached_property
    def account(self) -> Account:
        """Where the loss goes, from the predictions of rows that the predicting network never saw."""
        classes = self.ensemble.classes
        return audit(
            self.predictions.select(PROBABILITY + c for c in classes).to_numpy(),
            counts=self.predictions.select(COUNT + c for c in classes).to_numpy(),
            groups=self.predictions[GROUP].to_numpy() if GROUP in self.predictions.columns else None,
            classes=classes,
            held_out=self.config["held_out"],
        )

    def predict(self, table: Any) -> pl.DataFrame:
        """Predict new rows with the mean of the folds' networks.

        Args:
            table: a path or a dataframe with the feature columns; N rows, others are ignored.

        Returns:
            N rows: `p_CLASS` for each class, `predicted`, the most probable one, and `entropy` of the row in bits.

        Raises:
            TableError: if a feature column is missing or holds values of another kind.
        """
        where = str(table) if isinstance(table, str | os.PathLike) else "table"
        frame = read_table(where) if isinstance(table, str | os.PathLike) else as_frame(table)
        require_columns(frame, self.ensemble.kinds, where)
        encoder = self.config["encoder"]
        encode = caching_encoder(encoder, None) if encoder else None
        q = self.ensemble.probabilities(frame, encode, where)
        entropy = -np.sum(q * np.log(q, where=q > 0, out=np.zeros_like(q)), axis=1) * per_nat("bit")
        named = np.array(self.ensemble.classes)[q.argmax(axis=1)]
        columns = {PROBABILITY + name: column for name, column in zip(self.ensemble.classes, q.T, strict=True)}
        return pl.DataFrame(columns | {"predicted": named, "entropy": entropy})

    def to_html(self, path: str | Path) -> None:
        """Write the report with training curves as one self-contained HTML file."""
        write_html(
            self.account,
            path,
            title=f"Where the loss goes: {self.config['data']}",
            curves=self.history,
            texts=self.texts,
            facts={name: _fact(value) for name, value in self.config.items() if name not in ("model", "warnings")},
        )

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write a run folder: model, config, predictions, history, report and account.

        Args:
            path: the folder.
            overwrite: whether an earlier run there may be replaced.

        Raises:
            RunFolderError: if it exists and is not to be overwritten, or cannot be written.
        """
        with RunFolder(path, overwrite=overwrite) as folder:
            self.write(folder)

    def write(self, folder: RunFolder) -> None:
        """Write the files into an open run folder."""
        save_arrays(self.ensemble, folder.part / files.MODEL)
        self.predictions.write_parquet(folder.part / files.PREDICTIONS)
        folder.write_lines(files.HISTORY, self.history)
        folder.write_json(files.ACCOUNT, self.account.to_dict())
        self.to_html(folder.part / files.REPORT)
        folder.write_json(
            files.CONFIG,
            self.config | {"warnings": list(self.account.warnings), "model": describe(self.ensemble)},
        )


def load(path: str | Path) -> Fit:
    """Load a run folder.

    Args:
        path: what `kb.fit(output=…)`, `Fit.save` or `kullback fit` wrote.

    Returns:
        The Fit.

    Raises:
        RunFolderError: if it is no run folder, incomplete or damaged.
    """
    path = Path(path)
    require_complete(path)
    try:
        config = json.loads((path / files.CONFIG).read_text(encoding="utf-8"))
        model = config.pop("model")
        config.pop("warnings")
        history = tuple(json.loads(line) for line in (path / files.HISTORY).read_text(encoding="utf-8").splitlines())
        predictions = pl.read_parquet(path / files.PREDICTIONS)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pl.exceptions.PolarsError) as error:
        raise RunFolderError(f"run folder {path} cannot be read, expected a finished run; fit again") from error
    return Fit(restore(path / files.MODEL, model), predictions, history, config)


def describe_rows(frame: pl.DataFrame, kinds: dict[str, str]) -> tuple[str, ...]:
    """Give for each row what the report shows: its text, or its first columns as `name = value`."""
    texts = [name for name, kind in kinds.items() if "text" in kind]
    if texts:
        return tuple(" — ".join(str(v) for v in row if v is not None) for row in frame.select(texts).iter_rows())
    shown = list(kinds)[:REPORT_COLUMNS]
    more = ", …" if len(kinds) > len(shown) else ""
    return tuple(
        ", ".join(f"{name} = {value}" for name, value in zip(shown, row, strict=True)) + more
        for row in frame.select(shown).iter_rows()
    )


def _fact(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {kind}" for name, kind in list(value.items())[:12]) + (
            " …" if len(value) > 12 else ""
        )
    if isinstance(value, list):
        return ", ".join(str(v) for v in value[:24]) + (" …" if len(value) > 24 else "")
    return "none" if value is None else str(value)
