"""The numbers of the pictures of docs/account.md, against integrals by SciPy and what the page says."""

from __future__ import annotations

import re
import types
from pathlib import Path

import numpy as np
import pytest
import scipy.integrate
import scipy.special
import scipy.stats

ROOT = Path(__file__).parents[2]


def mean(score) -> float:
    """E score(z), z ~ N(0, 2²)."""
    return scipy.integrate.quad(lambda z: score(z) * scipy.stats.norm.pdf(z, scale=2), -30, 30, limit=200)[0]


def loss(slope: float, z: float) -> float:
    """−Σ p log2 q at z, q the softmax of (0, slope · z)."""
    p = scipy.special.expit(z)
    return (p * np.logaddexp(0, -slope * z) + (1 - p) * np.logaddexp(0, slope * z)) / np.log(2)


FLOOR = mean(lambda z: loss(1, z))


def test_guessing_costs_the_entropy_of_the_shares(pictures: types.ModuleType):
    n = pictures.guessing.numbers()
    np.testing.assert_allclose(n["bits"], scipy.stats.entropy([n["share"], 1 - n["share"]], base=2), atol=1e-12)
    assert np.round(n["shown"], 3).tolist() == [1.0, 0.469, 0.081]
    assert n["world"] == pytest.approx(1, rel=1e-12)


def test_captured_is_never_more_than_there_is(pictures: types.ModuleType):
    n = pictures.captured.numbers()
    assert n["there"] == pytest.approx(1 - FLOOR, rel=1e-6)
    for i in (0, 30, 60):
        assert n["captured"][i] == pytest.approx(1 - mean(lambda z, a=n["slope"][i]: loss(a, z)), abs=1e-5)
    assert n["captured"].max() == pytest.approx(n["there"], abs=1e-6)


def test_a_few_rows_carry_the_loss_of_the_sure(pictures: types.ModuleType):
    n = pictures.loss.numbers()
    for name in ("calibrated", "over_confident"):
        assert n[name][0] == 0
        assert n[name][-1] == pytest.approx(1)
        assert np.all(np.diff(n[name], 2) < 1e-3)
    assert n["over_confident"][40] > n["calibrated"][40] > 0.1
    assert n["over_confident_loss"] == pytest.approx(mean(lambda z: loss(4, z)), abs=0.06)


def test_the_bracket_of_the_floor_holds_it_and_closes(pictures: types.ModuleType):
    n = pictures.floor.numbers()
    assert n["truth"] == pytest.approx(FLOOR, rel=1e-6)
    assert np.all(n["low"] < FLOOR + 0.01)
    assert np.all(n["high"] > FLOOR - 0.01)
    assert n["high"][-1] - n["low"][-1] < 0.6 * (n["high"][0] - n["low"][0])


def test_learnable_ends_where_all_is_seen(pictures: types.ModuleType):
    n = pictures.learnable.numbers()
    assert n["loss"][0] == pytest.approx(1, abs=1e-6)
    assert n["loss"][-1] == pytest.approx(FLOOR, rel=1e-6)
    assert np.all(np.diff(n["loss"]) < 0)


def test_the_bracket_of_recalibration_closes(pictures: types.ModuleType):
    n = pictures.recalibration.numbers()
    truth = mean(lambda z: loss(2, z)) - FLOOR
    assert n["truth"] == pytest.approx(truth, rel=1e-4)
    assert np.all(n["low"] < truth)
    assert np.all(n["high"] > truth - 1e-4)
    assert n["high"][-1] - n["low"][-1] < 0.2 * (n["high"][0] - n["low"][0])


def test_the_gap_has_the_sign_of_the_confidence(pictures: types.ModuleType):
    n = pictures.gap.numbers()
    assert np.all(np.sign(np.round(n["gap"], 9)) == np.sign(np.round(n["slope"] - 1, 9)))
    assert np.all(n["removable"] >= -1e-12)


def test_pairs_of_labels_give_the_floor_of_the_brier_score(pictures: types.ModuleType):
    n = pictures.brier.numbers()
    assert n["truth"] == pytest.approx(mean(lambda z: 2 * scipy.special.expit(z) * scipy.special.expit(-z)), rel=1e-6)
    assert np.all(np.abs(n["floor"] - n["truth"]) < 4 * n["std_error"])


def test_the_page_shows_every_picture_once():
    shown = re.findall(r"\(pictures/account_(\w+)\.svg\)", (ROOT / "docs/account.md").read_text())
    assert sorted(shown) == sorted(path.stem[8:] for path in (ROOT / "docs/pictures").glob("account_*.svg"))
    assert len(shown) == 8
