"""The noise floor's bounds against exact expectations over every possible set of labels."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import softmax, xlogy

from kullback.account.floor import (
    PRIOR_WEIGHTS,
    _largest_entropy,
    lower_members,
    noise_floor,
    upper_members,
)
from kullback.account.held_out import disagreement
from kullback.account.observations import observe

TRUTHS = [(0.5, 0.5), (0.9, 0.1), (0.5, 0.3, 0.2), (0.98, 0.01, 0.01), (0.25, 0.25, 0.25, 0.25), (1.0, 0.0)]


def _entropy(p):
    return float(-xlogy(p, p).sum())


def _outcomes(p, k):
    """Every count vector of k labels, and its multinomial probability."""
    n_classes = len(p)
    vectors = [c for c in itertools.product(range(k + 1), repeat=n_classes) if sum(c) == k]
    chance = [
        math.factorial(k) * math.prod(x**c / math.factorial(c) for x, c in zip(p, v, strict=True)) for v in vectors
    ]
    assert sum(chance) == pytest.approx(1)
    return np.array(vectors), np.array(chance)


def _seen(p, k, q=None):
    counts, chance = _outcomes(p, k)
    model = np.full(len(p), 1 / len(p)) if q is None else np.asarray(q)
    return observe(np.tile(model, (len(counts), 1)), counts=counts), chance


@pytest.mark.parametrize("p", TRUTHS)
@pytest.mark.parametrize("k", [2, 3, 5])
def test_expected_lower_members_are_the_series_and_the_lines_and_stay_below_the_entropy(p, k):
    p = np.array(p)
    seen, chance = _seen(p, k)
    rows, d = disagreement(seen)
    means = {name: chance @ x for name, x in lower_members(seen, rows, d).items()}
    series = sum((p * (1 - p) ** m).sum() / m for m in range(1, k))
    assert means["Zhang"] == pytest.approx(series, abs=1e-12)
    differ = 1 - (p**2).sum()
    assert chance @ d == pytest.approx(differ, abs=1e-12)
    assert means["pairs 1"] == pytest.approx(2 * math.log(2) * differ, abs=1e-12)
    assert max(means.values()) <= _entropy(p) + 1e-12


@pytest.mark.parametrize("m", [1, 2, 3])
def test_pairs_lines_touch_the_entropy_at_uniform_on_m_and_on_m_plus_1(m):
    for support in (m, m + 1):
        p = np.r_[np.full(support, 1 / support), np.zeros(5 - support)]
        seen, chance = _seen(p, 2)
        rows, d = disagreement(seen)
        assert chance @ lower_members(seen, rows, d)[f"pairs {m}"] == pytest.approx(math.log(support), abs=1e-12)


@pytest.mark.parametrize("p", TRUTHS)
@pytest.mark.parametrize("k", [2, 3, 5])
def test_expected_upper_members_stay_above_the_entropy(p, k):
    p = np.array(p)
    q = np.linspace(1, 2, len(p)) / np.linspace(1, 2, len(p)).sum()
    seen, chance = _seen(p, k, q)
    rows, d = disagreement(seen)
    half = np.arange(len(rows)) % 2
    members = upper_members(seen, rows, d, half)
    for name in members:
        if "frequencies" not in name and name != "pairs":
            assert chance @ members[name] >= _entropy(p) - 1e-12
    assert chance @ members["cross-entropy"] == pytest.approx(-(p * np.log(q)).sum())


@pytest.mark.parametrize("weight", PRIOR_WEIGHTS)
def test_left_out_annotator_is_the_loop_over_annotators(weight):
    rng = np.random.default_rng(0)
    q, labels = rng.dirichlet(np.ones(3), 40), rng.integers(0, 3, (40, 4))
    labels[:20, 3] = -1
    seen = observe(q, labels)
    rows, d = disagreement(seen)
    half = np.arange(40) % 2
    members = upper_members(seen, rows, d, half)
    for i in range(40):
        given = labels[i][labels[i] >= 0]
        there = seen.shares[half != half[i]].sum(axis=0) + 1 / 3
        priors = {"model": q[i], "frequencies": there / there.sum()}
        for name, prior in priors.items():
            losses = []
            for j, y in enumerate(given):
                others = np.bincount(np.delete(given, j), minlength=3)
                losses.append(-np.log((others + weight * prior)[y] / (len(given) - 1 + weight)))
            assert members[f"left-out annotator, {name} × {weight:g}"][i] == pytest.approx(np.mean(losses), rel=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_hull_is_concave_and_above_the_largest_entropy_found_by_scipy(n_classes):
    knots, heights = _largest_entropy(n_classes)
    assert (np.diff(np.diff(heights) / np.diff(knots)) <= 1e-9).all()
    assert heights[-1] == pytest.approx(math.log(n_classes))
    rng = np.random.default_rng(0)
    for target in np.linspace(0.05, 0.98, 8) * (1 - 1 / n_classes):
        best = 0.0
        for _ in range(4):
            found = minimize(
                lambda z: -_entropy(softmax(z)),
                rng.normal(size=n_classes),
                constraints={
                    "type": "eq",
                    "fun": lambda z, t=target: 1 - (softmax(z) ** 2).sum() - t,
                },
                method="SLSQP",
                options={"ftol": 1e-13, "maxiter": 500},
            )
            best = max(best, -found.fun if found.success else 0.0)
        height = np.interp(target, knots, heights)
        assert height >= best - 1e-6
        if target < {2: 1.0, 3: 0.5, 5: 0.35}[n_classes]:  # from there on a chord of the hull lies above the curve
            assert height == pytest.approx(best, abs=1e-4)


@pytest.mark.parametrize("n_classes", [2, 3, 10])
def test_hull_bounds_every_mixture_of_inputs(n_classes):
    knots, heights = _largest_entropy(n_classes)
    rng = np.random.default_rng(1)
    for concentration in (0.01, 0.1, 1.0, 10.0):
        p = rng.dirichlet(np.full(n_classes, concentration), (500, 20))
        h, d = -xlogy(p, p).sum(axis=2).mean(axis=1), 1 - (p**2).sum(axis=2).mean(axis=1)
        assert (h <= np.interp(d, knots, heights) + 1e-6).all()


def test_with_full_agreement_the_floor_is_near_zero_not_nothing():
    q = np.full((200, 2), 0.5)
    floor = noise_floor(observe(q, np.zeros((200, 3), int)))
    assert floor.lower.value == 0
    assert 0 < floor.upper.value < 0.05


def test_single_labels_say_nothing_of_the_floor_and_count_in_the_cross_entropy():
    rng = np.random.default_rng(3)
    q, labels = rng.dirichlet(np.ones(3), 400), rng.integers(0, 3, (400, 3))
    alone = noise_floor(observe(q[:250], labels[:250]))
    labels[250:, 1:] = -1
    both = noise_floor(observe(q, labels))
    assert both.lower.value == pytest.approx(alone.lower.value, rel=1e-12)
    surprisal = observe(q, labels).surprisal.mean()
    assert both.learnable_lower.value == pytest.approx(surprisal - both.upper.value, rel=1e-12)
    assert noise_floor(observe(q, labels[:, 0])) is None


def test_learnable_error_is_paired_by_item():
    rng = np.random.default_rng(4)
    q, labels = rng.dirichlet(np.ones(2), 500), rng.integers(0, 2, (500, 3))
    seen = observe(q, labels)
    floor = noise_floor(seen)
    assert floor.lower.method == "pairs 1"
    rows, d = disagreement(seen)
    line = lower_members(seen, rows, d)["pairs 1"]
    assert floor.learnable_upper.value == pytest.approx((seen.surprisal - line).mean())
    assert floor.learnable_upper.std_error == pytest.approx(np.std(seen.surprisal - line, ddof=1) / 500**0.5)
    assert (floor.learnable_upper.relation, floor.learnable_lower.relation) == ("<=", ">=")


def test_one_group_with_two_labels_gives_no_floor():
    q = np.full((20, 2), 0.5)
    labels = np.zeros((20, 2), int)
    labels[10:, 1] = -1
    assert noise_floor(observe(q, labels, groups=np.arange(20) // 10)) is None
