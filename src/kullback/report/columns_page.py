"""The columns of a table as one HTML file, in the style of the account's page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kullback.report import columns
from kullback.report.page import as_data, render, write_whole
from kullback.report.pictures.information_bars import information_bar, scale_end
from kullback.report.sentences import plural, signed
from kullback.report.surprising import clipped

if TYPE_CHECKING:
    from kullback.tables import TableMeasure

NAME = 80
"""At most so many characters of a column's name: they wrap."""


def write_columns_html(found: TableMeasure, path: str | Path, *, title: str = "What the columns hold") -> None:
    """Write the measured columns as one self-contained HTML file: H(X) of each and I(X;Y) as a bar up to H(Y).

    The file is written whole or not at all. It fetches nothing, and the same measures give the same bytes.

    Args:
        found: what `kullback.tables.measure` returned.
        path: the file to write; it is replaced if it exists.
        title: the heading.

    Raises:
        OSError: if the file cannot be written.

    Example:
        >>> import pathlib, tempfile
        >>> from kullback.tables import measure
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_columns_html(measure({"x": ["a", "b"] * 50}), pathlib.Path(folder) / "columns.html")
        ...     (pathlib.Path(folder) / "columns.html").read_text(encoding="utf-8")[:15]
        '<!doctype html>'
    """
    write_whole(Path(path), _page(found, title))


def _page(found: TableMeasure, title: str) -> str:
    units = plural(found.unit)
    y = found.target
    return render(
        "columns.html",
        title=clipped(title, 200),
        heads=columns.heads(found),
        legend=columns.legend(found),
        guessing=columns.guessing(found),
        conclusion=columns.conclusion(found),
        cautions=columns.CAUTIONS,
        together=columns.together(found),
        target="" if y is None else clipped(y.name, NAME),
        end=f"{signed(scale_end(found), 2)} {units}",
        is_bounded=columns.bound(found) is not None,
        rows=[(columns.row(found, c, NAME), information_bar(found, c)) for c in found.by_information()],
        remarks=[(clipped(note, 1000), columns.named(names)) for note, names in columns.remarks(found)],
        data=as_data(found.to_dict()),
    )
