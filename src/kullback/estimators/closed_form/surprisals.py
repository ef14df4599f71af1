"""−log q(x) as a constant plus a combination of statistics of x: the right half of cross-family cross-entropies."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch import distributions as d

from kullback.estimators.closed_form.exponential_families import truncated_log_partition
from kullback.estimators.closed_form.gamma_functions import HALF_LOG_TAU
from kullback.estimators.closed_form.parameters import log_odds


class Surprisal(NamedTuple):
    """What has to be known of P, and how E_P[−log q] follows; None where a statistic turns out not to be closed."""

    needs: tuple[str, ...]
    expected: Callable[[Any, Callable[..., Any]], Tensor | None]


Expectation = Callable[..., Any]


def normal(q: Any, expect: Expectation) -> Tensor:
    """½ log 2π + log σ + E (x − μ)²/(2σ²)."""
    scale = q.scale.double()
    return scale.log() + HALF_LOG_TAU + 0.5 * expect("square", q.loc.double()) / (scale * scale)


def laplace(q: Any, expect: Expectation) -> Tensor | None:
    """Log 2b + E |x − μ|/b."""
    scale = q.scale.double()
    absolute = expect("absolute", q.loc.double())
    return None if absolute is None else (2 * scale).log() + absolute / scale


def gumbel(q: Any, expect: Expectation) -> Tensor:
    """Log β + (E x − μ)/β + E e^{−(x − μ)/β}."""
    loc, scale = q.loc.double(), q.scale.double()
    return scale.log() + (expect("mean") - loc) / scale + expect("exponential", loc, scale)


def uniform(q: Any, _: Expectation) -> Tensor:
    """Log of the width."""
    return (q.high.double() - q.low.double()).log()


def exponential(q: Any, expect: Expectation) -> Tensor:
    """r E x − log r."""
    rate = q.rate.double()
    return rate * expect("mean") - rate.log()


def gamma(q: Any, expect: Expectation) -> Tensor:
    """Log Γ(a) − a log r − (a − 1) E log x + r E x."""
    a, rate = q.concentration.double(), q.rate.double()
    return a.lgamma() - a * rate.log() - (a - 1) * expect("log") + rate * expect("mean")


def inverse_gamma(q: Any, expect: Expectation) -> Tensor:
    """Log Γ(a) − a log r + (a + 1) E log x + r E 1/x."""
    a, rate = q.concentration.double(), q.rate.double()
    return a.lgamma() - a * rate.log() + (a + 1) * expect("log") + rate * expect("inverse")


def log_normal(q: Any, expect: Expectation) -> Tensor:
    """½ log 2π + log σ + E log x + E (log x − μ)²/(2σ²)."""
    scale = q.scale.double()
    square = expect("log square", q.loc.double())
    return scale.log() + HALF_LOG_TAU + expect("log") + 0.5 * square / (scale * scale)


def weibull(q: Any, expect: Expectation) -> Tensor:
    """Log(λ/k) − (k − 1)(E log x − log λ) + E (x/λ)^k."""
    k, scale = q.concentration.double(), q.scale.double()
    return (scale / k).log() - (k - 1) * (expect("log") - scale.log()) + expect("power", k, scale)


def half_normal(q: Any, expect: Expectation) -> Tensor:
    """½ log(π/2) + log σ + E x²/(2σ²)."""
    scale = q.scale.double()
    square = expect("square", torch.zeros_like(scale))
    return scale.log() + (HALF_LOG_TAU - math.log(2)) + 0.5 * square / (scale * scale)


def pareto(q: Any, expect: Expectation) -> Tensor:
    """(α + 1) E log x − log α − α log σ."""
    alpha = q.alpha.double()
    return (alpha + 1) * expect("log") - alpha.log() - alpha * q.scale.double().log()


def beta(q: Any, expect: Expectation) -> Tensor:
    """Log B(a, b) − (a − 1) E log x − (b − 1) E log(1 − x)."""
    a, b = q.concentration1.double(), q.concentration0.double()
    constant = a.lgamma() + b.lgamma() - (a + b).lgamma()
    return constant - (a - 1) * expect("log") - (b - 1) * expect("log complement")


def continuous_bernoulli(q: Any, expect: Expectation) -> Tensor:
    """Log((e^λ − 1)/λ) − λ E x."""
    x = log_odds(q)
    return truncated_log_partition(x) - x * expect("mean")


SURPRISALS: dict[type[Any], Surprisal] = {
    d.Normal: Surprisal(("square",), normal),
    d.Laplace: Surprisal(("absolute",), laplace),
    d.Gumbel: Surprisal(("mean", "exponential"), gumbel),
    d.Uniform: Surprisal((), uniform),
    d.Exponential: Surprisal(("mean",), exponential),
    d.Gamma: Surprisal(("log", "mean"), gamma),
    d.InverseGamma: Surprisal(("log", "inverse"), inverse_gamma),
    d.LogNormal: Surprisal(("log", "log square"), log_normal),
    d.Weibull: Surprisal(("log", "power"), weibull),
    d.HalfNormal: Surprisal(("square",), half_normal),
    d.Pareto: Surprisal(("log",), pareto),
    d.Beta: Surprisal(("log", "log complement"), beta),
    d.ContinuousBernoulli: Surprisal(("mean",), continuous_bernoulli),
}
"""Every Q whose −log q is linear in statistics that are named in `expectations.py`."""
