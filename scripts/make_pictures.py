"""Make the pictures of docs/ideas and docs/account.md with numbers that the library computed.

    python scripts/make_pictures.py

Each picture is two functions: its numbers, which tests compare with closed forms, and its drawing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from pictures import cross_entropy, entropy, information, kl_divergence, monte_carlo, training
from pictures.account import brier, captured, floor, gap, guessing, learnable, recalibration
from pictures.account import cross_entropy as loss
from pictures.form import SETTINGS, Numbers

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"

PICTURES: dict[str, tuple[Callable[[], Numbers], Callable[[Numbers], Figure]]] = {
    "information": (information.numbers, information.draw),
    "entropy": (entropy.numbers, entropy.draw),
    "cross_entropy": (cross_entropy.numbers, cross_entropy.draw),
    "monte_carlo": (monte_carlo.numbers, monte_carlo.draw),
    "kl_divergence": (kl_divergence.numbers, kl_divergence.draw),
    "training": (training.numbers, training.draw),
    "account_guessing": (guessing.numbers, guessing.draw),
    "account_captured": (captured.numbers, captured.draw),
    "account_cross_entropy": (loss.numbers, loss.draw),
    "account_floor": (floor.numbers, floor.draw),
    "account_learnable": (learnable.numbers, learnable.draw),
    "account_recalibration": (recalibration.numbers, recalibration.draw),
    "account_gap": (gap.numbers, gap.draw),
    "account_brier": (brier.numbers, brier.draw),
}
"""Name → its numbers and its drawing."""


def summary(numbers: Numbers) -> str:
    """Mean and standard deviation of everything drawn, which the picture carries as its description."""
    return "; ".join(f"{name} {np.mean(x):.6g} {np.std(x):.6g}" for name, x in numbers.items())


def make(folder: Path, ending: str = "svg") -> None:
    """Draw every picture into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context(SETTINGS):
        for name, (count, draw) in PICTURES.items():
            numbers = count()
            about: Any = {"Date": None, "Description": summary(numbers)} if ending == "svg" else None
            draw(numbers).savefig(folder / f"{name}.{ending}", metadata=about)


if __name__ == "__main__":
    make(FOLDER)
