"""The run folder: made at the start, marked incomplete until the last file is written."""

from __future__ import annotations

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
INCOMPLETE = "INCOMPLETE"

_NOTICE = (
    "This run has not finished, or was killed: the other files here are not all there. Run it again with --overwrite.\n"
)


class RunFolder:
    """A folder that a run writes, as a context: whatever goes wrong inside removes it again.

    A process that is killed cannot remove it; then the file INCOMPLETE is still there and says so.
    """

    def __init__(self, path: str | Path, *, overwrite: bool) -> None:
        """Check that the folder can be made, and make nothing yet.

        Args:
            path: the folder.
            overwrite: whether an earlier run there may be replaced.

        Raises:
            RunFolderError: if it exists and is not to be overwritten, or holds something else than a run.
        """
        self.path = Path(path)
        if self.path.exists() and not (self.path.is_dir() and not any(self.path.iterdir())):
            if not overwrite:
                raise RunFolderError(f"run folder {path} exists, expected a new one; use overwrite=True (--overwrite)")
            if not self.path.is_dir() or not ((self.path / CONFIG).exists() or (self.path / INCOMPLETE).exists()):
                raise RunFolderError(f"{path} is no run folder, expected one to overwrite; name another with --output")

    def __enter__(self) -> RunFolder:
        """Make the folder, in the place of an earlier run, whose encoded text is kept."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for old in self.path.iterdir():
                if old.name != ENCODED:
                    shutil.rmtree(old) if old.is_dir() else old.unlink()
            (self.path / INCOMPLETE).write_text(_NOTICE)
        except OSError as error:
            raise self._cannot_write(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the mark away, or the folder if anything went wrong."""
        if error is None:
            (self.path / INCOMPLETE).unlink()
            return
        shutil.rmtree(self.path, ignore_errors=True)
        if isinstance(error, OSError) and not isinstance(error, KullbackError):
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: OSError) -> RunFolderError:
        reason = error.strerror or str(error)
        return RunFolderError(
            f"run folder {self.path} cannot be written: {reason}; free space or name another with --output"
        )

    def write_text(self, name: str, text: str) -> None:
        """Write a file whole or not at all."""
        part = self.path / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        os.replace(part, self.path / name)

    def write_json(self, name: str, value: Any) -> None:
        """Write JSON, readable by people."""
        self.write_text(name, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")

    def write_lines(self, name: str, values: Iterable[Any]) -> None:
        """Write JSON lines."""
        self.write_text(name, "".join(json.dumps(value, allow_nan=False) + "\n" for value in values))


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
