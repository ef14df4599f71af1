"""Chao–Shen, Grassberger and James–Stein: formulas by hand in mpmath, errors by brute force, simulated worlds."""

import itertools

import mpmath
import numpy as np
import pytest
import scipy.stats
import torch

from kullback.distributions import Tally
from kullback.errors import InputError, UnsupportedError
from kullback.estimators import Functional
from kullback.estimators.chao_shen import chao_shen
from kullback.estimators.grassberger import grassberger
from kullback.estimators.james_stein import james_stein
from kullback.inputs import as_distribution

ENTROPY = Functional("entropy", value=lambda p: p, sensitivities=lambda p: ())
METHODS = {"chao-shen": chao_shen, "grassberger": grassberger, "james-stein": james_stein}
COUNTS = [4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]


def _estimate(method, counts, **kwargs):
    return METHODS[method](ENTROPY, Tally(np.asarray(counts, dtype=np.float64), **kwargs))


def _chao_shen(counts):
    n, singles = sum(counts), counts.count(1)
    coverage = 1 - mpmath.mpf(n - 1 if singles == n else singles) / n
    p = [coverage * c / n for c in counts if c]
    return -sum(x * mpmath.log(x) / (1 - (1 - x) ** n) for x in p)


def _james_stein(p, n):
    k = len(p)
    squares = sum(x * x for x in p)
    shrinkage = min(1, (1 - squares) / ((n - 1) * sum((mpmath.mpf(1) / k - x) ** 2 for x in p)))
    target = [shrinkage / k + (1 - shrinkage) * x for x in p]
    return -sum(x * mpmath.log(x) for x in target if x)


def _g(n):
    """G by the recursion that the paper gives beside the closed form."""
    if n <= 2:
        return -mpmath.euler - mpmath.log(2) + (2 if n == 2 else 0)
    return _g(n - 1) if n % 2 else _g(n - 2) + mpmath.mpf(2) / (n - 1)


