"""Two files of predictions of the same rows, held to each other: classes, labels, groups and ids must agree."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kullback.errors import TableError
from kullback.tables.predictions import Predictions, Roles, read_predictions
from kullback.tables.read import name_rows


@dataclasses.dataclass(frozen=True, eq=False)
class PredictionsPair:
    """What two files of predictions hold together.

    Attributes:
        a, b: what each holds.
        counts: **(N, K)** labels of each class, of the file that has labels, or None.
        classes: the K names.
        groups: **(N,)** values, of the file that has groups, or None.
    """

    a: Predictions
    b: Predictions
    counts: NDArray[np.float64] | None
    classes: tuple[str, ...]
    groups: NDArray[Any] | None


def read_predictions_pair(path_a: str | Path, path_b: str | Path, roles: Roles) -> PredictionsPair:
    """Read two files of predictions of the same rows in the same order.

    Labels and groups may be in either file, or in both and alike; ids are looked at where both files have them.

    Args:
        path_a, path_b: files as `read_predictions` takes them.
        roles: which columns, or arrays, to take of both.

    Raises:
        TableError: if a file cannot be read, what is named is in neither, or the files are not of the same rows.
    """
    a, b = (read_predictions(path, roles, labelled=False) for path in (path_a, path_b))
    where = (str(path_a), str(path_b))
    if len(a.scores) != len(b.scores):
        raise TableError(
            f"{where[1]} has {len(b.scores)} rows, expected {len(a.scores)}, those of {where[0]}; "
            "give both models' predictions of the same rows"
        )
    _require_same_classes(a, b, where)
    _require_same(a.ids, b.ids, "ids", where)
    _require_same(a.groups, b.groups, "groups", where)
    _require_same(a.counts, b.counts, "labels", where)
    counts = b.counts if a.counts is None else a.counts
    groups = b.groups if a.groups is None else a.groups
    for what, named, found in (
        ("labels", roles.target or roles.labels or roles.counts, counts),
        ("groups", roles.group, groups),
        ("ids", roles.id, b.ids if a.ids is None else a.ids),
    ):
        if named and found is None:
            raise TableError(
                f"{where[0]} and {where[1]} have none of the {what} that were named, expected them in one of the two; "
                "check the names"
            )
    classes = b.classes if a.counts is None and b.counts is not None else a.classes
    return PredictionsPair(a, b, counts, classes, groups)


def _require_same_classes(a: Predictions, b: Predictions, where: tuple[str, str]) -> None:
    if a.columns != b.columns and a.classes != b.classes:
        raise TableError(
            f"{where[1]} has the classes {_few(b.classes)}, expected {_few(a.classes)}, those of {where[0]}; "
            "name the columns of both in one order with --probabilities"
        )


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def _require_same(a: NDArray[Any] | None, b: NDArray[Any] | None, what: str, where: tuple[str, str]) -> None:
    """Refuse **(N,)** or **(N, K)** values that differ, and name the rows; what one file has none of is not asked."""
    if a is None or b is None:
        return
    n = len(a)
    differing = np.flatnonzero((a.astype(str) != b.astype(str)).reshape(n, -1).any(axis=1))
    if len(differing):
        raise TableError(
            f"{where[1]}: {what} differ from those of {where[0]} in {name_rows(differing)}, expected the same rows in "
            "the same order; sort both files alike"
        )
