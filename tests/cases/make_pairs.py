"""Make pairs.json: H, and KL(P‖Q) of every ordered pair of FAMILIES whose supports are nested, without the library.

Densities are written here in NumPy, quantiles are SciPy's. The average under P of a score is an integral over its own
distribution function u, from both ends: ∫ f(x) p(x) dx = ∫₀^½ f(F⁻¹(u)) du + ∫₀^½ f(F̄⁻¹(u)) du, u = e^−s, by
Gauss–Legendre panels in s that end at the kinks. Probabilities of whole numbers are summed.

    python -m tests.cases.make_pairs
"""

import json
import math
from pathlib import Path

import numpy as np
import scipy.stats as st
from scipy.special import betaincinv, betaln, erfinv, expit, gammaln, i0e, ndtri
from tests.cases.tails import LARGEST, ON, PAIRS, is_infinite

OUT = Path(__file__).with_name("pairs.json")
NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)
KINK = -0.4
"""Where the Laplace density has one."""

LAST = 300.0
"""e^−300 of the mass of P is left out at each end: more than 1e-20 of no moment that exists here."""


def _gumbel(x):
    z = (x + 0.3) / 0.9
    return -z - np.exp(-z) - np.log(0.9)


def _logistic(t, temperature, logits):
    """By |z|: the density is symmetric in z, and no exponential overflows."""
    z = np.abs(temperature * t - logits)
    return np.log(temperature) - z - 2 * np.log1p(np.exp(-z))


def _student(x, df=5.0, loc=-0.2, scale=1.3):
    z = (x - loc) / scale
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * np.log(df * np.pi) - np.log(scale)
    return constant - (df + 1) / 2 * np.log1p(z * z / df)


def _gamma(x, a, rate):
    return a * np.log(rate) - gammaln(a) + (a - 1) * np.log(x) - rate * x


def _fisher(x, m=5.0, n=7.0):
    return m / 2 * np.log(m / n) + (m / 2 - 1) * np.log(x) - (m + n) / 2 * np.log1p(m * x / n) - betaln(m / 2, n / 2)


def _mixture(x):
    return np.logaddexp(np.log(0.4) + st.norm.logpdf(x, -1, 1), np.log(0.6) + st.norm.logpdf(x, 1.5, 0.25))


def _kumaraswamy(x, y, a=1.7, b=0.8):
    log_x = np.where(x < 0.5, np.log(x), np.log1p(-np.minimum(y, 0.5)))
    return np.log(a * b) + (a - 1) * log_x + (b - 1) * np.log(-np.expm1(a * log_x))


def _continuous_bernoulli(x, p=0.3):
    odds = np.log(p / (1 - p))
    return np.log(odds / (2 * p - 1)) + np.log(1 - p) + x * odds


def _relaxed_bernoulli(x, y):
    return _logistic(np.log(x) - np.log(y), 0.8, 0.5) - np.log(x) - np.log(y)


LOG_DENSITIES = {
    "Normal": lambda x, _: -0.5 * ((x - 0.3) / 0.8) ** 2 - np.log(0.8 * np.sqrt(2 * np.pi)),
    "Laplace": lambda x, _: -np.abs(x + 0.4) / 0.6 - np.log(1.2),
    "Cauchy": lambda x, _: -np.log(1.7 * np.pi) - np.log1p(((x - 0.5) / 1.7) ** 2),
    "StudentT": lambda x, _: _student(x),
    "Gumbel": lambda x, _: _gumbel(x),
    "MixtureSameFamily": lambda x, _: _mixture(x),
    "LogitRelaxedBernoulli": lambda x, _: _logistic(x, 1.8, 0.7),
    "Exponential": lambda x, _: np.log(1.4) - 1.4 * x,
    "Gamma": lambda x, _: _gamma(x, 2.7, 1.9),
    "Chi2": lambda x, _: _gamma(x, 1.5, 0.5),
    "InverseGamma": lambda x, _: 2.5 * np.log(1.2) - gammaln(2.5) - 3.5 * np.log(x) - 1.2 / x,
    "LogNormal": lambda x, _: st.norm.logpdf(np.log(x), 0.2, 0.6) - np.log(x),
    "Weibull": lambda x, _: np.log(1.8 / 1.2) + 0.8 * np.log(x / 1.2) - (x / 1.2) ** 1.8,
    "HalfNormal": lambda x, _: np.log(2) + st.norm.logpdf(x, 0, 1.3),
    "HalfCauchy": lambda x, _: np.log(2 / np.pi / 0.8) - np.log1p((x / 0.8) ** 2),
    "FisherSnedecor": lambda x, _: _fisher(x),
    "GeneralizedPareto": lambda x, _: -6 * np.log1p(0.2 * x),
    "Beta": lambda x, y: -0.3 * np.log(x) + 0.6 * np.log(y) - betaln(0.7, 1.6),
    "Kumaraswamy": _kumaraswamy,
    "ContinuousBernoulli": lambda x, _: _continuous_bernoulli(x),
    "RelaxedBernoulli": _relaxed_bernoulli,
    "Uniform": lambda x, _: np.zeros_like(x),
    "Pareto": lambda x, _: np.log(3.5) + 3.5 * np.log(0.5) - 4.5 * np.log(x),
    "VonMises": lambda x, _: 2.0 * (np.cos(x - 0.7) - 1) - np.log(2 * np.pi * i0e(2.0)),
    "Uniform, wide": lambda x, _: np.full_like(x, -np.log(2.6)),
}
"""Log-densities at x, and at y = 1 − x where that is known better."""


