"""How numbers are written and what is said of them in words, the same in the terminal and on the page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from kullback.estimate import Estimate, decimals

if TYPE_CHECKING:
    from kullback.account import Account

SIGNS = {"=": "=", ">=": "≥", "<=": "≤"}

CLEAR = 1.64
"""Standard errors by which a bound must clear zero before it is said to: one-sided 95 %."""

HAIR = 1e-6
"""In units of the last digit: 0.29 × 100 is 28.999…, which is not to be rounded down to 28."""

NO_FLOOR = (
    "The noise floor H(Y|X) is unknown, because one label per row cannot tell noise from what the model missed; "
    "it is at most the cross-entropy. Two labels on some rows would bracket it."
)


def plural(unit: str) -> str:
    """Name many of a unit: `"bits"`."""
    return f"{unit}s" if unit in {"bit", "nat", "ban"} else f"units of {unit}"


def signed(x: float, digits: int) -> str:
    """Write a number with a true minus sign, and zero without one."""
    written = f"{x:.{digits}f}"
    return written.replace("-", "" if float(written) == 0 else "−")


def number(e: Estimate, digits: int) -> str:
    """Write `1.1224 ± 0.0182`."""
    spread = float(e.std_error)
    return f"{signed(float(e), digits)} ± " + (f"{spread:.{digits}f}" if math.isfinite(spread) else "unknown")


def directed(e: Estimate, digits: int) -> str:
    """Write `≥ 0.4795 ± 0.0122`."""
    return f"{SIGNS[e.relation]} {number(e, digits)}"


def at_least(x: float, digits: int) -> str:
    """Round down, so that "at least" stays true."""
    return signed(math.floor(x * 10**digits + HAIR) / 10**digits, digits)


def at_most(x: float, digits: int) -> str:
    """Round up, so that "at most" stays true."""
    return signed(math.ceil(x * 10**digits - HAIR) / 10**digits, digits)


def table_digits(account: Account) -> int:
    """Choose the decimals of all numbers, 3 or 4, by the smallest error among them."""
    errors = [float(e.std_error) for e in account.estimates().values() if e is not None and float(e.std_error) > 0]
    return min(max(decimals(min(errors, default=0.0)), 3), 4)


def sentence_digits(account: Account) -> int:
    """Choose the decimals within a sentence, 2 or 3, by the error of the cross-entropy."""
    return min(max(decimals(float(account.cross_entropy.std_error)), 2), 3)


def thousands(n: int) -> str:
    """Write `3 708`, with a space that does not break."""
    return f"{n:,}".replace(",", "\u00a0")


def share(p: float) -> str:
    """Write a p-value: `p = 0.04`, `p < 0.0001`."""
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def labels_per_row(k: Any) -> str:
    """Say how many labels rows have, of **(N,)** numbers: `20 labels per row`, `1 to 5 labels per row`."""
    low, high = int(k.min()), int(k.max())
    if low == high:
        return f"{low} label per row" if low == 1 else f"{low} labels per row"
    return f"{low} to {high} labels per row"


def confidence(account: Account) -> str:
    """Say in a word what the entropy gap shows."""
    gap = account.entropy_gap
    if abs(float(gap)) <= 1.96 * float(gap.std_error):
        return "no sign of over- or under-confidence"
    return "over-confident" if float(gap) > 0 else "under-confident"


def clears_zero(e: Estimate) -> bool:
    """Whether a lower bound lies above zero by more than its error."""
    return float(e) > CLEAR * float(e.std_error)


def too_good(account: Account) -> bool:
    """Whether the cross-entropy lies below the noise floor by more than its error."""
    rest = account.learnable_upper
    return rest is not None and float(rest) < -CLEAR * float(rest.std_error)


def worse_than_guessing(account: Account) -> bool:
    """Whether the cross-entropy lies above H(Y) by more than its error."""
    return float(account.captured) < -CLEAR * float(account.captured.std_error)


def recalibration(account: Account) -> str:
    """Say which maps were tried and whether they help: `none detectable (family: vector; p = 0.4)`."""
    lower = account.calibration_lower
    if lower is None:
        return "not measured: too few rows"
    p = account.calibration_p_value
    tried = f"family: {lower.method.removeprefix('cross-fitted ')}" + ("" if p is None else f"; {share(p)}")
    if clears_zero(lower):
        return tried
    # the test sees a bend in the predictions before the gain from straightening it stands out of its own error
    detected = p is not None and p < 0.05
    return f"a deviation is there, too small to measure ({tried})" if detected else f"none detectable ({tried})"


def conclusion(account: Account) -> str:
    """Say in one sentence what the account shows."""
    d, units = sentence_digits(account), plural(account.unit)
    loss = signed(float(account.cross_entropy), d)
    if too_good(account) and account.floor_lower is not None:
        floor = at_least(float(account.floor_lower), d)
        return (
            f"The loss of {loss} {units} lies below the noise floor of at least {floor}: too good to be true, so "
            "look for labels that leaked before believing it."
        )
    return f"{_opening(account, loss, units, d)}{_rest(account, d)}"


def _opening(account: Account, loss: str, units: str, d: int) -> str:
    guessing = signed(float(account.prior_entropy), d)
    if worse_than_guessing(account):
        excess = signed(-float(account.captured), d)
        return f"The model does worse than guessing: it loses {loss} {units}, {excess} more than guessing; "
    if not clears_zero(account.captured):
        return f"The model does no better than guessing, within the error: {loss} {units} against {guessing}; "
    if account.floor_lower is None:
        captured = at_least(float(account.captured), d)
        return f"Of the {guessing} {units} that guessing costs, the model captured at least {captured}; "
    return f"Of the {loss} {units} that are left, "


def _rest(account: Account, d: int) -> str:
    low, high, most = account.floor_lower, account.floor_upper, account.learnable_upper
    gain, what = _provable_gain(account)
    if low is None or high is None or most is None:
        loss = signed(float(account.cross_entropy), d)
        unknown = f"how much of the remaining {loss} is noise of the labels cannot be told from one label per row"
        return f"{unknown}." if gain <= 0 else f"{unknown}, but {what} would remove at least {at_least(gain, d)}."
    low, high = sorted((float(low), float(high)))
    noise = f"between {at_least(low, d)} and {at_most(high, d)} are noise of the labels; "
    if gain > 0:
        return f"{noise}a better model could still learn at least {at_least(gain, d)}."
    left = at_most(max(float(most), 0.0), d)
    return f"{noise}a better model could learn {left} more at the most, and perhaps nothing."


def _provable_gain(account: Account) -> tuple[float, str]:
    """Give the larger of the two gains that clear zero: of a better model, and of recalibration, which is one."""
    bounds = [(account.learnable_lower, "a better model"), (account.calibration_lower, "recalibration alone")]
    clear = [(float(e), name) for e, name in bounds if e is not None and clears_zero(e)]
    return max(clear, default=(0.0, ""))
