"""The compiled loops against the plain formulas in float64: shapes, types, zeros, point masses, nearly equal rows."""

import importlib
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("numba")

import kullback as kb
from kullback.kernels import by_size, reference
from kullback.kernels.cpu import threads

NAMES = {
    "entropy": 1,
    "entropy_of_logs": 1,
    "cross_entropy": 2,
    "cross_entropy_of_logs": 2,
    "kl_divergence": 2,
    "kl_divergence_of_logs": 2,
    "jensen_shannon": 2,
}
FILES = {"sums": "logarithm", "log_softmax": "logarithm"}
MEASURES = ["entropy", "cross_entropy", "kl_divergence", "jensen_shannon"]
TYPES = ["float32", "float64", "float16", "bfloat16"]
EACH = pytest.mark.parametrize("name", list(NAMES))
SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 600))
EDGES = ["none", "zeros", "point mass", "close", "equal", "subnormal", "tiny q", "zero q", "steep"]


def cpu(name):
    """The compiled function of a name."""
    return getattr(
        importlib.import_module(f"kullback.kernels.cpu.{FILES.get(name, name.removesuffix('_of_logs'))}"), name
    )


def in_type(x, kind):
    """x rounded to a type, and what it then is in float64."""
    t = torch.tensor(x).to(getattr(torch, kind))
    if kind == "bfloat16":
        return t.view(torch.int16).numpy(), t.double().numpy()
    return (t.numpy().view(np.uint16) if kind == "float16" else t.numpy()), t.double().numpy()


def rows(rng, n, k, edge):
    """P and Q, **(n, k)**, with something odd in them."""
    p, q = rng.dirichlet(np.full(k, 0.5), size=(2, n))
    place = rng.integers(0, k, size=n)
    at = (np.arange(n), place)
    if edge == "zeros":
        p[rng.random((n, k)) < 0.5] = 0
        q[p > 0.01] += 1e-3
    elif edge == "point mass":
        p[:] = 0
        p[at] = 1
    elif edge in ("close", "equal"):
        q = p * (1 + (1e-4 * rng.uniform(-1, 1, (n, k)) if edge == "close" else 0))
    elif edge == "subnormal":
        p[at], q[place[::-1] * 0 + np.arange(n), rng.integers(0, k, size=n)] = 1e-40, 3e-39
    elif edge == "tiny q":
        q[at] = 1e-44
    elif edge == "zero q":
        q[at] = 0
    elif edge == "steep":
        p, q = p ** rng.uniform(1, 12), q ** rng.uniform(1, 12)
    return p, q


def as_arguments(name, p, q):
    with np.errstate(divide="ignore"):
        first = np.log(p) if name in ("entropy_of_logs", "kl_divergence_of_logs") else p
        second = np.log(q) if name.endswith("_of_logs") else q
    return (first, second)[: NAMES[name]]


@EACH
@settings(max_examples=40)
@given(st.integers(0, 2**32), SHAPES, st.sampled_from(TYPES), st.sampled_from(EDGES))
def test_loops_agree_with_the_formulas(name, seed, shape, kind, edge):
    n, k = shape
    p, q = rows(np.random.default_rng(seed), n, k, edge)
    pairs = [in_type(x, kind) for x in as_arguments(name, p, q)]
    value = cpu(name)(*(bits for bits, _ in pairs))
    with np.errstate(invalid="ignore"):
        expected = getattr(reference, name)(*(x for _, x in pairs))
    assert (value.shape, value.dtype) == ((n,), np.float64)
    # what the terms' own rounding may do, where terms of both signs (p slightly above one) cancel
    size = 1e-14 if kind == "float64" else 3e-7
    np.testing.assert_allclose(value, expected, rtol=size, atol=size * 1e-3)
    assert (value >= 0).all() or "entropy" in name


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("size", [1e-1, 1e-3, 1e-5, 1e-6])
@pytest.mark.parametrize("name", ["kl_divergence", "jensen_shannon"])
def test_divergences_of_nearly_equal_rows_keep_their_digits(name, kind, size):
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(1000), size=20)
    (p_bits, p), (q_bits, q) = (in_type(x, kind) for x in (p, p * (1 + size * rng.uniform(-1, 1, p.shape))))
    value, expected = cpu(name)(p_bits, q_bits), getattr(reference, name)(p, q)
    assert (value > 0).all()
    np.testing.assert_allclose(value, expected, rtol=3e-7 if kind == "float32" else 1e-12)


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_every_term_of_kl_keeps_its_digits_over_the_whole_range(kind):
    """One outcome, unnormalised on purpose, across the places where the formula changes."""
    least = -149 if kind == "float32" else -1074
    size = 1.5e-6 if kind == "float32" else 2e-12  # the formula takes log q − log p
    rng = np.random.default_rng(0)
    p = np.exp2(rng.uniform(least, 0, 20000))
    q = np.concatenate([np.exp2(rng.uniform(least, 0, 10000)), p[10000:] * np.exp(rng.uniform(-1.5, 1.5, 10000))])
    (p_bits, p), (q_bits, q) = (in_type(x[:, None], kind) for x in (p, q))
    expected = reference.kl_divergence(p, q)
    np.testing.assert_allclose(
        cpu("kl_divergence")(p_bits, q_bits),
        expected,
        rtol=size,
        atol=np.ldexp(100.0, least) if least > -1074 else 1e-320,
    )


