"""Softmax cross-entropy: the loops against the formulas, the formulas against torch in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kullback.kernels.cpu import softmax_cross_entropy as loops
from kullback.kernels.reference import softmax_cross_entropy as formulas

KINDS = {"float64": (1e-12, 1e-12), "float32": (3e-6, 1e-6), "bfloat16": (3e-6, 4e-3), "float16": (3e-6, 5e-4)}
"""Relative errors of losses and of gradients."""
EDGES = [0.0, -np.inf, 1e4, -1e4, 88.0, -90.0]
TARGETS = ["one", "k", "shared", "rows"]


def bits(x, kind):
    """The array that a loop takes, and the numbers in it."""
    t = torch.from_numpy(x).to(getattr(torch, kind))
    if kind in {"float16", "bfloat16"}:
        return t.view(torch.int16).numpy().view(np.uint16 if kind == "float16" else np.int16), t.double().numpy()
    return t.numpy(), t.double().numpy()


def numbers(g, kind):
    return (
        (torch.from_numpy(g.view(np.int16)).view(getattr(torch, kind)) if g.itemsize == 2 else torch.from_numpy(g))
        .double()
        .numpy()
    )


def target_of(rng, form, n, classes, k, kind):  # noqa: PLR0917 (all of what a target is)
    """Labels, their weights, what rows share, how much of it, and rows."""
    real = np.float64 if kind == "float64" else np.float32
    none, rows = np.empty(0), np.empty((0, classes), real)
    labels = rng.integers(-1, classes, (n, k))
    if form == "one":
        return labels[:, :1], np.empty((n, 0)), none.astype(real), none, rows
    if form == "k":
        return labels, rng.random((n, k)), none.astype(real), none, rows
    if form == "shared":
        return labels, rng.random((n, k)), (rng.random(classes) / classes).astype(real), rng.random(n), rows
    p = rng.dirichlet(np.ones(classes), n).astype(real)
    return np.empty((n, 0), np.int64), np.empty((n, 0)), none.astype(real), none, np.where(p < 0.1 / classes, 0, p)


def close(got, expected, rtol, atol):
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)


@pytest.mark.parametrize("form", TARGETS)
@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**31),
    st.integers(0, 5),
    st.one_of(st.integers(1, 70), st.integers(1000, 2500)),
    st.integers(1, 4),
    st.sampled_from(list(KINDS)),
    st.sampled_from([0.0, 0.01]),
    st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(EDGES)), max_size=4),
)
def test_loops_are_the_formulas(form, seed, n, classes, k, kind, z, edges):  # noqa: PLR0917 (hypothesis draws them so)
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, classes)) * 3
    for place, value in edges if x.size else []:
        x.flat[place % x.size] = value
    a, x = bits(x, kind)
    target = target_of(rng, form, n, classes, k, kind)
    u = rng.uniform(0.5, 2, n) if n != 1 else np.ones(1)
    rtol, of_slope = KINDS[kind]
    g = np.empty_like(a)
    loss, lse = loops.softmax_cross_entropy(a, *target, z, unit=u, out=g)
    expected, log_sum = formulas.softmax_cross_entropy(x, *target, z)
    slope = formulas.gradient_of_softmax_cross_entropy(x, *target, z, u)
    large = np.abs(x[np.isfinite(x)]).max(initial=1)
    close(loss, expected, rtol, rtol * (large + z * large**2))
    close(lse, log_sum, rtol, rtol)
    atol = max(rtol, {"float16": 6e-8}.get(kind, 0)) * (1 + z * large)
    close(numbers(g, kind), slope, of_slope, atol)
    again = loops.gradient_of_softmax_cross_entropy(a, *target, z, u)
    close(numbers(again, kind), slope, of_slope, atol)
    alone, _ = loops.softmax_cross_entropy(a, *target, z)
    np.testing.assert_array_equal(alone, loss)
    place = a.copy()
    loops.softmax_cross_entropy(place, *target, z, unit=u, out=place)
    np.testing.assert_array_equal(place, g)
    place = a.copy()
    loops.softmax_cross_entropy(place, *target, z, unit=u, out=place)
    np.testing.assert_array_equal(place, again)


@pytest.mark.parametrize("form", TARGETS)
def test_formulas_are_torchs(form):
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.normal(size=(20, 9))).requires_grad_()
    labels, weights, shared, share, rows = target = target_of(rng, form, 20, 9, 3, "float64")
    b, held = np.zeros((20, 9)), np.full(20, True)
    for i in range(20 if form != "rows" else 0):
        held[i] = any(y >= 0 for y in labels[i])
        for j, y in enumerate(labels[i]):
            b[i, y] += (weights[i, j] if form != "one" else 1.0) if y >= 0 else 0.0
    b = rows if form == "rows" else b + (share[:, None] * shared if form == "shared" else 0.0)
    log_sum = torch.logsumexp(x, 1)
    value = -(torch.from_numpy(b) * torch.log_softmax(x, 1)).sum(1) + 0.1 * log_sum**2
    value = value.where(torch.from_numpy(held), 0.0)
    upstream = rng.random(20)
    value.backward(torch.from_numpy(upstream))
    close(formulas.softmax_cross_entropy(x.detach().numpy(), *target, 0.1)[0], value.detach().numpy(), 1e-13, 1e-14)
    got = formulas.gradient_of_softmax_cross_entropy(x.detach().numpy(), *target, 0.1, upstream)
    close(got, x.grad.numpy(), 1e-12, 1e-14)


def test_nan_and_infinities_spoil_their_row_alone():
    x = np.zeros((4, 1500))
    x[0, 3], x[1, 1200], x[2] = np.nan, np.inf, -np.inf
    none = np.empty(0)
    target = (np.zeros((4, 1), np.int64), np.empty((4, 0)), none, none, np.empty((0, 1500)))
    g = np.empty_like(x)
    loss, _ = loops.softmax_cross_entropy(x, *target, out=g)
    assert np.isnan(loss).tolist() == np.isnan(g).all(1).tolist() == [True, True, True, False]


@pytest.mark.parametrize("classes", [3, 1000, 70_000])
def test_one_thread_and_two_give_the_same_bits(classes):
    n = max(400_000 // classes, 5)
    rng = np.random.default_rng(2)
    x = rng.normal(size=(n, classes)).astype(np.float32)
    target = target_of(rng, "shared", n, classes, 2, "float32")
    before, seen = torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            g = np.empty_like(x)
            loss, lse = loops.softmax_cross_entropy(x, *target, 0.1, out=g)
            seen.append((loss, lse, g, loops.gradient_of_softmax_cross_entropy(x, *target, 0.1, np.ones(1))))
    finally:
        torch.set_num_threads(before)
    for one, two in zip(*seen, strict=True):
        np.testing.assert_array_equal(one, two)