@pytest.mark.parametrize("counts", [COUNTS, [40, 20, 0, 20], [1, 1, 1, 1], [7], [1, 2], [90, 1, 1]])
def test_chao_shen_is_its_formula(counts):
    assert _estimate("chao-shen", counts).value == pytest.approx(float(_chao_shen(counts)), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("counts", [COUNTS, [40, 20, 0, 20], [1, 2, 2, 1, 5], [30, 1]])
def test_chao_shens_error_is_the_jackknifes(counts):
    """Each observation left out in turn, f₁ and the coverage counted anew."""
    n, seen = sum(counts), sum(c > 0 for c in counts)
    left_out = [
        float(_chao_shen([c - (i == k) for i, c in enumerate(counts)])) for k, c in enumerate(counts) for _ in range(c)
    ]
    expected = (n - 1) * np.var(left_out) + (seen - 1) / (2 * n * n)
    assert _estimate("chao-shen", counts).std_error == pytest.approx(np.sqrt(expected), rel=1e-10)


@pytest.mark.parametrize("counts", [COUNTS, [40, 20, 0, 20], [1, 1], [7, 8, 9, 10]])
def test_grassberger_is_his_series(counts):
    n = sum(counts)
    expected = mpmath.log(n) - sum(c * _g(c) for c in counts if c) / n
    assert _estimate("grassberger", counts).value == pytest.approx(float(expected), rel=1e-13)


@pytest.mark.parametrize("m", [1, 2, 3, 10, 51])
def test_grassbergers_numbers_are_his_integral(m):
    """G(m) = ψ(m) + (−1)^m ∫₀¹ x^(m−1)/(1 + x) dx; from counts (m, m), Ĥ = log 2m − G(m)."""
    integral = mpmath.quad(lambda x: x ** (m - 1) / (1 + x), [0, 1])
    g = mpmath.psi(0, m) + (-1) ** m * integral
    assert np.log(2 * m) - _estimate("grassberger", [m, m]).value == pytest.approx(float(g), abs=1e-13)


@pytest.mark.parametrize("counts", [COUNTS, [40, 20, 0, 20], [1, 1, 5]])
def test_grassbergers_error_is_the_jackknifes_of_the_digamma_series(counts):
    n, seen = sum(counts), sum(c > 0 for c in counts)
    psi = [[c - (i == k) for i, c in enumerate(counts)] for k, c in enumerate(counts) for _ in range(c)]
    left_out = [float(sum(c * mpmath.psi(0, c) for c in row if c)) / (n - 1) for row in psi]
    expected = (n - 1) * np.var(left_out) + 0.75 * seen / n**2
    assert _estimate("grassberger", counts).std_error == pytest.approx(np.sqrt(expected), rel=1e-10)


def test_grassbergers_bias_falls_off_exponentially():
    """The expectation over all samples of a coin: what the paper's log n leaves beside ψ(n), 1/(2n), and no more."""
    for n, q in ((40, 0.4), (41, 0.3), (60, 0.3)):
        k = np.arange(n + 1)
        values = _estimate("grassberger", np.stack([k, n - k], axis=-1)).value
        bias = scipy.stats.binom.pmf(k, n, q) @ values - scipy.stats.entropy([q, 1 - q])
        assert bias == pytest.approx(float(mpmath.log(n) - mpmath.psi(0, n)), abs=2e-6)


@pytest.mark.parametrize("counts", [COUNTS, [40, 20, 0, 20], [70, 20, 10], [3, 3, 3], [1, 0], [5, 4, 5, 6]])
def test_james_stein_is_its_formula(counts):
    n, k = sum(counts), len(counts)
    flat = n == 1 or len(set(counts)) == 1
    expected = mpmath.log(k) if flat else _james_stein([mpmath.mpf(c) / n for c in counts], n)
    assert _estimate("james-stein", counts).value == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("counts", [COUNTS, [40, 20, 0, 20], [70, 20, 10]])
def test_james_steins_error_is_the_delta_methods(counts):
    """The slopes taken numerically by mpmath, λ moving with the frequencies."""
    n = sum(counts)
    p = [mpmath.mpf(c) / n for c in counts]

    def along(k, x):
        return _james_stein([x if i == k else q for i, q in enumerate(p)], n)

    with mpmath.workdps(40):
        slopes = [mpmath.diff(lambda x, k=k: along(k, x), p[k]) if counts[k] else mpmath.mpf(0) for k in range(len(p))]
        mean = sum(q * s for q, s in zip(p, slopes, strict=True))
        variance = sum(q * (s - mean) ** 2 for q, s in zip(p, slopes, strict=True)) / (n - 1)
    expected = mpmath.sqrt(variance + mpmath.mpf(sum(c > 0 for c in counts) - 1) / (2 * n * n))
    assert _estimate("james-stein", counts).std_error == pytest.approx(float(expected), rel=1e-9)


WORLDS = {
    "coin": (np.ones(2), 200, {"grassberger"}),
    "uniform 5": (np.ones(5), 500, {"grassberger"}),
    "uniform 100": (np.ones(100), 5000, {"grassberger"}),
    "uniform 1000, undersampled": (np.ones(1000), 1000, set()),
    "peaked": (np.array([0.6, 0.2, 0.1, 0.07, 0.03]), 500, {"grassberger", "chao-shen", "james-stein"}),
    "spike": (np.array([0.96, 0.01, 0.01, 0.01, 0.01]), 1000, {"grassberger", "chao-shen", "james-stein"}),
    "spike, few": (np.array([0.96, 0.01, 0.01, 0.01, 0.01]), 50, set()),
    "spike over a floor": (np.r_[0.5, np.full(999, 0.5 / 999)], 5000, set()),
    "zipf 20": (1 / np.arange(1.0, 21), 1000, {"grassberger", "james-stein"}),
    "zipf 100": (1 / np.arange(1.0, 101), 5000, {"grassberger", "james-stein"}),
    "zipf 1000, undersampled": (1 / np.arange(1.0, 1001), 1000, set()),
    "geometric": (0.7 ** np.arange(30), 5000, {"grassberger", "chao-shen", "james-stein"}),
    "heavy tail": (1 / np.arange(1.0, 1001) ** 2, 5000, set()),
}
FLAT = ("coin", "uniform 5", "uniform 100")


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("method", METHODS)
def test_intervals_cover_where_they_are_called_reliable(method, world):
    """1500 samples, 4 standard errors of a share of 95 % are 2.3 %; the bias is below a quarter of the error.

    At flat distributions the intervals are wide: the jackknife counts the quadratic term, all there is, once more.
    """
    weights, n, reliable = WORLDS[world]
    p = weights / weights.sum()
    truth = scipy.stats.entropy(p)
    draws = np.random.default_rng(20261125).multinomial(n, p, size=1500)
    share = np.mean([_estimate(method, row).reliable for row in draws[:60]])
    assert (share > 0.8) if method in reliable else (share < 0.6)
    if method in reliable:
        estimate = _estimate(method, draws)
        low, high = estimate.interval(0.95)
        covered = np.mean((low <= truth) & (truth <= high))
        assert 0.93 - 0.023 <= covered <= (1.0 if world in FLAT else 0.97 + 0.023)
        slack = 4 * estimate.value.std() / np.sqrt(1500)
        assert abs(estimate.value.mean() - truth) < np.median(estimate.std_error) / 4 + slack


def test_what_is_not_called_reliable_can_miss_altogether():
    """Chao–Shen at f₁ = 0 keeps the plug-in's bias; James–Stein is pulled to log K; Grassberger sees too little."""
    rng = np.random.default_rng(20261125)
    floor = np.r_[0.5, np.full(999, 0.5 / 999)]
    for method, p, n in (
        ("chao-shen", np.full(100, 0.01), 1000),
        ("james-stein", floor, 500),
        ("grassberger", floor, 100),
    ):
        estimate = _estimate(method, rng.multinomial(n, p, size=300))
        low, high = estimate.interval(0.95)
        assert np.mean((low <= scipy.stats.entropy(p)) & (scipy.stats.entropy(p) <= high)) < 0.2
        assert not estimate.reliable


def test_doubts_are_said():
    unseen = "too much may be unseen: (outcomes seen once + 3)/n exceeds 1/4 of std_error"
    biased = "biased by more than 1/4 of std_error, to judge by Grassberger's value"
    assert _estimate("grassberger", [30, 3, 1]).notes == (unseen,)
    assert _estimate("grassberger", [300, 0]).notes == (unseen,)
    assert _estimate("grassberger", [300, 10]).notes == ()
    assert _estimate("chao-shen", [21] * 10).notes == (biased,)
    for method in METHODS:
        one = _estimate(method, [1, 0])
        assert (one.std_error, one.reliable) == (np.inf, False)
        assert one.notes[0] == "one observation has no spread: its std_error is not to be believed"
    assert _estimate("chao-shen", [1, 1, 1]).std_error == np.inf
    note = "taken as if no other outcomes than those seen can happen; name all in kb.Sample(x, alphabet)"
    assert note in _estimate("james-stein", [40, 30, 50], inferred=True).notes
    assert note not in _estimate("grassberger", [40, 30, 50], inferred=True).notes


@pytest.mark.parametrize("method", METHODS)
def test_rows_and_tensors(method):
    counts = np.array([[[4, 2, 0, 1], [1, 0, 0, 0]], [[30, 20, 25, 21], [9, 0, 0, 0]]], dtype=np.float64)
    together = _estimate(method, counts)
    assert together.value.shape == together.std_error.shape == (2, 2)
    assert (together.n, together.notes[-1]) == (None, "the rows have different numbers of observations")
    for i, j in itertools.product(range(2), repeat=2):
        assert together.value[i, j] == pytest.approx(_estimate(method, counts[i, j]).value, rel=1e-14)
        assert together.std_error[i, j] == pytest.approx(_estimate(method, counts[i, j]).std_error, rel=1e-14)
    tensor = METHODS[method](ENTROPY, Tally(torch.as_tensor(counts)))
    assert tensor.value.dtype == torch.float64
    assert tensor.value.numpy() == pytest.approx(together.value, rel=1e-14)
    assert _estimate(method, [5, 3]).n == 8


@pytest.mark.parametrize("method", METHODS)
def test_other_measures_are_refused(method):
    with pytest.raises(InputError) as caught:
        METHODS[method](Functional("kl_divergence", lambda p: p, lambda p: ()), Tally(np.ones(3)))
    expected = f"method is '{method}', expected 'miller-madow' or 'plug-in' for kl_divergence; "
    assert str(caught.value) == expected + f"'{method}' is for the entropy alone"
    with pytest.raises(UnsupportedError, match="p is known, expected counts for method"):
        METHODS[method](ENTROPY, as_distribution([0.5, 0.5], name="p", axis=-1))