@EACH
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_one_row_stands_for_all(name, kind):
    p, q = (x.astype(kind) for x in rows(np.random.default_rng(1), 6, 50, "none"))
    for left, right in ((p[:1], q), (p, q[:1])):
        a = as_arguments(name, left, right)
        both = [np.ascontiguousarray(np.broadcast_to(x, p.shape)) for x in a]
        loop = cpu(name)
        np.testing.assert_array_equal(np.broadcast_to(loop(*a), 6), loop(*both))


@pytest.mark.parametrize("name", [*NAMES, "sums", "log_softmax"])
def test_one_thread_and_two_give_the_same_bits(name, monkeypatch):
    p, q = (x.astype(np.float32) for x in rows(np.random.default_rng(2), 700, 600, "zeros"))
    arguments = as_arguments(name, p, q) if name in NAMES else (p,)
    results = []
    for count in (1, 2):
        monkeypatch.setattr(threads, "count", lambda count=count: count)
        results.append(cpu(name)(*arguments))
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize("kind", TYPES)
def test_sums_are_nan_where_a_number_is_negative_or_nan(kind):
    x = np.random.default_rng(0).dirichlet(np.ones(40), size=6)
    x[1, 39], x[2, 0], x[3, 7], x[4, 3] = -1e-3, np.nan, np.inf, -np.inf
    bits, exact = in_type(x, kind)
    totals = cpu("sums")(bits)
    np.testing.assert_allclose(totals[[0, 5]], exact.sum(-1)[[0, 5]], rtol=1e-15)
    assert np.isnan(totals[[1, 2, 4]]).all()
    assert totals[3] == np.inf


@pytest.mark.parametrize("kind", TYPES)
def test_log_softmax_agrees_with_the_formula(kind):
    rng = np.random.default_rng(0)
    x = 20 * rng.normal(size=(50, 300)) + 1000 * rng.normal(size=(50, 1))
    x[3, 5:] = -np.inf
    bits, exact = in_type(x, kind)
    np.testing.assert_allclose(cpu("log_softmax")(bits), reference.log_softmax(exact), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, 7, 299])
def test_rows_that_are_no_logits_begin_with_nan(bad, place):
    x = np.zeros((3, 300))
    x[1, place], x[2] = bad, -np.inf
    assert np.isnan(cpu("log_softmax")(x)[:, 0]).tolist() == [False, True, True]


def by_both(monkeypatch, call):
    """What a measure gives by the formulas, and by the loops."""
    monkeypatch.setattr(by_size, "LEAST", 1 << 60)
    plain = call()
    monkeypatch.setattr(by_size, "LEAST", 1)
    return plain, call()


