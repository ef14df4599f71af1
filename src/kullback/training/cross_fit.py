"""Cross-fitting: K networks, each on all folds but one, so that every row is predicted by one that never saw it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from kullback.errors import InputError
from kullback.folds import assign_folds
from kullback.training.columns import Encode
from kullback.training.features import Columns, Features, Sizes, read_columns
from kullback.training.loop import Epoch, Settings, logits, train
from kullback.training.network import Network


@dataclasses.dataclass(frozen=True, eq=False)
class Member:
    """One network with what it learned of the columns."""

    columns: Columns
    sizes: Sizes
    network: Network

    def log_probabilities(self, raw: dict[str, tuple[str, Any]]) -> NDArray[np.float64]:
        """Predict **(N, K)** log-probabilities for what `read_columns` gave."""
        return log_probabilities(self.network, self.columns.transform(raw)[0])


def log_probabilities(network: Network, features: Features) -> NDArray[np.float64]:
    """Predict **(N, K)** log-probabilities in float64."""
    return torch.log_softmax(logits(network, features).double(), dim=1).numpy()


@dataclasses.dataclass(frozen=True, eq=False)
class Ensemble:
    """The networks of all folds, which predict together by the mean of their probabilities.

    Attributes:
        members: one per fold.
        kinds: feature column → kind.
        classes: names of the K classes.
        settings: how they were trained.
    """

    members: tuple[Member, ...]
    kinds: dict[str, str]
    classes: tuple[str, ...]
    settings: Settings

    def probabilities(
        self, frame: pl.DataFrame, encode: Encode | None = None, where: str = "table"
    ) -> NDArray[np.float64]:
        """Predict **(N, K)** probabilities for a table with the same feature columns, called `where` in messages.

        Raises:
            TableError: if a column cannot be read as its kind.
        """
        raw = read_columns(frame, self.kinds, encode, where)
        return np.mean([np.exp(member.log_probabilities(raw)) for member in self.members], axis=0)


@dataclasses.dataclass(frozen=True, eq=False)
class CrossFit:
    """What cross-fitting gives.

    Attributes:
        ensemble: the networks.
        log_q: **(N, K)** out-of-fold log-probabilities, NaN in the rows of folds that were not trained.
        folds: **(N,)** which network did not see the row.
        history: every epoch of every fold.
        interrupted: whether the user cut the training short.
    """

    ensemble: Ensemble
    log_q: NDArray[np.float64]
    folds: NDArray[np.int64]
    history: tuple[Epoch, ...]
    interrupted: bool


def _require_folds(n: int, groups: NDArray[np.int64] | None, n_folds: int) -> None:
    units = n if groups is None else int(groups.max()) + 1
    if not 2 <= n_folds <= units:
        what = "rows" if groups is None else "groups"
        raise InputError(f"folds is {n_folds}, expected 2 to {units}, the number of {what}; use folds={min(5, units)}")


def cross_fit(
    frame: pl.DataFrame,
    counts: NDArray[np.float64],
    classes: tuple[str, ...],
    kinds: dict[str, str],
    *,
    groups: NDArray[np.int64] | None,
    n_folds: int,
    seed: int,
    settings: Settings,
    encode: Encode | None,
    watch: Callable[[Epoch], None],
    where: str = "table",
) -> CrossFit:
    """Train a network for each fold on the rows of the other folds and predict the fold with it.

    Everything that is learned, scales and vocabularies included, is learned from the training rows alone; the rows on
    which a network stops early come from its training rows, so that the fold's own labels choose nothing.

    Args:
        frame: feature columns of N rows.
        counts: **(N, K)** labels of each class.
        classes: names of the classes.
        kinds: column → kind.
        groups: **(N,)** group codes 0 … G−1; a group is not divided between folds, nor by early stopping.
        n_folds: number of folds and networks.
        seed: of folds, weights and order.
        settings: how to train.
        encode: sentence encoder, where a column is "encoded text".
        watch: called after each epoch.
        where: the table's name in messages.

    Returns:
        Networks, out-of-fold predictions and history.

    Raises:
        InputError: if there are fewer rows, or groups, than folds, or fewer than two folds.
    """
    _require_folds(len(frame), groups, n_folds)
    folds = assign_folds(len(frame), groups, n_folds, seed)
    raw = read_columns(frame, kinds, encode, where)
    targets = torch.from_numpy((counts / counts.sum(axis=1, keepdims=True)).astype(np.float32))
    members: list[Member] = []
    history: list[Epoch] = []
    log_q = np.full(counts.shape, np.nan)

    def remember(epoch: Epoch) -> None:
        history.append(epoch)
        watch(epoch)

    interrupted = False
    for fold in range(n_folds):
        try:
            member, features, interrupted = _train_member(
                raw,
                targets,
                np.flatnonzero(folds != fold),
                groups=groups,
                fold=fold,
                seed=seed * n_folds + fold,
                settings=settings,
                watch=remember,
            )
        except KeyboardInterrupt:
            if not members:
                raise
            interrupted = True
            break
        members.append(member)
        held_out = np.flatnonzero(folds == fold)
        log_q[held_out] = log_probabilities(member.network, features.take(held_out))
        if interrupted:
            break
    ensemble = Ensemble(tuple(members), kinds, classes, settings)
    return CrossFit(ensemble, log_q, folds, tuple(history), interrupted)


def _train_member(
    raw: dict[str, tuple[str, Any]],
    targets: torch.Tensor,
    rows: NDArray[np.int64],
    *,
    groups: NDArray[np.int64] | None,
    fold: int,
    seed: int,
    settings: Settings,
    watch: Callable[[Epoch], None],
) -> tuple[Member, Features, bool]:
    """Train one network on some rows; give it, the features of all rows, and whether the user interrupted."""
    fit_rows, stop_rows = _set_aside(rows, groups, settings.validation, seed)
    columns = Columns.fit(raw, fit_rows)
    features, sizes = columns.transform(raw)
    trained = train(
        features,
        sizes,
        targets,
        fit_rows=fit_rows,
        stop_rows=stop_rows,
        fold=fold,
        seed=seed,
        settings=settings,
        watch=watch,
    )
    return Member(columns, sizes, trained.network), features, trained.interrupted


def _set_aside(
    rows: NDArray[np.int64], groups: NDArray[np.int64] | None, share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Set a share of the rows aside for early stopping, whole groups where there are groups."""
    own = None if groups is None else np.unique(groups[rows], return_inverse=True)[1]
    parts = max(2, round(1 / share))
    units = len(rows) if own is None else int(own.max()) + 1
    if units < 2:
        raise InputError(
            "the rows outside one fold form a single group, expected at least two; use fewer groups a fold"
        )
    part = assign_folds(len(rows), own, min(parts, units), seed)
    return rows[part > 0], rows[part == 0]
