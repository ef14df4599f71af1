"""NSB: its integral against mpmath's and against published values, its limits, and worlds of known entropy."""

from collections import Counter

import mpmath
import numpy as np
import pytest
import scipy.stats
import torch

from kullback.distributions import Tally
from kullback.errors import InputError, UnsupportedError
from kullback.estimators import Functional
from kullback.estimators.nsb import nsb
from kullback.inputs import as_distribution

ENTROPY = Functional("entropy", value=lambda p: p, sensitivities=lambda p: ())
NDD = [4, 12, 4, 5, 3, 1, 5, 1, 2, 2, 2, 2, 11, 3, 4, 12, 12, 1, 2]


def _nsb(counts, **kwargs):
    return nsb(ENTROPY, Tally(np.asarray(counts, dtype=np.float64), **kwargs))


def _log_weight(multiplicities, beta):
    """log of Γ(Kβ)/Γ(n + Kβ) Π Γ(n_k + β)/Γ(β) · dξ/dβ · β, term by term as in the paper."""
    k, n = sum(multiplicities.values()), sum(c * m for c, m in multiplicities.items())
    prior = k * mpmath.psi(1, k * beta + 1) - mpmath.psi(1, beta + 1)
    each = sum(m * (mpmath.loggamma(c + beta) - mpmath.loggamma(beta)) for c, m in multiplicities.items())
    return mpmath.loggamma(k * beta) - mpmath.loggamma(n + k * beta) + each + mpmath.log(prior * beta)


def _moments(multiplicities, beta):
    """E[H | β] and E[H² | β] of Wolpert and Wolf (1995), the double sum written out over pairs of distinct counts."""
    a = {c + beta: m for c, m in multiplicities.items()}
    total = sum(x * m for x, m in a.items())
    psi_x, psi_2 = {x: mpmath.psi(0, x + 1) for x in a}, mpmath.psi(0, total + 2)
    trigamma = mpmath.psi(1, total + 2)
    first = mpmath.psi(0, total + 1) - sum(m * x * psi_x[x] for x, m in a.items()) / total
    second = mpmath.mpf(0)
    for x, m in a.items():
        above = psi_x[x] + 1 / (x + 1)
        second += m * x * (x + 1) * ((above - psi_2) ** 2 + mpmath.psi(1, x + 2) - trigamma)
        for y, m_y in a.items():
            pairs = m * (m_y - (1 if x == y else 0))
            second += pairs * x * y * ((psi_x[x] - psi_2) * (psi_x[y] - psi_2) - trigamma)
    return first, second / (total * (total + 1))


def _oracle(counts, step):
    """The posterior mean and sd by the trapezoidal rule in log β, with 30 digits."""
    multiplicities = Counter(int(c) for c in counts)
    with mpmath.workdps(30):
        grid = [mpmath.mpf(i) * step for i in range(int(-30 / step), int(28 / step))]
        logs = [_log_weight(multiplicities, mpmath.exp(t)) for t in grid]
        top = max(logs)
        kept = [(mpmath.exp(w - top), mpmath.exp(t)) for t, w in zip(grid, logs, strict=True) if w > top - 28]
        rows = [(w, *_moments(multiplicities, beta)) for w, beta in kept]
        mass, first, second = (sum(w * x for w, x in pairs) for pairs in _columns(rows))
        return float(first / mass), float(mpmath.sqrt(second / mass - (first / mass) ** 2))


def _columns(rows):
    return ([(w, 1) for w, _, _ in rows], [(w, a) for w, a, _ in rows], [(w, b) for w, _, b in rows])


@pytest.mark.parametrize(
    ("counts", "step"),
    [
        ([1, 0], 0.5),
        ([5, 5], 0.5),
        ([4, 2, 0, 1], 0.5),
        ([9, 0, 0, 0, 0], 0.5),
        ([1, 1, 1] + [0] * 20, 0.5),
        ([2] * 3 + [1] * 20 + [0] * 99977, 0.25),
    ],
)
def test_mean_and_sd_are_those_of_the_integral(counts, step):
    estimate = _nsb(counts)
    mean, sd = _oracle(counts, step)
    assert estimate.value == pytest.approx(mean, rel=1e-9)
    assert estimate.std_error == pytest.approx(sd, rel=1e-8)
    assert 0 <= estimate.error < 1e-9


def test_values_published_by_ndd():
    """The README of ndd (S. Marsili) and of its releases 1.4 and 1.6; the first is good to 2 in a million."""
    estimate = _nsb(NDD + [0] * 81)
    assert estimate.value == pytest.approx(2.8060922529931225, rel=3e-6)
    assert estimate.std_error == pytest.approx(0.11945501149743358, rel=3e-4)
    counts = [7, 3, 5, 8, 9, 1, 3, 3, 1, 0, 2, 5, 2, 11, 4, 23, 5, 0, 8, 0]
    assert _nsb(counts).value == pytest.approx(2.623634344888532, rel=1e-9)
    counts = [12, 4, 12, 4, 5, 3, 1, 5, 1, 2, 2, 2, 2, 11, 3, 4, 12, 12, 1, 2]
    assert _nsb(counts + [0] * 80).value == pytest.approx(2.840012048914245, rel=1e-9)


