"""What every page is made of: one template, the shared style, and a file that is written whole or not at all."""

from __future__ import annotations

import importlib.resources
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def render(template: str, **values: Any) -> str:
    """Fill in a template of this folder; every value is escaped, and one that is missing is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(style=_source("style.css"), **values)


def _source(name: str) -> str:
    return importlib.resources.files("kullback.report").joinpath(name).read_text(encoding="utf-8")


def as_data(values: Any) -> str:
    """Write JSON for a script element; "<" never stands in it, so that no text can end the element."""
    return json.dumps(values).replace("<", "\\u003c")


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
