"""Accounts whose numbers are written down, so that the report is tested without the statistics."""

import dataclasses

import numpy as np
import pytest

from kullback.account import Account
from kullback.account.observations import observe
from kullback.estimate import Estimate


def bits(value, error, relation="=", method="sample mean"):
    return Estimate(value, method=method, unit="bit", std_error=error, relation=relation, n=40)


@pytest.fixture
def account():
    """Forty rows of five labels and three classes, a model that has something left to learn."""
    rng = np.random.default_rng(0)
    q = rng.dirichlet([1.0, 1.0, 1.0], size=40)
    counts = np.stack([rng.multinomial(5, row) for row in q])
    return Account(
        prior_entropy=bits(1.4969, 0.0122, method="plug-in, Miller–Madow"),
        captured=bits(0.3733, 0.0137, ">="),
        cross_entropy=bits(1.1224, 0.0182),
        entropy_gap=bits(0.0076, 0.0124),
        calibration_lower=bits(-0.0016, 0.0012, ">=", "cross-fitted vector"),
        calibration_upper=bits(0.0019, 0.0012, "<=", "in-sample vector"),
        calibration_p_value=0.044,
        floor_lower=bits(0.4795, 0.0122, ">=", "Zhang"),
        floor_upper=bits(0.5475, 0.0130, "<=", "pairs"),
        learnable_lower=bits(0.5749, 0.0120, ">=", "cross-entropy less pairs"),
        learnable_upper=bits(0.6429, 0.0121, "<=", "cross-entropy less Zhang"),
        brier=Estimate(0.452, method="sample mean", unit="1", std_error=0.0083, n=40),
        brier_floor=Estimate(0.1934, method="pairs of labels", unit="1", std_error=0.0052, n=40),
        recalibrations=(),
        warnings=(),
        unit="bit",
        observations=observe(q, counts=counts, classes=["negative", "neutral", "positive"]),
    )


@pytest.fixture
def single(account):
    """The same model with one label per row: no floor."""
    seen = account.observations
    one = (seen.counts.cumsum(axis=1) > 0).argmax(axis=1)
    return dataclasses.replace(
        account,
        floor_lower=None,
        floor_upper=None,
        learnable_lower=None,
        learnable_upper=None,
        brier_floor=None,
        observations=observe(seen.q, one, classes=seen.classes),
    )


@pytest.fixture
def leaked(account):
    """A loss below the noise floor."""
    return dataclasses.replace(
        account,
        captured=bits(1.0969, 0.01, ">="),
        cross_entropy=bits(0.4012, 0.01),
        floor_upper=bits(0.4012, 0.01, "<="),
        learnable_lower=bits(0.0, 0.001, ">="),
        learnable_upper=bits(-0.0783, 0.01, "<="),
        warnings=("the cross-entropy lies below the noise floor: labels have leaked into the features",),
    )


@pytest.fixture
def worse(account):
    """A loss above what guessing costs."""
    return dataclasses.replace(
        account,
        captured=bits(-0.5031, 0.02, ">="),
        cross_entropy=bits(2.0, 0.02),
        calibration_lower=bits(0.503, 0.02, ">=", "cross-fitted affine"),
        calibration_upper=bits(0.504, 0.02, "<=", "in-sample affine"),
        learnable_lower=bits(1.4525, 0.02, ">="),
        learnable_upper=bits(1.5205, 0.02, "<="),
    )
