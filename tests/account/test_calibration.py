"""The calibration bracket: cross-fitting by hand, directions, the nested choice and the p-value."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax
from tests.account.worlds import draw

from kullback.account.calibration import N_FOLDS, recalibrations
from kullback.account.observations import observe
from kullback.folds import assign_folds


def _temperature(log_q, y):
    def loss(a):
        return -log_softmax(a * log_q, axis=1)[np.arange(len(y)), y].mean()

    return minimize(loss, [1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}).x[0]


def _gain(a, log_q, y):
    rows = np.arange(len(y))
    return log_softmax(a * log_q, axis=1)[rows, y] - log_q[rows, y]


@pytest.mark.parametrize("grouped", [False, True])
def test_bracket_is_cross_fitting_by_hand(grouped):
    world = draw(np.random.default_rng(0), 400, 3, slope=1.7)
    log_q, y = np.log(world.q), world.labels[:, 0]
    groups = np.arange(400) // 4 if grouped else None
    found = next(r for r in recalibrations(observe(world.q, y, groups=groups)) if r.family == "temperature")
    folds = assign_folds(400, groups, N_FOLDS)
    crossed = np.empty(400)
    for fold in range(N_FOLDS):
        here = folds == fold
        crossed[here] = _gain(_temperature(log_q[~here], y[~here]), log_q[here], y[here])
    assert found.lower.value == pytest.approx(crossed.mean(), abs=1e-6)
    assert found.upper.value == pytest.approx(_gain(_temperature(log_q, y), log_q, y).mean(), abs=1e-8)
    assert found.lower.std_error >= np.std(crossed, ddof=1) / 20 * (0.9 if not grouped else 0)
    assert (found.lower.relation, found.upper.relation) == (">=", "<=")
    assert found.lower.n == (100 if grouped else 400)


def test_directions_hold_for_a_calibrated_model():
    runs = []
    for seed in range(60):
        world = draw(np.random.default_rng(seed), 300, 3)
        found = recalibrations(observe(world.q, world.labels))
        runs.append([(r.lower.value, r.upper.value) for r in found])
    runs = np.array(runs)
    error = runs.std(axis=0) / 60**0.5
    assert (runs.mean(axis=0)[:, 0] < 4 * error[:, 0]).all()
    assert (runs[:, 1:, 1] >= -1e-9).all()
    # Wilks: the in-sample gain of D parameters is D/2n
    assert runs.mean(axis=0)[1:, 1] == pytest.approx(np.array([1, 3, 5]) / 600, abs=4 * error[1:, 1].max())


def test_an_offset_is_missed_by_temperature_and_found_by_the_choice():
    world = draw(np.random.default_rng(3), 4000, 3, shift=(1.0,))
    chosen, temperature, affine, _ = recalibrations(observe(world.q, world.labels))
    assert "affine" in chosen.lower.method
    assert chosen.lower.value == pytest.approx(affine.lower.value)
    assert chosen.lower.value > 2 * temperature.upper.value
    assert chosen.p_value < 1e-6


def test_where_no_map_helps_none_is_chosen_and_the_lower_end_is_near_zero():
    world = draw(np.random.default_rng(8), 3000, 3)
    chosen = recalibrations(observe(world.q, world.labels))[0]
    assert chosen.lower.value <= 0.0005
    assert chosen.upper.value >= 0


def test_a_model_that_is_always_wrong_and_sure_is_refuted():
    y = np.random.default_rng(0).integers(0, 3, 300)
    q = np.where(np.eye(3)[(y + 1) % 3] > 0, 1.0, 0.0)
    chosen = recalibrations(observe(q, y, mix=1e-9))[0]
    assert chosen.p_value < 1e-10
    assert chosen.lower.value > 20


def test_a_sure_model_without_mistakes_is_not_refuted():
    y = np.random.default_rng(0).integers(0, 3, 50)
    q = np.where(np.eye(3)[y] > 0, 0.99, 0.005)
    assert recalibrations(observe(q, y))[0].p_value > 0.2


def test_families_need_ten_units_a_parameter():
    world = draw(np.random.default_rng(1), 45, 5)
    assert [r.family for r in recalibrations(observe(world.q, world.labels))] == ["nested choice", "temperature"]
    nine = draw(np.random.default_rng(1), 9, 2)
    assert recalibrations(observe(nine.q, nine.labels)) == ()
    grouped = observe(world.q, world.labels, groups=np.arange(45) // 6)
    assert recalibrations(grouped) == ()


def test_other_units_rescale_the_bracket():
    world = draw(np.random.default_rng(1), 100, 2)
    found = recalibrations(observe(world.q, world.labels))[0]
    assert found.to("bit").upper.value == pytest.approx(found.upper.value / np.log(2))