def _logistic_quantile(u, upper, temperature, logits):
    t = np.log(u) - np.log1p(-u)
    return (logits + (-t if upper else t)) / temperature


def _kumaraswamy_quantile(u, upper):
    """(x, 1 − x) of F(x) = 1 − (1 − x^a)^b."""
    log_x = (np.log1p(-(u**1.25)) if upper else np.log(-np.expm1(1.25 * np.log1p(-u)))) / 1.7
    return np.exp(log_x), -np.expm1(log_x)


def _continuous_bernoulli_quantile(u, upper):
    """(x, 1 − x) of a truncated exponential of slope log 3/7."""
    slope = np.log(0.3 / 0.7)
    x = np.log1p(u * np.expm1(slope)) / slope
    y = np.log1p(u * np.expm1(-slope)) / -slope
    return (1 - y, y) if upper else (x, 1 - x)


def _relaxed_quantile(u, upper):
    t = _logistic_quantile(u, upper, 0.8, 0.5)
    return expit(t), expit(-t)


def _beta_quantile(u, upper):
    x = (st.beta.isf if upper else st.beta.ppf)(u, 0.7, 1.6)
    y = (st.beta.ppf if upper else st.beta.isf)(u, 1.6, 0.7)
    return x, y


def _fisher_quantile(u, upper):
    """7/5 B/(1 − B) of a beta-distributed B, from the nearer end."""
    a, b = (3.5, 2.5) if upper else (2.5, 3.5)
    lowest = np.exp((np.log(u * a) + betaln(a, b)) / a)  # where SciPy's inverse gives 0
    share = np.where(u < 1e-40, lowest, betaincinv(a, b, np.maximum(u, 1e-40)))
    odds = share / (1 - share)
    return 1.4 / odds if upper else 1.4 * odds


def _of_scipy(frozen):
    return lambda u, upper: frozen.isf(u) if upper else frozen.ppf(u)


QUANTILES = {
    "Normal": _of_scipy(st.norm(0.3, 0.8)),
    "Laplace": _of_scipy(st.laplace(-0.4, 0.6)),
    "Cauchy": _of_scipy(st.cauchy(0.5, 1.7)),
    "StudentT": _of_scipy(st.t(5, -0.2, 1.3)),
    "Gumbel": _of_scipy(st.gumbel_r(-0.3, 0.9)),
    "LogitRelaxedBernoulli": lambda u, upper: _logistic_quantile(u, upper, 1.8, 0.7),
    "Exponential": _of_scipy(st.expon(scale=1 / 1.4)),
    "Gamma": _of_scipy(st.gamma(2.7, scale=1 / 1.9)),
    "Chi2": _of_scipy(st.chi2(3)),
    "InverseGamma": _of_scipy(st.invgamma(2.5, scale=1.2)),
    "LogNormal": _of_scipy(st.lognorm(0.6, scale=math.exp(0.2))),
    "Weibull": _of_scipy(st.weibull_min(1.8, scale=1.2)),
    "HalfNormal": lambda u, upper: 1.3 * (-ndtri(u / 2) if upper else math.sqrt(2) * erfinv(u)),
    "HalfCauchy": _of_scipy(st.halfcauchy(scale=0.8)),
    "FisherSnedecor": _fisher_quantile,
    "GeneralizedPareto": _of_scipy(st.genpareto(0.2)),
    "Beta": _beta_quantile,
    "Kumaraswamy": _kumaraswamy_quantile,
    "ContinuousBernoulli": _continuous_bernoulli_quantile,
    "RelaxedBernoulli": _relaxed_quantile,
    "Uniform": lambda u, upper: (1 - u, u) if upper else (u, 1 - u),
    "Pareto": _of_scipy(st.pareto(3.5, scale=0.5)),
    "Uniform, wide": lambda u, upper: 2.2 - 2.6 * u if upper else -0.4 + 2.6 * u,
}
"""F⁻¹(u), or F̄⁻¹(u); with 1 − x for those on the unit interval."""


