"""Divergences between logits: the loops against the formulas, the formulas against mpmath and plain sums."""

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kullback.kernels.cpu import divergence_of_logits as loops
from kullback.kernels.reference import divergence_of_logits as formulas

NAMES = ["kl_divergence_of_logits", "jensen_shannon_of_logits"]
EDGES = [0.0, -np.inf, 1e4, -1e4, 88.0, -90.0]
TYPES = {"float64": 1e-11, "float32": 1e-5, "bfloat16": 1e-2, "float16": 2e-3}


def bits(x, kind):
    """The array that a loop takes, and the numbers in it."""
    t = torch.from_numpy(x).to(getattr(torch, kind))
    if kind == "float16":
        return t.view(torch.int16).numpy().view(np.uint16), t.double().numpy()
    return (t.view(torch.int16) if kind == "bfloat16" else t).numpy(), t.double().numpy()


def numbers(g, kind):
    if g.itemsize == 2:
        return torch.from_numpy(g.view(np.int16)).view(getattr(torch, kind)).double().numpy()
    return g.astype(np.float64)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**31),
    st.integers(1, 5),
    st.integers(1, 2500),
    st.sampled_from(list(TYPES)),
    st.sampled_from([0.0, 1e-3, 1.0, 10.0]),
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(EDGES), st.booleans()), max_size=4),
)
def test_loops_are_the_formulas(name, seed, n, k, kind, scale, edges):  # noqa: PLR0917 (hypothesis draws them so)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, k))
    y = x + scale * rng.normal(size=(n, k))
    for place, value, first in edges:
        (x if first else y).flat[place % x.size] = value
    (a, x), (b, y) = bits(x, kind), bits(y, kind)
    values, g = getattr(loops, name)(a, b, 1.5)
    expected, slope = getattr(formulas, name)(x, y, 1.5)
    eps = 1e-12 if kind == "float64" else 3e-6
    # an error d of log q/p adds to a divergence D up to d √D + d²: the roots tell how large it is
    np.testing.assert_allclose(np.sqrt(values), np.sqrt(expected), rtol=5 * eps, atol=eps / 3)
    np.testing.assert_allclose(numbers(g, kind), slope, rtol=TYPES[kind], atol=eps * 1e-1 if g.itemsize > 2 else 6e-8)
    alone, none = getattr(loops, name)(a, b, 1.5, gradient=False)
    np.testing.assert_array_equal(alone, values)
    assert none.shape == (0, k)


def test_formulas_agree_with_thirty_digits():
    x, y = np.array([[0.3, -1.0, 2.0]]), np.array([[0.1, -1.5, 2.5]])
    with mpmath.workdps(30):

        def softmax(v):
            e = [mpmath.exp(mpmath.mpf(a) / 2) for a in v]
            return [a / sum(e) for a in e]

        q, p, w = softmax(x[0]), softmax(y[0]), mpmath.mpf("0.25")
        m = [w * a + (1 - w) * b for a, b in zip(p, q, strict=True)]

        def kl(a, b):
            return sum(s * mpmath.log(s / t) for s, t in zip(a, b, strict=True))

        expected = [kl(p, q), w * kl(p, m) + (1 - w) * kl(q, m)]
    got = formulas.kl_divergence_of_logits(x, y, 2.0)[0], formulas.jensen_shannon_of_logits(x, y, 2.0, 0.25)[0]
    for a, b in zip(got, expected, strict=True):
        assert float(a[0]) == pytest.approx(float(b), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_differences_of_values(name):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 6))
    function = getattr(formulas, name)
    for k in range(6):
        step = np.zeros((1, 6))
        step[0, k] = 1e-5
        difference = (function(x + step, y, 1.3)[0] - function(x - step, y, 1.3)[0]) / 2e-5
        assert function(x, y, 1.3)[1][0, k] == pytest.approx(difference[0], rel=1e-6)


def test_nan_and_impossible_rows():
    x = np.array([[np.nan, 0.0], [-np.inf, -np.inf], [np.inf, 0.0], [-np.inf, 0.0], [0.0, -np.inf]])
    y = np.zeros_like(x)
    y[4] = [-np.inf, 0.0]
    for module in (loops, formulas):
        kl, js = (getattr(module, name)(x, y)[0] for name in NAMES)
        assert np.isnan(kl[:3]).all()
        assert np.isnan(js[:3]).all()
        assert (kl[3:] == np.inf).all()
        assert js[4] == pytest.approx(np.log(2), rel=1e-12)


def test_nothing_depends_on_the_number_of_threads():
    x, y = np.random.default_rng(0).normal(size=(2, 64, 9000)).astype(np.float32)
    before = torch.get_num_threads()
    results = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        results.append([v for name in NAMES for v in getattr(loops, name)(x, y)])
    torch.set_num_threads(before)
    for others in results[1:]:
        for a, b in zip(results[0], others, strict=True):
            np.testing.assert_array_equal(a, b)
