"""Worlds in which the truth of every number of an account is known: inputs, annotators, and a model that distorts.

An input has logits z; its labels are drawn from P = softmax(z), its model says softmax(slope · z + offsets + bend ·
sin 2z). The truth comes from exact sums over labels for so many inputs that its own error does not count.
"""

import dataclasses

import numpy as np
from scipy.special import log_softmax, softmax, xlogy
from scipy.stats import norm, qmc

from kullback.account.calibration import recalibrations
from kullback.account.floor import noise_floor
from kullback.account.held_out import brier, brier_floor, cross_entropy, entropy_gap
from kullback.account.observations import observe
from kullback.account.prior import captured, prior_entropy

INPUTS, BLOCK, TASTES = 600_000, 50_000, 256
MEASURES = (prior_entropy, captured, cross_entropy, entropy_gap, brier, brier_floor)


@dataclasses.dataclass(frozen=True)
class World:
    """How inputs, labels and predictions come about.

    Attributes:
        n: rows.
        n_classes: classes.
        k: labels a row.
        slope, shift, bend: of the model; 1, 0 and 0 are the truth.
        sharp: standard deviation of the logits.
        tilt: by how much the logits of a class exceed those of the class before.
        missing: share of the labels after the first that are left out.
        group_size: rows that share an input; they are a group.
        repeats: rows that share an input and its labels as well; they are a group.
        taste: standard deviation of what every annotator adds to the logits, drawn anew for every label.
    """

    n: int
    n_classes: int
    k: int = 1
    slope: float = 1.0
    shift: float = 0.0
    bend: float = 0.0
    sharp: float = 1.5
    tilt: float = 0.5
    missing: float = 0.0
    group_size: int = 1
    repeats: int = 1
    taste: float = 0.0

    def logits(self, rng, n):
        """Logits of inputs **(n, K)**."""
        size = self.group_size * self.repeats
        own = self.sharp * rng.normal(size=(-(-n // size), self.n_classes))
        return np.repeat(own + self.tilt * np.arange(self.n_classes), size, axis=0)[:n]

    def model(self, z):
        """Log-probabilities that the model gives."""
        return log_softmax(self.slope * z + self.shift * np.arange(self.n_classes) + self.bend * np.sin(2 * z), axis=1)

    def labels(self, rng, z):
        """Labels **(n, k)**, −1 where one is missing."""
        shape = (len(z), self.k)
        if self.taste:
            p = softmax(z[:, None, :] + self.taste * rng.normal(size=(*shape, self.n_classes)), axis=2)
        else:
            p = softmax(z, axis=1)[:, None, :]
        drawn = (p.cumsum(axis=2) < rng.random((*shape, 1))).sum(axis=2).clip(0, self.n_classes - 1)
        gone = rng.random(shape) < self.missing
        gone[:, 0] = False
        drawn = np.where(gone, -1, drawn)
        return np.repeat(drawn[:: self.repeats], self.repeats, axis=0)[: len(z)]

    def draw(self, rng):
        """Predictions and labels of n rows."""
        z = self.logits(rng, self.n)
        size = self.group_size * self.repeats
        groups = np.arange(self.n) // size if size > 1 else None
        return observe(np.exp(self.model(z)), self.labels(rng, z), groups=groups)

    def truth(self):
        """The numbers in nats."""
        rng = np.random.default_rng(10**6)
        every = dataclasses.replace(self, group_size=1, repeats=1)
        blocks = [self._means(every.logits(rng, BLOCK)) for _ in range(self.inputs // BLOCK)]
        p, floor, loss, own, brier, disagreement = (np.mean(x, axis=0) for x in zip(*blocks, strict=True))
        prior = -xlogy(p, p).sum()
        return {
            "prior_entropy": prior,
            "captured": prior - floor,
            "cross_entropy": loss,
            "entropy_gap": loss - own,
            "brier": brier,
            "brier_floor": disagreement,
            "floor_lower": floor,
            "floor_upper": floor,
            "learnable_lower": loss - floor,
            "learnable_upper": loss - floor,
            "calibration_lower": loss - floor,
        }

    @property
    def inputs(self):
        """How many inputs the truth is from: 60 times those of a draw, or more."""
        few = self.n_classes >= 20 or self.taste
        return max(100_000 if few else INPUTS, 60 * self.n)

    def _means(self, z):
        """Means over inputs: P, H(P), H(P, Q), H(Q), the Brier score, and the disagreement of two labels."""
        p, log_q = softmax(z, axis=1), self.model(z)
        if self.taste:  # the mean over annotators, by quasi-random ones
            drawn = norm.ppf(qmc.Sobol(self.n_classes, seed=5).random(TASTES))
            p = np.mean([softmax(z + self.taste * t, axis=1) for t in drawn], axis=0)
        q = np.exp(log_q)
        return (
            p.mean(axis=0),
            -xlogy(p, p).sum(axis=1).mean(),
            -(p * log_q).sum(axis=1).mean(),
            -xlogy(q, q).sum(axis=1).mean(),
            (1 - 2 * (p * q).sum(axis=1) + (q**2).sum(axis=1)).mean(),
            (1 - (p**2).sum(axis=1)).mean(),
        )


def plain(seen):
    """The numbers that are means of rows, and what the model captured."""
    return {measure.__name__: measure(seen) for measure in MEASURES}


def floor(seen):
    """The bracket of the floor, and of what is learnable."""
    bracket = noise_floor(seen)
    if bracket is None:
        return {}
    ends = ("lower", "upper")
    learnable = {f"learnable_{end}": getattr(bracket, f"learnable_{end}") for end in ends}
    return {f"floor_{end}": getattr(bracket, end) for end in ends} | learnable


def calibration(seen):
    """The lower end of what recalibration removes."""
    maps = recalibrations(seen)
    return {"calibration_lower": maps[0].lower} if maps else {}


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
    "one in a hundred": World(2000, 2, tilt=-5.2, sharp=0.8),
    "one in a hundred, two labels": World(3000, 2, 2, tilt=-5.2, sharp=0.8),
    "fifty classes": World(3000, 50, sharp=1.0, tilt=0.02),
    "fifty classes, three labels": World(2000, 50, 3, sharp=2.0, tilt=0.02),
    "fifty labels": World(300, 4, 50, shift=0.3),
    "under-confident": World(1000, 3, slope=0.4),
    "far over-confident": World(1000, 2, slope=4.0),
    "not monotone": World(1000, 3, bend=0.8),
    "not monotone, two labels": World(1000, 2, 2, bend=1.0),
    "sure and right": World(2000, 4, sharp=8.0),
    "flat and shifted": World(1000, 5, sharp=0.3, shift=0.2, tilt=0.0),
    "a few rows of large loss": World(2000, 2, slope=3.0, sharp=4.0),
    "each row twice": World(1000, 3, 2, repeats=2),
    "large groups": World(2000, 3, group_size=40),
    "annotators of different taste": World(800, 3, 3, taste=1.5),
    "ten thousand rows": World(10_000, 10, slope=1.2),
    "a hundred thousand rows": World(100_000, 3, 2, shift=0.2),
}
"""Worlds whose rows are independent between groups, and whose labels are those of random annotators."""


@dataclasses.dataclass(frozen=True)
class Found:
    """What many draws of a world gave for one number.

    Attributes:
        relation: its direction.
        bias: mean less truth, in standard deviations of the draws; nan if all draws are alike.
        holds: whether the mean lies on the side that its direction says, allowing 4 simulation errors.
        covers: share of the 95 % intervals, of a bound one-sided ones, that the truth keeps.
        error: the mean error that was said over the standard deviation of the draws.
        doubted: share of the draws that were not called reliable, which are not promised anything.
    """

    relation: str
    bias: float
    holds: bool
    covers: float
    error: float
    doubted: float


def simulate(world, draws, *parts, seed=0):
    """Draw a world many times, and compare every number of some parts with the truth, as name → Found."""
    truth, seeds = world.truth(), [[seed, i, world.n] for i in range(draws)]
    runs = []
    for s in seeds:
        seen = world.draw(np.random.default_rng(s))
        runs.append({name: e for part in parts for name, e in part(seen).items() if e is not None})
    return {name: _found([run[name] for run in runs if name in run], truth[name], world) for name in runs[0]}


def _found(estimates, truth, world):
    values = np.array([float(e) for e in estimates]) - truth
    errors = np.array([float(e.std_error) for e in estimates])
    reliable = np.array([e.reliable for e in estimates])
    relation, spread = estimates[0].relation, values.std(ddof=1)
    # the truth is itself from many inputs
    allowed = 4 * spread * (1 / len(values) + world.n / world.inputs / (world.group_size * world.repeats)) ** 0.5 + 1e-9
    holds = (relation == "<=" or values.mean() <= allowed) and (relation == ">=" or values.mean() >= -allowed)
    z = 1.96 if relation == "=" else 1.645
    above, below = values <= z * errors + 1e-9, values >= -z * errors - 1e-9
    kept = {"=": above & below, ">=": above, "<=": below}[relation]
    covers = float(kept[reliable].mean()) if reliable.any() else float("nan")
    bias, error = (values.mean() / spread, errors.mean() / spread) if spread > 1e-9 else (np.nan, np.nan)
    return Found(relation, bias, bool(holds), covers, error, 1 - reliable.mean())
