"""The table of a comparison: every number, what it means and what it does not; and the rows that differ most."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from kullback.estimate import Estimate
from kullback.report.comparison import sentences
from kullback.report.sentences import SIGNS, signed, thousands
from kullback.report.surprising import NAME_LENGTH, clipped

if TYPE_CHECKING:
    from kullback.account import Comparison

ROWS = 10

MEANINGS = {
    "cross_entropy_a": "A's mean loss per label. Its error holds what is hard for both, and is not that of A − B.",
    "cross_entropy_b": "B's mean loss per label, likewise.",
    "difference": (
        "Below 0: A loses less. Taken row by row, so that what is hard for both models cancels and the error is that "
        "of the difference alone. It is about these two trained models, not about how they would come out if trained "
        "again."
    ),
    "captured": "The same with the other sign: H(Y), what guessing costs, is the same for both.",
    "learnable": (
        "The same number exactly: the noise floor is that of the labels and so the same for both. It holds with one "
        "label per row, too, where neither the floor nor what is learnable is known."
    ),
    "recalibration": (
        "Above 0: recalibration alone would take more off A's loss than off B's. Where it is as large as the "
        "difference of the cross-entropies, that difference is one of calibration."
    ),
    "entropy_gap": "Surprise less expected surprise. Above 0: A is the more confident one, measured by what came out.",
    "brier": "The mean squared distance between prediction and label, a pure number; rare, large mistakes weigh less.",
    "kl_ab": "What it costs on average to use B where A is the truth, with the rows as they are. It needs no labels.",
    "kl_ba": "The same the other way round.",
    "jensen_shannon": "A divergence that is the same both ways, and never above 1 bit (log 2).",
    "agreement": "The share of rows whose most probable class is the same. All other numbers may differ still.",
    "right_a": "Over the rows with different first choices alone: how often A's is the label.",
    "right_b": "Over the same rows: how often B's is the label. Both can be wrong.",
    "right": "Over the same rows, paired. Above 0: A's choice is the label more often.",
}
"""What each number means, and what it does not."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One number of the table, written out."""

    name: str
    sign: str
    value: str
    unit: str
    method: str
    meaning: str


def lines(comparison: Comparison) -> list[Line]:
    """Write every number of the comparison that is defined, in the order of the report."""
    return [_line(name, e) for name, e in comparison.estimates().items() if e is not None]


def _line(name: str, e: Estimate) -> Line:
    said = " ".join(f"{note[0].upper()}{note[1:]}." for note in e.notes if note)
    method = e.method if e.n is None else f"{e.method}; n\u00a0=\u00a0" + thousands(e.n)
    value, meaning = sentences.written(e), f"{MEANINGS[name]} {said}".strip()
    return Line(sentences.NAMES[name], SIGNS[e.relation], value, sentences.unit(e), method, meaning)


def differing_most(comparison: Comparison) -> list[list[tuple[str, str]]]:
    """Give the ten rows where the models differ most, each as names and values."""
    return [[(_words(k), _cell(k, v)) for k, v in row.items()] for row in comparison.rows.head(ROWS).to_dicts()]


def _words(column: str) -> str:
    return {"kl": "KL(A‖B)", "difference": "A − B"}.get(column, column.replace("_a", " of A").replace("_b", " of B"))


def _cell(column: str, value: Any) -> str:
    if isinstance(value, float):
        return "∞" if value == float("inf") else signed(value, 3)
    return clipped(value, NAME_LENGTH)
