"""fit: train a network on a table by cross-entropy and account for what its loss is made of."""

from __future__ import annotations

import contextlib
import dataclasses
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from kullback.errors import InputError, TableError
from kullback.runs.encoding import caching_encoder
from kullback.runs.fitted import Fit, describe_rows
from kullback.runs.folder import ENCODED, RunFolder
from kullback.runs.opening import open_table
from kullback.runs.progress import FitProgress
from kullback.tables import Labels, name_rows, read_labels, require_columns
from kullback.tables.predictions import COUNT, GROUP, PROBABILITY
from kullback.training import CrossFit, Encode, Epoch, Settings, choose_kinds, cross_fit
from kullback.training.features import read_columns
from kullback.units import per_nat
from kullback.version import __version__


def fit(
    data: Any,
    target: str | None = None,
    *,
    labels: Sequence[str] = (),
    counts: Sequence[str] = (),
    group: str | None = None,
    drop: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    encoder: str | None = None,
    test: Any = None,
    folds: int = 5,
    epochs: int | None = None,
    seed: int = 0,
    output: str | Path | None = None,
    overwrite: bool = False,
    quiet: bool = False,
) -> Fit:
    """Train a network on a table by L(θ) = −1/N Σ_i 1/k_i Σ_j log P_θ(y_ij | x_i) and say where its loss goes.

    Each of `folds` networks is trained on the rows outside its fold and predicts the rows inside, so that every row has
    a prediction by a network that never saw it; from these comes the account.

    Args:
        data: the path of a CSV, TSV, Parquet or JSON-lines file, a dataframe, or the name of a data set.
        target: column with one label per row.
        labels: columns with an annotator's label each; missing ones are empty.
        counts: columns with the number of labels of each class.
        group: column whose rows belong together; a group is never divided between training and prediction.
        drop: columns that are not features.
        kinds: column → `"numeric"`, `"categorical"`, `"datetime"` or `"text"`, where the rule would choose otherwise.
        encoder: sentence encoder for text, `"all-minilm-l6-v2"` (extra `text`) or a model folder; None: n-grams alone.
        test: a table with the same columns; the account is then of its rows, predicted by all networks together.
        folds: number of networks.
        epochs: passes over the rows at most; None chooses.
        seed: the same seed gives the same networks.
        output: run folder to write; None writes none.
        overwrite: whether an earlier run there may be replaced.
        quiet: whether to show no progress.

    Returns:
        A Fit: `.account`, `.predictions`, `.history`, `.predict(table)`, `.save(folder)`.

    Raises:
        TableError: if a column is missing, labels are missing or of one class, or there are no features.
        RunFolderError: if the run folder exists or cannot be written.
        MissingExtraError: if the encoder is not installed.

    Source:
        Kullback & Leibler (1951), "On information and sufficiency"; Chernozhukov et al. (2018) for cross-fitting.
    """
    _require_settings(epochs, seed)
    job = _prepare(
        data,
        target=target,
        labels=labels,
        counts=counts,
        group=group,
        drop=drop,
        kinds=dict(kinds or {}),
        encoded=encoder is not None,
    )
    held_out = None if test is None else _prepare_test(test, job)
    settings = dataclasses.replace(Settings(), epochs=epochs)
    place = RunFolder(output, overwrite=overwrite) if output is not None else None
    with place or contextlib.nullcontext(), FitProgress(folds, quiet=quiet) as progress:
        cache = place.path / ENCODED if place else None
        encode = caching_encoder(encoder, cache, progress.encoding) if encoder else None
        crossed = cross_fit(
            job.features,
            job.labels.counts,
            job.labels.classes,
            job.kinds,
            groups=job.groups,
            n_folds=folds,
            seed=seed,
            settings=settings,
            encode=encode,
            watch=progress.epoch,
            where=job.name,
        )
        fitted = _assemble(job, crossed, held_out, encode, {"folds": folds, "seed": seed, "encoder": encoder})
        if place is not None:
            fitted.write(place)
    return fitted


def _require_settings(epochs: int | None, seed: int) -> None:
    if epochs is not None and epochs < 1:
        raise InputError(f"epochs is {epochs}, expected at least 1; leave it out to have it chosen")
    if not 0 <= seed < 2**32:
        raise InputError(f"seed is {seed}, expected 0 to 2³² − 1; use seed=0 (--seed 0)")


@dataclasses.dataclass(frozen=True, eq=False)
class _Job:
    """A table with its roles settled: features, labels and groups of N rows."""

    name: str
    features: pl.DataFrame
    kinds: dict[str, str]
    labels: Labels
    roles: dict[str, Any]
    group_values: NDArray[Any] | None

    @property
    def groups(self) -> NDArray[np.int64] | None:
        if self.group_values is None:
            return None
        return np.unique(self.group_values, return_inverse=True)[1].astype(np.int64)


