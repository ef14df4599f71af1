"""The run folder: made at the start, marked incomplete until the last file is written."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from kullback.errors import KullbackError, RunFolderError

MODEL, CONFIG, PREDICTIONS = "model.safetensors", "config.json", "predictions.parquet"
HISTORY, REPORT, ACCOUNT = "history.jsonl", "report.html", "account.json"
ENCODED = "encoded.safetensors"
INCOMPLETE, PART = "INCOMPLETE", ".part"

FILES = (MODEL, CONFIG, PREDICTIONS, HISTORY, REPORT, ACCOUNT)
"""What every finished run holds; ENCODED comes beside it where a sentence encoder was used."""

_NOTICE = (
    "This run has not finished, or was killed: the other files here are missing, or are those of an earlier run. "
    "Run it again with --overwrite.\n"
)


class RunFolder:
    """A folder that a run writes, as a context: whatever goes wrong inside leaves what was there before.

    The files are written in the subfolder `part` and moved out when all are there, so that an earlier run is replaced
    by a finished one only. A process that is killed tidies nothing up; then the file INCOMPLETE is there and says so.
    """

    def __init__(self, path: str | Path, *, overwrite: bool) -> None:
        """Check that the folder can be made, and make nothing yet.

        Args:
            path: the folder.
            overwrite: whether an earlier run there may be replaced; its encoded text is kept, and so are files that no
                run wrote.

        Raises:
            RunFolderError: if it exists and is not to be overwritten, or holds something else than a run.
        """
        self.path = Path(path)
        self.part = self.path / PART
        self.made = [p for p in (self.path, *self.path.parents) if not p.exists()]
        self.earlier = _holds_run(self.path)
        if self.path.exists() and not (self.path.is_dir() and not any(self.path.iterdir())):
            if not overwrite:
                raise RunFolderError(f"run folder {path} exists, expected a new one; use overwrite=True (--overwrite)")
            if not self.earlier and not _holds_notice(self.path):
                raise RunFolderError(f"{path} is no run folder, expected one to overwrite; name another with --output")

    def __enter__(self) -> RunFolder:
        """Make the folder, or mark that of an earlier run as incomplete."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.part, ignore_errors=True)
            (self.path / INCOMPLETE).write_text(_NOTICE, encoding="utf-8")
            self.part.mkdir()
        except OSError as error:
            self._undo()
            raise self._cannot_write(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the new files in the place of the old, or leave all as it was if anything went wrong."""
        if error is None:
            for name in FILES:
                os.replace(self.part / name, self.path / name)
            self.part.rmdir()
            (self.path / INCOMPLETE).unlink()
            return
        self._undo()
        if isinstance(error, OSError) and not isinstance(error, KullbackError):
            raise self._cannot_write(error) from error

    def _undo(self) -> None:
        shutil.rmtree(self.part, ignore_errors=True)
        for name in (INCOMPLETE,) if self.earlier else (INCOMPLETE, ENCODED, *FILES):
            with contextlib.suppress(OSError):
                (self.path / name).unlink()
        for made in self.made:
            # not empty where somebody else has put something there meanwhile
            with contextlib.suppress(OSError):
                made.rmdir()

    def _cannot_write(self, error: OSError) -> RunFolderError:
        reason = error.strerror or str(error)
        return RunFolderError(
            f"run folder {self.path} cannot be written: {reason}; free space or name another with --output"
        )

    def write_text(self, name: str, text: str) -> None:
        """Write a text file."""
        (self.part / name).write_text(text, encoding="utf-8")

    def write_json(self, name: str, value: Any) -> None:
        """Write JSON, readable by people."""
        self.write_text(name, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")

    def write_lines(self, name: str, values: Iterable[Any]) -> None:
        """Write JSON lines."""
        self.write_text(name, "".join(json.dumps(value, allow_nan=False) + "\n" for value in values))


def _holds_run(path: Path) -> bool:
    """Tell whether a folder holds a finished run of this library, and not something else with a config.json."""
    try:
        config = json.loads((path / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    own = isinstance(config, dict) and {"model", "held_out", "versions"} <= set(config)  # pyright: ignore[reportUnknownArgumentType]
    return own and not (path / INCOMPLETE).exists()


def _holds_notice(path: Path) -> bool:
    """Tell whether a run was killed in a folder."""
    try:
        return (path / INCOMPLETE).read_text(encoding="utf-8").startswith(_NOTICE[:20])
    except (OSError, ValueError):
        return False


def next_folder(name: str) -> Path:
    """Give the first of runs/NAME, runs/NAME-2, runs/NAME-3 … that does not exist."""
    path, number = Path("runs") / name, 1
    while path.exists():
        number += 1
        path = Path("runs") / f"{name}-{number}"
    return path


def require_complete(path: Path) -> None:
    """Refuse what is not a finished run folder.

    Raises:
        RunFolderError: naming the folder and what is wrong with it.
    """
    if not path.is_dir():
        raise RunFolderError(f"{path} is not a folder, expected a run folder; give what kullback fit wrote")
    if (path / INCOMPLETE).exists():
        raise RunFolderError(f"run folder {path} is incomplete, expected a finished run; fit again with --overwrite")
    missing = [name for name in (MODEL, CONFIG, PREDICTIONS) if not (path / name).exists()]
    if missing:
        raise RunFolderError(f"{path} has no {missing[0]}, expected a run folder; give what kullback fit wrote")
