"""The measures of distributions by their public functions: the cases with known answers, and the choice of method."""

import math

import numpy as np
import pytest
import scipy.stats
import torch
import torch.distributions as td
from tests.cases.families import build, cases, f64, mixture

import kullback as kb
from kullback.errors import InputError, UnsupportedError
from kullback.estimators.densities import METHODS

CASES = cases()
MEASURES = {"entropy": kb.entropy, "cross_entropy": kb.cross_entropy, "kl": kb.kl_divergence}
NORMAL, CAUCHY = td.Normal(f64(0.0), f64(1.0)), td.Cauchy(f64(0.0), f64(1.0))
POISSON, GEOMETRIC = td.Poisson(f64(3.0)), td.Geometric(f64(0.3))


def measured(case, method=None):
    arguments = [build(spec) for spec in (case["p"], case["q"]) if spec is not None]
    return MEASURES[case["measure"]](*arguments, method=method)


def check(estimate, case):
    truth = float(case["value_nats"])
    assert estimate.reliable
    if math.isinf(truth):
        assert float(estimate) == truth
    else:
        assert float(estimate) == pytest.approx(truth, rel=case["rtol"], abs=case["atol"])


def numerical(case):
    """The method for the case that evaluates densities, None where a table of outcomes is all there is."""
    p = build(case["p"])
    if isinstance(p, torch.distributions.Distribution) and p.event_shape:
        return None
    discrete = case["p"]["family"] in {"Poisson", "Geometric", "NegativeBinomial", "Zipf"}
    finite = case["p"]["family"] in {"Bernoulli", "Binomial", "Categorical"}
    of_poissons = "Poissons" in case["name"]
    return None if finite else ("series" if discrete or of_poissons else "quadrature")


@pytest.mark.parametrize("name", CASES)
def test_case(name):
    check(measured(CASES[name]), CASES[name])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if numerical(case)])
def test_case_by_integration(name):
    case = CASES[name]
    if name == "H Gamma(0.001,1)":  # x^0.001 underflows: what cannot be integrated in floating point says so
        got = measured(case, "quadrature")
        assert not got.reliable
        assert got.notes == (
            "p has mass where x underflows or overflows: no method that evaluates densities there is right",
        )
        return
    check(measured(case, numerical(case)), case)


@pytest.mark.parametrize(
    ("arguments", "method"),
    [
        ((NORMAL, td.Uniform(f64(0.0), f64(1.0))), "support"),
        ((NORMAL, NORMAL), "closed form"),
        ((td.Binomial(5, f64(0.3)), POISSON), "exact sum"),
        ((POISSON, GEOMETRIC), "series"),
        ((NORMAL, CAUCHY), "quadrature"),
        ((CAUCHY, mixture([0.5, 0.5], td.Normal(f64([0.0, 1.0]), f64(1.0)))), "tail-slope"),
        ((scipy.stats.logistic(), NORMAL), "quadrature"),
    ],
)
def test_the_first_method_that_applies(arguments, method):
    assert kb.kl_divergence(*arguments).method == method


def test_methods_that_apply_agree():
    p, q = td.Binomial(5, f64(0.3)), td.Binomial(5, f64(0.6))
    truth = 5 * (0.3 * math.log(0.3 / 0.6) + 0.7 * math.log(0.7 / 0.4))
    for method in ("closed form", "exact sum", "series"):
        got = kb.kl_divergence(p, q, method=method)
        assert (got.method, float(got)) == (method, pytest.approx(truth, rel=1e-13))
    sampled = kb.kl_divergence(p, q, method="monte carlo", rng=0, max_evals=20_000)
    assert abs(float(sampled) - truth) < 4 * float(sampled.std_error)


def test_exact_only():
    assert kb.kl_divergence(NORMAL, NORMAL, exact_only=True).method == "closed form"
    assert kb.kl_divergence(POISSON, GEOMETRIC, exact_only=True).method == "series"
    assert kb.kl_divergence(NORMAL, td.Gamma(f64(1.0), f64(1.0)), exact_only=True).method == "support"
    refused(
        lambda: kb.kl_divergence(NORMAL, CAUCHY, exact_only=True),
        UnsupportedError,
        "p is Normal beside Cauchy, for which no exact method is known; exact_only=False allows approximations",
    )
    refused(
        lambda: kb.kl_divergence(NORMAL, CAUCHY, exact_only=True, method="quadrature"),
        InputError,
        "method is 'quadrature' and exact_only is True, expected an exact method; leave one of them out",
    )
    refused(
        lambda: kb.entropy(td.LogisticNormal(f64([0.0, 0.0]), f64([1.0, 1.0])), exact_only=True),
        UnsupportedError,
        "p is LogisticNormal, for which no exact method is known; exact_only=False allows approximations",
    )


def refused(measure, error, message):
    with pytest.raises(error) as caught:
        measure()
    assert str(caught.value) == message


