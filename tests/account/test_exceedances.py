"""Surprising labels, observed and expected: by hand, in worlds whose truth is known, and as a sign of wrong labels."""

import functools

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from tests.account.worlds import draw

import kullback as kb
from kullback import datasets
from kullback.account.exceedances import CUTS, exceedances
from kullback.account.observations import observe

Q = np.array([[0.96, 0.04], [0.15, 0.85], [0.5, 0.5]])


def test_counts_by_hand():
    frame = exceedances(observe(Q, [[1, 1], [0, 1], [0, 1]]), "bit")
    assert frame["probability"].to_list() == list(CUTS)
    assert frame["surprisal"].to_list() == pytest.approx([-np.log2(c) for c in CUTS])
    assert frame["observed"].to_list() == [3, 2, 2, 0, 0, 0]
    assert frame["expected"].to_list() == pytest.approx([2 * (0.04 + 0.15), 0.08, 0.08, 0, 0, 0])
    # by rows: 2 − .08 and 1 − .3, which is more than 2 · .04 · .96 + 2 · .15 · .85
    assert frame["std_error"][0] == pytest.approx((1.92**2 + 0.7**2) ** 0.5)


def test_a_group_is_one_unit():
    frame = exceedances(observe(Q, [[1, 1], [0, 1], [0, 1]], groups=[0, 0, 1]), "bit")
    assert frame["std_error"][0] == pytest.approx(1.92 + 0.7)


def test_nothing_seen_still_has_the_error_of_the_model():
    frame = exceedances(observe(np.tile([0.99, 0.01], (50, 1)), np.zeros(50, int)), "nat")
    assert frame["std_error"][2] == pytest.approx((50 * 0.01 * 0.99) ** 0.5)
    assert frame["observed"][2] == 0


@pytest.mark.parametrize(("k", "group_size"), [(1, 0), (3, 0), (1, 4)])
def test_under_a_calibrated_model_as_many_are_seen_as_expected(k, group_size):
    found = []
    for seed in range(200):
        world = draw(np.random.default_rng(seed), 400, 3, k, sharp=2.0, group_size=group_size)
        frame = exceedances(observe(world.q, world.labels, groups=world.groups), "bit")
        found.append([frame["observed"] - frame["expected"], frame["std_error"]])
    difference, error = np.array(found)[:, :, :4].transpose(1, 0, 2)
    assert np.all(np.abs(difference.mean(axis=0)) < 4 * difference.std(axis=0) / 200**0.5)
    covered = (np.abs(difference) < 1.96 * error).mean(axis=0)
    assert np.all(covered > 0.95 - 4 * (0.95 * 0.05 / 200) ** 0.5)


def test_wrong_labels_are_seen_beyond_what_is_expected():
    rng = np.random.default_rng(0)
    world = draw(rng, 4000, 3, sharp=4.0)
    wrong = rng.random(4000) < 0.05
    labels = np.where(wrong, (world.labels[:, 0] + rng.integers(1, 3, 4000)) % 3, world.labels[:, 0])
    row = kb.audit(world.q, labels).exceedances.row(2, named=True)
    assert row["observed"] - row["expected"] > 4 * row["std_error"]
    assert row["observed"] - row["expected"] < wrong.sum()


def _flipped(labels, n_classes, rng):
    wrong = rng.random(len(labels)) < 0.05
    return wrong, np.where(wrong, (labels + rng.integers(1, n_classes, len(labels))) % n_classes, labels)


@functools.cache
def ranked(name):
    """Which labels were flipped, one in twenty, and an account of predictions that were fitted to the flipped ones."""
    rng = np.random.default_rng(7)
    if name == "digits":
        x, y = load_digits(return_X_y=True)
        x = x / 16
    else:
        frame = datasets.load("reviews").frame
        raters = frame.select("^rater_.*$").to_numpy()
        y = np.array([sorted(set(raters[:, 0])).index(v) for v in raters[:, 0]])
        x = TfidfVectorizer(min_df=2).fit_transform(frame["text"].to_list())
    wrong, labels = _flipped(y, y.max() + 1, rng)
    q = cross_val_predict(LogisticRegression(max_iter=200), x, labels, cv=5, method="predict_proba")
    return wrong, q, labels


@pytest.mark.parametrize("name", ["digits", "reviews"])
@pytest.mark.parametrize("score", [average_precision_score, roc_auc_score])
def test_flipped_labels_come_first(name, score):
    wrong, q, labels = ranked(name)
    frame = kb.audit(q, labels).rows
    others = q.copy()
    others[np.arange(len(q)), labels] = -1
    cleanlab = score(wrong, others.max(axis=1) - q[np.arange(len(q)), labels])  # its normalized margin, the other way
    assert score(wrong, -frame["margin"].to_numpy()) == pytest.approx(cleanlab, abs=1e-9)
    assert score(wrong, frame["excess"].to_numpy()) >= cleanlab - 0.01
    assert cleanlab > 3 * wrong.mean()