LAYOUTS = {
    "rows": lambda x: (x, -1),
    "columns": lambda x: (np.asfortranarray(x), -1),
    "axis 0": lambda x: (np.ascontiguousarray(x.T), 0),
    "every other": lambda x: (np.repeat(x, 2, axis=0)[::2], -1),
    "backwards": lambda x: (x[::-1], -1),
    "one": lambda x: (x[0], -1),
    "batch": lambda x: (x.reshape(2, 3, -1), -1),
    "middle": lambda x: (x.reshape(2, 3, -1).transpose(0, 2, 1), 1),
    "read only": lambda x: (np.broadcast_to(x[0], (4, x.shape[1])), -1),
}


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("layout", list(LAYOUTS))
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("name", MEASURES)
def test_measures_are_the_same_by_either_way(name, kind, layout, library, monkeypatch):
    if library == "numpy" and kind == "bfloat16":
        pytest.skip("NumPy has no bfloat16")
    laid = [LAYOUTS[layout](x) for x in rows(np.random.default_rng(3), 6, 70, "none")]
    arrays = [torch.tensor(x.copy()).to(getattr(torch, kind)) for x, _ in laid]
    if library == "numpy":
        arrays = [x.astype(kind) for x, _ in laid]
    measure = getattr(kb, name)
    plain, fast = by_both(monkeypatch, lambda: measure(*arrays[: NAMES[name]], axis=laid[0][1], base=2))
    assert (type(fast.value), fast.method, fast.unit) == (type(plain.value), plain.method, plain.unit)
    assert getattr(fast.value, "dtype", None) == getattr(plain.value, "dtype", None)
    np.testing.assert_allclose(fast.value, plain.value, rtol=1e-13 if kind == "float64" else 3e-7)


@pytest.mark.parametrize("name", MEASURES)
def test_pairs_that_differ_in_kind_are_the_same_by_either_way(name, monkeypatch):
    p, q = rows(np.random.default_rng(4), 6, 70, "none")
    others = [q.astype(np.float32), torch.tensor(q), q[0], q[None, :1], kb.Logits(np.log(q)), kb.Logits(np.log(q[0]))]
    for other in others:
        arguments = (p, other) if NAMES[name] == 2 else (other,)
        plain, fast = by_both(monkeypatch, lambda arguments=arguments: getattr(kb, name)(*arguments).value)
        assert type(fast) is type(plain)
        np.testing.assert_allclose(fast, plain, rtol=3e-7)


@pytest.mark.parametrize("bad", ["negative", "nan", "inf", "sum", "logit nan", "logit inf", "masked row"])
def test_refusals_are_the_same_by_either_way(bad, monkeypatch):
    p, _ = rows(np.random.default_rng(5), 6, 70, "none")
    p[4, 9] = {"negative": -0.1, "nan": np.nan, "inf": np.inf}.get(bad, p[4, 9] + (bad == "sum"))
    x = np.zeros((6, 70))
    x[4, 9], x[5] = {"logit nan": np.nan, "logit inf": np.inf}.get(bad, 0), -np.inf if bad == "masked row" else 0
    given_array = kb.Logits(x) if "logit" in bad or bad == "masked row" else p.astype(np.float32)

    def message():
        with pytest.raises(kb.KullbackError) as refused:
            kb.entropy(given_array)
        return str(refused.value)

    plain, fast = by_both(monkeypatch, message)
    assert fast == plain


def test_gradients_and_what_else_asks_for_probabilities_are_the_same_by_either_way(monkeypatch):
    p, _ = rows(np.random.default_rng(6), 6, 70, "none")

    def gradient():
        x = torch.tensor(p, requires_grad=True)
        kb.entropy(x).value.sum().backward()
        return x.grad

    single = p.astype(np.float32)
    table = np.ascontiguousarray(single[0].reshape(7, 10))
    calls = (
        gradient,
        lambda: kb.mutual_information(table).value,
        lambda: kb.conditional_entropy(table).value,
        lambda: kb.perplexity(single).value,
        lambda: kb.information(single, 3).value,
        lambda: kb.cross_entropy(kb.Counts(np.ones(70)), single[0]).value,
    )
    for call in calls:
        plain, fast = by_both(monkeypatch, call)
        np.testing.assert_allclose(fast, plain, rtol=2e-6)  # the perplexity is e^H


def test_numba_is_loaded_with_the_first_large_array():
    code = (
        "import sys, numpy as np, kullback as kb; kb.entropy([0.5, 0.5]); print('numba' in sys.modules);"
        "kb.entropy(np.full((200, 100), 0.01)); print('numba' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False", "True"]
