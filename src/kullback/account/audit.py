"""audit: from any model's predictions and labels to the account of its loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kullback.account.account import Account
from kullback.account.calibration import recalibrations
from kullback.account.floor import Floor, noise_floor
from kullback.account.held_out import brier, brier_floor, cross_entropy, disagreement, entropy_gap
from kullback.account.observations import Observations, observe
from kullback.account.prior import captured, prior_entropy
from kullback.account.sampling import Array, Codes, mean_and_error, pick
from kullback.estimate import Estimate
from kullback.units import unit_of

FEW = 30
"""Sampling units below which errors are said to be uncertain, and neither leaks nor missing labels are looked for."""


def audit(
    probabilities: Any,
    labels: Any = None,
    *,
    counts: Any = None,
    groups: Any = None,
    classes: Sequence[str] | None = None,
    mix: float = 0.0,
    base: float | None = 2,
    held_out: str = "held-out",
) -> Account:
    """Say where a model's cross-entropy goes, from its predictions and the labels alone.

    H(Y) − captured = H(P, Q) = noise floor H(Y|X) + E KL(P(·|x)‖q(x)), each with its error and direction.

    Args:
        probabilities: **(N, K)** the model's probabilities of rows that it was not trained on, or `kb.Logits` of them.
        labels: **(N,)** class indices 0 … K−1 (or names of classes), or **(N, k)** for k annotators with −1, or NaN,
            for a missing label.
        counts: **(N, K)** label counts per row, in place of labels.
        groups: **(N,)** any values; rows of one group are dependent and form one sampling unit.
        classes: the K names, for the report; 0 … K−1 if left out.
        mix: share ε of the uniform distribution blended into the predictions, q ← (1−ε) q + ε/K.
        base: base of the logarithm; 2 gives bits, None or e nats.
        held_out: a word for how the predictions were held out, repeated in the report.

    Returns:
        An Account; information in bits unless another base is given.

    Raises:
        NotProbabilities: if a row is negative, NaN or does not sum to one.
        ZeroProbability: if an observed label has probability zero and `mix` is 0.
        InputError: if shapes or labels do not fit.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> p = rng.dirichlet([0.5, 0.5], size=2000)
        >>> labels = (rng.random((2000, 3)) < p[:, 1:]).astype(int)
        >>> account = audit(p, labels)
        >>> account.cross_entropy
        0.547 ± 0.012 bit (sample mean, n = 2 000)
        >>> account.floor_lower
        ≥ 0.506 ± 0.014 bit (pairs 1, n = 2 000)

    Source:
        Bröcker (2009), "Reliability, sufficiency, and the decomposition of proper scores"; Kull & Flach (2015).
    """
    unit = unit_of(base)
    seen = observe(probabilities, labels, counts=counts, groups=groups, classes=classes, mix=mix)
    maps = recalibrations(seen)
    floor = noise_floor(seen)
    bounds = (None,) * 4 if floor is None else (floor.lower, floor.upper, floor.learnable_lower, floor.learnable_upper)
    low, high, learnable_low, learnable_high = [_in_unit(e, unit) for e in bounds]
    calibration = maps[0] if maps else None
    loss = cross_entropy(seen)
    return Account(
        prior_entropy=prior_entropy(seen).to(unit),
        cross_entropy=loss.to(unit),
        captured=captured(seen).to(unit),
        entropy_gap=entropy_gap(seen).to(unit),
        calibration_lower=_in_unit(calibration and calibration.lower, unit),
        calibration_upper=_in_unit(calibration and calibration.upper, unit),
        calibration_p_value=calibration and calibration.p_value,
        floor_lower=low,
        floor_upper=high,
        learnable_lower=learnable_low,
        learnable_upper=learnable_high,
        brier=brier(seen),
        brier_floor=brier_floor(seen),
        recalibrations=tuple(m.to(unit) for m in maps),
        warnings=(*loss.notes, *_warnings(seen, floor, mix)),
        unit=unit,
        observations=seen,
        held_out=held_out,
    )


def _in_unit(e: Estimate | None, unit: str) -> Estimate | None:
    return None if e is None else e.to(unit)


def _warnings(seen: Observations, floor: Floor | None, mix: float) -> list[str]:
    said = blended(mix)
    if floor is not None and floor.too_good and seen.units >= FEW:
        said.append(
            "the cross-entropy lies below the noise floor: labels have leaked into the features, the test rows were "
            "used for training or tuning, or the labels are majority votes"
        )
    if _missing_with_disagreement(seen):
        said.append("rows with more labels disagree more, or less: labels seem not to be missing at random")
    if _missing_with_loss(seen):
        said.append(
            "rows with more labels have more loss, or less: the noise floor, from the rows with two labels or more, is "
            "not that of all rows"
        )
    return said + few(seen.units)


def blended(mix: float) -> list[str]:
    """Say that predictions were blended with the uniform distribution, if they were."""
    return [f"the predictions were blended with the uniform distribution, share {mix:g}"] if mix else []


def few(units: int) -> list[str]:
    """Say that there are few sampling units, if there are."""
    return [f"only {units} independent rows or groups: the errors are themselves uncertain"] if units < FEW else []


def _missing_with_disagreement(seen: Observations) -> bool:
    """Whether the number of labels of a row goes with their disagreement."""
    rows, d = disagreement(seen)
    return _go_together(seen.k[rows], d, pick(seen.groups, rows))


def _missing_with_loss(seen: Observations) -> bool:
    """Whether some rows have one label, some have more, and the number goes with the loss."""
    return bool((seen.k >= 2).any()) and _go_together(seen.k, seen.surprisal, seen.groups)


def _go_together(k: Array, x: Array, groups: Codes | None) -> bool:
    """Whether the mean of x changes with k, at p < 0.001.

    By the covariance with its robust error: the spread and the shape of x change with k, so that ranks would not do.
    """
    units = len(k) if groups is None else int(groups.max(initial=-1)) + 1
    if units < FEW or np.ptp(k) == 0 or np.ptp(x) == 0:
        return False
    value, error = mean_and_error((k - k.mean()) * (x - x.mean()), groups)
    return bool(abs(value) > 3.2905 * error)
