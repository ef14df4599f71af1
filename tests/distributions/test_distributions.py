"""What people hold is a value; what the estimators see is over the last axis."""

import dataclasses

import numpy as np
import pytest
import torch

import kullback as kb
from kullback.distributions import Categorical, Tally


@pytest.mark.parametrize("make", [kb.Logits, kb.Counts, kb.Sample])
def test_wrappers_are_frozen_and_hold_what_they_were_given(make):
    x = [1, 2, 3]
    wrapped = make(x)
    assert wrapped.x is x
    with pytest.raises(dataclasses.FrozenInstanceError):
        wrapped.x = []


def test_categorical_gives_both_forms():
    p = np.array([0.25, 0.75, 0.0])
    np.testing.assert_array_equal(Categorical(p).p, p)
    np.testing.assert_array_equal(Categorical(p).log_p, [np.log(0.25), np.log(0.75), -np.inf])
    np.testing.assert_allclose(Categorical(np.array([-1.0, -2.0]), is_log=True).p, [np.exp(-1), np.exp(-2)])


def test_log_probabilities_below_the_smallest_float_keep_their_surprisal():
    assert kb.information(kb.Logits([0.0, -5000.0]), 1).value == 5000.0
    assert kb.cross_entropy([0.5, 0.5], kb.Logits([0.0, -5000.0])).value == 2500.0


@pytest.mark.parametrize("array", [np.asarray, torch.asarray])
def test_tally_gives_n_and_frequencies_of_every_row(array):
    tally = Tally(array(np.array([[1.0, 3.0], [2.0, 0.0]])))
    assert tally.n.tolist() == [4, 2]
    assert tally.frequencies.p.tolist() == [[0.25, 0.75], [1.0, 0.0]]
