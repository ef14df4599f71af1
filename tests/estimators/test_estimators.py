"""Plug-in and Miller–Madow: formulas against others' and intervals against simulated worlds."""

import numpy as np
import pytest
import scipy.stats

import kullback as kb
from kullback.errors import InputError
from kullback.estimators import METHODS, OF_ENTROPY

RNG_SEED = 20261123
PEAKED = np.array([0.6, 0.2, 0.1, 0.07, 0.03])
FLAT = np.full(5, 0.2)
MODEL = np.array([0.3, 0.3, 0.2, 0.1, 0.1])
JOINT = np.array([[0.3, 0.1, 0.05], [0.05, 0.2, 0.3]])
INDEPENDENT = np.outer([0.4, 0.6], [0.2, 0.3, 0.5])


def test_plug_in_and_miller_madow_of_entropy():
    counts = [4, 2, 0, 2]
    plug_in = kb.entropy(kb.Counts(counts), method="plug-in")
    corrected = kb.entropy(kb.Counts(counts))
    assert plug_in.value == pytest.approx(scipy.stats.entropy(counts), rel=1e-14)
    assert corrected.value == pytest.approx(scipy.stats.entropy(counts) + 2 / 16, rel=1e-14)
    assert (plug_in.method, corrected.method, corrected.n) == ("plug-in", "plug-in, Miller–Madow", 8)


def test_the_error_is_the_delta_methods_plus_the_quadratic_term():
    counts = np.array([40, 20, 0, 20])
    surprisals = -np.log(np.repeat(counts / 80, counts))
    expected = np.sqrt(surprisals.var(ddof=1) / 80 + 3 / (2 * 80**2))
    assert kb.entropy(kb.Counts(counts)).std_error == pytest.approx(expected, rel=1e-12)


def test_the_error_does_not_collapse_where_the_slope_is_flat():
    assert kb.entropy(kb.Counts([50] * 4)).std_error == pytest.approx(np.sqrt(3 / 2) / 200)
    assert kb.entropy(kb.Counts([50, 0])).std_error == pytest.approx(np.sqrt(1 / 2) / 50)
    assert kb.kl_divergence(kb.Counts([50] * 4), [0.25] * 4).std_error == pytest.approx(np.sqrt(3 / 2) / 200)
    assert kb.mutual_information(kb.Counts([[20, 20, 20]] * 3)).std_error == pytest.approx(np.sqrt(4 / 2) / 180)
    both = kb.jensen_shannon(kb.Counts([50] * 4), kb.Counts([100] * 4))
    assert both.std_error == pytest.approx(np.sqrt(3 / 32) * (1 / 200 + 1 / 400))


def test_the_mean_over_a_sample_is_its_mean():
    x = [0, 1, 1, 2, 1, 0, 2, 2, 2, 1]
    scores = -np.log(MODEL[:3] / MODEL[:3].sum())[x]
    got = kb.cross_entropy(kb.Sample(x), MODEL[:3] / MODEL[:3].sum())
    assert got.value == pytest.approx(scores.mean(), rel=1e-14)
    assert got.std_error == pytest.approx(scores.std(ddof=1) / np.sqrt(10), rel=1e-12)
    assert (got.method, got.n, got.reliable, got.notes) == ("sample mean", 10, True, ())
    assert kb.cross_entropy(kb.Counts([2, 4, 4]), [0.2, 0.3, 0.5]).method == "plug-in"


def test_corrections_keep_the_identities_between_measures():
    counts, table = kb.Counts([30, 12, 8]), np.array([[30, 12, 8], [5, 40, 5]])
    q = [0.5, 0.25, 0.25]
    total = kb.entropy(counts).value + kb.kl_divergence(counts, q).value
    assert kb.cross_entropy(counts, q).value == pytest.approx(total, rel=1e-13)
    h_x, h_y = (kb.entropy(kb.Counts(table.sum(axis=i))).value for i in (1, 0))
    h_xy = kb.entropy(kb.Counts(table.ravel())).value
    assert kb.mutual_information(kb.Counts(table)).value == pytest.approx(h_x + h_y - h_xy, rel=1e-11)
    assert kb.conditional_entropy(kb.Counts(table)).value == pytest.approx(h_xy - h_x, rel=1e-13)


def _coverage(measure, truth, draws):
    """How often truth lies within the 95 % interval, over rows of simulated counts."""
    low, high = measure(draws).interval(0.95)
    return np.mean((low <= truth) & (truth <= high))


