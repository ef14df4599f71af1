"""The public names are the documented ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kullback as kb

ROOT = Path(__file__).parents[2]


def test_names_are_those_of_the_reference():
    documented = re.findall(r"^\| `kb\.(\w+)", (ROOT / "docs" / "reference.md").read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(set(kb.__all__) - {"__version__"})


@pytest.mark.parametrize("name", kb.__all__)
def test_every_name_is_there(name: str):
    assert getattr(kb, name) is not None
    assert name in dir(kb)


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(AttributeError, match=r"no attribute 'entrpy'; its names are Account, .*entropy"):
        kb.entrpy  # noqa: B018 (looking it up is the test)


def test_every_measure_is_in_the_readme():
    from kullback import measures

    readme = (ROOT / "README.md").read_text()
    assert all(f"`kb.{name}(" in readme for name in measures.__all__)
