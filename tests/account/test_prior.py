"""H(Y) and what the model captured, against scipy, other formulas and a loop over groups."""

import math

import numpy as np
import pytest
import scipy.stats
from sklearn.metrics import log_loss

from kullback.account.observations import observe
from kullback.account.prior import ABOVE, UNIFORM, captured, prior_entropy


def _seen(n=400, n_classes=4, k=1, groups=None, seed=0):
    rng = np.random.default_rng(seed)
    q = rng.dirichlet(np.ones(n_classes), n)
    return observe(q, rng.integers(0, n_classes, (n, k)) ** 2 // n_classes, groups=groups), q


def test_prior_is_the_plug_in_with_miller_madow_and_the_delta_method_when_each_item_has_one_label():
    seen, _ = _seen()
    counts = seen.counts.sum(axis=0)
    p, n = counts[counts > 0] / counts.sum(), counts.sum()
    estimate = prior_entropy(seen)
    # with n − 1 in the covariance, Miller–Madow's (K−1)/2n becomes (K−1)/2(n−1)
    assert estimate.value == pytest.approx(scipy.stats.entropy(p) + (len(p) - 1) / (2 * (n - 1)), rel=1e-12)
    first = ((p * np.log(p) ** 2).sum() - scipy.stats.entropy(p) ** 2) / (n - 1)
    assert estimate.std_error**2 == pytest.approx(first + 2 * (len(p) - 1) / (n - 1) ** 2, rel=1e-9)


def test_uniform_labels_keep_an_error_and_are_not_clipped():
    q = np.full((400, 4), 0.25)
    estimate = prior_entropy(observe(q, np.arange(400) % 4))
    assert estimate.value > math.log(4)
    assert estimate.notes == (ABOVE, UNIFORM)
    assert prior_entropy(observe(q, np.arange(400) % 5 % 4)).notes == ()
    assert estimate.std_error == pytest.approx(math.sqrt(2 * 3) / 399, rel=1e-9)


def test_a_class_never_seen_belongs_to_the_alphabet_and_changes_nothing():
    rng = np.random.default_rng(1)
    labels, q = rng.integers(0, 3, 200), rng.dirichlet(np.ones(3), 200)
    wider = np.hstack([q, np.zeros((200, 1))])
    narrow, wide = observe(q, labels), observe(wider, labels)
    assert prior_entropy(wide).value == pytest.approx(prior_entropy(narrow).value, rel=1e-12)
    assert captured(wide).value == pytest.approx(captured(narrow).value, rel=1e-12)


def test_captured_is_plug_in_entropy_less_cross_entropy():
    seen, q = _seen()
    y = seen.counts.argmax(axis=1)
    frequencies = np.bincount(y, minlength=4) / len(y)
    assert captured(seen).value == pytest.approx(
        scipy.stats.entropy(frequencies) - log_loss(y, q, labels=range(4)), rel=1e-12
    )
    assert captured(seen).relation == ">="


def test_captured_error_is_paired():
    seen, q = _seen()
    y = seen.counts.argmax(axis=1)
    gain = np.log(q[np.arange(400), y]) - np.log(np.bincount(y) / 400)[y]
    assert captured(seen).std_error == pytest.approx(np.std(gain, ddof=1) / 20, rel=1e-12)


def test_errors_are_clustered_by_group():
    groups = np.random.default_rng(5).integers(0, 37, 400)
    seen, q = _seen(groups=groups)
    y = seen.counts.argmax(axis=1)
    gain = np.log(q[np.arange(400), y]) - np.log(np.bincount(y) / 400)[y]
    names = np.unique(groups)
    total = sum((gain[groups == g] - gain.mean()).sum() ** 2 for g in names)
    assert captured(seen).std_error == pytest.approx(math.sqrt(total * len(names) / (len(names) - 1)) / 400, rel=1e-12)
    assert captured(seen).n == len(names)


def test_copies_of_a_label_add_nothing():
    rng = np.random.default_rng(2)
    q, y = rng.dirichlet(np.ones(3), 300), rng.integers(0, 3, 300)
    one, five = observe(q, y), observe(q, np.repeat(y[:, None], 5, axis=1))
    for measure in (prior_entropy, captured):
        assert measure(five).value == pytest.approx(measure(one).value, rel=1e-12)
        assert measure(five).std_error == pytest.approx(measure(one).std_error, rel=1e-12)


@pytest.mark.parametrize("n", [100, 1000])
def test_intervals_cover_at_and_near_uniform_labels_over_all_outcomes(n):
    seen = np.arange(1, n)
    estimates = [prior_entropy(observe(np.full((n, 2), 0.5), np.arange(n) < x)) for x in seen]
    low, high = np.array([e.interval(0.95) for e in estimates]).T
    for distance in np.linspace(0, 6, 13):
        p = 0.5 + distance / 2 / n**0.5
        truth = scipy.stats.entropy([p, 1 - p])
        assert scipy.stats.binom.pmf(seen, n, p)[(low <= truth) & (truth <= high)].sum() >= 0.93