WORLDS = {
    "entropy, peaked": (lambda c: kb.entropy(kb.Counts(c)), scipy.stats.entropy(PEAKED), PEAKED),
    "entropy, flat": (lambda c: kb.entropy(kb.Counts(c)), np.log(5), FLAT),
    "cross-entropy": (lambda c: kb.cross_entropy(kb.Counts(c), MODEL), -(PEAKED * np.log(MODEL)).sum(), PEAKED),
    "kl": (lambda c: kb.kl_divergence(kb.Counts(c), MODEL), scipy.stats.entropy(PEAKED, MODEL), PEAKED),
    "kl of equals": (lambda c: kb.kl_divergence(kb.Counts(c), FLAT), 0.0, FLAT),
    "js": (
        lambda c: kb.jensen_shannon(kb.Counts(c), MODEL),
        scipy.spatial.distance.jensenshannon(PEAKED, MODEL) ** 2,
        PEAKED,
    ),
    "mutual information": (
        lambda c: kb.mutual_information(kb.Counts(c.reshape(-1, 2, 3))),
        scipy.stats.entropy(JOINT.ravel(), np.outer(JOINT.sum(1), JOINT.sum(0)).ravel()),
        JOINT.ravel(),
    ),
    "no mutual information": (
        lambda c: kb.mutual_information(kb.Counts(c.reshape(-1, 2, 3))),
        0.0,
        INDEPENDENT.ravel(),
    ),
    "conditional entropy": (
        lambda c: kb.conditional_entropy(kb.Counts(c.reshape(-1, 2, 3))),
        scipy.stats.entropy(JOINT.ravel()) - scipy.stats.entropy(JOINT.sum(1)),
        JOINT.ravel(),
    ),
}


@pytest.mark.parametrize("n", [100, 1000])
@pytest.mark.parametrize("world", WORLDS)
def test_intervals_cover_what_they_say(world, n):
    """4 standard errors of a share of 95 % of 4000 are 1.4 %; skewed tails at n = 100 cost up to 2 % more.

    Where the slope is flat the intervals are wide, not short: the estimated slope is itself made of noise.
    """
    measure, truth, p = WORLDS[world]
    draws = np.random.default_rng(RNG_SEED).multinomial(n, p, size=4000)
    flat = world in ("entropy, flat", "kl of equals", "no mutual information")
    assert 0.93 - 0.014 <= _coverage(measure, truth, draws) <= (1.0 if flat else 0.975)


@pytest.mark.parametrize("world", WORLDS)
def test_the_correction_removes_the_bias(world):
    measure, truth, p = WORLDS[world]
    draws = np.random.default_rng(RNG_SEED).multinomial(300, p, size=20000)
    values = measure(draws).value
    assert abs(values.mean() - truth) < 4 * values.std() / np.sqrt(20000) + 2e-4


def test_two_samples_cover_too():
    rng = np.random.default_rng(RNG_SEED)
    a, b = rng.multinomial(500, PEAKED, size=4000), rng.multinomial(800, MODEL, size=4000)
    for measure, truth in (
        (kb.jensen_shannon, scipy.spatial.distance.jensenshannon(PEAKED, MODEL) ** 2),
        (kb.kl_divergence, scipy.stats.entropy(PEAKED, MODEL)),
        (kb.cross_entropy, -(PEAKED * np.log(MODEL)).sum()),
    ):
        low, high = measure(kb.Counts(a), kb.Counts(b)).interval(0.95)
        assert 0.93 <= np.mean((low <= truth) & (truth <= high)) <= 0.98


def test_doubts_are_said():
    few = kb.entropy(kb.Counts([1, 1, 2, 1]))
    assert not few.reliable
    assert few.notes == ("fewer than 5 observations for each outcome seen: bias may exceed the std_error",)
    one = kb.cross_entropy(kb.Sample([0]), [0.5, 0.5])
    assert (one.std_error, one.reliable) == (np.inf, False)
    unseen = kb.kl_divergence([0.5, 0.5], kb.Counts([9, 0]))
    assert (unseen.value, unseen.std_error, unseen.reliable) == (np.inf, 0.0, False)
    assert (
        unseen.notes[0] == "infinite because the sample of q lacks an outcome that p has; more draws of q may show it"
    )
    certain = kb.kl_divergence(kb.Counts([50, 50]), [1.0, 0.0])
    assert (certain.value, certain.std_error, certain.reliable) == (np.inf, 0.0, True)
    close = kb.cross_entropy([0.2] * 5, kb.Counts([20] * 5))
    assert not close.reliable
    assert close.notes[0] == "q was sampled too: that biases the value upward by more than half its std_error"
    below = kb.kl_divergence(kb.Counts([50, 50]), [0.5, 0.5])
    assert below.value == pytest.approx(-1 / 200)
    assert below.notes == ("below 0 by the bias correction: not to be told from 0; method='plug-in' is never below 0",)
    rows = kb.entropy(kb.Counts([[50, 50], [60, 60]]))
    assert (rows.n, rows.notes) == (None, ("the rows have different numbers of observations",))


def test_methods_go_with_what_is_known():
    assert set(METHODS) == {"exact sum", "plug-in", "miller-madow", *OF_ENTROPY}
    with pytest.raises(InputError) as caught:
        kb.entropy([0.5, 0.5], method="ml")
    assert str(caught.value) == (
        "method is 'ml', expected one of 'exact sum' or 'plug-in' or 'miller-madow' or 'chao-shen' or 'grassberger' or "
        "'james-stein' or 'nsb'; or leave it out"
    )
    with pytest.raises(InputError) as caught:
        kb.entropy([0.5, 0.5], method="plug-in")
    assert str(caught.value) == "method is 'plug-in', expected 'exact sum' for probabilities; or leave it out"
    with pytest.raises(InputError) as caught:
        kb.kl_divergence(kb.Counts([5, 5]), [0.5, 0.5], method="exact sum")
    expected = "method is 'exact sum', expected 'plug-in' or 'miller-madow' for counts and samples; or leave it out"
    assert str(caught.value) == expected
