"""Do the account's numbers mean what they say? Simulated worlds whose truth is known, and real labels.

Each world is drawn many times. The mean of a number, less the truth, must be within four simulation errors of zero in
its stated direction: an `=` on both sides, a `≥` not above, a `≤` not below. The 95 % interval of an `=` must cover the
truth, and that of a bound must reach it from its side.
"""

import dataclasses

import numpy as np
import polars as pl
import pytest
from scipy.special import log_softmax, softmax, xlogy

import kullback as kb
from kullback import datasets
from kullback.account.calibration import recalibrations
from kullback.account.floor import noise_floor
from kullback.account.held_out import brier, brier_floor, cross_entropy, entropy_gap
from kullback.account.observations import observe
from kullback.account.prior import captured, prior_entropy

DRAWS = 250


@dataclasses.dataclass(frozen=True)
class World:
    """n inputs, logits of standard deviation `sharp` tilted by class; the model multiplies by `slope`, adds `shift`."""

    n: int
    n_classes: int
    k: int = 1
    slope: float = 1.0
    shift: float = 0.0
    sharp: float = 1.5
    tilt: float = 0.5
    missing: float = 0.0
    group_size: int = 1

    def logits(self, rng, n):
        own = self.sharp * rng.normal(size=(-(-n // self.group_size), self.n_classes))
        return np.repeat(own + self.tilt * np.arange(self.n_classes), self.group_size, axis=0)[:n]

    def model(self, z):
        offsets = self.shift * np.arange(self.n_classes)
        return log_softmax(self.slope * z + offsets, axis=1)

    def draw(self, rng):
        z = self.logits(rng, self.n)
        p = softmax(z, axis=1)
        labels = (
            (p.cumsum(axis=1)[:, None, :] < rng.random((self.n, self.k, 1))).sum(axis=2).clip(0, self.n_classes - 1)
        )
        gone = rng.random(labels.shape) < self.missing
        gone[:, 0] = False
        groups = np.arange(self.n) // self.group_size if self.group_size > 1 else None
        return observe(np.exp(self.model(z)), np.where(gone, -1, labels), groups=groups)

    def truth(self):
        """The numbers in nats, by exact sums over labels and a large draw of inputs."""
        z = self.logits(np.random.default_rng(10**6), 600_000)
        p, log_q = softmax(z, axis=1), self.model(z)
        q, floor = np.exp(log_q), -xlogy(p, p).sum(axis=1).mean()
        prior, loss = -xlogy(p.mean(axis=0), p.mean(axis=0)).sum(), -(p * log_q).sum(axis=1)
        return {
            "prior_entropy": prior,
            "captured": prior - floor,
            "cross_entropy": loss.mean(),
            "entropy_gap": (loss + xlogy(q, q).sum(axis=1)).mean(),
            "brier": (1 - 2 * (p * q).sum(axis=1) + (q**2).sum(axis=1)).mean(),
            "brier_floor": (1 - (p**2).sum(axis=1)).mean(),
            "lower": floor,
            "upper": floor,
            "learnable_lower": loss.mean() - floor,
            "learnable_upper": loss.mean() - floor,
        }


def _numbers(seen):
    found = {f.__name__: f(seen) for f in (prior_entropy, captured, cross_entropy, entropy_gap, brier, brier_floor)}
    floor = noise_floor(seen)
    if floor is not None:
        found |= {name: getattr(floor, name) for name in ("lower", "upper", "learnable_lower", "learnable_upper")}
    return {name: e for name, e in found.items() if e is not None}


WORLDS = {
    "binary, one label": World(1000, 2),
    "calibrated, one label": World(300, 3),
    "uniform labels, six classes": World(400, 6, sharp=0.2, tilt=0.0),
    "over-confident, two labels": World(500, 3, 2, slope=1.7),
    "two classes, five labels": World(300, 2, 5, shift=0.5),
    "shifted, varying labels": World(600, 4, 5, shift=0.4, missing=0.5),
    "twenty labels": World(300, 3, 20, slope=0.7),
    "groups of five": World(800, 3, 2, group_size=5),
    "mostly agreed": World(1500, 3, 3, sharp=5.0),
    "many rows": World(4000, 5, 2, slope=1.3),
}


@pytest.mark.parametrize("name", list(WORLDS))
def test_numbers_have_no_bias_against_their_direction_and_intervals_cover(name):
    world, draws = WORLDS[name], DRAWS if WORLDS[name].n < 4000 else 60
    truth = world.truth()
    runs = [_numbers(world.draw(np.random.default_rng([seed, world.n]))) for seed in range(draws)]
    for number in runs[0]:
        values = np.array([run[number].value for run in runs]) - truth[number]
        errors = np.array([run[number].std_error for run in runs])
        relation = runs[0][number].relation
        # the truth is itself from 600 000 inputs
        allowed = 4 * values.std(ddof=1) * (1 / draws + world.n / 600_000) ** 0.5 + 1e-9
        assert relation == "<=" or values.mean() <= allowed, f"{number} is too large"
        assert relation == ">=" or values.mean() >= -allowed, f"{number} is too small"
        above, below = values <= 1.96 * errors + 1e-9, values >= -1.96 * errors - 1e-9
        covered = {"=": above & below, ">=": above, "<=": below}[relation].mean()
        assert covered >= 0.95 - 4 * (0.95 * 0.05 / draws) ** 0.5, f"{number} covers {covered:.3f}"
        if relation == "=":
            # near uniform labels the error of H(Y) is on the safe side
            widest = 1.25 if number != "prior_entropy" else 2.5
            assert 0.8 < errors.mean() / values.std(ddof=1) < widest, f"{number} has the wrong error"


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
