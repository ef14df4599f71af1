"""A comparison for the terminal: one line per number, with its error."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from kullback.estimate import Estimate
from kullback.report.comparison import sentences
from kullback.report.sentences import SIGNS, plural

if TYPE_CHECKING:
    from kullback.account import Comparison

WIDTH, NAME_WIDTH = 96, 42


def comparison_text(comparison: Comparison) -> str:
    """Write a comparison for the terminal, H(P, A) − H(P, B) first.

    Args:
        comparison: what `kullback.compare` returned.

    Returns:
        Plain text of at most 100 columns; information in the comparison's unit, which is written.

    Example:
        >>> import numpy as np
        >>> from kullback.account import compare
        >>> q = np.full((40, 2), 0.5)
        >>> print(comparison_text(compare(q, q)).splitlines()[0])
        40 rows · no labels · 2 classes
    """
    parts = [_header(comparison), _numbers(comparison)]
    if comparison.warnings:
        parts.append("\n".join(_wrapped(f"warning: {w}", indent=9) for w in comparison.warnings))
    parts.append(_wrapped(sentences.conclusion(comparison)))
    return "\n\n".join(parts)


def _header(comparison: Comparison) -> str:
    facts = " · ".join(sentences.heads(comparison))
    paired = "" if comparison.difference is None else "; A − B is taken row by row"
    return f"{_wrapped(facts)}\nin {plural(comparison.unit)}; ± is one standard error{paired}"


def _numbers(comparison: Comparison) -> str:
    lines: list[str] = []
    for name, e in comparison.estimates().items():
        if e is None:
            continue
        lines.append(_line(sentences.NAMES[name], e))
        if name == "difference":
            lines.append(f"{'    its 95 % interval':<{NAME_WIDTH}}   {sentences.interval(e)} {sentences.unit(e)}")
    return "\n".join(lines)


def _line(name: str, e: Estimate) -> str:
    value = sentences.written(e)
    room = "" if value.startswith("−") else " "
    return f"{name:<{NAME_WIDTH}} {SIGNS[e.relation]} {room}{value} {sentences.unit(e)}".rstrip()


def _wrapped(sentence: str, indent: int = 0) -> str:
    return textwrap.fill(sentence, WIDTH, subsequent_indent=" " * indent).replace("\u00a0", " ")
