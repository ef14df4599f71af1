"""The columns of a table as text: the entropy of each, what it tells of the target, and why a number is missing."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import TYPE_CHECKING

from kullback.estimate import Estimate
from kullback.report.sentences import SIGNS, plural, share, signed, thousands
from kullback.report.surprising import clipped

if TYPE_CHECKING:
    from kullback.tables import ColumnMeasure, TableMeasure

DIGITS = 4

SEEN = 0.05
"""Information whose p-value is at least this is called none seen."""

CAUTIONS = "Of columns that tell nothing, one in twenty shows p < 0.05 by chance. What columns tell does not add up."

WIDTH = 100
SHOWN = 40
"""Columns in the terminal; the page and the JSON hold all."""

NAME, KIND, NAMED = 24, 12, 5
"""At most so many characters of a name and of a kind, and so many names beside one remark."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One column, written out."""

    name: str
    kind: str
    values: str
    missing: str
    entropy: str
    information: str
    part: str
    p_value: str


def row(found: TableMeasure, c: ColumnMeasure, length: int) -> Row:
    """Write one column, its name cut to a length."""
    return Row(
        clipped(c.name, length) or "(no name)",
        clipped(c.kind, KIND),
        "" if c.distinct is None else thousands(c.distinct),
        thousands(c.missing) if c.missing else "",
        _number(c.entropy) + (" h" if c.differential and c.entropy is not None else ""),
        _number(c.information),
        _part(found, c),
        "" if c.p_value is None else (share(c.p_value) if c.p_value < SEEN else f"none seen, {share(c.p_value)}"),
    )


def _number(e: Estimate | None) -> str:
    """Write `≥ 0.1653 ± 0.0035`, without an error where that is known not to cover."""
    if e is None:
        return ""
    value = f"{SIGNS[e.relation]} {signed(float(e), DIGITS)}"
    return f"{value} ± {float(e.std_error):.{DIGITS}f}" if e.reliable else value


def _part(found: TableMeasure, c: ColumnMeasure) -> str:
    """Write the information as a share of H(Y), which bounds it unless the entropy is differential."""
    most = bound(found)
    if most is None or c.information is None:
        return ""
    return f"{signed(100 * float(c.information) / most, 0 if float(c.information) >= most / 100 else 1)} %"


def bound(found: TableMeasure) -> float | None:
    """Give H(Y), None where there is none that bounds information: no target, or one of a density."""
    y = found.target
    if y is None or y.differential or y.entropy is None or float(y.entropy) <= 0:
        return None
    return float(y.entropy)


def heads(found: TableMeasure) -> list[str]:
    """Give the facts above the table: rows, columns, target."""
    facts = [counted(found.rows, "row"), counted(len(found.columns), "column")]
    y = found.target
    if y is not None:
        facts.append(f"target {clipped(y.name, NAME)}, {counted(y.distinct or 0, 'value')}")
    if found.left_out:
        facts.append(f"{counted(found.left_out, 'row')} without a target left out")
    return facts


def counted(n: int, what: str) -> str:
    """Write `1 row`, `3 000 rows`."""
    return f"{thousands(n)} {what}" if n == 1 else f"{thousands(n)} {what}s"


def guessing(found: TableMeasure) -> str:
    """Write what guessing the target costs; empty without a target."""
    y = found.target
    if y is None or y.entropy is None:
        return ""
    name = clipped(y.name, NAME)
    symbol = f"h({name}), a differential entropy" if y.differential else f"H({name}), what guessing it costs"
    return f"{symbol}: {_number(y.entropy)} {plural(found.unit)}"


