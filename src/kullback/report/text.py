"""The report for the terminal: one line per number, with its direction and its error."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from kullback.estimate import Estimate
from kullback.report import sentences
from kullback.report.sentences import SIGNS, labels_per_row, number, plural, table_digits

if TYPE_CHECKING:
    from kullback.account import Account

WIDTH = 96
NAME_WIDTH = 49


def to_text(account: Account) -> str:
    """Write the account for the terminal, H(Y) − captured = H(P, Q) = noise floor + still learnable.

    Args:
        account: what `kullback.audit` returned.

    Returns:
        Plain text of at most 100 columns; information in the account's unit, which is written.

    Example:
        >>> import numpy as np
        >>> from kullback.account import audit
        >>> p = np.random.default_rng(0).dirichlet([0.5, 0.5], size=400)
        >>> labels = (np.random.default_rng(1).random((400, 1)) < p[:, 1:]).astype(int)
        >>> print(to_text(audit(p, labels)).splitlines()[0])
        400 rows · 1 label per row · 2 classes · held-out predictions
    """
    parts = [_header(account), _numbers(account)]
    if account.floor_lower is None:
        parts.append(_wrapped(sentences.NO_FLOOR))
    if account.warnings:
        parts.append("\n".join(_wrapped(f"warning: {w}", indent=9) for w in account.warnings))
    parts.append(_wrapped(sentences.conclusion(account)))
    return "\n\n".join(parts)


def _header(account: Account) -> str:
    n, n_classes = account.observations.counts.shape
    rows = f"{n:,} rows".replace(",", " ")
    facts = [rows, labels_per_row(account.observations.k), f"{n_classes} classes", f"{account.held_out} predictions"]
    return f"{_wrapped(' · '.join(facts))}\nin {plural(account.unit)}; ± is one standard error"


def _numbers(account: Account) -> str:
    d = table_digits(account)
    unit = plural(account.unit).removeprefix("units of ")
    floor, learnable = [account.floor_lower, account.floor_upper], [account.learnable_lower, account.learnable_upper]
    lines = [
        _line("H(Y)      what guessing costs", [account.prior_entropy], d, unit),
        _line("        − captured by the model", [account.captured], d, unit),
        _line("H(P, Q)   cross-entropy of the predictions", [account.cross_entropy], d, unit),
        _line("of which  noise floor of the labels, H(Y|X)", floor, d, unit),
        _line("          still learnable by a better model", learnable, d, unit),
        *_recalibration(account, d, unit),
        _line(f"entropy gap: {sentences.confidence(account)}", [account.entropy_gap], d, unit),
        _line("Brier score, a pure number", [account.brier], d, ""),
        _line("          its floor, exact", [account.brier_floor], d, ""),
    ]
    return "\n".join(line for line in lines if line)


def _recalibration(account: Account, digits: int, unit: str) -> list[str]:
    bracket = [account.calibration_lower, account.calibration_upper]
    said = textwrap.wrap(sentences.recalibration(account), WIDTH - 12)
    first = _line("          removable by recalibration alone", bracket, digits, unit)
    return [first or "          removable by recalibration alone", *(f"            {s}" for s in said)]


def _line(name: str, estimates: list[Estimate | None], digits: int, unit: str) -> str:
    """Write one line; empty where the number is not defined."""
    present = [e for e in estimates if e is not None]
    if not present:
        return ""
    cells = [f"{SIGNS[e.relation]} {number(e, digits):>{digits * 2 + 8}}" for e in present]
    return f"{name:<{NAME_WIDTH}} {'  '.join(cells)} {unit}".rstrip()


def _wrapped(sentence: str, indent: int = 0) -> str:
    return textwrap.fill(sentence, WIDTH, subsequent_indent=" " * indent)
