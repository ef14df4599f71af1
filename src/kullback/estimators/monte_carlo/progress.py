"""A progress bar for runs that take more than two seconds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

_SHORT = 2.0


def steps(sizes: Sequence[int], seconds: float) -> Iterable[int]:
    """Go through the sizes of batches, showing progress on the terminal if it will take long.

    Args:
        sizes: how many draws each batch has.
        seconds: how long all of them are expected to take.

    Returns:
        The sizes.
    """
    if seconds < _SHORT or not sys.stderr.isatty():
        return sizes
    from rich.console import Console
    from rich.progress import track

    return track(sizes, description="drawing", console=Console(stderr=True), transient=True)
