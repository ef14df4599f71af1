"""Predictions of any model: a table or an .npz file → probabilities or logits beside label counts."""

from __future__ import annotations

import dataclasses
import itertools
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.errors import TableError
from kullback.tables.labels import Labels, read_labels
from kullback.tables.read import read_table, require_columns

PROBABILITY, COUNT, GROUP = "p_", "count_", "group"
"""What columns of a run's predictions.parquet begin with, and the name of its column of groups."""


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """What a file of predictions holds.

    Attributes:
        scores: **(N, K)** probabilities, or logits.
        are_logits: which of the two.
        counts: **(N, K)** labels of each class.
        classes: the K names.
        groups: **(N,)** values, or None.
    """

    scores: NDArray[np.float64]
    are_logits: bool
    counts: NDArray[np.float64]
    classes: tuple[str, ...]
    groups: NDArray[Any] | None


@dataclasses.dataclass(frozen=True)
class Roles:
    """Which columns, or arrays, play which part; empty ones are looked for under their usual names."""

    probabilities: tuple[str, ...] = ()
    logits: tuple[str, ...] = ()
    target: str | None = None
    labels: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    group: str | None = None
    classes: tuple[str, ...] = ()


def read_predictions(path: str | Path, roles: Roles) -> Predictions:
    """Read predictions and labels from one file.

    In a table, columns `p_…` are the probabilities, `count_…` the label counts and `group` the groups unless others are
    named. In an .npz file, `probabilities` or `logits` **(N, K)**, and `labels` **(N,)** or **(N, k)** or `counts`
    **(N, K)**, and `groups` **(N,)** if there.

    Args:
        path: a CSV, TSV, Parquet, JSON-lines or .npz file.
        roles: which columns, or arrays, to take.

    Raises:
        TableError: if the file cannot be read, a column is missing, or labels name a class that has no column.
    """
    if str(path).lower().endswith(".npz"):
        return _read_npz(Path(path), roles)
    frame = read_table(path)
    roles = _usual_columns(frame, roles, str(path))
    columns = roles.probabilities or roles.logits
    require_columns(frame, [*columns, *([roles.group] if roles.group else [])], str(path))
    scores = _numbers(frame, columns, str(path))
    labels = _match_labels(frame, columns, roles, str(path))
    groups = frame[roles.group].cast(pl.String).to_numpy() if roles.group else None
    return Predictions(scores, bool(roles.logits), labels.counts, labels.classes, groups)


def _usual_columns(frame: pl.DataFrame, roles: Roles, where: str) -> Roles:
    def beginning(prefix: str) -> tuple[str, ...]:
        return tuple(name for name in frame.columns if name.startswith(prefix))

    if roles.probabilities and roles.logits:
        raise TableError(f"{where} got probabilities and logits, expected one of them; leave the other out")
    if not (roles.probabilities or roles.logits):
        roles = dataclasses.replace(roles, probabilities=beginning(PROBABILITY))
    if not (roles.probabilities or roles.logits):
        raise TableError(
            f"{where} has no columns {PROBABILITY}…, expected probabilities; name their columns with --probabilities"
        )
    if not (roles.target or roles.labels or roles.counts):
        roles = dataclasses.replace(roles, counts=beginning(COUNT))
        own_groups = roles.group or (GROUP if roles.counts and GROUP in frame.columns else None)
        roles = dataclasses.replace(roles, group=own_groups)
    return roles


def _numbers(frame: pl.DataFrame, columns: Sequence[str], where: str) -> NDArray[np.float64]:
    for name in columns:
        series = frame[name]
        if not series.dtype.is_numeric():
            raise TableError(f"{where}: column {name!r} has type {series.dtype}, expected numbers; name other columns")
        if series.null_count():
            row = series.is_null().arg_max()
            raise TableError(
                f"{where}: column {name!r} is missing in row {row}, expected a number in every row; fill it"
            )
    # the type that all columns share decides how closely rows must sum to one
    narrow = all(frame[name].dtype == pl.Float32 for name in columns)
    return frame.select(columns).cast(pl.Float32 if narrow else pl.Float64).to_numpy()


