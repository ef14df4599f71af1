"""Predictions of any model: a table or an .npz file → probabilities or logits beside label counts."""

from __future__ import annotations

import dataclasses
import itertools
import zipfile
import zlib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kullback.errors import TableError
from kullback.tables.labels import Labels, UnknownClass, as_labels, read_labels
from kullback.tables.read import name_rows, read_table, require_columns

PROBABILITY, COUNT, GROUP, ROW = "p_", "count_", "group", "row"
"""What columns of a run's predictions.parquet begin with, and the names of its columns of groups and of rows."""


@dataclasses.dataclass(frozen=True, eq=False)
class Predictions:
    """What a file of predictions holds.

    Attributes:
        scores: **(N, K)** probabilities, or logits.
        are_logits: which of the two.
        counts: **(N, K)** labels of each class; None where the file holds none and need not.
        classes: the K names.
        groups: **(N,)** values, or None.
        ids: **(N,)** what tells the rows apart, or None.
        columns: the K names of the columns of scores; those of the classes in an .npz file.
    """

    scores: NDArray[np.float64]
    are_logits: bool
    counts: NDArray[np.float64] | None
    classes: tuple[str, ...]
    groups: NDArray[Any] | None
    ids: NDArray[Any] | None
    columns: tuple[str, ...]


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
    id: str | None = None

    def within(self, names: Collection[str]) -> Roles:
        """Leave out labels and groups of which a file has nothing."""
        return dataclasses.replace(
            self,
            target=self.target if self.target in names else None,
            labels=self.labels if set(self.labels) & set(names) else (),
            counts=self.counts if set(self.counts) & set(names) else (),
            group=self.group if self.group in names else None,
        )


def read_predictions(path: str | Path, roles: Roles, *, labelled: bool = True) -> Predictions:
    """Read predictions and labels from one file.

    In a table, columns `p_…` are the probabilities, `count_…` the label counts and `group` the groups unless others are
    named. In an .npz file, `probabilities` or `logits` **(N, K)**, and `labels` **(N,)** or **(N, k)** or `counts`
    **(N, K)**, and `groups` **(N,)** if there.

    Args:
        path: a CSV, TSV, Parquet, JSON-lines or .npz file.
        roles: which columns, or arrays, to take.
        labelled: whether labels must be there; if not, labels and groups that the file has nothing of are None.

    Raises:
        TableError: if the file cannot be read, a column is missing, or labels name a class that has no column.
    """
    if str(path).lower().endswith(".npz"):
        return _read_npz(Path(path), roles, labelled)
    frame = read_table(path)
    roles = roles if labelled else roles.within(frame.columns)
    roles = _usual_columns(frame, roles, str(path))
    columns = roles.probabilities or roles.logits
    require_columns(frame, [*columns, *([roles.group] if roles.group else [])], str(path))
    if roles.classes and len(roles.classes) != len(columns):
        raise TableError(
            f"{path} got {len(roles.classes)} classes, expected {len(columns)}, one per prediction column; name all"
        )
    scores = _numbers(frame, columns, str(path))
    found = labelled or bool(roles.target or roles.labels or roles.counts)
    labels = _match_labels(frame, columns, roles, str(path)) if found else None
    groups = _groups(frame[roles.group], str(path)) if roles.group else None
    ids = (
        frame[roles.id or ROW].cast(pl.String).fill_null("").to_numpy() if (roles.id or ROW) in frame.columns else None
    )
    classes = labels.classes if labels else roles.classes or _short_names(columns)
    return Predictions(scores, bool(roles.logits), labels.counts if labels else None, classes, groups, ids, columns)


def _groups(series: pl.Series, where: str) -> NDArray[Any]:
    missing = series.is_null().arg_true().to_numpy()
    if len(missing):
        raise TableError(
            f"{where}: column {series.name!r} is missing in {name_rows(missing)}, expected a group in every row; "
            "fill it"
        )
    return series.cast(pl.String).to_numpy()


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
        roles = dataclasses.replace(roles, counts=_in_class_order(beginning(COUNT), roles.probabilities))
        own_groups = roles.group or (GROUP if roles.counts and GROUP in frame.columns else None)
        roles = dataclasses.replace(roles, group=own_groups)
    return roles


def _in_class_order(counts: tuple[str, ...], probabilities: tuple[str, ...]) -> tuple[str, ...]:
    """Bring count_… columns into the order of p_… columns of the same classes, wherever they stand in the table."""
    wanted = tuple(COUNT + name.removeprefix(PROBABILITY) for name in probabilities)
    return wanted if set(wanted) == set(counts) else counts


def _numbers(frame: pl.DataFrame, columns: Sequence[str], where: str) -> NDArray[np.float64]:
    if len(set(columns)) < max(2, len(columns)):
        raise TableError(
            f"{where} got columns {', '.join(columns)}, expected at least two different ones; name one for each class"
        )
    for name in columns:
        series = frame[name]
        if not series.dtype.is_numeric():
            raise TableError(f"{where}: column {name!r} has type {series.dtype}, expected numbers; name other columns")
        missing = series.is_null().arg_true().to_numpy()
        if len(missing):
            raise TableError(
                f"{where}: column {name!r} is missing in {name_rows(missing)}, expected a number in every row; fill it"
            )
    # the type that all columns share decides how closely rows must sum to one
    narrow = all(frame[name].dtype == pl.Float32 for name in columns)
    return frame.select(columns).cast(pl.Float32 if narrow else pl.Float64).to_numpy()


