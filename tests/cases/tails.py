"""When KL(P‖Q) is infinite though Q covers P: a moment of P that −log q grows like does not exist. Three tables."""

import math

INF = math.inf

MOMENTS = {
    "Cauchy": 1.0,
    "StudentT": 5.0,
    "InverseGamma": 2.5,
    "HalfCauchy": 1.0,
    "FisherSnedecor": 3.5,
    "GeneralizedPareto": 5.0,
    "Pareto": 3.5,
}
"""E|x|^k of P is finite for k below this; for all k in the other families."""

AT_ZERO = {
    "Exponential": 1.0,
    "Gamma": 2.7,
    "Chi2": 1.5,
    "Weibull": 1.8,
    "HalfNormal": 1.0,
    "HalfCauchy": 1.0,
    "FisherSnedecor": 2.5,
    "GeneralizedPareto": 1.0,
    "Beta": 0.7,
    "Kumaraswamy": 1.7,
    "ContinuousBernoulli": 1.0,
    "RelaxedBernoulli": 0.8,
    "Uniform": 1.0,
}
"""E x^−k of P is finite for k below this: its density behaves like x^(a − 1) at 0."""

EXPONENTIAL_BELOW = {
    "Cauchy": 0.0,
    "StudentT": 0.0,
    "Laplace": 1 / 0.6,
    "LogitRelaxedBernoulli": 1.8,
}
"""E e^(−kx) of P is finite for k below this."""

POWER = {
    "Normal": 2.0,
    "Laplace": 1.0,
    "Gumbel": 1.0,
    "MixtureSameFamily": 2.0,
    "LogitRelaxedBernoulli": 1.0,
    "Exponential": 1.0,
    "Gamma": 1.0,
    "Chi2": 1.0,
    "Weibull": 1.8,
    "HalfNormal": 2.0,
}
"""−log q grows like |x|^k, upwards at least; like a logarithm, or its square, in the other families."""


def is_infinite(p, q):
    """Whether E_P[−log q] is, for names of FAMILIES."""
    if q == "InverseGamma" and AT_ZERO.get(p, INF) <= 1:  # −log q ∼ 1/x
        return True
    if q == "Gumbel" and EXPONENTIAL_BELOW.get(p, INF) <= 1 / 0.9:  # −log q ∼ e^(−x/0.9)
        return True
    return q in POWER and MOMENTS.get(p, INF) <= POWER[q]


SUPPORTS = {
    "line": (-INF, INF),
    "half-line": (0.0, INF),
    "unit": (0.0, 1.0),
    "Pareto": (0.5, INF),
    "VonMises": (-math.pi, math.pi),
    "Uniform, wide": (-0.4, 2.2),
}
ON = {
    **dict.fromkeys(("Normal", "Laplace", "Cauchy", "StudentT", "Gumbel"), "line"),
    **dict.fromkeys(("MixtureSameFamily", "LogitRelaxedBernoulli"), "line"),
    **dict.fromkeys(("Exponential", "Gamma", "Chi2", "InverseGamma", "LogNormal", "Weibull"), "half-line"),
    **dict.fromkeys(("HalfNormal", "HalfCauchy", "FisherSnedecor", "GeneralizedPareto"), "half-line"),
    **dict.fromkeys(("Beta", "Kumaraswamy", "ContinuousBernoulli", "RelaxedBernoulli", "Uniform"), "unit"),
    **{name: name for name in ("Pareto", "VonMises", "Uniform, wide")},
}
LARGEST = {"Poisson": INF, "Geometric": INF, "NegativeBinomial": INF, "Bernoulli": 1, "Binomial": 5, "Categorical": 2}
"""The largest whole number of each discrete family; all start at 0."""


def nested(p, q):
    """Whether the support of P lies inside that of Q, and both are of one kind."""
    if p in LARGEST or q in LARGEST:
        return p in LARGEST and q in LARGEST and LARGEST[p] <= LARGEST[q]
    (a, b), (low, high) = SUPPORTS[ON[p]], SUPPORTS[ON[q]]
    return low <= a and b <= high


PAIRS = [(p, q) for p in (*ON, *LARGEST) for q in (*ON, *LARGEST) if nested(p, q)]
"""All ordered pairs whose divergence can be finite."""
