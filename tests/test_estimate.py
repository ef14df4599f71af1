"""Estimate: printing, units, intervals and JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from kullback import Estimate
from kullback.errors import InputError


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        (Estimate(1.5, method="exact sum", unit="bit"), "1.5 bit (exact sum)"),
        (
            Estimate(0.5, method="monte carlo", std_error=0.0022, n=200_000),
            "0.5000 ± 0.0022 nat (monte carlo, n = 200 000)",
        ),
        (Estimate(2.0, method="exact sum", unit="1"), "2 (exact sum)"),
        (Estimate(0.1, method="Zhang", relation=">=", std_error=0.01), "≥ 0.100 ± 0.010 nat (Zhang)"),
        (Estimate(0.1, method="x", relation="<=", reliable=False), "≤ 0.1 nat (x, not reliable)"),
        (Estimate(math.inf, method="exact sum"), "inf nat (exact sum)"),
        (Estimate(torch.tensor(0.25, requires_grad=True), method="exact sum"), "0.25 nat (exact sum)"),
    ],
)
def test_prints(estimate: Estimate, text: str):
    assert repr(estimate) == text


def test_changes_unit_of_value_and_both_errors():
    bits = Estimate(math.log(2), method="x", std_error=math.log(2) / 10, error=math.log(2) / 100).to("bit")
    assert (bits.unit, bits.value, bits.std_error, bits.error) == ("bit", *map(pytest.approx, (1, 0.1, 0.01)))
    assert float(bits.to("ban")) == pytest.approx(math.log10(2))
    assert float(bits.to("base 3.0")) == pytest.approx(math.log(2, 3))


def test_a_pure_number_has_no_other_unit():
    with pytest.raises(InputError, match=r"unit is '1', a pure number, expected a unit of information"):
        Estimate(2.0, method="x", unit="1").to("bit")


def test_interval_is_normal_and_adds_the_numerical_error():
    low, high = Estimate(1.0, method="x", std_error=0.1, error=0.01).interval(0.95)
    assert (low, high) == (pytest.approx(1 - 0.195996 - 0.01, abs=1e-5), pytest.approx(1 + 0.195996 + 0.01, abs=1e-5))
    with pytest.raises(InputError, match=r"level is 95, expected between 0 and 1; use interval\(0.95\)"):
        Estimate(1.0, method="x").interval(95)


def test_arrays_keep_their_kind():
    e = Estimate(np.array([1.0, 2.0]), method="x", std_error=np.array([0.1, 0.2]))
    assert isinstance(e.to("bit").value, np.ndarray)
    assert e.interval()[0].shape == (2,)
    assert repr(e) == "array([1., 2.]) ± array([0.1, 0.2]) nat (x)"


def test_dict_is_json():
    e = Estimate(np.array([1.0, np.inf]), method="x", unit="bit", std_error=0.5, notes=("a",), n=3)
    plain = json.loads(json.dumps(e.to_dict(), allow_nan=False))
    assert plain["value"] == [1.0, "inf"]
    assert (plain["std_error"], plain["unit"], plain["relation"], plain["method"]) == (0.5, "bit", "=", "x")
    assert (plain["notes"], plain["n"], plain["reliable"]) == (["a"], 3, True)
