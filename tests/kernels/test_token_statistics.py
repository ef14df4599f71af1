"""What is asked of every token: the loops against the formulas, the formulas against scipy."""

import numpy as np
import scipy.special
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kullback.kernels.cpu.token_statistics import token_statistics as loop
from kullback.kernels.reference.token_statistics import token_statistics as formula

NAMES = ["nll", "entropy", "log_sum_exp", "argmax", "rank", "kl"]
EDGES = [0.0, -np.inf, 1e4, -1e4, 88.0, np.nan, np.inf]
KINDS = ["float64", "float32", "bfloat16", "float16"]


def bits(x, kind):
    """The array that a loop takes, and the numbers in it."""
    t = torch.from_numpy(x).to(getattr(torch, kind))
    if kind == "float16":
        return t.view(torch.int16).numpy().view(np.uint16), t.double().numpy()
    return (t.view(torch.int16) if kind == "bfloat16" else t).numpy(), t.double().numpy()


@settings(deadline=None, max_examples=80)
@given(
    st.integers(0, 2**31),
    st.integers(1, 5),
    st.integers(1, 2500),
    st.sampled_from(KINDS),
    st.sampled_from([0.0, 1.0, 10.0]),
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(EDGES), st.booleans()), max_size=4),
    st.booleans(),
)
def test_the_loop_is_the_formula(seed, n, k, kind, scale, edges, second):  # noqa: PLR0917 (hypothesis draws them so)
    rng = np.random.default_rng(seed)
    x = scale * rng.normal(size=(n, k))
    y = x + scale * rng.normal(size=(n, k))
    for place, value, first in edges:
        (x if first else y).flat[place % x.size] = value
    target = rng.integers(-1, k, n)
    (a, x), (b, y) = bits(x, kind), bits(y, kind)
    got = loop(a, target, b if second else None)
    expected = formula(x, target, y if second else None)
    eps = 1e-12 if kind == "float64" else 3e-6
    for name, u, v in zip(NAMES, got, expected, strict=True):
        assert u.dtype == v.dtype, name
        np.testing.assert_allclose(u, v, rtol=eps * 10, atol=eps if name != "kl" else 1e-12, err_msg=name)


def test_the_formula_agrees_with_scipy():
    rng = np.random.default_rng(0)
    x, y = 3 * rng.normal(size=(2, 8, 50))
    target = rng.integers(0, 50, 8)
    nll, entropy, log_sum_exp, argmax, rank, kl = formula(x, target, y)
    p, q = scipy.special.softmax(x, -1), scipy.special.softmax(y, -1)
    np.testing.assert_allclose(nll, -np.log(p[np.arange(8), target]), rtol=1e-12)
    np.testing.assert_allclose(entropy, scipy.stats.entropy(p, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(log_sum_exp, scipy.special.logsumexp(x, axis=-1), rtol=1e-12)
    np.testing.assert_array_equal(argmax, x.argmax(-1))
    np.testing.assert_array_equal(rank, [list(np.argsort(-row)).index(t) for row, t in zip(x, target, strict=True)])
    np.testing.assert_allclose(kl, scipy.stats.entropy(p, q, axis=-1), rtol=1e-11)


def test_missing_targets_ties_and_impossible_outcomes():
    inf = np.inf
    x = np.array([[1.0, 1.0, -inf], [0.0, -inf, -inf], [-inf, -inf, -inf], [np.nan, 0.0, 0.0]])
    y = np.array([[0.0, -inf, 0.0], [0.0, -inf, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    for function in (loop, formula):
        nll, entropy, log_sum_exp, argmax, rank, kl = function(x, np.array([2, -1, 0, 1]), y)
        np.testing.assert_allclose(nll, [inf, np.nan, np.nan, np.nan])
        np.testing.assert_allclose(entropy, [np.log(2), 0.0, np.nan, np.nan], atol=1e-15)
        np.testing.assert_allclose(log_sum_exp, [1 + np.log(2), 0.0, -inf, np.nan])
        assert (argmax.tolist(), rank.tolist()) == ([0, 0, 0, 0], [2, -1, 0, -1])
        np.testing.assert_allclose(kl, [inf, np.log(2), np.nan, np.nan])


def test_nothing_depends_on_the_number_of_threads():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 64, 9000)).astype(np.float32)
    before = torch.get_num_threads()
    results = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        results.append(loop(x, rng.integers(0, 1, 64), y))
    torch.set_num_threads(before)
    for others in results[1:]:
        for a, b in zip(results[0], others, strict=True):
            np.testing.assert_array_equal(a, b)
