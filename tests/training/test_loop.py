"""The loop: it learns, keeps its best network, uses every row, and the same seed gives the same bits."""

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from kullback.training.features import Features, Sizes
from kullback.training.loop import Settings, logits, train
from kullback.training.network import Network, Shape

SETTINGS = Settings(epochs=6, batch_size=64, shape=Shape(width=32, depth=1, dropout=0.1))
SIZES = Sizes(numbers=2, plain=0, codes=(), wide=0)


def as_features(x):
    n = len(x)
    empty = torch.zeros((n, 0))
    return Features(
        torch.from_numpy(x.astype(np.float32)), empty, empty.long(), sp.csr_matrix((n, 0), dtype=np.float32)
    )


def world(n=1200, seed=0):
    """Draw x ~ N(0, I) and y with P(1|x) = 1 / (1 + exp(−3 x₀))."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 2))
    p = 1 / (1 + np.exp(-3 * x[:, 0]))
    y = (rng.random(n) < p).astype(int)
    return x, p, y


def fit(x, targets, *, settings=SETTINGS, watch=None, seed=0, stop=200):
    rows = np.arange(len(x))
    seen = []
    trained = train(
        as_features(x),
        SIZES,
        torch.from_numpy(np.asarray(targets, np.float32)),
        fit_rows=rows[stop:],
        stop_rows=rows[:stop],
        fold=3,
        seed=seed,
        settings=settings,
        watch=lambda epoch: (seen.append(epoch), watch(epoch) if watch else None),
    )
    return trained, seen


def one_hot(y):
    return np.eye(2)[y]


def cross_entropy(network, x, targets):
    z = logits(network, as_features(x)).double().numpy()
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(np.asarray(targets) * log_q).sum(axis=1).mean()


def test_it_learns_and_keeps_the_best_epoch():
    x, _, y = world()
    trained, seen = fit(x, one_hot(y))
    assert seen[-1].train < seen[0].train < np.log(2) * 1.2
    assert [(e.fold, e.epoch, e.epochs) for e in seen] == [(3, i, 6) for i in range(6)]
    best = min(e.held_out for e in seen)
    assert best < 0.9 * np.log(2)
    assert cross_entropy(trained.network, x[:200], one_hot(y)[:200]) == pytest.approx(best, rel=1e-5)
    assert [e.best for e in seen] == [
        e.held_out < min([9.0, *(f.held_out for f in seen[:i])]) for i, e in enumerate(seen)
    ]
    assert not trained.interrupted
    assert not trained.network.training


def test_it_stops_when_patience_ends_and_gives_the_best_not_the_last():
    rng = np.random.default_rng(1)
    # labels without a pattern: more epochs only overfit
    x, y = rng.normal(size=(300, 2)), rng.integers(0, 2, 300)
    settings = dataclasses.replace(SETTINGS, epochs=200, patience=3, learning_rate=0.02)
    trained, seen = fit(x, one_hot(y), settings=settings, stop=100)
    losses = [e.held_out for e in seen]
    assert len(seen) == int(np.argmin(losses)) + 1 + 3 < 200
    assert cross_entropy(trained.network, x[:100], one_hot(y)[:100]) == pytest.approx(min(losses), rel=1e-5)


def interrupt_at(number):
    def watch(epoch):
        if epoch.epoch == number:
            raise KeyboardInterrupt

    return watch


def test_ctrl_c_keeps_the_best_network_so_far():
    x, _, y = world()
    trained, seen = fit(x, one_hot(y), watch=interrupt_at(2))
    assert trained.interrupted
    assert len(seen) == 3
    best = min(e.held_out for e in seen)
    assert cross_entropy(trained.network, x[:200], one_hot(y)[:200]) == pytest.approx(best, rel=1e-5)


def test_ctrl_c_before_the_first_epoch_has_nothing_to_keep(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Network, "forward", interrupted)
    x, _, y = world(300)
    with pytest.raises(KeyboardInterrupt):
        fit(x, one_hot(y))


def test_the_same_seed_gives_the_same_bits_and_leaves_the_callers_random_state():
    x, _, y = world(500)
    torch.manual_seed(42)
    expected = torch.rand(3)
    torch.manual_seed(42)
    a = fit(x, one_hot(y), seed=7)[0].network.state_dict()
    assert torch.equal(torch.rand(3), expected)
    b, c = (fit(x, one_hot(y), seed=seed)[0].network.state_dict() for seed in (7, 8))
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert not all(torch.equal(a[name], c[name]) for name in a)


def test_every_row_is_used_once_an_epoch_the_last_batch_too(monkeypatch):
    used = []
    take = Features.take

    def spy(self, rows):
        used.append(rows)
        return take(self, rows)

    monkeypatch.setattr(Features, "take", spy)
    x, _, y = world(330)
    settings = dataclasses.replace(SETTINGS, epochs=2, batch_size=64)
    fit(x, one_hot(y), settings=settings, stop=100)
    trained_on = [rows for rows in used if len(rows) <= 64 and rows.min() >= 100]
    assert [len(rows) for rows in trained_on] == [64, 64, 64, 38] * 2
    for epoch in (trained_on[:4], trained_on[4:]):
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch)), np.arange(100, 330))
    assert not np.array_equal(np.concatenate(trained_on[:4]), np.concatenate(trained_on[4:]))


def test_shares_of_k_labels_train_like_the_soft_labels_they_are():
    x, p, _ = world(400)
    rng = np.random.default_rng(3)
    labels = (rng.random((400, 4)) < p[:, None]).astype(int)
    shares = np.stack([(labels == c).sum(axis=1) / 4 for c in range(2)], axis=1)
    soft = np.stack([1 - labels.mean(axis=1), labels.mean(axis=1)], axis=1)
    a, b = (fit(x, t)[0].network.state_dict() for t in (shares, soft))
    assert all(torch.equal(a[name], b[name]) for name in a)


def test_other_rows_change_nothing():
    x, _, y = world(600)
    settings = dataclasses.replace(SETTINGS, epochs=2)
    rows = np.arange(600)
    changed, flipped = x.copy(), y.copy()
    changed[500:], flipped[500:] = 99.0, 1 - y[500:]
    networks = [
        train(
            as_features(inputs),
            SIZES,
            torch.from_numpy(one_hot(labels).astype(np.float32)),
            fit_rows=rows[100:500],
            stop_rows=rows[:100],
            fold=0,
            seed=0,
            settings=settings,
            watch=lambda _: None,
        ).network
        for inputs, labels in ((x, y), (changed, flipped))
    ]
    assert torch.equal(logits(networks[0], as_features(x)), logits(networks[1], as_features(x)))


def test_in_a_known_world_the_loss_comes_close_to_the_entropy():
    x, _, y = world(6000)
    trained, _ = fit(x, one_hot(y), settings=dataclasses.replace(SETTINGS, epochs=12), stop=1000)
    new_x, p, _ = world(20_000, seed=1)
    truth = np.stack([1 - p, p], axis=1)
    entropy = -(truth * np.log(truth)).sum(axis=1).mean()
    # exact expectation over the labels: what is left is KL, never negative
    excess = cross_entropy(trained.network, new_x, truth) - entropy
    assert 0 <= excess < 0.01
