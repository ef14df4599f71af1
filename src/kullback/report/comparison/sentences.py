"""What is said of a comparison in words, the same in the terminal and on the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kullback.estimate import Estimate, decimals
from kullback.report.sentences import labels_per_row, number, plural, signed, thousands
from kullback.units import DIMENSIONLESS

if TYPE_CHECKING:
    from kullback.account import Comparison

NAMES = {
    "cross_entropy_a": "Cross-entropy of A, H(P, A)",
    "cross_entropy_b": "Cross-entropy of B, H(P, B)",
    "difference": "Cross-entropy, A − B",
    "captured": "Captured, A − B",
    "learnable": "Still learnable, A − B",
    "recalibration": "Removable by recalibration, A − B",
    "entropy_gap": "Entropy gap, A − B",
    "brier": "Brier score, A − B",
    "kl_ab": "KL(A‖B)",
    "kl_ba": "KL(B‖A)",
    "jensen_shannon": "Jensen–Shannon divergence",
    "agreement": "Rows with the same first choice",
    "right_a": "Where choices differ, A is right",
    "right_b": "Where choices differ, B is right",
    "right": "Where choices differ, A − B",
}


def digits(e: Estimate) -> int:
    """Choose the decimals of a number, 3 to 7, by its error: divergences of similar models are small."""
    return min(max(decimals(float(e.std_error)), 3), 7)


def written(e: Estimate) -> str:
    """Write `−0.0310 ± 0.0042`, and an infinite number without an error."""
    return "∞" if math.isinf(float(e)) else number(e, digits(e))


def unit(e: Estimate) -> str:
    """Name the unit of a number: `bits`, or nothing where it is a pure one."""
    return "" if e.unit == DIMENSIONLESS else plural(e.unit).removeprefix("units of ")


def interval(e: Estimate) -> str:
    """Write the 95 % interval: `−0.0392 to −0.0228`."""
    d = digits(e)
    low, high = e.interval(0.95)
    return f"{signed(low, d)} to {signed(high, d)}" if math.isfinite(low) else "unknown"


def heads(comparison: Comparison) -> list[str]:
    """Give the facts over everything: rows, labels, classes, groups."""
    pair = comparison.pair
    n, n_classes = pair.log_a.shape
    labels = "no labels" if pair.seen is None else labels_per_row(pair.seen[0].k)
    grouped = [] if pair.groups is None else [f"{thousands(pair.units)} groups"]
    return [f"{thousands(n)} rows", labels, f"{n_classes} classes", *grouped]


def conclusion(comparison: Comparison) -> str:
    """Say in a sentence or two what the comparison shows."""
    return f"{_who_is_better(comparison)} {_how_far_apart(comparison)}"


def _who_is_better(comparison: Comparison) -> str:
    e = comparison.difference
    if e is None:
        return "Without labels nothing can be said of which model is better."
    if float(e) == 0 and float(e.std_error) == 0:
        return "The two models lose the same on every row."
    size, between = signed(abs(float(e)), digits(e)), f"A − B from {interval(e)} with 95\u00a0% confidence"
    if comparison.better is None:
        return (
            f"The difference of {size} {unit(e)} lies within its error ({between}): these rows do not tell which of "
            "the two models is better."
        )
    better, worse = ("A", "B") if comparison.better == "A" else ("B", "A")
    return f"{better} loses {size} {unit(e)} less than {worse}, which is beyond the error ({between})."


def _how_far_apart(comparison: Comparison) -> str:
    if comparison.differing == 0:
        return "Their first choices are the same in every row."
    n = len(comparison.pair.log_a)
    return f"Their first choices differ in {thousands(comparison.differing)} of {thousands(n)} rows."