def test_methods_are_listed():
    assert list(METHODS) == ["support", "closed form", "exact sum", "series", "quadrature", "cubature", "monte carlo"]
    refused(
        lambda: kb.entropy(NORMAL, method="nsb"),
        InputError,
        "method is 'nsb', expected 'support' or 'closed form' or 'exact sum' or 'series' or 'quadrature' or 'cubature' "
        "or 'monte carlo' for distributions; or leave it out",
    )


@pytest.mark.parametrize(
    ("method", "arguments", "which"),
    [
        ("series", (NORMAL,), "Normal"),
        ("exact sum", (POISSON,), "Poisson"),
        ("quadrature", (POISSON,), "Poisson"),
        ("cubature", (NORMAL, CAUCHY), "Normal beside Cauchy"),
        ("support", (NORMAL, CAUCHY), "Normal beside Cauchy"),
        ("closed form", (scipy.stats.logistic(),), "logistic"),
    ],
)
def test_a_method_that_does_not_apply(method, arguments, which):
    measure = kb.kl_divergence if len(arguments) > 1 else kb.entropy
    message = f"method is '{method}', which does not apply to {which}; leave it out"
    refused(lambda: measure(*arguments, method=method), UnsupportedError, message)


@pytest.mark.parametrize(
    ("keyword", "value", "message"),
    [
        ("rtol", -1, "rtol is -1, expected a number of at least 0; rtol=1e-3"),
        ("rtol", "a", "rtol is 'a', expected a number of at least 0; rtol=1e-3"),
        ("rtol", math.nan, "rtol is nan, expected a number of at least 0; rtol=1e-3"),
        ("atol", math.inf, "atol is inf, expected a number of at least 0; atol=1e-3"),
        ("max_evals", 0, "max_evals is 0, expected a whole number of at least 1; max_evals=1000"),
        ("max_evals", 1.5, "max_evals is 1.5, expected a whole number of at least 1; max_evals=1000"),
        ("max_evals", True, "max_evals is True, expected a whole number of at least 1; max_evals=1000"),
        ("rtol", True, "rtol is True, expected a number of at least 0; rtol=1e-3"),
        ("rng", 1.5, "rng is 1.5, expected a seed of at least 0 or a numpy Generator; rng=0"),
        ("rng", -1, "rng is -1, expected a seed of at least 0 or a numpy Generator; rng=0"),
        ("rng", True, "rng is True, expected a seed of at least 0 or a numpy Generator; rng=0"),
    ],
)
def test_keywords_are_checked(keyword, value, message):
    refused(lambda: kb.entropy(NORMAL, **{keyword: value}), InputError, message)


@pytest.mark.parametrize("probs", [0.001, 0.3, 0.5, 0.7662, 0.999])
def test_a_uniform_model_has_the_cross_entropy_of_its_width(probs):
    p, q = td.ContinuousBernoulli(f64(probs)), td.Uniform(f64(-0.4), f64(2.5))
    for method in (None, "quadrature"):
        assert float(kb.cross_entropy(p, q, method=method)) == pytest.approx(math.log(2.9), rel=1e-12)


def test_numbers_of_numpy_are_numbers():
    got = kb.kl_divergence(NORMAL, CAUCHY, rtol=np.float32(1e-3), max_evals=np.int64(10_000), rng=np.int64(1))
    assert float(got) == pytest.approx(0.25924453248886226, rel=1e-3)


def test_unknown_keywords():
    refused(
        lambda: kb.entropy(NORMAL, n_samples=100),
        InputError,
        "n_samples is not a keyword of a measure, expected one of method, exact_only, rtol, atol, max_evals, rng, "
        "n_neighbors; leave it out",
    )


def test_kinds_that_share_no_base_measure():
    refused(
        lambda: kb.kl_divergence(POISSON, NORMAL),
        UnsupportedError,
        "q (Normal) has a density where p (Poisson) has probabilities of single outcomes, expected both of one kind: "
        "they share no base measure, so log p/q means nothing; bin the density first",
    )


def test_shapes_that_do_not_fit():
    vector = td.MultivariateNormal(f64([0.0, 0.0]), torch.eye(2, dtype=torch.float64))
    refused(
        lambda: kb.kl_divergence(NORMAL, vector),
        UnsupportedError,
        "q (MultivariateNormal) has outcomes of shape (2,) where p (Normal) has (), expected one shape; "
        "torch.distributions.Independent(q, 1) makes vectors of a batch",
    )
    refused(
        lambda: kb.kl_divergence(td.Normal(f64([0.0] * 3), f64(1.0)), td.Normal(f64([0.0] * 2), f64(1.0))),
        InputError,
        "q (Normal) has a batch of shape (2,) where p (Normal) has (3,), expected shapes that broadcast; "
        "q.expand(...) makes a larger batch",
    )


@pytest.mark.parametrize("thing", [object(), td.Normal, scipy.stats.norm, "normal", None])
def test_what_is_no_distribution(thing):
    with pytest.raises(UnsupportedError, match=r"^q is a \w+, expected probabilities .* or a distribution of torch or"):
        kb.kl_divergence(NORMAL, thing)
