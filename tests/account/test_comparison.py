"""Two models of the same rows, against direct formulas and worlds whose truth is known."""

import json
import math

import numpy as np
import pytest
import scipy.special
import scipy.stats
from tests.account.worlds import draw

import kullback as kb
from kullback.account.calibration import crossed_gain, recalibrations
from kullback.account.comparison import DIFFERENCES, ESTIMATES
from kullback.account.observations import observe
from kullback.account.pair import observe_pair
from kullback.account.paired import difference, recalibration_difference
from kullback.errors import InputError, NotProbabilities, ZeroProbability

N = 400


def softmax(z):
    return scipy.special.softmax(z, axis=1)


@pytest.fixture(scope="module")
def models():
    """Two models' probabilities and three labels of each row."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=(N, 4))
    labels = np.stack([(z + rng.gumbel(size=z.shape)).argmax(axis=1) for _ in range(3)], axis=1)
    return softmax(1.3 * z), softmax(0.7 * z + 0.6 * rng.normal(size=z.shape)), labels


@pytest.fixture(scope="module")
def found(models):
    return kb.compare(*models, base=None)


def values(comparison):
    return {name: (float(e), float(e.std_error)) for name, e in comparison.estimates().items() if e is not None}


def mean_and_sem(x):
    return pytest.approx((x.mean(), scipy.stats.sem(x)), rel=1e-10)


def test_differences_are_those_of_the_rows(models, found):
    a, b, labels = models
    loss_a, loss_b = (-np.log(np.take_along_axis(q, labels, axis=1)).mean(axis=1) for q in (a, b))
    said = values(found)
    assert said["cross_entropy_a"] == mean_and_sem(loss_a)
    assert said["cross_entropy_b"] == mean_and_sem(loss_b)
    assert said["difference"] == mean_and_sem(loss_a - loss_b)
    assert said["captured"] == mean_and_sem(loss_b - loss_a)
    assert said["learnable"] == said["difference"]
    gaps = [loss + scipy.special.xlogy(q, q).sum(axis=1) for loss, q in ((loss_a, a), (loss_b, b))]
    assert said["entropy_gap"] == mean_and_sem(gaps[0] - gaps[1])
    one_hot = np.eye(4)[labels]
    scores = [((one_hot - q[:, None, :]) ** 2).sum(axis=2).mean(axis=1) for q in (a, b)]
    assert said["brier"] == mean_and_sem(scores[0] - scores[1])


def test_parts_of_the_account_differ_by_what_is_said(models):
    a, b, labels = models
    both, comparison = [kb.audit(q, labels) for q in (a, b)], kb.compare(a, b, labels)
    for name, of_account in {"difference": "cross_entropy", "recalibration": "calibration_lower"}.items() | {
        (name, name) for name in ("captured", "entropy_gap", "brier")
    }:
        expected = float(getattr(both[0], of_account)) - float(getattr(both[1], of_account))
        assert float(getattr(comparison, name)) == pytest.approx(expected, abs=1e-12), name
    assert float(comparison.difference.std_error) < max(float(e.cross_entropy.std_error) for e in both)


def test_divergences_are_sums_of_relative_entropies(models, found):
    a, b, _ = models
    m = (a + b) / 2
    said = values(found)
    assert said["kl_ab"] == mean_and_sem(scipy.special.rel_entr(a, b).sum(axis=1))
    assert said["kl_ba"] == mean_and_sem(scipy.special.rel_entr(b, a).sum(axis=1))
    js = (scipy.special.rel_entr(a, m) + scipy.special.rel_entr(b, m)).sum(axis=1) / 2
    assert said["jensen_shannon"] == mean_and_sem(js)


def test_first_choices(models, found):
    a, b, labels = models
    same = a.argmax(axis=1) == b.argmax(axis=1)
    said = values(found)
    assert said["agreement"] == mean_and_sem(same.astype(float))
    assert found.differing == (~same).sum()
    right_a, right_b = ((labels == q.argmax(axis=1)[:, None]).mean(axis=1)[~same] for q in (a, b))
    assert said["right_a"] == mean_and_sem(right_a)
    assert said["right_b"] == mean_and_sem(right_b)
    assert said["right"] == mean_and_sem(right_a - right_b)


def test_exchanged_models_exchange_signs(models, found):
    a, b, labels = models
    other, said = values(kb.compare(b, a, labels, base=None)), values(found)
    for name in (*DIFFERENCES, "right"):
        assert other[name] == pytest.approx((-said[name][0], said[name][1]), rel=1e-9), name
    for first, second in (("kl_ab", "kl_ba"), ("right_a", "right_b"), ("cross_entropy_a", "cross_entropy_b")):
        assert (other[first], other[second]) == (said[second], said[first])
    assert other["jensen_shannon"] == pytest.approx(said["jensen_shannon"], rel=1e-12)
    assert {found.better, kb.compare(b, a, labels).better} == {"A", "B"}


def test_a_model_beside_itself(models):
    a, _, labels = models
    same = kb.compare(a, a, labels)
    assert same.better is None
    assert same.differing == 0
    said = values(same)
    for name in ("difference", "captured", "learnable", "entropy_gap", "brier", "kl_ab", "kl_ba", "jensen_shannon"):
        assert said[name] == (0.0, 0.0)
    assert said["recalibration"][0] == 0.0
    assert said["agreement"] == (1.0, 0.0)
    assert same.right_a is None
    assert "The two models lose the same on every row." in repr(same)


def test_nearly_equal_models_keep_their_digits():
    """KL is half the squared distance over p to the first order; H(P, Q) − H(P) would be rounding."""
    p, step = np.array([0.2, 0.3, 0.5]), 1e-7 * np.array([1.0, -3.0, 2.0])
    found = kb.compare(np.tile(p, (5, 1)), np.tile(p + step, (5, 1)), base=None)
    assert float(found.kl_ab) == pytest.approx((step**2 / p).sum() / 2, rel=1e-5, abs=0)


@pytest.mark.parametrize("n", [40, 20_000])
def test_zeros_are_counted_and_not_hidden(n):
    """On the plain formulas and on the compiled loops."""
    a, b = np.tile([0.5, 0.25, 0.25], (n, 1)), np.tile([0.5, 0.5, 0.0], (n, 1))
    b[3:] = a[3:]
    found = kb.compare(a, b)
    assert (float(found.kl_ab), float(found.kl_ab.std_error)) == (math.inf, math.inf)
    assert not found.kl_ab.reliable
    assert f"infinite in 3 of {n} rows" in found.kl_ab.notes[0]
    assert any("B gives the probability 0" in said for said in found.warnings)
    assert float(found.kl_ba) == pytest.approx(3 / n * 0.5, rel=1e-12)
    assert "∞" in repr(found)
    assert found.rows["kl"][:3].is_infinite().all()
    assert math.isfinite(float(kb.compare(a, b, mix=0.01).kl_ab))
    json.dumps(found.to_dict(), allow_nan=False)


def test_models_that_share_no_class_are_one_bit_apart():
    a, b = np.tile([1.0, 0.0], (6, 1)), np.tile([0.0, 1.0], (6, 1))
    found = kb.compare(a, b)
    assert float(found.jensen_shannon) == pytest.approx(1.0, rel=1e-12)
    assert float(found.agreement) == 0.0


def test_without_labels_only_the_distance_is_known(models, found):
    a, b, _ = models
    blind = kb.compare(a, b, base=None)
    known = {"kl_ab", "kl_ba", "jensen_shannon", "agreement"}
    assert {name for name, e in blind.estimates().items() if e is not None} == known
    assert {name: values(blind)[name] for name in known} == {name: values(found)[name] for name in known}
    assert blind.better is None
    assert blind.rows.columns == ["row", "choice_a", "choice_b", "kl"]
    kl = scipy.special.rel_entr(a, b).sum(axis=1)
    assert blind.rows["row"].to_list() == np.argsort(-kl, kind="stable").tolist()
    assert "Without labels" in repr(blind)


def test_copies_in_groups_change_no_error(models, found):
    """Every row three times, the copies in one group: the value is the same, and so is the error."""
    a, b, labels = (np.repeat(x, 3, axis=0) for x in models)
    grouped = kb.compare(a, b, labels, groups=np.repeat(np.arange(N), 3), base=None)
    for name in set(ESTIMATES) - {"recalibration"}:
        assert values(grouped)[name] == pytest.approx(values(found)[name], rel=1e-9), name
        assert getattr(grouped, name).n == getattr(found, name).n
    assert float(kb.compare(a, b, labels, base=None).difference.std_error) < 0.7 * float(grouped.difference.std_error)


def test_bits_counts_logits_and_names(models, found):
    a, b, labels = models
    counts = (labels[:, :, None] == np.arange(4)).sum(axis=1)
    other = kb.compare(kb.Logits(np.log(a)), kb.Logits(np.log(b)), counts=counts, classes="wxyz")
    for name, (value, error) in values(found).items():
        scale = 1 if getattr(found, name).unit == "1" else 1 / math.log(2)
        assert values(other)[name] == pytest.approx((value * scale, error * scale), rel=1e-7), name
    assert set(other.rows["choice_a"]) <= set("wxyz")


def test_rows_are_sorted_by_what_differs(models):
    a, b, labels = models
    rows = kb.compare(a, b, labels[:, 0]).rows
    d = np.log2(np.take_along_axis(b, labels[:, :1], 1) / np.take_along_axis(a, labels[:, :1], 1))[:, 0]
    order = rows["row"].to_numpy()
    assert np.all(np.diff(np.abs(d[order])) <= 1e-12)
    np.testing.assert_allclose(rows["difference"], d[order], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(rows["kl"], scipy.special.rel_entr(a, b).sum(axis=1)[order] / math.log(2))
    assert rows["observed"].to_list() == [str(y) for y in labels[order, 0]]
    assert rows["choice_b"].to_list() == [str(y) for y in b.argmax(axis=1)[order]]


def test_the_interval_covers_the_true_difference():
    """Four kinds of input whose truth is known; 600 samples, four standard errors of a share of 95 %."""
    rng = np.random.default_rng(11)
    p, a, b = rng.dirichlet([1, 1, 1], 4), rng.dirichlet([3, 3, 3], 4), rng.dirichlet([3, 3, 3], 4)
    truth = (p * np.log(b / a)).sum(axis=1).mean()
    hits = 0
    for _ in range(600):
        kinds = rng.integers(4, size=200)
        y = (rng.random((200, 1)) > p.cumsum(axis=1)[kinds]).sum(axis=1)
        pair = observe_pair(a[kinds], b[kinds], y, counts=None, groups=None, classes=None, mix=0.0)
        low, high = difference(*pair.seen).interval(0.95)
        hits += low <= truth <= high
    assert abs(hits / 600 - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 600)


def test_a_difference_of_calibration_alone_is_one():
    """A is B flattened: recalibration removes from A what it loses more, KL(P‖A), and from B nothing."""
    rng = np.random.default_rng(2)
    errors = []
    for _ in range(12):
        z = 1.5 * rng.normal(size=(1500, 3))
        y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)
        pair = observe_pair(softmax(0.5 * z), softmax(z), y, counts=None, groups=None, classes=None, mix=0.0)
        truth = scipy.special.rel_entr(softmax(z), softmax(0.5 * z)).sum(axis=1).mean()
        e = recalibration_difference(*pair.seen)
        errors.append((float(e) - truth) / float(e.std_error))
    assert abs(np.mean(errors)) < 4 / math.sqrt(12)
    assert 0.3 < np.std(errors) < 1.8


def test_warnings():
    world = draw(np.random.default_rng(0), 20, 3)
    a, b = world.q, np.full((20, 3), 1 / 3)
    said = kb.compare(a, b, world.labels, mix=0.1).warnings
    assert any("only 20 independent rows" in s for s in said)
    assert any("share 0.1" in s for s in said)
    q, rare = np.full((1000, 2), 0.5), np.full((1000, 2), 0.5)
    rare[:3] = [1e-9, 1 - 1e-9]
    heavy = kb.compare(q, rare, np.zeros(1000, int))
    assert not heavy.difference.reliable
    assert any("difference: 1 % of the rows" in s for s in heavy.warnings)
    assert kb.compare(q[:9], q[:9], np.arange(9) % 2).recalibration is None


Q = np.array([[0.5, 0.5], [0.2, 0.8], [0.9, 0.1]])
Y = [0, 1, 0]

REFUSED = {
    "rows": (InputError, "predictions_b have shape", lambda: kb.compare(Q, Q[:2], Y)),
    "classes": (InputError, "expected \\(3, 2\\)", lambda: kb.compare(Q, np.full((3, 4), 0.25), Y)),
    "sum": (NotProbabilities, "predictions_b: probabilities sum to", lambda: kb.compare(Q, Q * 2, Y)),
    "first": (NotProbabilities, "predictions_a: probabilities are negative", lambda: kb.compare(-Q, Q)),
    "zero": (ZeroProbability, "predictions_b: probabilities are 0", lambda: kb.compare(Q, np.eye(2)[[1, 1, 0]], Y)),
    "both": (InputError, "alternatives", lambda: kb.compare(Q, Q, Y, counts=np.ones((3, 2)))),
    "label": (InputError, "labels hold 2 in row 1", lambda: kb.compare(Q, Q, [0, 2, 0])),
    "names": (InputError, "classes has 3 names", lambda: kb.compare(Q, Q, classes="abc")),
    "groups": (InputError, "groups have shape", lambda: kb.compare(Q, Q, groups=[1, 2])),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_name_the_model_and_a_remedy(name):
    kind, said, ask = REFUSED[name]
    with pytest.raises(kind, match=said) as caught:
        ask()
    assert "; " in str(caught.value)


def test_gains_of_recalibration_are_in_the_order_of_the_rows(models):
    """Copies in groups, shuffled: gains of other rows would not add up within a group."""
    a, _, labels = models
    order = np.random.default_rng(3).permutation(3 * N)
    groups = np.repeat(np.arange(N), 3)[order]
    seen = observe(np.repeat(a, 3, axis=0)[order], np.repeat(labels, 3, axis=0)[order], groups=groups)
    gain, spread = crossed_gain(seen)
    error = math.hypot(scipy.stats.sem(np.bincount(groups, gain)) / 3, spread)
    lower = recalibrations(seen)[0].lower
    assert (float(lower), float(lower.std_error)) == pytest.approx((gain.mean(), error), rel=1e-9)
