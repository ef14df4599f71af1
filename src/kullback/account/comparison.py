"""The comparison itself: every difference of two models with its error and its unit."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kullback.account.pair import Pair
from kullback.estimate import Estimate
from kullback.units import per_nat

if TYPE_CHECKING:
    import polars as pl

DIFFERENCES = ("difference", "captured", "learnable", "recalibration", "entropy_gap", "brier")
"""What is A − B, in the order of the report."""

ESTIMATES = (
    "cross_entropy_a",
    "cross_entropy_b",
    *DIFFERENCES,
    "kl_ab",
    "kl_ba",
    "jensen_shannon",
    "agreement",
    "right_a",
    "right_b",
    "right",
)
"""The comparison's numbers, in the order of the report."""

BEYOND = 1.96
"""Standard errors from which on a difference is said to be beyond its error: two-sided 95 %."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """Two models, A and B, of the same rows.

    Differences are A − B, row by row: what is hard for both cancels. H(Y) and the noise floor H(Y|X) are the same for
    both models, so that `captured` is the negative of `difference` and `learnable` equals it exactly, with one label
    per row too, where neither floor nor learnable is known of either model.

    Attributes:
        cross_entropy_a, cross_entropy_b: H(P, A) and H(P, B); None without labels, as all that follows up to `brier`.
        difference: H(P, A) − H(P, B); negative: A loses less.
        captured: the difference of the information captured; positive: A captured more.
        learnable: the difference of what is still learnable, E KL(P‖A) − E KL(P‖B).
        recalibration: the difference of the cross-fitted gains of recalibration; None with too few rows, too.
        entropy_gap: the difference of the entropy gaps.
        brier: the difference of the Brier scores.
        kl_ab, kl_ba: E KL(A‖B) and E KL(B‖A) over the rows; +inf where any row is, and `notes` count these rows.
        jensen_shannon: E JS(A, B), at most log 2.
        agreement: the share of rows with the same first choice, the first class of those with the largest probability.
        right_a, right_b, right: where the choices differ, how often A's is the label, B's is, and the difference;
            None without labels and where no row differs.
        differing: the number of rows with different first choices.
        warnings: what to be careful about, in sentences.
        unit: `"bit"` unless another base was asked for.
        pair: the checked predictions and labels.
    """

    cross_entropy_a: Estimate | None
    cross_entropy_b: Estimate | None
    difference: Estimate | None
    captured: Estimate | None
    learnable: Estimate | None
    recalibration: Estimate | None
    entropy_gap: Estimate | None
    brier: Estimate | None
    kl_ab: Estimate
    kl_ba: Estimate
    jensen_shannon: Estimate
    agreement: Estimate
    right_a: Estimate | None
    right_b: Estimate | None
    right: Estimate | None
    differing: int
    warnings: tuple[str, ...]
    unit: str
    pair: Pair

    @property
    def better(self) -> Literal["A", "B"] | None:
        """The model of lower cross-entropy, if the difference is beyond 1.96 standard errors; else None."""
        d = self.difference
        if d is None or abs(float(d)) <= BEYOND * float(d.std_error):
            return None
        return "A" if float(d) < 0 else "B"

    @property
    def rows(self) -> pl.DataFrame:
        """One row per input, those where the models differ most first.

        Columns: `row`; with labels `observed`, the most frequent one; `choice_a` and `choice_b`; with labels
        `surprisal_a`, `surprisal_b` and `difference`, A − B, by whose size the rows are sorted; `kl`, KL(A‖B), by
        which they are sorted without labels. Information is in the comparison's unit.
        """
        import polars as pl

        pair, scale, classes = self.pair, per_nat(self.unit), np.array(self.pair.classes)
        a, b = pair.choices
        columns: dict[str, Any] = {"row": np.arange(len(a)), "choice_a": classes[a], "choice_b": classes[b]}
        by = pair.kl_ab
        if pair.seen is not None:
            s_a, s_b = (seen.surprisal * scale for seen in pair.seen)
            by = np.abs(s_a - s_b)
            columns = {"row": columns.pop("row"), "observed": classes[pair.seen[0].counts.argmax(axis=1)]} | columns
            columns |= {"surprisal_a": s_a, "surprisal_b": s_b, "difference": s_a - s_b}
        frame = pl.DataFrame(columns | {"kl": pair.kl_ab * scale})
        return frame[np.argsort(-by, kind="stable")]

    def estimates(self) -> dict[str, Estimate | None]:
        """Give the numbers by name, in the order of the report."""
        return {name: getattr(self, name) for name in ESTIMATES}

    def to_dict(self) -> dict[str, dict[str, Any] | None]:
        """Give each number's name → value, std_error, error, unit, relation, method, reliable, notes and n; JSON types.

        A number that is not defined is None.
        """
        return {name: None if e is None else e.to_dict() for name, e in self.estimates().items()}

    def about(self) -> dict[str, Any]:
        """Give what belongs to the numbers and is none: classes, rows, labels, differing, better, warnings."""
        seen = self.pair.seen
        return {
            "classes": list(self.pair.classes),
            "rows": len(self.pair.log_a),
            "labels": 0 if seen is None else int(seen[0].counts.sum()),
            "differing": self.differing,
            "better": self.better,
            "warnings": list(self.warnings),
        }

    def to_html(self, path: str | Path) -> None:
        """Write the comparison as one self-contained HTML file, with a picture.

        Args:
            path: the file to write; it is replaced if it exists.
        """
        from kullback.report import write_comparison

        write_comparison(self, path)

    def __repr__(self) -> str:
        """Print one line per number, with its error."""
        from kullback.report import comparison_text

        return comparison_text(self)
