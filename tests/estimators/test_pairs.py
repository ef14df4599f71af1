"""Entropies of the univariate classes of torch, and their divergences wherever one support lies inside another.

The values in pairs.json were integrated without the library (tests/cases/make_pairs.py); which are infinite is decided
by the moments in tests/cases/tails.py.
"""

import json

import pytest
from tests.cases.families import FAMILIES, HERE
from tests.cases.tails import INF, LARGEST, PAIRS, is_infinite

import kullback as kb

VALUES = json.loads((HERE / "pairs.json").read_text(encoding="utf-8"))
NUMERICAL = [(p, q) for p, q in PAIRS if q in ("Normal", "Gumbel", "InverseGamma", "Poisson")]


def name(pair):
    return pair.replace(", ", "_")


def numerical_method(p):
    return "series" if p in LARGEST else "quadrature"


def check(estimate, truth):
    assert estimate.reliable
    assert estimate.std_error == 0
    if truth == INF:
        assert float(estimate) == INF
        return
    assert float(estimate) == pytest.approx(truth, rel=1e-9, abs=1e-10)
    assert abs(float(estimate) - truth) <= 10 * float(estimate.error) + 1e-10 * max(1, abs(truth))


def test_every_pair_has_a_value():
    assert len(FAMILIES) == 31
    assert len(PAIRS) == 398
    infinite = [pair for pair in PAIRS if is_infinite(*pair)]
    assert len(infinite) == 24
    assert all((q in VALUES[p]) != is_infinite(p, q) for p, q in PAIRS)


@pytest.mark.parametrize("p", FAMILIES, ids=name)
def test_entropy(p):
    check(kb.entropy(FAMILIES[p]()), VALUES[p]["H"])


@pytest.mark.parametrize("p", FAMILIES, ids=name)
def test_entropy_by_integration(p):
    check(kb.entropy(FAMILIES[p](), method=numerical_method(p)), VALUES[p]["H"])


@pytest.mark.parametrize(("p", "q"), PAIRS, ids=name)
def test_divergence(p, q):
    check(kb.kl_divergence(FAMILIES[p](), FAMILIES[q]()), INF if is_infinite(p, q) else VALUES[p][q])


@pytest.mark.parametrize(("p", "q"), NUMERICAL, ids=name)
def test_divergence_by_integration(p, q):
    got = kb.kl_divergence(FAMILIES[p](), FAMILIES[q](), method=numerical_method(p))
    check(got, INF if is_infinite(p, q) else VALUES[p][q])
    assert got.method == ("tail-slope" if is_infinite(p, q) else numerical_method(p))


OUTSIDE = [("Normal", "Gamma"), ("Gamma", "Beta"), ("Beta", "Pareto"), ("Poisson", "Binomial")]


@pytest.mark.parametrize(("p", "q"), OUTSIDE)
def test_mass_outside_is_infinite(p, q):
    got = kb.kl_divergence(FAMILIES[p](), FAMILIES[q]())
    assert (float(got), got.method) == (INF, "support")
    assert got.notes == (f"infinite because p ({p}) puts mass where q ({q}) puts none",)
