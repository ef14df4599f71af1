"""compare: from two models' predictions of the same rows to their paired differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kullback.account.audit import blended, few
from kullback.account.comparison import DIFFERENCES, Comparison
from kullback.account.held_out import cross_entropy
from kullback.account.pair import Pair, observe_pair
from kullback.account.paired import (
    agreement,
    brier_difference,
    difference,
    divergence,
    entropy_gap_difference,
    recalibration_difference,
    right_where_they_differ,
)
from kullback.estimate import Estimate
from kullback.units import DIMENSIONLESS, unit_of

NAMES = {"cross_entropy_a": "loss of A", "cross_entropy_b": "loss of B", "difference": "difference"}

RULED_OUT = {
    "KL(A‖B)": "B gives the probability 0 to a class that A holds possible",
    "KL(B‖A)": "A gives the probability 0 to a class that B holds possible",
}


def compare(
    predictions_a: Any,
    predictions_b: Any,
    labels: Any = None,
    *,
    counts: Any = None,
    groups: Any = None,
    classes: Sequence[str] | None = None,
    mix: float = 0.0,
    base: float | None = 2,
) -> Comparison:
    """Say which of two models loses less on the same rows, by how much, and how far apart their predictions are.

    H(P, A) − H(P, B) = E[log b(Y|x) − log a(Y|x)], row by row; E KL(A‖B), E KL(B‖A) and E JS(A, B) need no labels.

    Args:
        predictions_a: **(N, K)** A's probabilities of rows that it was not trained on, or `kb.Logits` of them.
        predictions_b: **(N, K)** B's of the same rows, in the same order.
        labels: **(N,)** class indices 0 … K−1 (or names of classes), or **(N, k)** for k annotators with −1, or NaN,
            for a missing label. None: only the divergences and the agreement.
        counts: **(N, K)** label counts per row, in place of labels.
        groups: **(N,)** any values; rows of one group are dependent and form one sampling unit.
        classes: the K names, for the report; 0 … K−1 if left out.
        mix: share ε of the uniform distribution blended into both models' predictions, q ← (1−ε) q + ε/K.
        base: base of the logarithm; 2 gives bits, None or e nats.

    Returns:
        A Comparison; information in bits unless another base is given.

    Raises:
        NotProbabilities: if a row is negative, NaN or does not sum to one.
        ZeroProbability: if an observed label has probability zero and `mix` is 0.
        InputError: if shapes or labels do not fit.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> z = rng.normal(size=(1000, 3))
        >>> labels = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
        >>> q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        >>> found = compare(q, 0.5 * q + 0.5 / 3, labels)
        >>> found.difference
        -0.091 ± 0.015 bit (paired mean, n = 1 000)
        >>> found.better
        'A'

    Source:
        Student (1908), "The probable error of a mean"; Lin (1991), "Divergence measures based on the Shannon entropy".
    """
    unit = unit_of(base)
    pair = observe_pair(predictions_a, predictions_b, labels, counts=counts, groups=groups, classes=classes, mix=mix)
    losses = _differences(pair)
    scaled = {name: e if e is None or e.unit == DIMENSIONLESS else e.to(unit) for name, e in losses.items()}
    choices_a, choices_b = pair.choices
    right = right_where_they_differ(pair) or (None, None, None)
    return Comparison(
        **scaled,
        kl_ab=divergence(pair, pair.kl_ab).to(unit),
        kl_ba=divergence(pair, pair.kl_ba).to(unit),
        jensen_shannon=divergence(pair, pair.jensen_shannon).to(unit),
        agreement=agreement(pair),
        right_a=right[0],
        right_b=right[1],
        right=right[2],
        differing=int((choices_a != choices_b).sum()),
        warnings=tuple(_warnings(pair, losses, mix)),
        unit=unit,
        pair=pair,
    )


def _differences(pair: Pair) -> dict[str, Estimate | None]:
    """Give what needs labels, in nats; every number None without them."""
    if pair.seen is None:
        return dict.fromkeys(("cross_entropy_a", "cross_entropy_b", *DIFFERENCES))
    a, b = pair.seen
    d = difference(a, b)
    return {
        "cross_entropy_a": cross_entropy(a),
        "cross_entropy_b": cross_entropy(b),
        "difference": d,
        "captured": dataclasses.replace(d, value=0.0 - d.value, method=f"{d.method}, H(Y) being the same"),
        "learnable": dataclasses.replace(d, method=f"{d.method}, the noise floor being the same"),
        "recalibration": recalibration_difference(a, b),
        "entropy_gap": entropy_gap_difference(a, b),
        "brier": brier_difference(a, b),
    }


def _warnings(pair: Pair, losses: dict[str, Estimate | None], mix: float) -> list[str]:
    said = blended(mix)
    for name in ("cross_entropy_a", "cross_entropy_b", "difference"):
        e = losses[name]
        said += [f"{NAMES[name]}: {note}" for note in (() if e is None else e.notes)]
    for name, rows in (("KL(A‖B)", pair.kl_ab), ("KL(B‖A)", pair.kl_ba)):
        count = int(np.isinf(rows).sum())
        if count:
            said.append(f"{name} is infinite in {count} of {len(rows)} rows: {RULED_OUT[name]}")
    return said + few(pair.units)
