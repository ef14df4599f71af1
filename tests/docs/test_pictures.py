"""The numbers that the pictures show, against closed forms; and the pictures themselves exist and are drawn of them."""

from __future__ import annotations

import re
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
import torch.distributions as td

import kullback as kb

ROOT = Path(__file__).parents[2]


def test_information_is_minus_log_q(pictures: types.ModuleType):
    n = pictures.information.numbers()
    np.testing.assert_allclose(n["bits"], -np.log2(n["q"]), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(n["marked_bits"], [1, 2, 3], rtol=1e-12)


def test_entropies_rise_from_sharp_to_flat(pictures: types.ModuleType):
    n = pictures.entropy.numbers()
    np.testing.assert_allclose(n["bits"], scipy.stats.entropy(n["p"], axis=-1, base=2), rtol=1e-12)
    assert np.all(np.diff(n["bits"]) > 0)
    assert n["bits"][0] < 0.1
    assert n["bits"][-1] == pytest.approx(3.0)


def test_cross_entropy_is_smallest_where_q_is_p(pictures: types.ModuleType):
    n = pictures.cross_entropy.numbers()
    entropy = 0.5 * np.log(2 * np.pi * np.e)
    np.testing.assert_allclose(n["cross"], entropy + n["m"] ** 2 / 2, rtol=1e-12)
    assert n["entropy"] == pytest.approx(entropy)
    assert n["m"][n["cross"].argmin()] == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(n["p"], scipy.stats.norm.pdf(n["x"]), rtol=1e-12)
    np.testing.assert_allclose(n["q"], scipy.stats.norm.pdf(n["x"][:, None] - n["shown"]), rtol=1e-12)
    np.testing.assert_allclose(n["shown_cross"], entropy + n["shown"] ** 2 / 2, rtol=1e-12)


GUMBEL_UNDER_NORMAL = 0.5 * np.log(8 * np.pi) + (np.pi**2 / 6 + np.euler_gamma**2) / 8
"""H(P, Q) = log(s √2π) + E[x²]/(2 s²), s = 2, by the mean and the variance of the Gumbel distribution."""


def test_the_mean_closes_in_on_the_truth(pictures: types.ModuleType):
    n = pictures.monte_carlo.numbers()
    assert n["truth"] == pytest.approx(GUMBEL_UNDER_NORMAL, rel=1e-10)
    assert np.all(np.abs(n["value"] - n["truth"]) < 4 * n["std_error"])
    late = n["n"] > 1000
    slope = np.polyfit(np.log(n["n"][late]), np.log(n["std_error"][late]), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.03)


def test_the_band_contains_the_truth_as_often_as_it_says(pictures: types.ModuleType):
    """Of 1000 samples; four standard errors of a share of 95 % are 2.8 %, skewness costs up to 1 % more."""
    draws: Any = scipy.stats.gumbel_r.rvs(size=(1000, 400), random_state=20261123)
    q = td.Normal(0.0, 2.0)
    estimates = [kb.cross_entropy(kb.Sample(row), q) for row in draws]
    low, high = np.array([e.interval(0.95) for e in estimates]).T
    assert 0.912 <= np.mean((low <= GUMBEL_UNDER_NORMAL) & (high >= GUMBEL_UNDER_NORMAL)) <= 0.978


def test_kl_is_the_gap(pictures: types.ModuleType):
    n = pictures.kl_divergence.numbers()
    q = n["q"]
    np.testing.assert_allclose(n["cross"], -0.3 * np.log2(q) - 0.7 * np.log2(1 - q), rtol=1e-12)
    assert n["entropy"] == pytest.approx(scipy.stats.entropy([0.3, 0.7], base=2))
    np.testing.assert_allclose(n["cross"] - n["entropy"], n["divergence"], atol=1e-12)


def test_both_runs_take_the_same_path(pictures: types.ModuleType):
    n = pictures.kl_divergence.numbers()
    np.testing.assert_allclose(n["cross_entropy_path"], n["kl_divergence_path"], atol=1e-12)
    entropy = scipy.stats.entropy(pictures.kl_divergence.ROW, base=2)
    np.testing.assert_allclose(n["cross_entropy_losses"] - n["kl_divergence_losses"], entropy, rtol=1e-12)
    softmax = torch.softmax(torch.tensor(n["cross_entropy_path"][1]), -1).numpy()
    assert n["cross_entropy_losses"][1] == pytest.approx(-(pictures.kl_divergence.ROW * np.log2(softmax)).sum())
    assert n["row_entropy"] == pytest.approx(entropy)


def plain_cross_entropy(x: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
    return -(p * torch.log_softmax(x, -1)).sum(-1).mean()


def test_a_network_trained_on_either_takes_the_same_path(pictures: types.ModuleType):
    n = pictures.training.numbers()
    entropy = scipy.stats.entropy(pictures.training.world()[1].numpy(), axis=-1).mean()
    assert n["entropy"] == pytest.approx(entropy, rel=1e-12)
    plainly = pictures.training.train(plain_cross_entropy, torch.float64)
    np.testing.assert_allclose(n["cross_entropy_losses"], plainly["losses"], rtol=1e-12)
    np.testing.assert_allclose(n["kl_divergence_losses"] + entropy, plainly["losses"], rtol=1e-12)
    np.testing.assert_allclose(n["cross_entropy_path"], plainly["path"], atol=1e-12)
    np.testing.assert_allclose(n["kl_divergence_path"], plainly["path"], atol=1e-12)
    assert np.ptp(plainly["path"], axis=0).min() > 0.01
    assert n["apart"] < 1e-12


def test_paths_part_by_rounding_as_the_page_says(pictures: types.ModuleType):
    """In float32, and where steps are so large that descent makes differences grow."""
    for dtype, rate, low, high in ((torch.float32, 0.5, 1e-8, 1e-5), (torch.float64, 1.0, 1e-13, 0.1)):
        runs = [getattr(kb.losses, name) for name in ("cross_entropy", "kl_divergence")]
        one, other = (pictures.training.train(loss, dtype, rate)["path"] for loss in runs)
        assert low < np.abs(one - other).max() < high


def said_by(svg: str) -> dict[str, list[float]]:
    """The summary of its numbers that a picture carries."""
    (text,) = re.findall(r"<dc:description>(.*?)</dc:description>", svg, re.DOTALL)
    items = [item.split() for item in text.strip().split("; ")]
    return {name: [float(mean), float(spread)] for name, mean, spread in items}


IDEAS = ["information", "entropy", "cross_entropy", "monte_carlo", "kl_divergence", "training"]
LINES = ["guessing", "captured", "cross_entropy", "floor", "learnable", "recalibration", "gap", "brier"]


@pytest.mark.parametrize("name", [*IDEAS, *(f"account_{line}" for line in LINES)])
def test_pictures_are_of_this_state(pictures: types.ModuleType, name: str):
    drawn = said_by((ROOT / "docs" / "pictures" / f"{name}.svg").read_text())
    numbers = pictures.PICTURES[name][0]()
    assert set(drawn) == set(numbers)
    for key, x in numbers.items():
        assert drawn[key] == pytest.approx([np.mean(x), np.std(x)], rel=1e-4, abs=1e-6), key


def test_every_page_of_ideas_has_its_picture(pictures: types.ModuleType):
    pages = sorted((ROOT / "docs" / "ideas").glob("*.md"))
    assert [page.stem for page in pages] == sorted(IDEAS)
    assert [*pictures.PICTURES] == [*IDEAS, *(f"account_{line}" for line in LINES)]
    for page in pages:
        (name,) = re.findall(r"\(\.\./pictures/(\w+)\.svg\)", page.read_text())
        assert name == page.stem
        assert (ROOT / "docs" / "pictures" / f"{name}.svg").read_text().rstrip().endswith("</svg>")


def test_pictures_can_be_drawn(pictures: types.ModuleType, tmp_path: Path):
    pictures.make(tmp_path)
    assert sorted(path.stem for path in tmp_path.glob("*.svg")) == sorted(pictures.PICTURES)
    sizes = re.findall(r'width="(\S+)pt"', "".join(path.read_text()[:900] for path in tmp_path.glob("*.svg")))
    assert len(sizes) == len(pictures.PICTURES)
    assert all(float(size) <= 525 for size in sizes)
