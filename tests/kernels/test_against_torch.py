"""Every compiled loop against the formulas and against torch in float64: shapes, strides, types, odd numbers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

from kullback.kernels import by_size, reference
from kullback.kernels.cpu import divergence_of_logits, kl_divergence, logarithm, softmax_cross_entropy, token_statistics
from kullback.losses.operators.arrays import array_of, tensor_of

KINDS = ["float64", "float32", "bfloat16", "float16"]
SHAPES = st.tuples(st.integers(1, 6), st.one_of(st.integers(1, 70), st.integers(1000, 2300)))
LAYOUTS = {
    "rows": lambda x: x,
    "transposed": lambda x: x.T.contiguous().T,
    "every other row": lambda x: x.repeat_interleave(2, 0)[::2],
    "every other column": lambda x: x.repeat_interleave(2, 1)[:, ::2],
    "a part": lambda x: F.pad(x, (3, 2, 1, 1))[1:-1, 3:-2],
    "one row": lambda x: x[:1].expand(len(x), -1),
}
ODD = [0.0, -np.inf, np.inf, np.nan, 1e4, -1e4, 88.0, -90.0, 2e-38]
EDGES = st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(ODD)), max_size=4)
COMMON = (st.integers(0, 2**31), SHAPES, st.sampled_from(KINDS), st.sampled_from(list(LAYOUTS)))


def laid(x, kind, layout):
    """x in a type and a layout, and the same in float64."""
    t = LAYOUTS[layout](torch.from_numpy(x).to(getattr(torch, kind)))
    return t, t.double()


def logits(rng, shape, edges):
    x = 3 * rng.normal(size=shape)
    for place, odd in edges:
        x.flat[place % x.size] = odd
    return x


def probabilities(rng, shape, edges):
    """Rows that sum to one, with zeros, certain outcomes and tiny numbers among them."""
    p = rng.dirichlet(np.full(shape[1], 0.5), shape[0])
    for place, odd in edges:
        if odd == 1e4:  # one outcome is certain
            row = place % shape[0]
            p[row] = 0
            p[row, place % shape[1]] = 1
        else:
            p.flat[place % p.size] = odd if odd == 2e-38 else 0.0
    return p


def of_logs(p):
    return torch.where(p > 0, p.clamp(min=5e-324).log(), -torch.inf)


def divergence(p, q):
    """Σ p log p/q − p + q, with 0 log 0 = 0."""
    return (torch.special.xlogy(p, p) - torch.special.xlogy(p, q) - p + q).sum(-1)


ORACLES = {
    "entropy": lambda p: torch.special.entr(p).sum(-1),
    "entropy_of_logs": lambda a: torch.special.entr(a.exp()).sum(-1),
    "cross_entropy": lambda p, q: -torch.special.xlogy(p, q).sum(-1),
    "cross_entropy_of_logs": lambda p, b: -torch.where(p > 0, p * b, 0.0).sum(-1),
    "kl_divergence": divergence,
    "kl_divergence_of_logs": lambda a, b: (a.exp() * torch.where(a.exp() > 0, a - b, 0.0) - a.exp() + b.exp()).sum(-1),
    "jensen_shannon": lambda p, q: (divergence(p, (p + q) / 2) + divergence(q, (p + q) / 2)) / 2,
}
LOGS = {"entropy_of_logs": (0,), "cross_entropy_of_logs": (1,), "kl_divergence_of_logs": (0, 1)}


@pytest.fixture
def _loops(monkeypatch):
    monkeypatch.setattr(by_size, "LEAST", 1)


@pytest.mark.usefixtures("_loops")
@pytest.mark.parametrize("name", ORACLES)
@settings(max_examples=20)
@given(*COMMON, EDGES, EDGES)
def test_measures_of_rows(name, seed, shape, kind, layout, odd_p, odd_q):  # noqa: PLR0917 (hypothesis draws them so)
    rng = np.random.default_rng(seed)
    rows = [torch.from_numpy(probabilities(rng, shape, odd)) for odd in (odd_p, odd_q)]
    count = 1 if name.startswith("entropy") else 2
    rows = [of_logs(x) if i in LOGS.get(name, ()) else x for i, x in enumerate(rows[:count])]
    pairs = [laid(x.numpy(), kind, layout) for x in rows]
    got = by_size.measure(name, *(t for t, _ in pairs))
    wide = [t for _, t in pairs]
    size = 1e-13 if kind == "float64" else 3e-7
    assert got.dtype == torch.float64
    # the formula never cancels; what torch gives is the difference of sums
    torch.testing.assert_close(got, torch.as_tensor(getattr(reference, name)(*wide)), rtol=size, atol=size * 1e-3)
    torch.testing.assert_close(got, ORACLES[name](*wide), rtol=size, atol=1e-12)


@pytest.mark.parametrize(("kind", "tiny"), [(np.float32, 1e-40), (np.float64, 1e-310)])
def test_divergence_of_equal_rows_with_a_subnormal_number_is_0(kind, tiny):
    p = np.full((1, 8), 1 / 7, kind)
    p[0, 0] = tiny
    assert kl_divergence.kl_divergence(p, p) == 0


@settings(max_examples=20)
@given(*COMMON, EDGES)
def test_sums_and_log_softmax(seed, shape, kind, layout, odd):
    x, wide = laid(logits(np.random.default_rng(seed), shape, odd), kind, layout)
    got = torch.from_numpy(logarithm.log_softmax(array_of(x)))
    expected = torch.log_softmax(wide, -1)
    good = ~(wide.isnan().any(-1) | (wide == torch.inf).any(-1) | (wide == -torch.inf).all(-1))
    torch.testing.assert_close(got[good], expected[good], rtol=1e-12, atol=1e-12)
    assert got[~good, 0].isnan().all()
    total = torch.from_numpy(logarithm.sums(array_of(x.abs())))
    torch.testing.assert_close(total, wide.abs().sum(-1), rtol=1e-12, atol=0, equal_nan=True)


@settings(max_examples=20)
@given(*COMMON, EDGES, st.sampled_from(["labels", "k labels", "rows"]))
def test_softmax_cross_entropy(seed, shape, kind, layout, odd, form):  # noqa: PLR0917 (hypothesis draws them so)
    rng = np.random.default_rng(seed)
    (n, k), real = shape, np.float64 if kind == "float64" else np.float32
    x, wide = laid(logits(rng, shape, odd), kind, layout)
    none = np.empty(0)
    y, v, b = np.empty((n, 0), np.int64), np.empty((n, 0)), np.empty((0, k), real)
    if form == "rows":
        b = rng.dirichlet(np.ones(k), n).astype(real)
    else:
        y = rng.integers(0, k, (n, 1 if form == "labels" else 3))
        v = rng.random(y.shape) if form == "k labels" else v
    out = np.empty_like(array_of(x))
    loss, lse = softmax_cross_entropy.softmax_cross_entropy(
        array_of(x), y, v, none.astype(real), none, b, unit=np.full(1, 0.5), out=out
    )
    wide.requires_grad_()
    if form == "rows":
        expected = F.cross_entropy(wide, torch.from_numpy(b).double(), reduction="none")
    else:
        each = [F.cross_entropy(wide, torch.from_numpy(column), reduction="none") for column in y.T]
        expected = sum(e * (torch.from_numpy(v[:, j]) if v.size else 1.0) for j, e in enumerate(each))
    expected.backward(torch.full((n,), 0.5, dtype=torch.float64))
    size = 1e-12 if kind == "float64" else 3e-6
    large = float(wide.detach()[wide.detach().isfinite()].abs().max()) if wide.isfinite().any() else 1.0
    whole = wide.detach().isfinite().all(-1)  # a row with an infinity or nan is looked at in tests/losses/test_edges.py
    assert torch.from_numpy(np.isnan(loss)).eq(expected.detach().isnan()).all()
    close = {"rtol": size, "atol": size * max(large, 1.0)}
    torch.testing.assert_close(torch.from_numpy(loss)[whole], expected.detach()[whole], **close)
    torch.testing.assert_close(torch.from_numpy(lse)[whole], torch.logsumexp(wide.detach(), -1)[whole], **close)
    slope = tensor_of(out, x.dtype).double()
    relative, least = {"float16": (5e-4, 6e-8), "bfloat16": (4e-3, 1e-6)}.get(kind, (size, size))
    torch.testing.assert_close(slope[whole], wide.grad[whole], rtol=relative, atol=least)


@pytest.mark.parametrize("name", ["kl", "js"])
@settings(max_examples=20)
@given(*COMMON, EDGES, st.sampled_from([1e-3, 1.0, 10.0]))
def test_divergences_of_logits(name, seed, shape, kind, layout, odd, scale):  # noqa: PLR0917 (hypothesis draws them so)
    rng = np.random.default_rng(seed)
    odd = [(place, value) for place, value in odd if np.isfinite(value)]
    z = logits(rng, shape, odd)
    (x, a), (y, b) = laid(z, kind, layout), laid(z + scale * rng.normal(size=shape), kind, layout)
    function = {"kl": "kl_divergence_of_logits", "js": "jensen_shannon_of_logits"}[name]
    got, slope = getattr(divergence_of_logits, function)(array_of(x), array_of(y), 2.0)
    a.requires_grad_()
    log_q, log_p = torch.log_softmax(a / 2, -1), torch.log_softmax(b / 2, -1)
    log_m = torch.logaddexp(log_p, log_q) - np.log(2)

    def kl(u, v):
        return F.kl_div(v, u, log_target=True, reduction="none").sum(-1)

    expected = kl(log_p, log_q) if name == "kl" else (kl(log_p, log_m) + kl(log_q, log_m)) / 2
    expected.sum().backward()
    size = 1e-11 if kind == "float64" else 1e-5
    # what torch gives cancels: it is right to 1e-15 of its terms
    torch.testing.assert_close(torch.from_numpy(got), expected.detach(), rtol=size, atol=max(1e-12, size**2))
    relative, least = {"float16": (2e-3, 6e-8), "bfloat16": (1e-2, 1e-6)}.get(kind, (size, size / 10))
    torch.testing.assert_close(tensor_of(slope, x.dtype).double(), a.grad, rtol=relative, atol=least)


@settings(max_examples=20)
@given(*COMMON, EDGES)
def test_statistics_of_tokens(seed, shape, kind, layout, odd):
    rng = np.random.default_rng(seed)
    x, wide = laid(logits(rng, shape, odd), kind, layout)
    target = rng.integers(0, shape[1], shape[0])
    found = token_statistics.token_statistics(array_of(x), target)
    nll, entropy, log_sum_exp, argmax, rank = (torch.from_numpy(v) for v in found[:5])
    good = ~(wide.isnan().any(-1) | (wide == torch.inf).any(-1) | (wide == -torch.inf).all(-1))
    y = torch.from_numpy(target)
    log_q = torch.log_softmax(wide, -1)
    size = 1e-12 if kind == "float64" else 3e-6
    large = float(wide[wide.isfinite()].abs().max()) if wide.isfinite().any() else 1.0
    close = {"rtol": 10 * size, "atol": size * max(large, 1.0)}
    torch.testing.assert_close(nll[good], F.nll_loss(log_q, y, reduction="none")[good], **close)
    torch.testing.assert_close(entropy[good], torch.special.entr(log_q.exp()).sum(-1)[good], rtol=10 * size, atol=size)
    torch.testing.assert_close(log_sum_exp[good], torch.logsumexp(wide, -1)[good], rtol=size, atol=size)
    assert torch.equal(argmax, wide.argmax(-1))
    whole = ~wide.isnan().any(-1)
    assert torch.equal(rank[whole], (wide > wide.gather(1, y[:, None])).sum(-1)[whole])
    assert nll[~good].isnan().all()
