"""What closed forms are tested against: quadrature of torch's log_prob, and textbook formulas in 60 digits."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import torch
from torch import distributions as d
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

REAL = (d.Normal, d.Laplace, d.Cauchy, d.StudentT, d.Gumbel, LogitRelaxedBernoulli)
UNIT = (d.Beta, d.Kumaraswamy, d.ContinuousBernoulli)
NODES, WEIGHTS = (torch.tensor(x) for x in np.polynomial.legendre.leggauss(16))


def f64(*values):
    return [torch.tensor(v, dtype=torch.float64) for v in values]


def support(p):
    """(start, end) as floats."""
    if isinstance(p, REAL):
        return -np.inf, np.inf
    if isinstance(p, UNIT):
        return 0.0, 1.0
    if isinstance(p, d.Uniform):
        return float(p.low), float(p.high)
    if isinstance(p, d.GeneralizedPareto):
        x = float(p.concentration)
        return float(p.loc), float(p.loc - p.scale / x) if x < 0 else np.inf
    return (float(p.scale) if isinstance(p, d.Pareto) else 0.0), np.inf


def _chart(p):
    """x(t), dx/dt, t(x) and the range of t: exponential decay at both ends, whatever the tails are."""
    low, high = support(p)
    if np.isinf(low):
        return torch.sinh, torch.cosh, np.arcsinh, (-150.0, 150.0)
    if np.isinf(high):
        return lambda t: low + torch.exp(t), torch.exp, lambda x: np.log(x - low), (-150.0, 300.0)
    width = high - low
    return (
        lambda t: low + width * torch.sigmoid(t),
        lambda t: width * torch.sigmoid(t) * torch.sigmoid(-t),
        lambda x: np.log(x - low) - np.log(high - x),
        (-150.0, 36.0),
    )


def log_prob(p, x):
    """torch's, unchecked, but for two: GeneralizedPareto's takes no float64, Kumaraswamy's loses all digits near 0."""
    if isinstance(p, d.GeneralizedPareto):
        return -p.scale.log() - (1 + 1 / p.concentration) * torch.log1p(p.concentration * (x - p.loc) / p.scale)
    if isinstance(p, d.Kumaraswamy):
        a, b = p.concentration1, p.concentration0
        return (a * b).log() + (a - 1) * x.log() + (b - 1) * torch.log1p(-(x**a))
    p._validate_args = False
    return p.log_prob(x)


def expectation(p, score, reach=1.0):
    """E_p[score(log p, x)] by Gauss–Legendre panels between the kinks; `reach` cuts the range short."""
    x_of, slope, t_of, (first, last) = _chart(p)
    low, high = support(p)
    kinks = [c for c in getattr(score, "kinks", []) if low < c < high]
    edges = np.unique(np.concatenate([np.arange(first, last, 0.5), [last], [t_of(np.asarray(c)) for c in kinks]]))
    edges = torch.tensor(edges[(edges >= first * reach) & (edges <= last * reach)])
    half = (edges[1:] - edges[:-1]) / 2
    t = (edges[:-1] + half)[:, None] + half[:, None] * NODES
    x = x_of(t)
    log_p = log_prob(p, x)
    mass = log_p.exp() * slope(t)
    value = torch.where(mass > 0, mass * score(log_p, x), 0.0)
    return float((value * WEIGHTS * half[:, None]).sum())


class Score:
    """−log q, or log p − log q."""

    def __init__(self, p, q, *, relative=False):
        self.q, self.relative = q, relative
        self.kinks = [float(f.loc) for f in (p, q) if isinstance(f, d.Laplace)]

    def __call__(self, log_p, x):
        log_q = log_prob(self.q, x)
        return log_p - log_q if self.relative else -log_q


def cross_entropy(p, q, reach=1.0):
    return expectation(p, Score(p, q), reach)


def kl_divergence(p, q):
    return expectation(p, Score(p, q, relative=True))


def _excess(f, slope, a, b):
    return f(b) - f(a) - slope(a) * (b - a)


