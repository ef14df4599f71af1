"""What all pictures share: a figure without global state, colours that follow the page, and SVG that can be inlined."""

from __future__ import annotations

import dataclasses
import importlib
import io
import re
from collections.abc import Generator
from contextlib import contextmanager
from html import escape
from typing import Any, TypeAlias

Axes: TypeAlias = Any
"""matplotlib's axes, whose stubs leave keyword arguments unknown: strict type checking would refuse every call."""

Figure: TypeAlias = Any
"""matplotlib's figure, likewise."""

ROLES = ("ink", "muted", "line", "page", "floor", "learnable", "captured", "alarm", "recalibration")
"""What a colour means; the page defines `--ink` and so on, for light, dark and print."""

COLOUR = {role: f"#01fe{i:02x}" for i, role in enumerate(ROLES)}
"""Stand-ins that matplotlib draws with and that become `var(--role)` in the SVG."""

SIZE = 12.0
"""Text in px. Pictures are drawn at the width of a phone, or have a wide layout beside a narrow one."""

_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.image_inline": True,
    "font.family": ["DejaVu Sans"],
    "font.size": SIZE,
    "axes.edgecolor": COLOUR["line"],
    "axes.labelcolor": COLOUR["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "figure.dpi": 72,
    "savefig.dpi": 72,
    "grid.color": COLOUR["line"],
    "hatch.color": COLOUR["learnable"],
    "hatch.linewidth": 6.0,
    "text.color": COLOUR["ink"],
    "text.usetex": False,
    "xtick.color": COLOUR["line"],
    "ytick.color": COLOUR["line"],
    "xtick.labelcolor": COLOUR["muted"],
    "ytick.labelcolor": COLOUR["muted"],
    "path.simplify": False,
}


@dataclasses.dataclass(frozen=True)
class Picture:
    """A drawing and its description.

    Attributes:
        svg: source to be inlined, one per layout (wide and narrow, or one for both).
        caption: what it shows, in words.
    """

    svg: tuple[str, ...]
    caption: str


@contextmanager
def drawing(name: str) -> Generator[None, None, None]:
    """Draw in the library's settings and not in the user's, with ids that depend on the picture's name alone."""
    matplotlib: Any = importlib.import_module("matplotlib")
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"}
    with matplotlib.rc_context({**defaults, **_SETTINGS, "svg.hashsalt": name}):
        yield


def figure(width: float, height: float) -> Figure:
    """Make an empty figure of a size in px."""
    module: Any = importlib.import_module("matplotlib.figure")
    return module.Figure(figsize=(width / 72, height / 72))


def axes(fig: Figure, left: float, right: float, top: float, bottom: float) -> Axes:
    """Add axes with margins in px."""
    width, height = fig.get_size_inches() * 72
    return fig.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )


def text_width(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """Measure text in px; the measuring font is a wide one, so that the reader's font fits too."""
    from matplotlib.font_manager import FontProperties

    textpath: Any = importlib.import_module("matplotlib.textpath")
    font = FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    return float(textpath.TextPath((0, 0), text, size=size, prop=font, usetex=False).get_extents().x1)


def to_svg(fig: Figure, name: str, label: str) -> str:
    """Turn a figure into SVG to be inlined in a page.

    Args:
        fig: drawn in the colours of `COLOUR`.
        name: prefix of every id, since several pictures share a page.
        label: read aloud in place of the picture.

    Returns:
        One `<svg>` element without metadata, its colours as variables of the page.
    """
    out = io.StringIO()
    fig.savefig(
        out, format="svg", transparent=True, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
    )
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg).replace("xlink:href", "href")
    svg = svg.replace("url(#", f"url(#{name}-")
    svg = re.sub(r"#01fe([0-9a-f]{2})", lambda m: f"var(--{ROLES[int(m[1], 16)]})", svg)
    view = re.search(r'viewBox="([^"]*)"', svg)
    head = f'<svg class="{name}" role="img" aria-label="{escape(label)}" viewBox="{view[1] if view else ""}">'
    return head + svg[svg.index(">") + 1 :].strip()
