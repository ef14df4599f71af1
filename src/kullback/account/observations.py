"""Predictions and labels, checked once: what every part of the account is computed from."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from array_api_compat import is_torch_array
from numpy.typing import NDArray

from kullback.account.sampling import Array, Codes, pick
from kullback.distributions import Logits
from kullback.errors import InputError, NotProbabilities, ZeroProbability

MISSING = -1
"""The label that stands for "this annotator gave none"."""

MISSING_NAMES = ("None", "nan", "NaN", "<NA>", "NaT")
"""How the missing value of lists, NumPy, polars and pandas prints."""


@dataclasses.dataclass(frozen=True, eq=False)
class Observations:
    """What a model said of N inputs and what their annotators said.

    Attributes:
        log_q: **(N, K)** log-probabilities of the model, in nats.
        counts: **(N, K)** how many labels of each class an input has.
        groups: **(N,)** codes of the sampling units, or None where every input is its own.
        classes: the K names.
    """

    log_q: Array
    counts: Array
    groups: Codes | None
    classes: tuple[str, ...]

    @cached_property
    def units(self) -> int:
        """Number of independent sampling units: groups, or inputs."""
        return len(self.counts) if self.groups is None else int(self.groups.max()) + 1

    def take(self, rows: Codes) -> Observations:
        """Give some of the rows, in the order asked for."""
        return Observations(self.log_q[rows], self.counts[rows], pick(self.groups, rows), self.classes)

    @cached_property
    def k(self) -> Array:
        """Number of labels of each input, **(N,)**."""
        return self.counts.sum(axis=1)

    @cached_property
    def shares(self) -> Array:
        """Share of each class among the labels of an input, **(N, K)**, rows summing to one."""
        return self.counts / self.k[:, None]

    @cached_property
    def q(self) -> Array:
        """The model's probabilities, **(N, K)**."""
        return np.exp(self.log_q)

    @cached_property
    def surprisal(self) -> Array:
        """Mean over an input's labels of −log q(y|x), **(N,)**, in nats."""
        return average(self.shares, -self.log_q)

    @cached_property
    def expected_surprisal(self) -> Array:
        """Entropy of the model's prediction, −Σ q log q, **(N,)**, in nats."""
        return average(self.q, -self.log_q)


def average(weights: Array, scores: Array) -> Array:
    """Sum weight · score over the last axis, dropping terms of zero weight so that 0 · ∞ = 0."""
    terms = np.multiply(weights, scores, where=weights > 0, out=np.zeros_like(weights))
    return terms.sum(axis=-1)


def observe(
    probabilities: Any,
    labels: Any = None,
    *,
    counts: Any = None,
    groups: Any = None,
    classes: Sequence[str] | None = None,
    mix: float = 0.0,
) -> Observations:
    """Check predictions and labels and bring them into one form; see `kullback.audit` for the arguments."""
    log_q = log_probabilities(probabilities, mix)
    n, n_classes = log_q.shape
    names = class_names(classes, n_classes)
    table = label_counts(labels, counts, n, names)
    refuse_impossible(log_q, table)
    return Observations(log_q, table, group_codes(groups, n), names)


def label_counts(labels: Any, counts: Any, n: int, names: tuple[str, ...]) -> Array:
    """Check labels, or their counts, and give **(N, K)** counts with at least one label in every row."""
    if (labels is None) == (counts is None):
        raise InputError("labels and counts are alternatives, expected exactly one; pass labels=... or counts=...")
    table = _from_labels(labels, n, names) if counts is None else _from_counts(counts, n, len(names))
    empty = np.flatnonzero(table.sum(axis=1) == 0)
    if len(empty):
        raise InputError(f"labels are all missing in {_rows(empty)}, expected at least one each; drop these rows")
    return table


def class_names(classes: Sequence[str] | None, n_classes: int) -> tuple[str, ...]:
    """Check the K names, or give 0 … K−1."""
    names = tuple(str(c) for c in (range(n_classes) if classes is None else classes))
    if len(set(names)) < len(names):
        raise InputError(
            f"classes are {', '.join(names)}, expected {len(names)} different names; rename the repeated one"
        )
    if len(names) != n_classes:
        raise InputError(f"classes has {len(names)} names, expected {n_classes}; name every column of probabilities")
    return names