def _match_labels(frame: pl.DataFrame, columns: Sequence[str], roles: Roles, where: str) -> Labels:
    """Read the labels in the order of the prediction columns."""
    if roles.counts:
        if len(roles.counts) != len(columns):
            raise TableError(
                f"{where} has {len(roles.counts)} columns of counts, expected {len(columns)}, one per prediction "
                "column; name them in the same order"
            )
        return read_labels(frame, counts=roles.counts, classes=roles.classes or _short_names(columns), where=where)
    own = [roles.target] if roles.target else list(roles.labels)
    if not own:
        raise TableError(f"{where} got no labels, expected a column of them; name it with --target")
    require_columns(frame, own, where)
    seen = pl.concat([as_labels(frame[name], where).rename("") for name in own]).drop_nulls().unique().to_list()
    names, known = _match_names(set(seen), columns, roles.classes)
    try:
        found = read_labels(frame, target=roles.target, labels=() if roles.target else own, classes=known, where=where)
    except UnknownClass as error:
        raise TableError(f"{error}, with a prediction column each: there are {len(columns)}") from error
    return dataclasses.replace(found, classes=names)


def _match_names(
    seen: set[str], columns: Sequence[str], classes: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell the names of the classes, and what stands for each of them among the labels.

    Labels are names of classes, names of columns with or without what these begin with in common, or 0 … K−1.
    """
    names = classes or _short_names(columns)
    cuts = [] if classes else [tuple(name[cut:] for name in columns) for cut in range(_shared(columns) + 1)]
    for known in (names, tuple(columns), *cuts):
        if seen <= set(known):
            return (classes or known), known
    indices = tuple(str(i) for i in range(len(columns)))
    return names, indices if all(_is_whole(value) for value in seen) else names


def _is_whole(value: str) -> bool:
    return value.removeprefix("-").isdigit()


def _shared(columns: Sequence[str]) -> int:
    """Count the letters with which all names begin."""
    return len(list(itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*columns, strict=False))))


def _short_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Leave out what all columns begin with, up to a sign or a digit: p_negative and p_neutral have `p_` in common."""
    for cut in range(_shared(columns), 0, -1):
        before, after = columns[0][cut - 1], [name[cut:] for name in columns]
        if all(after) and (not before.isalnum() or (before.isalpha() and all(name[0].isdigit() for name in after))):
            return tuple(after)
    return tuple(columns)


def _read_npz(path: Path, roles: Roles, labelled: bool) -> Predictions:
    arrays = _load_npz(path)
    roles = roles if labelled else roles.within(arrays)

    def take(named: tuple[str, ...] | str | None, *usual: str) -> NDArray[Any] | None:
        names = (named,) if isinstance(named, str) else named
        if names and len(names) > 1:
            raise TableError(
                f"{path} got {len(names)} names of arrays, {', '.join(names)}, expected one; "
                "stack them into an array with one column each"
            )
        for name in names or usual:
            if name in arrays:
                return arrays[name]
        if names:
            raise TableError(f"{path} has no array {names[0]!r}, expected one of {', '.join(arrays)}; name another")
        return None

    logits = take(roles.logits, "logits") if not roles.probabilities else None
    scores = logits if logits is not None else take(roles.probabilities, "probabilities")
    if scores is None or scores.ndim != 2:
        raise TableError(
            f"{path} has no array 'probabilities' or 'logits' (N, K), expected one; name it with --probabilities"
        )
    counts = take(roles.counts, "counts")
    named = roles.target or roles.labels
    if counts is None or named:
        labels = take(named or None, "labels", "target", "y")
        if labels is None and labelled:
            raise TableError(f"{path} has no array 'labels' or 'counts', expected one; name it with --target")
        counts = None if labels is None else _count(labels, scores.shape, str(path))
    if counts is not None and counts.dtype.kind not in "biuf":
        raise TableError(f"{path}: counts have dtype {counts.dtype}, expected whole numbers of labels; convert them")
    names = roles.classes or tuple(str(i) for i in range(scores.shape[1]))
    counts = None if counts is None else counts.astype(np.float64)
    groups, ids = take(roles.group, "groups"), arrays.get(roles.id or ROW)
    return Predictions(scores, logits is not None, counts, names, groups, ids, names)


def _load_npz(path: Path) -> dict[str, NDArray[Any]]:
    if not path.is_file():
        raise TableError(f"{path} is not a file, expected predictions; check the path")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, TypeError, OSError, zipfile.BadZipFile, zlib.error, EOFError, AttributeError) as error:
        # a pickled array of objects could run code and is refused; a lone .npy array is no archive
        raise TableError(
            f"{path} cannot be read as .npz, expected numbers saved by numpy.savez; save it again, without objects"
        ) from error


def _count(labels: NDArray[Any], shape: tuple[int, ...], where: str) -> NDArray[np.float64]:
    n, n_classes = shape
    if labels.ndim not in (1, 2) or len(labels) != n:
        raise TableError(
            f"{where}: labels have shape {labels.shape}, expected ({n},) or ({n}, k); one row per prediction"
        )
    y = labels.reshape(n, -1)
    if y.dtype.kind not in "iub":
        raise TableError(
            f"{where}: labels have dtype {labels.dtype}, expected integers, -1 for a missing one; "
            "give each label's column of the predictions, from 0 on"
        )
    wrong = np.argwhere((y < -1) | (y >= n_classes))
    if len(wrong):
        row, column = wrong[0]
        raise TableError(
            f"{where}: labels hold {y[row, column]} in {name_rows(wrong[:1, 0])}, expected 0 to {n_classes - 1}; "
            "give a prediction column for every class"
        )
    counts = np.zeros((n, n_classes))
    np.add.at(counts, (np.nonzero(y >= 0)[0], y[y >= 0]), 1.0)
    return counts
