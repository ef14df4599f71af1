"""Units: bases, names and factors."""

from __future__ import annotations

import math

import pytest

from kullback.errors import InputError
from kullback.units import per_nat, unit_of


@pytest.mark.parametrize(("base", "unit"), [(None, "nat"), (math.e, "nat"), (2, "bit"), (10, "ban"), (5, "base 5.0")])
def test_names(base: float | None, unit: str):
    assert unit_of(base) == unit
    assert per_nat(unit) == pytest.approx(1 / math.log(base or math.e))


@pytest.mark.parametrize("base", [1, 0, -2, 0.5, math.inf, math.nan])
def test_bases_that_measure_nothing_are_refused(base: float):
    with pytest.raises(InputError, match=r"expected a finite number above 1; use base=2 for bits"):
        unit_of(base)


def test_unknown_units_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"unit is 'byte', expected one of nat, bit, ban; use \.to\('bit'\)"):
        per_nat("byte")


def test_names_of_units_are_no_bases():
    with pytest.raises(InputError, match=r"base is 'bits', expected a number; use base=2 for bits"):
        unit_of("bits")
