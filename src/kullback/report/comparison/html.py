"""A comparison as one HTML file: no network, no script that runs, everything escaped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kullback.report.comparison import sentences
from kullback.report.comparison.table import differing_most, lines
from kullback.report.page import as_data, render, write_whole
from kullback.report.sentences import plural
from kullback.report.surprising import clipped

if TYPE_CHECKING:
    from kullback.account import Comparison


def write_comparison(comparison: Comparison, path: str | Path, *, title: str = "Two models, the same rows") -> None:
    """Write a comparison as one self-contained HTML file, H(P, A) − H(P, B) first.

    The file is written whole or not at all. It fetches nothing, and the same comparison gives the same bytes.

    Args:
        comparison: what `kullback.compare` returned.
        path: the file to write; it is replaced if it exists.
        title: the heading.

    Raises:
        OSError: if the file cannot be written.

    Example:
        >>> import numpy as np, pathlib, tempfile
        >>> from kullback.account import compare
        >>> comparison = compare(np.full((20, 2), 0.5), np.full((20, 2), 0.5), np.arange(20) % 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_comparison(comparison, pathlib.Path(folder) / "report.html")
        ...     (pathlib.Path(folder) / "report.html").read_text(encoding="utf-8")[:15]
        '<!doctype html>'
    """
    # matplotlib is loaded here and not when the package is
    from kullback.report.pictures.two_models import divergences, losses

    page = render(
        "comparison.html",
        title=clipped(title, 200),
        heads=sentences.heads(comparison),
        conclusion=sentences.conclusion(comparison),
        warnings=[clipped(w, 1000) for w in comparison.warnings],
        unit=plural(comparison.unit),
        picture=divergences(comparison) if comparison.difference is None else losses(comparison),
        lines=lines(comparison),
        rows=differing_most(comparison),
        by="KL(A‖B)" if comparison.difference is None else "the size of A − B, the difference of the surprisals",
        data=as_data(comparison.to_dict()),
    )
    write_whole(Path(path), page)
