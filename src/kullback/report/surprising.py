"""The most surprising rows: where the labels were least what the model expected."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kullback.report.sentences import signed, thousands
from kullback.units import per_nat

if TYPE_CHECKING:
    from kullback.account import Account

ROWS = 20

TEXT_LENGTH, NAME_LENGTH, CLASSES = 300, 60, 4
"""At most so many characters of a text and of a name, and so many classes of one row."""


@dataclasses.dataclass(frozen=True)
class Surprise:
    """One row, written out."""

    row: int
    text: str
    seen: str
    predicted: str
    surprisal: str
    expected: str
    excess: str


def most_surprising(account: Account, texts: Sequence[str] | None) -> list[Surprise]:
    """Give the 20 rows of largest excess of surprisal over expected surprisal, in the account's unit."""
    seen, scale = account.observations, per_nat(account.unit)
    excess = seen.surprisal - seen.expected_surprisal
    found: list[Surprise] = []
    for i in np.argsort(-excess, kind="stable")[:ROWS].tolist():
        numbers = [float(v[i]) * scale for v in (seen.surprisal, seen.expected_surprisal, excess)]
        top = int(seen.log_q[i].argmax())
        found.append(
            Surprise(
                i,
                "" if texts is None else clipped(texts[i], TEXT_LENGTH),
                _labels(account, i),
                f"{clipped(seen.classes[top], NAME_LENGTH)} {float(np.exp(seen.log_q[i, top])):.2f}",
                *(signed(v, 2) for v in numbers),
            )
        )
    return found


def exceeding(account: Account) -> list[tuple[str, str, str, str]]:
    """Write how many labels got less than a probability, and how many the model expects: `1 %`, `214`, `130 ± 9`."""
    written: list[tuple[str, str, str, str]] = []
    for row in account.exceedances.iter_rows(named=True):
        below = f"{100 * row['probability']:g} %"
        expected = f"{signed(row['expected'], 1)} ± {signed(row['std_error'], 1)}"
        written.append((below, signed(row["surprisal"], 1), thousands(row["observed"]), expected))
    return written


def _labels(account: Account, i: int) -> str:
    """Write the labels of a row: `negative 18 · neutral 2`, or only its name where there is one."""
    counts, classes = account.observations.counts[i], account.observations.classes
    order = [int(y) for y in np.argsort(-counts, kind="stable") if counts[y] > 0]
    names = [clipped(classes[y], NAME_LENGTH) for y in order[:CLASSES]]
    if counts.sum() == 1:
        return names[0]
    rest = [f"{len(order) - CLASSES} more"] if len(order) > CLASSES else []
    return " · ".join([f"{name} {int(counts[y])}" for name, y in zip(names, order, strict=False)] + rest)


def clipped(text: object, length: int) -> str:
    """Give a text on one line, without control characters or halves of characters, at most so long."""
    kept = "".join(" " if c.isspace() else c for c in str(text)[: 4 * length] if c.isspace() or _drawable(c))
    words = " ".join(kept.split())
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def _drawable(c: str) -> bool:
    return unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"}
