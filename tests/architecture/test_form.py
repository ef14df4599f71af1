"""The form of the source: short files, rooms with names, nothing hidden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "src").rglob("*.py")) + sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_are_short(path: Path):
    assert len(path.read_text().splitlines()) <= 300


def test_no_room_is_a_drawer():
    drawers = {"utils", "common", "core", "misc", "helpers", "other"}
    assert not [path for path in (ROOT / "src").rglob("*") if path.stem in drawers]


def test_waivers_have_a_reason():
    """Each `noqa` is followed by why, in brackets."""
    bare = [
        f"{path.name}: {line.strip()}"
        for path in FILES
        for line in path.read_text().splitlines()
        if re.search(r"# noqa(?!: [A-Z0-9, ]+ \()", line) and "re.search" not in line
    ]
    assert not bare


def test_model_files_are_never_pickles():
    pickling = re.compile(r"import pickle|torch\.(save|load)\(|joblib")
    assert not [path for path in (ROOT / "src").rglob("*.py") if pickling.search(path.read_text())]
