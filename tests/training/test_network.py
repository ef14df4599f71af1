"""The network: its shape, its start at the label frequencies, and its number embedding by the formula."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from kullback.training.features import Features, Sizes
from kullback.training.loop import log_prior, logits
from kullback.training.network import Network, NumberEmbedding, Shape

SHAPE = Shape(width=16, depth=2, frequencies=4, number_width=3)


def features(n, sizes, seed=0):
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.integers(0, size, n) for size in sizes.codes], axis=1) if sizes.codes else np.zeros((n, 0))
    return Features(
        torch.from_numpy(rng.normal(size=(n, sizes.numbers)).astype(np.float32)),
        torch.from_numpy(rng.normal(size=(n, sizes.plain)).astype(np.float32)),
        torch.from_numpy(codes.astype(np.int64)),
        sp.random_array((n, sizes.wide), density=0.5, rng=rng, dtype=np.float32).tocsr(),
    )


def test_the_number_embedding_is_its_formula():
    torch.manual_seed(0)
    embedding = NumberEmbedding(2, SHAPE)
    x = torch.tensor([[0.3, -1.2], [0.0, 2.0]])
    found = embedding(x).detach().numpy().reshape(2, 2, 3)
    omega, phi, w, b = (p.detach().double().numpy() for p in embedding.parameters())
    assert omega.shape == phi.shape == (2, 4)
    for i in range(2):
        for d in range(2):
            value = float(x[i, d])
            waves = [np.cos(2 * np.pi * (omega[d, f] * value + phi[d, f])) for f in range(4)]
            expected = [value, *(sum(waves[f] * w[d, f, o] for f in range(4)) + b[d, o] for o in range(2))]
            np.testing.assert_allclose(found[i, d], expected, rtol=1e-5, atol=1e-6)


def test_numbers_are_embedded_with_the_spread_that_is_said():
    torch.manual_seed(0)
    embedding = NumberEmbedding(200, Shape())
    assert embedding.omega.std().item() == pytest.approx(0.1, rel=0.05)
    assert embedding.phi.min() >= -0.5
    assert embedding.phi.max() <= 0.5


EVERYTHING = Sizes(numbers=3, plain=2, codes=(4, 20), wide=30)
SIZES = [
    EVERYTHING,
    Sizes(numbers=1, plain=0, codes=(), wide=0),
    Sizes(numbers=0, plain=1, codes=(), wide=0),
    Sizes(numbers=0, plain=0, codes=(3,), wide=0),
    Sizes(numbers=0, plain=4, codes=(), wide=9),
]


@pytest.mark.parametrize("sizes", SIZES)
def test_it_starts_at_the_label_frequencies(sizes):
    targets = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 0.5, 0.5], [0, 1, 0]])
    network = Network(sizes, log_prior(targets), SHAPE)
    q = torch.softmax(logits(network, features(5, sizes)), dim=1)
    # half a label is added to each class: (2.5, 2, 1) of 5.5
    np.testing.assert_allclose(q.numpy(), np.tile([2.5 / 5.5, 2 / 5.5, 1 / 5.5], (5, 1)), rtol=1e-5)


def test_the_wide_path_is_linear_in_its_sparse_inputs():
    sizes = Sizes(numbers=0, plain=1, codes=(), wide=6)
    network = Network(sizes, torch.zeros(2), SHAPE)
    torch.nn.init.normal_(network.wide.weight)
    x = features(7, sizes)
    expected = x.wide.toarray() @ network.wide.weight.detach().numpy()
    np.testing.assert_allclose(logits(network, x).numpy(), expected, rtol=1e-4, atol=1e-6)


def test_few_categories_are_one_hot_and_many_are_embedded():
    network = Network(EVERYTHING, torch.zeros(3), Shape())
    assert [tuple(e.weight.shape) for e in network.codes] == [(20, 8)]
    assert network.deep[0].in_features == 3 * 8 + 2 + 4 + 8


def test_batches_of_prediction_change_nothing():
    network = Network(EVERYTHING, torch.zeros(3), SHAPE)
    torch.nn.init.normal_(network.head.weight)
    x = features(10, EVERYTHING)
    np.testing.assert_allclose(logits(network, x, batch_size=3), logits(network, x), rtol=1e-5, atol=1e-6)
