"""The account as one bar from 0 to H(Y), and under it each part again with its number and its meaning."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import TYPE_CHECKING

from kullback.estimate import Estimate
from kullback.report import sentences
from kullback.report.pictures.canvas import COLOUR, SIZE, Axes, Picture, axes, drawing, figure, text_width, to_svg
from kullback.report.sentences import number, plural, sentence_digits, signed

if TYPE_CHECKING:
    from kullback.account import Account

MARGIN, HEAD, BAR, SCALE = 8.0, 58.0, 46.0, 40.0
"""In px: at the sides, above the bar for the two marks, the bar itself, and the scale under it."""

LINE = 17.0

BLEND = "blend"
"""The style of what may be noise or learnable: both colours, in stripes."""


CAPTION = (
    "The bar ends at what guessing the label frequencies costs. What stands left of the mark of the model's loss is "
    "still lost, what stands right of it the model took off. Whiskers and ± are one standard error."
)

"""Under the picture, as long as the model does better than guessing."""

CAPTION_WORSE = (
    "The bar ends at the model's loss, which lies beyond what guessing the label frequencies costs. Whiskers and ± "
    "are one standard error."
)


@dataclasses.dataclass(frozen=True)
class Part:
    """A stretch of the bar, with what is said of it.

    Attributes:
        start, end: in the account's unit.
        style: a role of the palette, or `BLEND`.
        value: the number, with sign, error and unit.
        meaning: what it is.
        drawn: whether it is a stretch of the bar itself, or lies over others.
    """

    start: float
    end: float
    style: str
    value: str
    meaning: str
    drawn: bool = True


def account_bar(account: Account) -> Picture:
    """Draw the account, once for a wide page and once for a narrow one."""
    pieces = parts(account)
    label = _label(account, pieces)
    worse = float(account.cross_entropy) > float(account.prior_entropy)
    layouts = (("account-wide", 720.0), ("account-narrow", 344.0))
    return Picture(
        tuple(_draw(account, pieces, name, width, label) for name, width in layouts),
        CAPTION_WORSE if worse else CAPTION,
    )


def parts(account: Account) -> list[Part]:
    """Cut the bar: noise floor, what may be either, learnable, captured; or what stands in their place."""
    loss, guessing = float(account.cross_entropy), float(account.prior_entropy)
    below = _unknown_floor(account) if account.floor_lower is None else _with_floor(account)
    if loss <= guessing:
        return [*below, Part(loss, guessing, "captured", _said(account, [account.captured]), "captured by the model")]
    value = _excess(account, -float(account.captured), account.captured)
    doubt = "" if sentences.worse_than_guessing(account) else ", within the error"
    return [
        *below,
        Part(guessing, loss, "alarm", value, f"worse than guessing the label frequencies{doubt}", drawn=False),
    ]


def _unknown_floor(account: Account) -> list[Part]:
    loss = float(account.cross_entropy)
    meaning = "noise of the labels + not yet learned: one label per row cannot tell them apart"
    return [Part(0.0, loss, BLEND, _said(account, [account.cross_entropy]), meaning), *_recalibration(account)]


def _with_floor(account: Account) -> list[Part]:
    loss = float(account.cross_entropy)
    low = max(float(account.floor_lower or 0.0), 0.0)
    high = max(float(account.floor_upper or 0.0), low)
    if loss < low:
        floor = _said(account, [account.floor_lower])
        doubt = "too good to be true" if sentences.too_good(account) else "within the error"
        gap = _excess(account, low - loss, account.learnable_upper)
        return [
            Part(0.0, low, "floor", floor, "noise floor of the labels, which no honest model goes below"),
            Part(loss, low, "alarm", gap, f"the loss lies below the noise floor: {doubt}", drawn=False),
        ]
    high, floor = min(high, loss), _said(account, [account.floor_lower, account.floor_upper])
    found = [Part(0.0, low, "floor", floor, "noise of the labels: at least the solid part, at most the striped too")]
    if high > low:
        width = f"{signed(high - low, sentence_digits(account))} {plural(account.unit)} wide"
        found.append(Part(low, high, BLEND, width, "noise or learnable: not known"))
    if loss > high:
        learnable = _said(account, [account.learnable_lower, account.learnable_upper])
        found.append(Part(high, loss, "learnable", learnable, "a better model could still learn"))
    return [*found, *_recalibration(account)]


def _recalibration(account: Account) -> list[Part]:
    gain, loss = account.calibration_lower, float(account.cross_entropy)
    if gain is None or not sentences.clears_zero(gain):
        return []
    value = _said(account, [gain, account.calibration_upper])
    start = max(loss - float(gain), 0.0)
    return [Part(start, loss, "recalibration", value, "of which recalibration alone would remove", drawn=False)]


def _excess(account: Account, excess: float, e: Estimate | None) -> str:
    """Write by how much a bound falls short of zero, with the error of the bound."""
    d = sentence_digits(account)
    spread = "unknown" if e is None else number(e, d).rpartition(" ")[2]
    return f"{signed(excess, d)} ± {spread} {plural(account.unit)}"


def _said(account: Account, bounds: list[Estimate | None]) -> str:
    """Write `0.479 ± 0.012 to 0.547 ± 0.013 bits`, or `≥ 0.373 ± 0.014 bits`."""
    d = sentence_digits(account)
    present = [e for e in bounds if e is not None]
    if len(present) == 1:
        sign = "" if present[0].relation == "=" else sentences.SIGNS[present[0].relation] + " "
        return f"{sign}{number(present[0], d)} {plural(account.unit)}"
    return f"{' to '.join(number(e, d) for e in present)} {plural(account.unit)}"


def _label(account: Account, pieces: list[Part]) -> str:
    """Say all that the picture shows, for those who hear it."""
    d = sentence_digits(account)
    start = (
        f"One bar from 0 to what guessing costs, {number(account.prior_entropy, d)} {plural(account.unit)}. "
        f"The model's loss ends at {number(account.cross_entropy, d)}."
    )
    return " ".join([start, *(f"{p.meaning[0].upper()}{p.meaning[1:]}: {p.value}." for p in pieces)])


def _draw(account: Account, pieces: list[Part], name: str, width: float, label: str) -> str:
    with drawing(name):
        rows = [textwrap.wrap(p.meaning, int((width - 2 * MARGIN) / (SIZE * 0.6))) for p in pieces]
        height = HEAD + BAR + SCALE + sum(LINE * (len(r) + 1) + 20 for r in rows)
        fig = figure(width, height)
        ax = axes(fig, 0, 0, 0, 0)
        ax.set(xlim=(0, width), ylim=(height, 0))
        ax.set_axis_off()
        ends = [account.cross_entropy, account.prior_entropy]
        span = max(*(float(e) + _finite(e) for e in ends), *(p.end for p in pieces), 1e-12)
        zoom = (width - 2 * MARGIN) / span
        for p in sorted(pieces, key=lambda piece: not piece.drawn):
            _stretch(ax, p, zoom)
        _marks(ax, account, zoom, width)
        _scale(ax, account, span, zoom)
        _rows(ax, pieces, rows, zoom, width)
        return to_svg(fig, name, label)


def _finite(e: Estimate) -> float:
    spread = float(e.std_error)
    return spread if spread < float("inf") else 0.0


def _fill(ax: Axes, p: Part, zoom: float, top: float, height: float) -> None:
    from matplotlib.patches import Rectangle

    at, width = (MARGIN + p.start * zoom, top), max((p.end - p.start) * zoom, 1.5)
    colour = COLOUR["floor" if p.style == BLEND else p.style]
    ax.add_patch(Rectangle(at, width, height, facecolor=colour, linewidth=0))
    if p.style == BLEND:
        ax.add_patch(Rectangle(at, width, height, facecolor="none", hatch="//", linewidth=0))


def _stretch(ax: Axes, p: Part, zoom: float) -> None:
    """Draw a part in the bar; what lies over others takes its lower third."""
    top, height = (HEAD, BAR) if p.drawn else (HEAD + BAR * 2 / 3, BAR / 3)
    _fill(ax, p, zoom, top, height)
    if p.drawn and p.start > 0:
        x = MARGIN + p.start * zoom
        ax.plot([x, x], [HEAD, HEAD + BAR], color=COLOUR["page"], linewidth=1.5, solid_capstyle="butt")


def _marks(ax: Axes, account: Account, zoom: float, width: float) -> None:
    """Mark H(Y) and H(P, Q) above the bar, the one further right in the upper line so that no text is crossed."""
    d = sentence_digits(account)
    named = [(account.cross_entropy, "the model's loss"), (account.prior_entropy, "guessing")]
    limit = width - MARGIN + 4
    for level, (e, name) in enumerate(sorted(named, key=lambda mark: -float(mark[0]))):
        x, y = MARGIN + float(e) * zoom, 13.0 + level * LINE
        said = f"{name} {number(e, d)}"
        at, side = _beside(x, text_width(said, bold=True), limit)
        ax.text(at, y, said, ha=side, fontweight="bold")
        top = y + 5 if side == "center" else y - 10
        ax.plot([x, x], [top, HEAD + BAR], color=COLOUR["ink"], linewidth=1.5, solid_capstyle="butt")
        error, level_y = _finite(e) * zoom, HEAD - 14 + 8 * level
        ax.plot(
            [x - error, x + error], [level_y, level_y], color=COLOUR["ink"], linewidth=1.5, marker="|", markersize=6
        )
        limit = x - 8


def _beside(x: float, width: float, limit: float) -> tuple[float, str]:
    """Put text left of its mark, or right of it, or over it; give where, and which part of the text is there."""
    if x - 5 - width > 0 and x - 5 <= limit:
        return x - 5, "right"
    if x + 5 + width <= limit:
        return x + 5, "left"
    return max(min(x, limit - width / 2), width / 2), "center"


def _scale(ax: Axes, account: Account, span: float, zoom: float) -> None:
    from matplotlib.ticker import MaxNLocator

    bottom = HEAD + BAR
    ticks = [t for t in MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(0, span) if 0 <= t <= span * 1.0001]
    digits = max((len(f"{t:.6f}".rstrip("0").partition(".")[2]) for t in ticks), default=1)
    for i, t in enumerate(ticks):
        x = MARGIN + t * zoom
        ax.plot([x, x], [bottom, bottom + 4], color=COLOUR["muted"], linewidth=1)
        said = f"{t:.{digits}f}" if i else f"0 {plural(account.unit)}"
        last = x > MARGIN + span * zoom - 12
        side = "left" if i == 0 else ("right" if last else "center")
        at = 0.0 if i == 0 else x + (MARGIN if last else 0)
        ax.text(at + (MARGIN if i == 0 else 0), bottom + 17, said, ha=side, color=COLOUR["muted"], fontsize=SIZE)


def _rows(ax: Axes, pieces: list[Part], rows: list[list[str]], zoom: float, width: float) -> None:
    """Draw each part again under its own place in the bar, with its number and its meaning."""
    y = HEAD + BAR + SCALE
    for p, meaning in zip(pieces, rows, strict=True):
        _fill(ax, p, zoom, y, 7.0)
        longest = max(text_width(p.value, 13, bold=True), *(text_width(line) for line in meaning))
        x = max(min(MARGIN + p.start * zoom, width - MARGIN - longest), MARGIN)
        ax.text(x, y + 22, p.value, fontsize=13, fontweight="bold")
        for i, line in enumerate(meaning):
            ax.text(x, y + 22 + LINE * (i + 1), line, color=COLOUR["muted"])
        y += LINE * (len(meaning) + 1) + 20
