"""The report as one HTML file: no network, no script that runs, everything escaped."""

from __future__ import annotations

import importlib.resources
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kullback.errors import InputError
from kullback.report import sentences
from kullback.report.surprising import clipped, most_surprising
from kullback.report.table import lines

if TYPE_CHECKING:
    from kullback.account import Account
    from kullback.report.pictures.canvas import Picture

CURVE = ("fold", "epoch", "train", "held_out")


def write_html(
    account: Account,
    path: str | Path,
    *,
    title: str = "Where the loss goes",
    curves: Sequence[Mapping[str, Any]] | None = None,
    texts: Sequence[str] | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write the account as one self-contained HTML file, H(Y) − captured = H(P, Q) = noise floor + still learnable.

    The file is written whole or not at all. It fetches nothing, and the same account gives the same bytes.

    Args:
        account: what `kullback.audit` returned, over N rows.
        path: the file to write; it is replaced if it exists.
        title: the heading.
        curves: the training history, dicts of `fold`, `epoch`, `train` and `held_out`, losses in the account's unit.
        texts: **(N,)** what to show of each row beside its numbers.
        facts: how the account came about (command, data, seed, versions), shown as a small table.

    Raises:
        InputError: if texts are not one per row, or a dict of curves lacks one of its four keys.
        OSError: if the file cannot be written.

    Example:
        >>> import numpy as np, pathlib, tempfile
        >>> from kullback.account import audit
        >>> account = audit(np.full((20, 2), 0.5), np.arange(20) % 2)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_html(account, pathlib.Path(folder) / "report.html")
        ...     (pathlib.Path(folder) / "report.html").read_text(encoding="utf-8")[:15]
        '<!doctype html>'
    """
    n = len(account.observations.counts)
    if texts is not None and len(texts) != n:
        raise InputError(
            f"texts has {len(texts)} entries, expected {n}, one per row; leave texts out to show numbers only"
        )
    history = [dict(row) for row in curves or ()]
    for row in history:
        missing = [key for key in CURVE if key not in row]
        if missing:
            raise InputError(f"curves has a row without {missing[0]!r}, expected {', '.join(CURVE)} in each; add it")
    write_whole(Path(path), _page(account, title, history, texts, facts or {}))


def _page(
    account: Account,
    title: str,
    history: list[dict[str, Any]],
    texts: Sequence[str] | None,
    facts: Mapping[str, str],
) -> str:
    import jinja2

    source = importlib.resources.files("kullback.report").joinpath("template.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source).render(
        title=clipped(title, 200),
        heads=_heads(account),
        conclusion=sentences.conclusion(account),
        no_floor="" if account.floor_lower is not None else sentences.NO_FLOOR,
        warnings=[clipped(w, 1000) for w in account.warnings],
        unit=sentences.plural(account.unit),
        pictures=_pictures(account, history),
        lines=lines(account),
        surprising=most_surprising(account, texts),
        with_texts=texts is not None,
        facts=[(clipped(key, 100), clipped(value, 2000)) for key, value in facts.items()],
        # "<" never stands in the data, so that no text in it can end the element
        data=json.dumps(account.to_dict()).replace("<", "\\u003c"),
    )


def _heads(account: Account) -> list[str]:
    """Give the facts under the title: rows, labels, classes, how the predictions were held out."""
    n, n_classes = account.observations.counts.shape
    rows = f"{sentences.thousands(n)} rows"
    return [
        rows,
        sentences.labels_per_row(account),
        f"{n_classes} classes",
        f"{clipped(account.held_out, 100)} predictions",
    ]


def _pictures(account: Account, history: list[dict[str, Any]]) -> dict[str, Picture]:
    # matplotlib is loaded here and not when the package is
    from kullback.report.pictures.account_bar import account_bar
    from kullback.report.pictures.curves import curves
    from kullback.report.pictures.reliability import reliability
    from kullback.report.pictures.surprisal import surprisal

    drawn = {"account": account_bar(account), "reliability": reliability(account), "surprisal": surprisal(account)}
    return drawn | {"curves": curves(account, history)} if history else drawn


def write_whole(path: Path, page: str) -> None:
    """Write beside the target and move it there, so that a failure leaves what was there before."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(page.encode("utf-8", "replace"))
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
