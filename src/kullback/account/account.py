"""The account itself: every number with its error, its direction and its unit."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kullback.account.calibration import Recalibration
from kullback.account.exceedances import exceedances
from kullback.account.observations import Observations
from kullback.account.rows import rows_frame
from kullback.estimate import Estimate
from kullback.units import DIMENSIONLESS

if TYPE_CHECKING:
    import polars as pl

ESTIMATES = (
    "prior_entropy",
    "captured",
    "cross_entropy",
    "floor_lower",
    "floor_upper",
    "learnable_lower",
    "learnable_upper",
    "calibration_lower",
    "calibration_upper",
    "entropy_gap",
    "brier",
    "brier_floor",
)
"""The account's numbers, in the order of the report."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Account:
    """Where a model's loss goes.

    H(Y) − captured = cross-entropy = noise floor + learnable, and calibration is the part of the learnable that
    rescaling the predictions would remove. Information is in `unit`, the Brier scores are pure numbers. The first
    equation holds to the last digit with the plug-in H(Y), which keeps `captured` a lower bound; `prior_entropy` adds
    Miller and Madow's correction, some (K−1)/2n nats.

    Attributes:
        prior_entropy: H(Y), what guessing the label frequencies costs.
        cross_entropy: H(P, Q), the model's held-out loss per label.
        captured: a lower bound of I(X;Y), Ĥ(Y) − H(P, Q).
        entropy_gap: surprisal less expected surprisal; positive: over-confident, negative: under-confident.
        calibration_lower, calibration_upper: what recalibration would remove; None with too few rows.
        calibration_p_value: of the hypothesis that it would remove nothing; None with too few rows.
        floor_lower, floor_upper: bounds of the labels' noise H(Y|X); None where no input has two labels.
        learnable_lower, learnable_upper: bounds of what a better model could still learn; None likewise.
        brier, brier_floor: the Brier score, and the lowest that any model can reach; the floor None likewise.
        recalibrations: the bracket for each family of maps.
        warnings: what to be careful about, in sentences.
        unit: `"bit"` unless another base was asked for.
        observations: the checked predictions and labels.
        held_out: how the predictions were kept apart from the labels, as the reader is told.
    """

    prior_entropy: Estimate
    cross_entropy: Estimate
    captured: Estimate
    entropy_gap: Estimate
    calibration_lower: Estimate | None
    calibration_upper: Estimate | None
    calibration_p_value: float | None
    floor_lower: Estimate | None
    floor_upper: Estimate | None
    learnable_lower: Estimate | None
    learnable_upper: Estimate | None
    brier: Estimate
    brier_floor: Estimate | None
    recalibrations: tuple[Recalibration, ...]
    warnings: tuple[str, ...]
    unit: str
    observations: Observations
    held_out: str = "held-out"

    @property
    def rows(self) -> pl.DataFrame:
        """One row per input: labels, observed, predicted, surprisal, expected_surprisal, excess, margin."""
        return rows_frame(self.observations, self.unit)

    @property
    def exceedances(self) -> pl.DataFrame:
        """Very surprising labels: probability, surprisal, observed, expected, and std_error of their difference."""
        return exceedances(self.observations, self.unit)

    def estimates(self) -> dict[str, Estimate | None]:
        """Give the numbers by name, in the order of the report."""
        return {name: getattr(self, name) for name in ESTIMATES}

    def to_dict(self) -> dict[str, dict[str, Any] | None]:
        """Give each number's name → value, std_error, error, unit, relation, method, reliable, notes and n; JSON types.

        A number that is not defined is None. `calibration_p_value` is given in the same form.
        """
        p = self.calibration_p_value
        tested = None if p is None else Estimate(p, method="score test", unit=DIMENSIONLESS)
        every = self.estimates() | {"calibration_p_value": tested}
        return {name: None if e is None else e.to_dict() for name, e in every.items()}

    def about(self) -> dict[str, Any]:
        """Give what belongs to the numbers: classes, rows, labels, held_out, exceedances and warnings; JSON types."""
        return {
            "classes": list(self.observations.classes),
            "rows": len(self.observations.counts),
            "labels": int(self.observations.counts.sum()),
            "held_out": self.held_out,
            "exceedances": self.exceedances.to_dicts(),
            "warnings": list(self.warnings),
        }

    def to_html(self, path: str | Path) -> None:
        """Write the account as one self-contained HTML file, with pictures.

        Args:
            path: the file to write; it is replaced if it exists.
        """
        from kullback.report import write_html

        write_html(self, path)

    def __repr__(self) -> str:
        """Print one line per number, with direction and error."""
        from kullback.report import to_text

        return to_text(self)
