"""The laws of information, on distributions that hypothesis makes up."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import kullback as kb

WEIGHTS = st.one_of(st.just(0.0), st.floats(1e-6, 1.0))


def _row(K, *, positive=False):
    """Probabilities of K outcomes, some of them 0 unless `positive`."""
    weights = st.lists(st.floats(1e-6, 1.0) if positive else WEIGHTS, min_size=K, max_size=K)
    return weights.filter(lambda w: sum(w) > 0).map(lambda w: np.asarray(w) / np.sum(w))


ROWS = st.integers(1, 8).flatmap(_row)
PAIRS = st.integers(1, 8).flatmap(lambda K: st.tuples(_row(K), _row(K, positive=True)))
FREE_PAIRS = st.integers(1, 8).flatmap(lambda K: st.tuples(_row(K), _row(K)))
TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda k: _row(k[0] * k[1]).map(lambda p: p.reshape(k))
)
TINY = 1e-12
close = pytest.approx


def _h(p):
    return kb.entropy(p).value


def _ce(p, q):
    return kb.cross_entropy(p, q).value


def _kl(p, q):
    return kb.kl_divergence(p, q).value


@given(ROWS)
def test_entropy_is_between_0_and_log_k(p):
    assert 0 <= _h(p) <= math.log(len(p)) + TINY


@given(st.integers(1, 50))
def test_entropy_is_0_for_a_point_mass_and_log_k_for_the_uniform(K):
    assert _h(np.eye(K)).tolist() == [0.0] * K
    assert _h(np.full(K, 1 / K)) == close(math.log(K), abs=1e-14)


@given(ROWS, st.floats(0.01, 0.99))
def test_mixing_with_the_uniform_flattens(p, share):
    """Small entropy: concentrated. Large entropy: flat."""
    flatter = (1 - share) * p + share / len(p)
    assert _h(flatter) >= _h(p) - TINY


@given(PAIRS)
def test_cross_entropy_is_entropy_plus_kl(pair):
    p, q = pair
    assert _ce(p, q) == close(_h(p) + _kl(p, q), rel=1e-9, abs=1e-9)


@given(FREE_PAIRS)
def test_cross_entropy_is_smallest_at_the_truth(pair):
    p, q = pair
    assert _ce(p, q) >= _h(p) - TINY
    assert _ce(p, p) == close(_h(p), abs=TINY)


@given(FREE_PAIRS)
def test_kl_is_never_negative_and_0_for_equals(pair):
    p, q = pair
    assert _kl(p, q) >= 0
    assert _kl(p, p) == 0
    assert (_kl(p, q) == math.inf) == bool(np.any((p > 0) & (q == 0)))


@given(PAIRS, st.floats(1e-9, 1e-3))
def test_kl_of_near_equals_is_positive_and_of_second_order(pair, step):
    """KL(P‖P + dP) = ½ Σ dP²/P + O(dP³), down to steps whose KL is far below the rounding of H(P)."""
    _, p = pair
    q = (1 - step) * p + step / len(p)
    expected = 0.5 * np.sum((q - p) ** 2 / p)
    if step / p.min() < 1e-3 and expected > 1e-24:
        assert _kl(p, q) == close(expected, rel=5e-3, abs=0)


@given(FREE_PAIRS)
def test_jensen_shannon_is_symmetric_and_at_most_log_2(pair):
    p, q = pair
    js = kb.jensen_shannon(p, q).value
    assert js == close(kb.jensen_shannon(q, p).value, abs=1e-15)
    assert 0 <= js <= math.log(2) + TINY
    assert kb.jensen_shannon(p, p).value == 0
    m = (p + q) / 2
    assert js == close(_h(m) - (_h(p) + _h(q)) / 2, abs=1e-11)


@given(PAIRS, PAIRS)
def test_independent_parts_add(first, second):
    (p1, q1), (p2, q2) = first, second
    p, q = np.outer(p1, p2).ravel(), np.outer(q1, q2).ravel()
    assert _h(p) == close(_h(p1) + _h(p2), abs=1e-11)
    assert _ce(p, q) == close(_ce(p1, q1) + _ce(p2, q2), rel=1e-11, abs=1e-11)
    assert _kl(p, q) == close(_kl(p1, q1) + _kl(p2, q2), rel=1e-11, abs=1e-11)
    assert kb.mutual_information(np.outer(p1, p2)).value == close(0, abs=TINY)


@given(PAIRS, st.randoms(use_true_random=False))
def test_names_of_outcomes_do_not_matter(pair, random):
    p, q = pair
    order = list(range(len(p)))
    random.shuffle(order)
    for measure in (kb.cross_entropy, kb.kl_divergence, kb.jensen_shannon):
        assert measure(p[order], q[order]).value == close(measure(p, q).value, rel=1e-12, abs=1e-15)
    assert _h(p[order]) == close(_h(p), rel=1e-12)


@given(st.integers(2, 8).flatmap(lambda K: st.tuples(_row(K), _row(K))), st.data())
def test_merging_outcomes_loses_information(pair, data):
    """The data-processing inequality."""
    p, q = pair
    groups = np.asarray(data.draw(st.lists(st.integers(0, 2), min_size=len(p), max_size=len(p))))
    merged_p, merged_q = (np.bincount(groups, weights=x, minlength=3) for x in (p, q))
    assert _kl(merged_p, merged_q) <= _kl(p, q) + TINY
    assert _h(merged_p) <= _h(p) + TINY
    assert kb.jensen_shannon(merged_p, merged_q).value <= kb.jensen_shannon(p, q).value + TINY


@given(PAIRS, st.floats(1.1, 100))
def test_units_are_a_factor(pair, base):
    p, q = pair
    for measure in (kb.cross_entropy, kb.kl_divergence, kb.jensen_shannon):
        nats = measure(p, q)
        assert measure(p, q, base=base).value == close(nats.value / math.log(base), rel=1e-13)
        assert measure(p, q, base=2).value == nats.to("bit").value
    assert kb.perplexity(p, q).value == close(2 ** kb.cross_entropy(p, q, base=2).value, rel=1e-11)


@given(TABLES)
def test_mutual_information_and_conditional_entropy(joint):
    p_x, p_y = joint.sum(1), joint.sum(0)
    mutual, left = kb.mutual_information(joint).value, kb.conditional_entropy(joint).value
    assert mutual == close(_h(p_x) + _h(p_y) - _h(joint.ravel()), abs=1e-11)
    assert left == close(_h(joint.ravel()) - _h(p_x), abs=1e-11)
    assert mutual == close(_h(p_y) - left, abs=1e-11)
    assert mutual == close(kb.mutual_information(joint.T).value, abs=TINY)
    assert 0 <= mutual <= min(_h(p_x), _h(p_y)) + TINY
    assert 0 <= left <= _h(p_y) + TINY


@given(ROWS)
def test_information_is_minus_log_q_and_its_mean_is_the_entropy(q):
    outcomes = np.flatnonzero(q)
    values = kb.information(q, outcomes).value
    np.testing.assert_allclose(np.exp(-values), q[outcomes], rtol=1e-12)
    assert np.sum(q[outcomes] * values) == close(_h(q), abs=TINY)
    order = np.argsort(q[outcomes])
    assert np.all(np.diff(values[order]) <= 0)
    assert kb.information(np.eye(len(q))[0], 0).value == 0


@given(FREE_PAIRS)
def test_torch_and_numpy_agree(pair):
    p, q = pair
    for measure in (kb.cross_entropy, kb.kl_divergence, kb.jensen_shannon):
        assert measure(torch.asarray(p), torch.asarray(q)).value.item() == close(
            measure(p, q).value, rel=1e-11, abs=1e-15
        )


@given(st.integers(2, 5).flatmap(lambda K: st.lists(st.integers(0, 40), min_size=K, max_size=K)).filter(sum))
def test_counts_are_their_frequencies_and_miller_madow_is_larger(counts):
    p = np.asarray(counts) / sum(counts)
    plug_in, corrected = kb.entropy(kb.Counts(counts), method="plug-in"), kb.entropy(kb.Counts(counts))
    assert plug_in.value == close(_h(p), rel=1e-13)
    assert corrected.value == close(_h(p) + (np.count_nonzero(p) - 1) / (2 * sum(counts)), rel=1e-12)
    assert corrected.std_error == plug_in.std_error > 0
    labels = np.repeat(np.arange(len(counts)), counts)
    assert kb.entropy(kb.Sample(labels, alphabet=len(counts))).value == corrected.value


def test_the_monte_carlo_form_converges_as_one_over_root_n():
    p, q = np.array([0.5, 0.3, 0.15, 0.05]), np.array([0.25, 0.25, 0.4, 0.1])
    rng = np.random.default_rng(4)
    errors = []
    for n in (100, 10_000, 1_000_000):
        e = kb.cross_entropy(kb.Sample(rng.choice(4, size=n, p=p)), q)
        assert abs(e.value - _ce(p, q)) < 4 * e.std_error
        errors.append(e.std_error)
    assert errors[0] / errors[1] == close(10, rel=0.2)
    assert errors[1] / errors[2] == close(10, rel=0.05)