def conclusion(found: TableMeasure) -> str:
    """Say which column tells most of the target, and in how many none is seen; empty without a target."""
    if found.target is None:
        return ""
    y = clipped(found.target.name, NAME)
    told = [c for c in found.by_information() if c.information is not None]
    seen = [c for c in told if c.p_value is not None and c.p_value < SEEN]
    if not told:
        return f"No column could be measured against {y}."
    if not seen:
        return f"No column is seen to tell anything of {y}."
    first, without, most = seen[0], len(told) - len(seen), bound(found)
    least = "at least " if first.information is not None and first.information.relation == ">=" else ""
    whole = "" if most is None else f" of {signed(most, 2)}"
    value = signed(float(first.information or 0), 2)
    none = f" In {without} of {counted(len(told), 'column')} none is seen." if without else ""
    return f"{clipped(first.name, NAME)} tells most of {y}: {least}{value}{whole} {plural(found.unit)}.{none}"


def together(found: TableMeasure) -> str:
    """Say what a network captured from all columns; empty if none was trained."""
    if found.network is None or found.target is None:
        return ""
    y = clipped(found.target.name, NAME)
    return (
        f"All columns together: a small network captured {_number(found.network)} {plural(found.unit)} of {y} on rows "
        "it was not trained on. They hold at least so much."
    )


def remarks(found: TableMeasure) -> list[tuple[str, list[str]]]:
    """Give each remark with the names of the columns it is made of, in the order of the table."""
    of: dict[str, list[str]] = {}
    for c in [*([found.target] if found.target else []), *found.by_information()]:
        for note in c.notes:
            of.setdefault(note, []).append(c.name)
    return list(of.items())


def columns_to_text(found: TableMeasure) -> str:
    """Write the measured columns for the terminal, those that tell most of the target first.

    Args:
        found: what `kullback.tables.measure` returned.

    Returns:
        Plain text; information in its unit, which is written. At most 40 columns are shown.

    Example:
        >>> from kullback.tables import measure
        >>> print(columns_to_text(measure({"x": ["a", "b"] * 50})).splitlines()[0])
        100 rows · 1 column
    """
    rows = [row(found, c, NAME) for c in found.by_information()[:SHOWN]]
    more = len(found.columns) - len(rows)
    parts = [
        f"{_wrapped(' · '.join(heads(found)))}\n{_wrapped(legend(found))}",
        guessing(found),
        _table(rows, with_target=found.target is not None),
        f"{counted(more, 'column')} more, which --json and --html give." if more else "",
        "\n".join(_remark(note, names) for note, names in remarks(found)),
        _wrapped(f"{conclusion(found)} {CAUTIONS}" if found.target else ""),
        _wrapped(together(found)),
    ]
    return "\n\n".join(part for part in parts if part).replace("\u00a0", " ")


def legend(found: TableMeasure) -> str:
    """Say how the numbers are to be read."""
    marked = "; h: differential, of a density" if any(c.differential for c in found.columns) else ""
    return f"in {plural(found.unit)}; ± is one standard error, not printed where it is known not to cover{marked}"


def _table(rows: list[Row], *, with_target: bool) -> str:
    if not rows:
        return ""
    titles = ["column", "kind", "values", "missing", "entropy"]
    titles += ["information", "of H", ""] if with_target else []
    cells = [[r.name, r.kind, r.values, r.missing, r.entropy, r.information, r.part, r.p_value] for r in rows]
    lines = [titles, *(line[: len(titles)] for line in cells)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(titles))]
    right = {"values", "missing", "of H"}
    aligned = [
        "  ".join(c.rjust(w) if t in right else c.ljust(w) for c, w, t in zip(line, widths, titles, strict=True))
        for line in lines
    ]
    return "\n".join(line.rstrip() for line in aligned)


def _remark(note: str, names: list[str]) -> str:
    return _wrapped(f"{named(names)}: {clipped(note, 1000)}", indent=2)


def named(names: list[str]) -> str:
    """Write the first names, and how many more there are."""
    shown = ", ".join(clipped(name, NAME) for name in names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"


def _wrapped(sentence: str, indent: int = 0) -> str:
    return textwrap.fill(sentence, WIDTH, subsequent_indent=" " * indent)
