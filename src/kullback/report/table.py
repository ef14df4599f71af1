"""The table of every number: what it is, how it was obtained, what it means and what it does not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from kullback.estimate import Estimate
from kullback.report.sentences import SIGNS, confidence, plural, recalibration, signed, table_digits, thousands
from kullback.units import DIMENSIONLESS

if TYPE_CHECKING:
    from kullback.account import Account

NAMES = {
    "prior_entropy": "What guessing costs, H(Y)",
    "captured": "Captured by the model",
    "cross_entropy": "Cross-entropy, H(P, Q)",
    "floor_lower": "Noise floor of the labels, H(Y|X), lower bound",
    "floor_upper": "Noise floor of the labels, H(Y|X), upper bound",
    "learnable_lower": "Still learnable, lower bound",
    "learnable_upper": "Still learnable, upper bound",
    "calibration_lower": "Removable by recalibration alone, lower bound",
    "calibration_upper": "Removable by recalibration alone, upper bound",
    "entropy_gap": "Entropy gap",
    "brier": "Brier score",
    "brier_floor": "Floor of the Brier score",
}

MEANINGS = {
    "prior_entropy": (
        "The loss of always predicting the label frequencies. It does not know the rows: a model is worth what it "
        "takes off this number."
    ),
    "captured": (
        "Information about the labels that the predictions hold. The inputs may hold more: this model shows at least "
        "so much."
    ),
    "cross_entropy": (
        "The model's mean loss per label on rows it was not trained on, scored against each label and not against "
        "the majority. It does not say whether the rest is noise or ignorance; the next lines do."
    ),
    "floor_lower": (
        "No model of these inputs gets below it, since annotators of one and the same input disagree. It is the "
        "floor of a random annotator's label given all that the annotators saw; a model that sees less has "
        "a higher one."
    ),
    "floor_upper": (
        "The labels are no noisier than this. Annotators are taken as a random draw for each row: if the same few "
        "people labelled everything, the error is too small."
    ),
    "learnable_lower": (
        "A perfect model of what the annotators saw would take off at least so much. It does not say that your "
        "columns hold what is needed."
    ),
    "learnable_upper": "No model, however good, takes off more than this.",
    "calibration_lower": (
        "Measured on rows that the recalibration was not fitted to. It is what these families of maps remove, not "
        "the whole calibration error."
    ),
    "calibration_upper": "Measured on the rows it was fitted to, which flatters it. Other maps may remove more.",
    "entropy_gap": (
        "Surprise less expected surprise: above 0 the model is too sure, below 0 not sure enough. 0 is needed for "
        "calibration but does not prove it."
    ),
    "brier": "The mean squared distance between prediction and label, from 0 to 2; rare, large mistakes weigh less.",
    "brier_floor": (
        "The chance that two annotators of one row disagree, which is the lowest Brier score any model can reach: "
        "exact here, where in bits there is only a bracket."
    ),
}
"""What each number means, and what it does not."""


@dataclasses.dataclass(frozen=True)
class Line:
    """One number of the table, written out; `value` says why where there is none."""

    name: str
    sign: str
    value: str
    error: str
    unit: str
    method: str
    meaning: str


def lines(account: Account) -> list[Line]:
    """Write every number of the account, in the order of the report."""
    digits = table_digits(account)
    return [_line(account, name, e, digits) for name, e in account.estimates().items()]


def _line(account: Account, name: str, e: Estimate | None, digits: int) -> Line:
    meaning = MEANINGS[name] + _addition(account, name)
    if e is None:
        why = "too few rows" if name.startswith("calibration") else "unknown: one label per row"
        return Line(NAMES[name], "", why, "", "", "", meaning)
    finite = float(e.std_error) < float("inf")
    spread = f"{float(e.std_error):.{digits}f}" if finite else "unknown"
    unit = "" if e.unit == DIMENSIONLESS else plural(e.unit)
    said = " ".join(f"{note[0].upper()}{note[1:]}." for note in e.notes if note)
    method = e.method if e.n is None else f"{e.method}; n\u00a0=\u00a0" + thousands(e.n)
    return Line(
        NAMES[name], SIGNS[e.relation], signed(float(e), digits), spread, unit, method, f"{meaning} {said}".strip()
    )


def _addition(account: Account, name: str) -> str:
    """Add what this account shows to what the number means in general."""
    if name == "entropy_gap":
        return f" Here: {confidence(account)}."
    if name == "calibration_lower":
        return f" Here: {recalibration(account)}."
    return ""