def _prepare(
    data: Any,
    *,
    target: str | None,
    labels: Sequence[str],
    counts: Sequence[str],
    group: str | None,
    drop: Sequence[str],
    kinds: dict[str, str],
    encoded: bool,
) -> _Job:
    name, frame, known = open_table(data)
    if known is not None and not (target or labels or counts):
        target, labels = known.target, known.labels
        drop = [*drop, *([known.group] if known.group and known.group != group else [])]
    if isinstance(labels, str) or isinstance(counts, str) or isinstance(drop, str):
        raise TableError(
            "labels, counts and drop are lists of columns, expected no single string; write labels=['a', 'b']"
        )
    require_columns(frame, [*([group] if group else []), *drop], name)
    found = read_labels(frame, target=target, labels=labels, counts=counts, where=name)
    features = frame.drop([*found.columns, *([group] if group else []), *drop], strict=False)
    if not features.columns:
        raise TableError(f"{name} has no columns left for features, expected at least one; drop fewer columns")
    if len(frame) < 10:
        raise TableError(f"{name} has {len(frame)} rows, expected at least 10; get more")
    roles = {"target": target, "labels": list(labels), "counts": list(counts), "group": group, "drop": list(drop)}
    groups = None if group is None else _group_values(frame, group, name)
    return _Job(name, features, choose_kinds(features, kinds, encoded=encoded), found, roles, groups)


def _group_values(frame: pl.DataFrame, group: str, name: str) -> NDArray[Any]:
    values = frame[group]
    if values.null_count():
        rows = name_rows(values.is_null().arg_true().to_numpy())
        raise TableError(f"{name}: column {group!r} is missing in {rows}, expected a group in every row; fill it")
    if values.n_unique() < 2:
        raise TableError(f"{name}: column {group!r} holds one group only, expected at least two; leave the group out")
    return values.cast(pl.String).to_numpy().astype(str)


def _prepare_test(test: Any, job: _Job) -> tuple[str, pl.DataFrame, Labels, NDArray[Any] | None]:
    """Read a given test table by the roles of the training table."""
    name, frame, _ = open_table(test)
    require_columns(frame, job.features.columns, name)
    if len(frame) < 2:
        raise TableError(f"{name} has 1 row, expected at least 2 to test on; get more")
    # what cannot be read is found before the training; text always can
    read_columns(frame, {column: kind for column, kind in job.kinds.items() if "text" not in kind}, None, name)
    roles = job.roles
    labels = read_labels(
        frame,
        target=roles["target"],
        labels=roles["labels"],
        counts=roles["counts"],
        classes=job.labels.classes,
        where=name,
    )
    group = roles["group"]
    if group:
        require_columns(frame, [group], name)
    return name, frame.select(job.features.columns), labels, _group_values(frame, group, name) if group else None


def _assemble(
    job: _Job,
    crossed: CrossFit,
    test: tuple[str, pl.DataFrame, Labels, NDArray[Any] | None] | None,
    encode: Encode | None,
    asked: dict[str, Any],
) -> Fit:
    """Put predictions, history and config together."""
    n_folds, trained = asked["folds"], len(crossed.ensemble.members)
    if test is None:
        rows = np.flatnonzero(~np.isnan(crossed.log_q).any(axis=1))
        features, counts, q = job.features[rows], job.labels.counts[rows], np.exp(crossed.log_q[rows])
        groups = None if job.group_values is None else job.group_values[rows]
        fold: NDArray[Any] | None = crossed.folds[rows]
        held_out, tested = f"out-of-fold ({n_folds} folds)", None
        if trained < n_folds:
            held_out = f"out-of-fold ({trained} of {n_folds} folds, since training was interrupted)"
    else:
        tested, features, labels, groups = test
        q, counts, fold = crossed.ensemble.probabilities(features, encode, tested), labels.counts, None
        rows, held_out = np.arange(len(features)), f"given test rows of {tested}"
    predictions = _predictions(rows, fold, q, counts, groups=groups, classes=job.labels.classes)
    config = {
        "data": job.name,
        "rows": len(job.features),
        **job.roles,
        "test": tested,
        "classes": list(job.labels.classes),
        "kinds": job.kinds,
        **asked,
        "held_out": held_out,
        "interrupted": crossed.interrupted,
        "parameters": sum(p.numel() for p in crossed.ensemble.members[0].network.parameters()),
        "versions": f"kullback {__version__}, torch {torch.__version__}, Python {platform.python_version()}",
    }
    history = tuple(_epoch(epoch) for epoch in crossed.history)
    return Fit(crossed.ensemble, predictions, history, config, describe_rows(features, job.kinds))


def _predictions(
    rows: NDArray[np.int64],
    fold: NDArray[Any] | None,
    q: NDArray[np.float64],
    counts: NDArray[np.float64],
    *,
    groups: NDArray[Any] | None,
    classes: tuple[str, ...],
) -> pl.DataFrame:
    columns: dict[str, Any] = {"row": rows}
    if fold is not None:
        columns["fold"] = fold
    columns |= {PROBABILITY + name: q[:, i] for i, name in enumerate(classes)}
    columns |= {COUNT + name: counts[:, i].astype(np.int64) for i, name in enumerate(classes)}
    if groups is not None:
        columns[GROUP] = groups
    return pl.DataFrame(columns)


def _epoch(epoch: Epoch) -> dict[str, Any]:
    bit = per_nat("bit")
    return {
        "fold": epoch.fold,
        "epoch": epoch.epoch,
        "train": epoch.train * bit,
        "held_out": epoch.held_out * bit,
        "best": epoch.best,
        "unit": "bit",
    }