def _match_labels(frame: pl.DataFrame, columns: Sequence[str], roles: Roles, where: str) -> Labels:
    """Read the labels in the order of the prediction columns."""
    names = _class_names(columns, roles, where)
    if roles.counts:
        if len(roles.counts) != len(columns):
            raise TableError(
                f"{where} has {len(roles.counts)} columns of counts, expected {len(columns)}, one per prediction column"
            )
        return read_labels(frame, counts=roles.counts, classes=names, where=where)
    own = [roles.target] if roles.target else list(roles.labels)
    if not own:
        raise TableError(f"{where} got no labels, expected a column of them; name it with --target")
    require_columns(frame, own, where)
    seen = pl.concat([frame[name].cast(pl.String).str.strip_chars() for name in own]).drop_nulls().unique().to_list()
    indices = [str(i) for i in range(len(columns))]
    known = next((c for c in (names, list(columns), indices) if set(seen) - {""} <= set(c)), None)
    if known is None and all(_is_whole(v) for v in seen if v):
        known = indices
    if known is None:
        known = names
    try:
        found = read_labels(frame, target=roles.target, labels=() if roles.target else own, classes=known, where=where)
    except TableError as error:
        if "expected one of" in str(error) and "holds" in str(error):
            raise TableError(
                f"{error}: the labels need a prediction column each, and there are {len(columns)}"
            ) from error
        raise
    return dataclasses.replace(found, classes=tuple(names))


def _is_whole(value: str) -> bool:
    return value.removesuffix(".0").lstrip("-").isdigit()


def _class_names(columns: Sequence[str], roles: Roles, where: str) -> list[str]:
    if roles.classes:
        if len(roles.classes) != len(columns):
            raise TableError(
                f"{where} got {len(roles.classes)} classes, expected {len(columns)}, one per prediction column"
            )
        return list(roles.classes)
    shared = len(list(itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*columns, strict=False))))
    short = [name[shared:] for name in columns]
    return short if all(short) else list(columns)


def _read_npz(path: Path, roles: Roles) -> Predictions:
    arrays = _load_npz(path)

    def take(named: tuple[str, ...] | str | None, *usual: str) -> NDArray[Any] | None:
        names = (named,) if isinstance(named, str) else named
        for name in names or usual:
            if name in arrays:
                return arrays[name]
        if names:
            raise TableError(f"{path} has no array {names[0]!r}, expected one of {', '.join(arrays)}; name another")
        return None

    logits = take(roles.logits, "logits") if not roles.probabilities else None
    scores = logits if logits is not None else take(roles.probabilities, "probabilities")
    if scores is None or scores.ndim != 2:
        raise TableError(f"{path} has no array 'probabilities' or 'logits' of shape (N, K), expected one; name it")
    counts = take(roles.counts, "counts")
    named = roles.target or roles.labels
    if counts is None or named:
        labels = take(named or None, "labels", "target", "y")
        if labels is None:
            raise TableError(f"{path} has no array 'labels' or 'counts', expected one; name it with --target")
        counts = _count(labels, scores.shape, str(path))
    names = roles.classes or tuple(str(i) for i in range(scores.shape[1]))
    return Predictions(scores, logits is not None, counts.astype(np.float64), names, take(roles.group, "groups"))


def _load_npz(path: Path) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        raise TableError(f"{path} is not a file, expected predictions; check the path")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, OSError, zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise TableError(
            f"{path} cannot be read as .npz, expected arrays saved by numpy.savez; save it again"
        ) from error


def _count(labels: NDArray[Any], shape: tuple[int, ...], where: str) -> NDArray[np.float64]:
    n, n_classes = shape
    if len(labels) != n or labels.ndim not in (1, 2):
        raise TableError(
            f"{where}: labels have shape {labels.shape}, expected ({n},) or ({n}, k); one row per prediction"
        )
    y = labels.reshape(n, -1)
    if y.dtype.kind not in "iub":
        raise TableError(
            f"{where}: labels have dtype {labels.dtype}, expected integers, -1 for a missing one; convert them"
        )
    wrong = np.argwhere((y < -1) | (y >= n_classes))
    if len(wrong):
        row, column = wrong[0]
        raise TableError(
            f"{where}: labels hold {y[row, column]} in row {row}, expected 0 to {n_classes - 1}; "
            "give a prediction column for every class"
        )
    counts = np.zeros((n, n_classes))
    np.add.at(counts, (np.nonzero(y >= 0)[0], y[y >= 0]), 1.0)
    return counts
