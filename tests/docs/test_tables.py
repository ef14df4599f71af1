"""The tables of the pages are what the library answers now."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable
from pathlib import Path

import pytest
import torch.distributions as td

import kullback as kb

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("make_tables")


MEASURES = sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs" / "measures").glob("*.md"))
PAGES = ["README.md", "docs/methods.md", *MEASURES]


@pytest.mark.parametrize("page", PAGES)
def test_tables_are_of_this_state(tables: types.ModuleType, page: str):
    marks, make = tables.TABLES[page]
    assert tables.between((ROOT / page).read_text(), marks) == make()


def test_every_page_with_a_table_is_tested(tables: types.ModuleType):
    assert sorted(tables.TABLES) == sorted(PAGES)


def test_all_families_of_torch_are_asked(tables: types.ModuleType):
    abstract = {"Distribution", "ExponentialFamily"}
    classes = {
        name for name in td.__all__ if isinstance(kind := getattr(td, name), type) and issubclass(kind, td.Distribution)
    }
    assert set(tables.FAMILIES) == classes - abstract
    assert all(type(make()).__name__ == name for name, make in tables.FAMILIES.items())


def test_every_measure_has_a_page_and_a_row(tables: types.ModuleType):
    from kullback import measures

    assert {Path(page).stem for page in MEASURES} == set(measures.__all__)


def test_a_stale_table_is_seen(tables: types.ModuleType):
    page = "docs/measures/mutual_information.md"
    marks, make = tables.TABLES[page]
    stale = (ROOT / page).read_text().replace("exact sum", "guess")
    assert tables.between(stale, marks) != make()
    assert tables.between(tables.filled(stale, marks, make()), marks) == make()


def test_a_page_without_marks_is_refused(tables: types.ModuleType):
    with pytest.raises(ValueError, match="the page has no <!-- table"):
        tables.filled("nothing", tables.FAMILY_MARKS, "")


def refuse() -> kb.Estimate:
    return kb.entropy([3.0, 1.0])


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: kb.Estimate(float("inf"), method="support"), "+∞, support"),
        (lambda: kb.Estimate(0.5, method="monte carlo, Sobol nets"), "monte carlo"),
        (lambda: kb.Estimate(0.5, method="plug-in, Miller–Madow"), "plug-in, Miller–Madow"),
        (lambda: kb.Estimate(0.5, method="series and series"), "series"),
        (refuse, "no"),
    ],
)
def test_cells(tables: types.ModuleType, ask: Callable[[], kb.Estimate], said: str):
    assert tables.answer(ask) == said


def test_a_number_that_is_none_stops_the_table(tables: types.ModuleType):
    with pytest.raises(ValueError, match="is no answer"):
        tables.answer(lambda: kb.Estimate(float("nan"), method="quadrature"))
