"""A loss is the measure made differentiable."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kullback as kb

SIZES = st.tuples(st.integers(1, 5), st.integers(2, 6), st.integers(0, 2**31))


def _world(sizes):
    """Logits, rows of probabilities and labels."""
    N, K, seed = sizes
    generator = torch.Generator().manual_seed(seed)
    x = 3 * torch.randn(N, K, generator=generator, dtype=torch.float64)
    p = torch.softmax(2 * torch.randn(N, K, generator=generator, dtype=torch.float64), -1)
    return x, p, torch.randint(0, K, (N,), generator=generator)


def _gradient(loss, x, target):
    x = x.detach().requires_grad_()
    loss(x, target).backward()
    return x.grad


@given(SIZES)
def test_the_loss_is_the_measure_averaged_over_inputs(sizes):
    x, p, _ = _world(sizes)
    for name in ("cross_entropy", "kl_divergence"):
        expected = getattr(kb, name)(p, kb.Logits(x)).value
        torch.testing.assert_close(getattr(kb.losses, name)(x, p, reduction="none"), expected, rtol=1e-10, atol=1e-14)
        torch.testing.assert_close(getattr(kb.losses, name)(x, p), expected.mean(), rtol=1e-10, atol=1e-14)


@given(SIZES, st.integers(1, 4))
def test_k_copies_of_one_label_are_one_label(sizes, k):
    x, _, labels = _world(sizes)
    copies = labels[:, None].expand(-1, k)
    torch.testing.assert_close(
        kb.losses.cross_entropy(x, labels=copies), kb.losses.cross_entropy(x, labels), rtol=1e-13, atol=0
    )
    missing = torch.cat([copies, torch.full_like(copies, -100)], 1)
    torch.testing.assert_close(
        kb.losses.cross_entropy(x, labels=missing), kb.losses.cross_entropy(x, labels), rtol=1e-13, atol=0
    )


@given(SIZES)
def test_one_hot_rows_are_indices(sizes):
    x, _, labels = _world(sizes)
    one_hot = torch.nn.functional.one_hot(labels, x.shape[1]).double()
    torch.testing.assert_close(
        kb.losses.cross_entropy(x, one_hot), kb.losses.cross_entropy(x, labels), rtol=1e-13, atol=0
    )
    torch.testing.assert_close(
        kb.losses.kl_divergence(x, one_hot), kb.losses.cross_entropy(x, labels), rtol=1e-9, atol=1e-13
    )


@given(SIZES)
def test_several_labels_are_the_rows_of_their_frequencies(sizes):
    x, _, labels = _world(sizes)
    several = torch.stack([labels, (labels + 1) % x.shape[1], labels], 1)
    rows = torch.nn.functional.one_hot(several, x.shape[1]).double().mean(1)
    torch.testing.assert_close(
        kb.losses.cross_entropy(x, labels=several), kb.losses.cross_entropy(x, rows), rtol=1e-13, atol=0
    )


@given(SIZES)
def test_training_on_cross_entropy_is_training_on_kl(sizes):
    x, p, _ = _world(sizes)
    of_kl, of_cross_entropy = _gradient(kb.losses.kl_divergence, x, p), _gradient(kb.losses.cross_entropy, x, p)
    torch.testing.assert_close(of_kl, of_cross_entropy, rtol=1e-9, atol=1e-13)
    torch.testing.assert_close(of_cross_entropy, (torch.softmax(x, -1) - p) / len(x), rtol=1e-9, atol=1e-13)
    difference = kb.losses.cross_entropy(x, p) - kb.losses.kl_divergence(x, p)
    assert difference.item() == pytest.approx(kb.entropy(p).value.mean().item(), rel=1e-10)


@given(SIZES)
def test_losses_are_least_at_the_truth(sizes):
    x, p, _ = _world(sizes)
    assert kb.losses.kl_divergence(x, p, reduction="none").min() >= 0
    assert kb.losses.kl_divergence(p.log(), p).item() == pytest.approx(0, abs=1e-15)
    assert kb.losses.cross_entropy(x, p) >= kb.losses.cross_entropy(p.log(), p) - 1e-12


@given(SIZES)
def test_the_loss_of_labels_is_their_mean_information(sizes):
    x, _, labels = _world(sizes)
    expected = kb.information(kb.Logits(x), labels).value
    torch.testing.assert_close(kb.losses.cross_entropy(x, labels, reduction="none"), expected, rtol=1e-12, atol=1e-15)
