"""The whole account: its identities, units, warnings and edges."""

import json
import math

import numpy as np
import pytest
from sklearn.metrics import log_loss
from tests.account.worlds import draw

import kullback as kb
from kullback.account.account import ESTIMATES


def _account(seed=0, n=600, n_classes=3, k=3, **options):
    world = draw(np.random.default_rng(seed), n, n_classes, k, slope=1.4)
    return kb.audit(world.q, world.labels, **options), world


def test_identities():
    account, _ = _account(base=None)
    p = account.observations.shares.mean(axis=0)
    plug_in = -(p * np.log(p)).sum()
    loss = account.cross_entropy.value
    assert account.captured.value == pytest.approx(plug_in - loss, rel=1e-12)
    assert account.learnable_lower.value == pytest.approx(loss - account.floor_upper.value, rel=1e-12)
    assert account.learnable_upper.value == pytest.approx(loss - account.floor_lower.value, rel=1e-12)
    assert account.brier.value >= account.brier_floor.value
    gap = account.rows["excess"].mean()
    assert account.entropy_gap.value == pytest.approx(gap, rel=1e-9)
    assert account.cross_entropy.value == pytest.approx(account.rows["surprisal"].mean(), rel=1e-12)


def test_one_label_is_log_loss_and_the_floor_is_unknown():
    world = draw(np.random.default_rng(0), 500, 4)
    account = kb.audit(world.q, world.labels[:, 0])
    assert account.cross_entropy.value == pytest.approx(log_loss(world.labels[:, 0], world.q) / math.log(2), rel=1e-12)
    unknown = ["floor_lower", "floor_upper", "learnable_lower", "learnable_upper", "brier_floor"]
    assert [name for name, e in account.estimates().items() if e is None] == unknown


def test_bits_are_nats_over_ln_2_and_brier_is_a_pure_number():
    bits, _ = _account()
    nats, _ = _account(base=None)
    for name in ESTIMATES:
        b, n = getattr(bits, name), getattr(nats, name)
        scale = 1 if name.startswith("brier") else 1 / math.log(2)
        assert (b.value, b.std_error) == pytest.approx((n.value * scale, n.std_error * scale), rel=1e-12)
        assert b.unit == ("1" if name.startswith("brier") else "bit")
        assert b.relation == n.relation
    assert nats.unit == "nat"


def test_directions():
    account, _ = _account()
    relations = {name: getattr(account, name).relation for name in ESTIMATES}
    assert {n for n, r in relations.items() if r == ">="} == {
        "captured",
        "floor_lower",
        "learnable_lower",
        "calibration_lower",
    }
    assert {n for n, r in relations.items() if r == "<="} == {"floor_upper", "learnable_upper", "calibration_upper"}


def test_labels_and_counts_give_the_same_account():
    account, world = _account()
    counts = (world.labels[:, :, None] == np.arange(3)).sum(axis=1)
    other = kb.audit(world.q, counts=counts)
    assert json.dumps(account.to_dict()) == json.dumps(other.to_dict())


def test_order_of_rows_changes_only_the_random_halves_and_folds():
    account, world = _account()
    order = np.random.default_rng(1).permutation(600)
    other = kb.audit(world.q[order], world.labels[order, ::-1])
    fixed = ["prior_entropy", "captured", "cross_entropy", "entropy_gap", "brier", "brier_floor", "calibration_upper"]
    for name in fixed:
        a, b = getattr(account, name), getattr(other, name)
        assert (a.value, a.std_error) == pytest.approx((b.value, b.std_error), rel=1e-6)
    assert account.calibration_p_value == pytest.approx(other.calibration_p_value, rel=1e-6)
    # which bound is sharpest is judged on random halves, recalibration is cross-fitted on random folds
    for name in ("floor_lower", "floor_upper", "learnable_lower", "learnable_upper", "calibration_lower"):
        a, b = getattr(account, name), getattr(other, name)
        assert a.value == pytest.approx(b.value, abs=a.std_error)


def test_groups_widen_the_errors_and_count_as_the_units():
    world = draw(np.random.default_rng(2), 800, 3, group_size=8)
    alone = kb.audit(world.q, world.labels)
    grouped = kb.audit(world.q, world.labels, groups=world.groups)
    assert grouped.cross_entropy.value == alone.cross_entropy.value
    assert grouped.captured.std_error > 1.3 * alone.captured.std_error
    assert grouped.prior_entropy.std_error > 1.3 * alone.prior_entropy.std_error
    assert (grouped.cross_entropy.n, alone.cross_entropy.n) == (100, 800)