def log_probabilities(probabilities: Any, mix: float) -> Array:
    """Check **(N, K)** probabilities or logits, blend them, and give their logarithms in nats."""
    if not 0 <= mix < 1:
        raise InputError(f"mix is {mix:g}, expected at least 0 and below 1; use mix=0.001")
    logits = isinstance(probabilities, Logits)
    x = _array(probabilities.x if isinstance(probabilities, Logits) else probabilities, "probabilities")
    if x.ndim != 2 or x.shape[0] < 2 or x.shape[1] < 2:
        raise InputError(f"probabilities have shape {x.shape}, expected (N, K) from (2, 2) on; stack 1 − p and p")
    if x.dtype.kind not in "fiu":
        raise InputError(f"probabilities have dtype {x.dtype}, expected numbers; convert them with .astype(float)")
    q = x.astype(np.float64)
    bad = np.flatnonzero(~(q.max(axis=1) < np.inf) | np.isneginf(q).all(axis=1))
    if len(bad):
        raise NotProbabilities(
            f"probabilities are NaN or infinite in {_rows(bad)}, expected numbers in every column; "
            "mend or drop these rows"
        )
    if logits:
        return _blend(_log_softmax(q), mix)
    _refuse_non_probabilities(q, x.dtype)
    with np.errstate(divide="ignore"):
        return _blend(np.log(q), mix)


def _log_softmax(x: Array) -> Array:
    with np.errstate(over="ignore"):  # a difference beyond the range of floats is a probability of zero
        x = x - x.max(axis=1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


def _blend(log_q: Array, mix: float) -> Array:
    return np.log((1 - mix) * np.exp(log_q) + mix / log_q.shape[1]) if mix else log_q


def _array(x: Any, argument: str) -> NDArray[Any]:
    try:
        # a tensor's graph and device stay behind: the account is numbers, not a loss
        return np.asarray(x.detach().cpu() if is_torch_array(x) else x)
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{argument} cannot be made an array, expected rows of equal length; fill up with -1 or pass counts=..."
            if argument == "labels"
            else f"{argument} cannot be made an array, expected rows of equal length; use np.asarray({argument})"
        ) from error


def _refuse_non_probabilities(q: Array, dtype: Any) -> None:
    negative = np.flatnonzero((q < 0).any(axis=1))
    if len(negative):
        raise NotProbabilities(
            f"probabilities are negative in {_rows(negative)}, expected at least 0; if they are logits: kb.Logits(z)"
        )
    eps = float(np.finfo(dtype).eps) if dtype.kind == "f" else 0.0
    tolerance = max(1e-5, q.shape[1] * eps)
    sums = q.sum(axis=1)
    off = np.flatnonzero(np.abs(sums - 1) > tolerance)
    if len(off):
        raise NotProbabilities(
            f"probabilities sum to {sums[off[0]]:.6g} in {_rows(off)}, expected 1 (within {tolerance:.2g}); "
            "divide each row by its sum, or pass kb.Logits(z)"
        )


def _from_labels(labels: Any, n: int, names: tuple[str, ...]) -> Array:
    y = _array(labels, "labels")
    if y.ndim not in (1, 2) or len(y) != n:
        raise InputError(f"labels have shape {y.shape}, expected ({n},) or ({n}, k); give one row per prediction")
    if y.dtype.kind not in "iu":
        y = _as_indices(y, names)
    y = y.reshape(n, -1)
    if y.shape[1] == len(names) and n >= 10 and bool(((y == 1).sum(axis=1) == 1).all() and ((y == 0) | (y == 1)).all()):
        raise InputError("labels look one-hot, expected class indices; use labels.argmax(axis=1), or counts=labels")
    wrong = np.argwhere((y < MISSING) | (y >= len(names)))
    if len(wrong):
        row, column = wrong[0]
        raise InputError(
            f"labels hold {y[row, column]} in row {row}, expected 0 to {len(names) - 1} (or -1 for a missing one), "
            f"since probabilities have {len(names)} columns; give the model's probability of every class"
        )
    counts = np.zeros((n, len(names)))
    present = y != MISSING
    np.add.at(counts, (np.nonzero(present)[0], y[present]), 1.0)
    return counts


