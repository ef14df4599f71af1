"""The loss by epoch, falling from what guessing costs towards the noise floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kullback.report.pictures.canvas import COLOUR, Axes, Picture, axes, drawing, figure, to_svg
from kullback.report.sentences import plural

if TYPE_CHECKING:
    from kullback.account import Account

MARGIN_RIGHT = 104.0
"""Room in px for the names of the lines, which stand at their ends."""

APART = 15.0
"""Least distance in px between two names."""


def curves(account: Account, history: Sequence[dict[str, Any]]) -> Picture:
    """Draw the held-out loss of every fold and the training loss, once wide and once narrow.

    Args:
        account: gives H(Y), the floor and the unit.
        history: dicts of fold, epoch, train and held_out, in the account's unit.
    """
    caption = (
        f"Loss in {plural(account.unit)} by epoch: one solid line per fold for held-out rows, dashed the mean over "
        "folds for the rows trained on. The level line is what guessing costs."
    )
    if account.floor_lower is not None:
        caption += " The shaded band is the bracket of the noise floor, below which no honest held-out loss goes."
    layouts = (("curves-wide", 720.0, 340.0), ("curves-narrow", 344.0, 280.0))
    drawn = tuple(_draw(account, history, caption, layout) for layout in layouts)
    return Picture(drawn, caption)


def _draw(account: Account, history: Sequence[dict[str, Any]], label: str, layout: tuple[str, float, float]) -> str:
    from matplotlib.ticker import MaxNLocator

    name, width, height = layout
    with drawing(name):
        fig = figure(width, height)
        ax = axes(fig, 46, MARGIN_RIGHT, 12, 44)
        ends = _lines(ax, history)
        guessing = float(account.prior_entropy)
        ax.axhline(guessing, color=COLOUR["ink"], linewidth=1)
        ends.append((guessing, "guessing, H(Y)", "ink"))
        low, high = account.floor_lower, account.floor_upper
        if low is not None and high is not None:
            ax.axhspan(float(low), float(high), color=COLOUR["floor"], alpha=0.45, linewidth=0)
            ends.append(((float(low) + float(high)) / 2, "noise floor", "muted"))
        highest = max((row["held_out"] for row in history), default=guessing)
        ax.set_ylim(top=max(guessing, min(highest, 1.6 * guessing)) * 1.04, bottom=min(0.0, ax.get_ylim()[0]))
        ax.set_xlabel("epoch")
        ax.set_ylabel(plural(account.unit))
        ax.xaxis.set_major_locator(MaxNLocator(nbins="auto", steps=[1, 2, 5, 10], integer=True))
        _names(ax, ends, height - 56)
        return to_svg(fig, name, label)


def _lines(ax: Axes, history: Sequence[dict[str, Any]]) -> list[tuple[float, str, str]]:
    """Draw the lines; give the mean height at which they end, what they are and their colour."""
    by_epoch: dict[float, list[float]] = {}
    by_fold: dict[Any, dict[float, float]] = {}
    for row in history:
        by_epoch.setdefault(row["epoch"], []).append(row["train"])
        by_fold.setdefault(row["fold"], {})[row["epoch"]] = row["held_out"]
    training = {epoch: sum(losses) / len(losses) for epoch, losses in by_epoch.items()}
    _line(ax, training, color=COLOUR["muted"], linewidth=1.6, linestyle=(0, (4, 2)))
    for losses in by_fold.values():
        _line(ax, losses, color=COLOUR["captured"], linewidth=1.2)
    ends = [losses[max(losses)] for losses in by_fold.values()]
    return [(training[max(training)], "training", "muted"), (sum(ends) / len(ends), "held-out", "captured")]


def _line(ax: Axes, losses: dict[float, float], **style: Any) -> None:
    epochs = sorted(losses)
    ax.plot(epochs, [losses[e] for e in epochs], marker="o" if len(epochs) == 1 else "", **style)


def _names(ax: Axes, ends: list[tuple[float, str, str]], height: float) -> None:
    """Write each line's name beside its end, moved apart where they would touch."""
    bottom, top = ax.get_ylim()
    gap = APART * (top - bottom) / height
    below = bottom - gap
    placed: list[tuple[float, str, str]] = []
    for y, name, colour in sorted(ends):
        below = max(y, below + gap)
        placed.append((below, name, colour))
    ceiling = top + gap
    for y, name, colour in reversed(placed):
        ceiling = min(y, ceiling - gap)
        ax.annotate(
            name, (1, ceiling), (8, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", color=COLOUR[colour], annotation_clip=False,
        )  # fmt: skip
