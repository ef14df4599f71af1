"""Cross-entropy, entropy gap and the Brier twin against scikit-learn and loops over labels."""

import numpy as np
import pytest
import scipy.stats
from sklearn.metrics import brier_score_loss, log_loss

from kullback.account.held_out import brier, brier_floor, cross_entropy, disagreement, entropy_gap
from kullback.account.observations import observe


def _draw(n=300, n_classes=3, k=4, seed=0):
    rng = np.random.default_rng(seed)
    q = rng.dirichlet(np.ones(n_classes), n)
    labels = rng.integers(0, n_classes, (n, k))
    labels[:, 1:] = np.where(rng.random((n, k - 1)) < 0.4, -1, labels[:, 1:])
    return q, labels


def test_cross_entropy_is_log_loss():
    q, labels = _draw()
    estimate = cross_entropy(observe(q, labels[:, 0]))
    assert estimate.value == pytest.approx(log_loss(labels[:, 0], q), rel=1e-12)
    assert estimate.std_error == pytest.approx(scipy.stats.sem(-np.log(q[np.arange(300), labels[:, 0]])), rel=1e-12)


def test_items_count_equally_whatever_the_number_of_their_labels():
    q, labels = _draw()
    losses = [np.mean([-np.log(q[i, y]) for y in labels[i] if y >= 0]) for i in range(300)]
    scores = [np.mean([((np.eye(3)[y] - q[i]) ** 2).sum() for y in labels[i] if y >= 0]) for i in range(300)]
    seen = observe(q, labels)
    assert cross_entropy(seen).value == pytest.approx(np.mean(losses), rel=1e-12)
    assert cross_entropy(seen).std_error == pytest.approx(scipy.stats.sem(losses), rel=1e-12)
    assert brier(seen).value == pytest.approx(np.mean(scores), rel=1e-12)
    assert brier(seen).std_error == pytest.approx(scipy.stats.sem(scores), rel=1e-12)
    assert brier(seen).unit == "1"


def test_brier_is_that_of_scikit_learn():
    q, labels = _draw(n_classes=2)
    one = brier(observe(q, labels[:, 0])).value
    assert one == pytest.approx(2 * brier_score_loss(labels[:, 0], q[:, 1]), rel=1e-12)


def test_entropy_gap_is_surprisal_less_expected_surprisal():
    q, labels = _draw()
    excess = -np.log(q[np.arange(300), labels[:, 0]]) - scipy.stats.entropy(q, axis=1)
    estimate = entropy_gap(observe(q, labels[:, 0]))
    assert estimate.value == pytest.approx(excess.mean(), rel=1e-12)
    assert estimate.std_error == pytest.approx(scipy.stats.sem(excess), rel=1e-12)


def test_impossible_classes_add_nothing_to_the_expected_surprisal():
    q = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0], [0.2, 0.8, 0.0]])
    seen = observe(q, [0, 0, 1])
    assert seen.expected_surprisal == pytest.approx(scipy.stats.entropy(q, axis=1))


def test_disagreement_is_the_share_of_pairs_that_differ():
    q, labels = _draw()
    rows, d = disagreement(observe(q, labels))
    for i, value in zip(rows, d, strict=True):
        given = labels[i][labels[i] >= 0]
        pairs = [a != b for j, a in enumerate(given) for b in given[j + 1 :]]
        assert value == pytest.approx(np.mean(pairs), abs=1e-12)
    assert set(rows) == {i for i in range(300) if (labels[i] >= 0).sum() >= 2}
    estimate = brier_floor(observe(q, labels))
    assert estimate.value == pytest.approx(d.mean())
    assert estimate.std_error == pytest.approx(scipy.stats.sem(d), rel=1e-12)


def test_no_brier_floor_without_two_labels():
    q, labels = _draw()
    assert brier_floor(observe(q, labels[:, 0])) is None


def test_a_heavy_tail_is_said():
    q = np.full((1000, 2), [1 - 1e-6, 1e-6])
    labels = np.zeros(1000, int)
    labels[:5] = 1
    estimate = cross_entropy(observe(q, labels))
    assert not estimate.reliable
    assert "third of the loss" in estimate.notes[0]
    even = cross_entropy(observe(np.full((1000, 2), 0.5), labels))
    assert even.reliable
    assert not even.notes