def _as_indices(y: NDArray[Any], names: tuple[str, ...]) -> NDArray[np.int64]:
    """Turn names of classes, or whole floats, into indices."""
    if y.dtype.kind == "b":
        return y.astype(np.int64)
    if y.dtype.kind == "f":
        present = np.where(np.isnan(y), MISSING, y)
        odd = np.argwhere(~np.isfinite(present) | (present != np.floor(present)))
        if len(odd):
            value, row = y[tuple(odd[0])], odd[0][0]
            raise InputError(
                f"labels hold {value:g} in row {row}, expected class indices; pass counts=... for label counts"
            )
        return np.clip(present, -2, len(names)).astype(np.int64)
    known = dict.fromkeys(MISSING_NAMES, MISSING) | {name: index for index, name in enumerate(names)}
    text = y.astype(str)
    values, inverse = np.unique(text, return_inverse=True)
    codes = np.array([known.get(str(v), -2) for v in values], np.int64)[inverse].reshape(y.shape)
    unknown = np.argwhere(codes == -2)
    if len(unknown):
        value, row = text[tuple(unknown[0])], unknown[0][0]
        shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
        raise InputError(
            f"labels hold {str(value)!r} in row {row}, expected one of {shown}; name the columns with classes="
        )
    return codes


def _from_counts(counts: Any, n: int, n_classes: int) -> Array:
    c = _array(counts, "counts")
    if c.dtype.kind not in "biuf":
        raise InputError(f"counts have dtype {c.dtype}, expected whole numbers; convert them with .astype(int)")
    c = c.astype(np.float64)
    if c.shape != (n, n_classes):
        raise InputError(
            f"counts have shape {c.shape}, expected {(n, n_classes)}, like probabilities; give one column per class"
        )
    bad = np.flatnonzero(~(np.isfinite(c) & (c >= 0) & (c == np.round(c))).all(axis=1))
    if len(bad):
        raise InputError(
            f"counts are not whole numbers of labels in {_rows(bad)}, expected 0, 1, 2, …; write 0 for none"
        )
    return c


def refuse_impossible(log_q: Array, counts: Array) -> None:
    """Refuse predictions under which an observed label has probability zero."""
    zero = np.flatnonzero((np.isneginf(log_q) & (counts > 0)).any(axis=1))
    if len(zero):
        raise ZeroProbability(
            f"probabilities are 0 for an observed label in {_rows(zero)}, so the cross-entropy is infinite; "
            "blend in the uniform distribution with mix=0.001 (--mix 0.001)"
        )


def group_codes(groups: Any, n: int) -> Codes | None:
    """Check **(N,)** values and number them 0 … G−1 in their order; None stays None."""
    if groups is None:
        return None
    g = _array(groups, "groups")
    if g.shape != (n,):
        raise InputError(f"groups have shape {g.shape}, expected ({n},), one per row; use a column of the same table")
    missing = np.flatnonzero(np.isin(g.astype(str), MISSING_NAMES)) if g.dtype.kind in "Of" else np.empty(0, np.int64)
    if len(missing):
        raise InputError(
            f"groups are missing in {_rows(missing)}, expected one per row; give these rows groups of their own"
        )
    codes = np.unique(g.astype(str) if g.dtype.kind == "O" else g, return_inverse=True)[1].astype(np.int64)
    if codes.max() < 1:
        raise InputError("groups are all the same, expected at least two; leave groups out")
    return codes


def _rows(rows: NDArray[np.int64]) -> str:
    """Name the first rows of many: `row 3`, or `12 rows (3, 7, 9, …)`."""
    if len(rows) == 1:
        return f"row {rows[0]}"
    return f"{len(rows)} rows ({', '.join(str(r) for r in rows[:5])}{', …' if len(rows) > 5 else ''})"
