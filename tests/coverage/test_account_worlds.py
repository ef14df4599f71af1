"""Do the account's numbers mean what they say? Simulated worlds whose truth is known, and real labels.

Each world is drawn many times. The mean of a number, less the truth, must be within four simulation errors of zero in
its stated direction: an `=` on both sides, a `≥` not above, a `≤` not below. The 95 % interval of an `=` must cover the
truth, and the one-sided one of a bound must reach it from its side.
"""

import numpy as np
import polars as pl
import pytest
from tests.coverage.account_worlds import WORLDS, World, floor, plain, simulate

import kullback as kb
from kullback import datasets
from kullback.account.calibration import recalibrations

DRAWS = 250
TESTED = list(WORLDS)[:10]
"""Worlds of `make coverage` that are drawn here too, less often."""


@pytest.mark.parametrize("name", TESTED)
def test_numbers_have_no_bias_against_their_direction_and_intervals_cover(name):
    draws = DRAWS if WORLDS[name].n < 4000 else 60
    for number, found in simulate(WORLDS[name], draws, plain, floor).items():
        assert found.holds, f"{number} lies on the wrong side"
        assert found.covers >= 0.95 - 4 * (0.95 * 0.05 / draws) ** 0.5, f"{number} covers {found.covers:.3f}"
        if found.relation == "=":
            # near uniform labels the error of H(Y) is on the safe side
            widest = 1.25 if number != "prior_entropy" else 2.5
            assert 0.8 < found.error < widest, f"{number} has the wrong error"


@pytest.mark.parametrize(
    ("world", "family"),
    [
        (World(300, 3), "temperature"),
        (World(300, 3), "nested choice"),
        (World(400, 3, slope=1.5), "temperature"),
        (World(400, 2, slope=1.5, shift=0.8), "affine"),
        (World(300, 3, 5, slope=1.5, shift=0.5), "affine"),
        (World(600, 3, group_size=4, slope=1.5), "temperature"),
    ],
)
def test_calibration_bracket_holds_what_the_family_would_remove(world, family):
    # the truth: these maps undo the distortion exactly
    truth = world.truth()["learnable_lower"]
    runs = []
    for seed in range(60):
        found = next(r for r in recalibrations(world.draw(np.random.default_rng(seed))) if family in r.family)
        runs.append([found.lower.value, found.lower.std_error, found.upper.value, found.upper.std_error])
    low, low_error, high, high_error = np.array(runs).T
    assert low.mean() <= truth + 4 * low.std() / 60**0.5
    assert high.mean() >= truth - 4 * high.std() / 60**0.5
    held = (low - 1.96 * low_error <= truth) & (truth <= high + 1.96 * high_error)
    assert held.mean() >= 0.95 - 4 * (0.95 * 0.05 / 60) ** 0.5


@pytest.fixture(scope="module")
def ratings():
    frame = pl.read_parquet(datasets.__path__[0] + "/reviews.parquet").select(pl.col("^rater_.*$"))
    names = ["negative", "neutral", "positive"]
    return np.stack([(frame.to_numpy() == name).sum(axis=1) for name in names], axis=1), names, frame.to_numpy()


def _reviews(labels, names):
    counts = np.array([(labels == name).sum() for name in names], float)
    return kb.audit(np.tile(counts / counts.sum(), (len(labels), 1)), labels, classes=names)


def test_floor_of_the_real_reviews_even_under_a_model_that_knows_nothing(ratings):
    _, names, labels = ratings
    account = _reviews(labels, names)
    assert account.floor_lower.value == pytest.approx(0.48, abs=0.03)
    assert account.floor_upper.value == pytest.approx(0.55, abs=0.03)
    assert account.captured.value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_brackets_from_few_labels_contain_that_of_all_twenty(ratings, k):
    _, names, labels = ratings
    every = _reviews(labels, names)
    for seed in range(4):
        order = np.random.default_rng(seed).random(labels.shape).argsort(axis=1)[:, :k]
        few = _reviews(np.take_along_axis(labels, order, axis=1), names)
        assert few.floor_lower.value <= every.floor_lower.value
        assert few.floor_upper.value >= every.floor_upper.value