def _gamma(a, r, b, s):
    return b * mp.log(r / s) + mp.loggamma(b) - mp.loggamma(a) + (a - b) * mp.psi(0, a) + a * (s - r) / r


def _gumbel(m, s, n, t):
    tilt = mp.exp((n - m) / t) * mp.gamma(1 + s / t)
    return mp.log(t / s) + mp.euler * (s / t - 1) + tilt - 1 + (m - n) / t


def _bernoulli(p, q):
    return p * mp.log(p / q) + (1 - p) * mp.log((1 - p) / (1 - q))


def _dirichlet(a, b):
    def log_beta(c):
        return sum(mp.loggamma(x) for x in c) - mp.loggamma(sum(c))

    return (
        log_beta(b) - log_beta(a) + sum((x - y) * (mp.psi(0, x) - mp.psi(0, sum(a))) for x, y in zip(a, b, strict=True))
    )


def _continuous_bernoulli(x, y):
    return _excess(lambda v: mp.log(mp.expm1(v) / v), lambda v: 1 / -mp.expm1(-v) - 1 / v, x, y)


def _log_bessel(k):
    return mp.log(mp.besseli(0, k))


def _von_mises(m, k, n, j):
    a = mp.besseli(1, k) / mp.besseli(0, k)
    return _log_bessel(j) - _log_bessel(k) + a * (k - j * mp.cos(m - n))


TEXTBOOK = {
    d.Normal: lambda m, s, n, t: mp.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - mp.mpf(1) / 2,
    d.Laplace: lambda m, s, n, t: mp.log(t / s) + abs(m - n) / t + s / t * mp.exp(-abs(m - n) / s) - 1,
    d.Cauchy: lambda m, s, n, t: mp.log(((s + t) ** 2 + (m - n) ** 2) / (4 * s * t)),
    d.Gumbel: _gumbel,
    d.Exponential: lambda r, s: mp.log(r / s) + s / r - 1,
    d.Gamma: _gamma,
    d.InverseGamma: _gamma,
    d.Chi2: lambda a, b: _gamma(a / 2, mp.mpf(1), b / 2, mp.mpf(1)),
    d.Weibull: lambda s, k, t, j: _gumbel(-mp.log(s), 1 / k, -mp.log(t), 1 / j),
    d.HalfNormal: lambda s, t: mp.log(t / s) + s**2 / (2 * t**2) - mp.mpf(1) / 2,
    d.HalfCauchy: lambda s, t: mp.log((s + t) ** 2 / (4 * s * t)),
    d.Pareto: lambda s, a, t, b: mp.log(a / b) + b * mp.log(s / t) + b / a - 1,
    d.Kumaraswamy: lambda _, b, __, c: mp.log(b / c) + c / b - 1,
    d.Beta: lambda a, b, c, e: _dirichlet([a, b], [c, e]),
    d.Uniform: lambda a, b, c, e: mp.log((e - c) / (b - a)),
    d.VonMises: _von_mises,
    d.Poisson: lambda a, b: b - a + a * mp.log(a / b),
    d.Geometric: lambda p, q: _bernoulli(p, q) / p,
    d.ContinuousBernoulli: lambda p, q: _continuous_bernoulli(mp.log(p / (1 - p)), mp.log(q / (1 - q))),
    d.Binomial: lambda n, p, _, q: n * _bernoulli(p, q),
    d.NegativeBinomial: lambda r, p, _, q: r / (1 - p) * _bernoulli(p, q),
    d.Dirichlet: _dirichlet,
    "logits": _continuous_bernoulli,
}
"""KL(P‖Q) of the parameters of P, then Q, with all that cancels: right only at high precision."""


def textbook(family, p, q):
    """The formula in so many digits that what cancels does not matter."""
    with mp.workdps(80):
        if family is d.Dirichlet:
            return float(_dirichlet([mp.mpf(x) for x in p], [mp.mpf(x) for x in q]))
        return float(TEXTBOOK[family](*(mp.mpf(x) for x in (*p, *q))))