def test_the_posterior_at_its_limits():
    assert _nsb([8.0]).value == 0.0
    assert _nsb([8.0]).std_error == 0.0
    symmetric = _nsb([1, 0])
    assert symmetric.value == pytest.approx(np.log(2) / 2, rel=1e-12)
    many = np.array([3e6, 5e6, 2e6])
    assert _nsb(many).value == pytest.approx(scipy.stats.entropy(many), abs=3e-7)
    p = many / many.sum()
    assert _nsb(many).std_error == pytest.approx(np.sqrt((p @ np.log(p) ** 2 - (p @ np.log(p)) ** 2) / 1e7), rel=1e-5)
    assert _nsb(np.full(1000, 1e4)).value == pytest.approx(np.log(1000) - 1e-7, abs=1e-8)


@pytest.mark.parametrize("n", [1, 1000, 10**7])
@pytest.mark.parametrize("k", [2, 1000, 10**6])
def test_it_holds_out_over_its_range(k, n):
    """Dirichlet worlds, from which NSB's prior is made: within 5 posterior sd of the truth, quadrature far below."""
    p = np.random.default_rng(k + n).dirichlet(np.full(k, 0.5))
    estimate = _nsb(np.random.default_rng(n).multinomial(n, p))
    assert abs(estimate.value - scipy.stats.entropy(p)) < 5 * estimate.std_error
    assert estimate.error < 1e-6 * estimate.std_error + 1e-13
    assert 0 < estimate.value < np.log(k)


WORLDS = {
    "peaked": (np.array([0.6, 0.2, 0.1, 0.07, 0.03]), 500, True),
    "spike": (np.array([0.96, 0.01, 0.01, 0.01, 0.01]), 1000, True),
    "zipf 20": (1 / np.arange(1.0, 21), 2000, True),
    "geometric": (0.7 ** np.arange(30), 5000, True),
    "dirichlet": (np.random.default_rng(7).dirichlet(np.full(200, 0.1)), 5000, True),
    "dirichlet, undersampled": (np.random.default_rng(8).dirichlet(np.ones(1000)), 200, False),
    "zipf 1000, undersampled": (1 / np.arange(1.0, 1001), 200, False),
    "spike over a floor": (np.r_[0.5, np.full(999, 0.5 / 999)], 5000, False),
    "uniform": (np.ones(5), 50, False),
}
COVERED = {"dirichlet, undersampled": (0.9, 1.0), "uniform": (0.95, 1.0)}
MISSED = {"zipf 1000, undersampled": (0.0, 0.7), "spike over a floor": (0.0, 0.1)}


@pytest.mark.parametrize("world", WORLDS)
def test_the_posterior_covers_where_it_is_called_reliable(world):
    """200 samples, so that 4 standard errors of a share of 95 % are 6.2 %; where it is not called so it may miss."""
    weights, n, reliable = WORLDS[world]
    p = weights / weights.sum()
    draws = np.random.default_rng(20261125).multinomial(n, p, size=200)
    low, high = _nsb(draws).interval(0.95)
    covered = np.mean((low <= scipy.stats.entropy(p)) & (scipy.stats.entropy(p) <= high))
    least, most = (COVERED | MISSED).get(world, (0.93 - 0.062, 1.0))
    assert least <= covered <= most
    assert np.mean([_nsb(row).reliable for row in draws[:20]]) == (1.0 if reliable else 0.0)


def test_rows_tensors_and_notes():
    counts = np.array([[[4, 2, 0, 1], [1, 0, 0, 0]], [[30, 20, 25, 21], [9, 0, 0, 0]]], dtype=np.float64)
    together = _nsb(counts)
    assert together.value.shape == together.std_error.shape == together.error.shape == (2, 2)
    assert together.value[1, 0] == _nsb(counts[1, 0]).value
    tensor = nsb(ENTROPY, Tally(torch.as_tensor(counts)))
    assert tensor.value.dtype == torch.float64
    assert tensor.std_error.numpy() == pytest.approx(together.std_error, rel=1e-14)
    biased = "biased by more than 1/4 of std_error, to judge by Grassberger's value"
    assert _nsb([100] + [20] * 3 + [10] * 5).notes == (biased,)
    assert _nsb([300, 100]).notes == ()
    note = "taken as if no other outcomes than those seen can happen; name all in kb.Sample(x, alphabet)"
    assert note in _nsb([40, 30, 50], inferred=True).notes
    assert note not in _nsb([40, 30, 50]).notes


def test_other_measures_are_refused():
    with pytest.raises(InputError) as caught:
        nsb(Functional("kl_divergence", value=lambda p: p, sensitivities=lambda p: ()), Tally(np.ones(3)))
    expected = "method is 'nsb', expected 'miller-madow' or 'plug-in' for kl_divergence; 'nsb' is for the entropy alone"
    assert str(caught.value) == expected
    with pytest.raises(UnsupportedError, match="p is known, expected counts for method 'nsb'; use"):
        nsb(ENTROPY, as_distribution([0.5, 0.5], name="p", axis=-1))
