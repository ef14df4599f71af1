"""Training on KL is training on cross-entropy: one gradient, and values that are H(P) apart wherever θ is."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kullback as kb
from kullback.losses.operators import softmax_cross_entropy as operators

WORLDS = st.tuples(st.integers(1, 6), st.integers(2, 7), st.floats(0.1, 30), st.integers(0, 2**31))
"""N inputs, K classes, how large logits are, and a seed."""

KINDS = ["labels", "rows", "several"]


@pytest.fixture(params=["loops", "torch"], scope="module", autouse=True)
def path(request):
    """Both ways of the cross-entropy: the loops for few logits too, or torch's operations."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operators, "NARROW", 0)
        patch.setattr(operators, "SMALL", 0 if request.param == "loops" else 1 << 40)
        yield


def _target(kind, N, K, generator):
    """What the cross-entropy is given, P **(M, K)** of the inputs that have a target, and which they are."""
    labels = torch.randint(0, K, (N, 5), generator=generator)
    if kind == "labels":
        return {"target": labels[:, 0]}, _frequencies(labels[:, :1], K), slice(None)
    if kind == "rows":
        p = torch.softmax(3 * torch.randn(N, K, generator=generator, dtype=torch.float64), -1)
        p = torch.where((p < 0.05) & (p < p.amax(-1, keepdim=True)), 0.0, p)
        p /= p.sum(-1, keepdim=True)
        return {"target": p}, p, slice(None)
    labels[torch.rand(N, 5, generator=generator) < 0.5] = -100
    labels[0, 0] = 0
    kept = (labels >= 0).any(1)
    return {"labels": labels}, _frequencies(labels[kept], K), kept


def _frequencies(labels, K):
    """How often each class is among the labels of an input that are there."""
    counts = torch.stack([(labels == c).sum(1) for c in range(K)], 1).double()
    return counts / counts.sum(1, keepdim=True)


def _entropy(p):
    return -torch.special.xlogy(p, p).sum(-1).mean()


def _plainly(x, p):
    """−1/N Σ_i Σ_c p_ic log Q(c | x_i), as the books write it."""
    return -(p * torch.log_softmax(x, -1)).sum(-1).mean()


def _close(got, expected, scale):
    """To rounding: of numbers of this size, in float64."""
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-14 * scale)


@pytest.mark.parametrize("kind", KINDS)
@given(world=WORLDS)
def test_the_gradients_by_the_logits_are_one(kind, world):
    N, K, scale, seed = world
    generator = torch.Generator().manual_seed(seed)
    target, p, kept = _target(kind, N, K, generator)
    x = (scale * torch.randn(N, K, generator=generator, dtype=torch.float64)).requires_grad_()
    losses = kb.losses.cross_entropy(x, **target), kb.losses.kl_divergence(x[kept], p), _plainly(x[kept], p)
    of_cross_entropy, of_kl, plainly = (torch.autograd.grad(loss, x)[0] for loss in losses)
    _close(of_cross_entropy, plainly, 1)
    _close(of_kl, plainly, 1)


@pytest.mark.parametrize("kind", KINDS)
@given(world=WORLDS)
def test_the_values_are_the_entropy_of_the_targets_apart(kind, world):
    """For every θ the same: at two of them."""
    N, K, scale, seed = world
    generator = torch.Generator().manual_seed(seed)
    target, p, kept = _target(kind, N, K, generator)
    for x in scale * torch.randn(2, N, K, generator=generator, dtype=torch.float64):
        cross_entropy, kl = kb.losses.cross_entropy(x, **target), kb.losses.kl_divergence(x[kept], p)
        _close(cross_entropy, _plainly(x[kept], p), scale)
        _close(cross_entropy - kl, _entropy(p), 10 * scale)


@pytest.mark.parametrize("kind", KINDS)
@given(world=WORLDS)
def test_the_gradients_by_the_weights_of_a_network_are_one(kind, world):
    N, K, scale, seed = world
    generator = torch.Generator().manual_seed(seed)
    target, p, kept = _target(kind, N, K, generator)
    inputs = torch.randn(N, 3, generator=generator, dtype=torch.float64)
    shapes = (3, 4), (4,), (4, K), (K,)
    weights = [torch.randn(s, generator=generator, dtype=torch.float64).requires_grad_() for s in shapes]
    a, b, c, d = weights
    x = min(scale, 3) * (torch.tanh(inputs @ a + b) @ c + d)
    losses = kb.losses.cross_entropy(x, **target), kb.losses.kl_divergence(x[kept], p), _plainly(x[kept], p)
    of_cross_entropy, of_kl, plainly = (torch.autograd.grad(loss, weights, retain_graph=True) for loss in losses)
    for i in range(len(weights)):
        _close(of_cross_entropy[i], plainly[i], 10)
        _close(of_kl[i], plainly[i], 10)