def test_leaked_labels_raise_the_alarm():
    rng = np.random.default_rng(3)
    world = draw(rng, 1000, 2, 4, sharp=0.5)
    assert not any("below the noise floor" in w for w in kb.audit(world.p, world.labels).warnings)
    share = (world.labels == 1).mean(axis=1)
    leaked = np.clip(np.stack([1 - share, share], axis=1), 0.02, 0.98)
    assert any("below the noise floor" in w for w in kb.audit(leaked, world.labels).warnings)


def _warns(p, labels, word):
    return any(word in w for w in kb.audit(p, labels).warnings)


def test_labels_missing_at_random_are_not_remarked_on_whatever_the_shape():
    remarks = 0
    for seed in range(20):
        world = draw(np.random.default_rng(seed), 4000, 3, 6, missing=0.5)
        remarks += _warns(world.p, world.labels, "rows with more labels")
    assert remarks == 0


def test_a_third_label_only_after_disagreement_is_remarked_on():
    world = draw(np.random.default_rng(0), 1000, 3, 3)
    labels = world.labels.copy()
    labels[labels[:, 0] == labels[:, 1], 2] = -1
    assert _warns(world.p, labels, "not to be missing at random")


def test_a_second_label_only_for_hard_rows_is_remarked_on():
    world = draw(np.random.default_rng(0), 1000, 3, 2)
    labels = world.labels.copy()
    labels[world.p.max(axis=1) > 0.8, 1] = -1
    assert _warns(world.p, labels, "not that of all rows")


def test_mix_and_few_rows_are_said():
    account = kb.audit(np.eye(2), [0, 1], mix=0.01)
    assert "share 0.01" in account.warnings[0]
    assert "only 2 independent rows" in account.warnings[1]


@pytest.mark.parametrize("n", [2, 3, 5, 9, 10, 12, 20])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("k", [1, 2, 4])
def test_few_rows_give_numbers_or_none_and_no_warning(n, n_classes, k):
    world = draw(np.random.default_rng(n), n, n_classes, k, missing=0.4)
    _sound(kb.audit(world.q, world.labels))


def _sound(account):
    for name, e in account.estimates().items():
        if e is not None:
            assert np.isfinite(e.value), name
            assert e.std_error >= 0, name
    assert len(account.rows) == len(account.observations.counts)
    json.dumps(account.to_dict(), allow_nan=False)


def _edges():
    rng = np.random.default_rng(0)
    one_hot = np.eye(3)[rng.integers(0, 3, 90)]
    sparse = rng.dirichlet(np.ones(4), 200)
    observed = rng.integers(0, 4, 200)
    sparse[(rng.random((200, 4)) < 0.4) & (np.arange(4) != observed[:, None])] = 0
    sparse /= sparse.sum(axis=1, keepdims=True)
    huge = kb.Logits(1000 * rng.normal(size=(100, 3)))
    wide = rng.dirichlet(np.full(100, 0.3), 300) * 0.999 + 0.001 / 100
    return {
        "one-hot and right": (one_hot, one_hot.argmax(axis=1), {}),
        "one-hot, right, mixed": (one_hot, np.repeat(one_hot.argmax(axis=1)[:, None], 3, axis=1), {"mix": 0.001}),
        "one-hot, wrong, mixed": (one_hot, (one_hot.argmax(axis=1) + 1) % 3, {"mix": 1e-6}),
        "zeros where nothing was observed": (sparse, np.stack([observed, observed], axis=1), {}),
        "a class never observed nor possible": (np.pad(sparse, ((0, 0), (0, 1))), observed, {}),
        "all rows identical": (np.tile([0.7, 0.3], (60, 1)), np.zeros(60, int), {}),
        "all rows identical, two labels": (np.tile([0.7, 0.3], (60, 1)), np.tile([0, 1], (60, 1))[:, [0, 0, 1]], {}),
        "huge logits": (huge, rng.integers(0, 3, (100, 2)), {}),
        "a hundred classes": (wide, rng.integers(0, 99, (300, 2)), {}),
        "three groups": (sparse, observed, {"groups": np.arange(200) // 80}),
        "float16": (
            rng.dirichlet(np.ones(3), 100).astype(np.float16) + np.float16(0),
            np.arange(100) % 3,
            {"mix": 0.01},
        ),
    }


@pytest.mark.parametrize("name", list(_edges()))
def test_edges_are_sound(name):
    q, labels, options = _edges()[name]
    _sound(kb.audit(q, labels, **options))


def test_a_perfect_model_loses_nothing():
    account = kb.audit(np.eye(3)[np.arange(90) % 3], np.arange(90) % 3)
    assert account.cross_entropy.value == 0
    assert account.captured.value == pytest.approx(math.log2(3))
    assert account.calibration_p_value == 1