MIXTURE = {"low": (0.4, _of_scipy(st.norm(-1, 1))), "high": (0.6, _of_scipy(st.norm(1.5, 0.25)))}

PROBABILITIES = {
    "Poisson": lambda k: k * np.log(3.2) - 3.2 - gammaln(k + 1),
    "Geometric": lambda k: np.log(0.35) + k * np.log(0.65),
    "NegativeBinomial": lambda k: gammaln(k + 4) - gammaln(k + 1) - gammaln(4) + 4 * np.log(0.55) + k * np.log(0.45),
    "Bernoulli": lambda k: np.log([0.7, 0.3])[k.astype(int)],
    "Binomial": lambda k: np.log([math.comb(5, int(j)) * 0.4**j * 0.6 ** (5 - j) for j in k]),
    "Categorical": lambda k: np.log([0.2, 0.5, 0.3])[k.astype(int)],
}
"""Log-probabilities of the whole numbers of the support."""


def _points(quantile, s, upper):
    x = quantile(np.exp(-s), upper)
    return x if isinstance(x, tuple) else (x, 1 - x)


def _kink_at(quantile, upper):
    """The s whose quantile is the kink, by bisection; the far end if there is none."""
    low, high = math.log(2), LAST
    sign = -1 if upper else 1
    for _ in range(200):
        middle = 0.5 * (low + high)
        beyond = sign * (float(_points(quantile, np.asarray(middle), upper)[0]) - KINK) < 0
        low, high = (low, middle) if beyond else (middle, high)
    return 0.5 * (low + high)


def _average(score, quantile):
    """∫ score over both halves of the distribution function."""
    total = 0.0
    for upper in (False, True):
        fixed = np.concatenate([np.arange(math.log(2), 40, 0.25), np.arange(40, LAST, 2.0), [LAST]])
        edges = np.union1d(fixed, [_kink_at(quantile, upper)])
        half = np.diff(edges) / 2
        s = (edges[:-1] + half)[:, None] + half[:, None] * NODES
        f = score(*_points(quantile, s.ravel(), upper)).reshape(s.shape) * np.exp(-s)
        total += float((f * WEIGHTS * half[:, None]).sum())
    return total


def _on_circle(score):
    """VonMises has no quantiles of use: its density on panels."""
    edges = np.union1d(np.linspace(-math.pi, math.pi, 33), [KINK])
    half = np.diff(edges) / 2
    x = (edges[:-1] + half)[:, None] + half[:, None] * NODES
    return float((np.exp(LOG_DENSITIES["VonMises"](x, None)) * score(x, 1 - x) * WEIGHTS * half[:, None]).sum())


def expectation(p, score):
    """E_P[score]."""
    if p == "VonMises":
        return _on_circle(score)
    if p == "MixtureSameFamily":
        return sum(weight * _average(score, quantile) for weight, quantile in MIXTURE.values())
    return _average(score, QUANTILES[p])


def _summed(p, q):
    k = np.arange(min(LARGEST[p], 2000) + 1.0)
    log_p = PROBABILITIES[p](k)
    score = -log_p if q is None else log_p - PROBABILITIES[q](k)
    return float((np.exp(log_p) * score).sum())


def value(p, q):
    """H(P) for q None, else KL(P‖Q)."""
    if p in LARGEST:
        return _summed(p, q)
    f, g = LOG_DENSITIES[p], None if q is None else LOG_DENSITIES[q]
    with np.errstate(over="ignore"):
        return expectation(p, lambda x, y: -f(x, y) if g is None else f(x, y) - g(x, y))


def main():
    rows = {p: {"H": value(p, None)} for p in (*ON, *LARGEST)}
    for p, q in PAIRS:
        if not is_infinite(p, q):
            rows[p][q] = value(p, q)
    OUT.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
