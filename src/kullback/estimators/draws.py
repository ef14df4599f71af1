"""Which way a measure of observations of a density is estimated."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from kullback.distributions import Categorical, Density, Draws, Tally
from kullback.errors import InputError, UnsupportedError
from kullback.estimate import Estimate
from kullback.estimators.problem import Settings
from kullback.estimators.sample_mean import sample_mean

NEIGHBOURS, MEAN = "nearest neighbours", "sample mean"


def average_of_draws(measure: str, *arguments: Categorical | Tally | Draws | Density, how: Settings) -> Estimate:
    """Estimate a measure from draws of P, or of P and Q, or from draws of P and a known Q.

    Args:
        measure: the measure's name.
        arguments: Draws of P; then Draws or a Density of Q.
        how: the settings.

    Returns:
        The Estimate in nats, **(B…)** with the batch of Q.

    Raises:
        InputError: if `method` or `exact_only` asks for something else, or there are too few observations.
        UnsupportedError: if the measure cannot be estimated from draws.
    """
    if how.exact_only:
        raise InputError("exact_only is True and the numbers were drawn, expected a distribution; exact_only=False")
    p, q = (*arguments, None)[:2]
    if not isinstance(p, Draws):
        raise UnsupportedError(
            "p has a density where q is a sample, expected a q with a density; swap them, or sample p"
        )
    known = isinstance(q, Density)
    key = (measure, known)
    if key not in WAYS:
        raise UnsupportedError(
            f"p is a Sample of a density, from which no {measure} is estimated; bin it, kb.Counts(counts)"
        )
    name, way = WAYS[key]
    if how.method not in (None, name):
        raise InputError(f"method is {how.method!r}, expected {name!r} for draws of a density; or leave it out")
    from kullback.estimators.densities import in_numpy

    estimate = way(p, q, how)
    return in_numpy(estimate) if isinstance(q, Density) and not q.in_torch else estimate


def _entropy(p: Draws, q: Any, how: Settings) -> Estimate:
    from kullback.estimators.nearest_neighbours import entropy

    del q
    return entropy(_rows(p), n_neighbors=how.n_neighbors)


def _cross_entropy(p: Draws, q: Any, how: Settings) -> Estimate:
    from kullback.estimators.nearest_neighbours import cross_entropy

    return cross_entropy(_rows(p), _rows(q), n_neighbors=how.n_neighbors)


def _kl_divergence(p: Draws, q: Any, how: Settings) -> Estimate:
    from kullback.estimators.nearest_neighbours import kl_divergence

    return kl_divergence(_rows(p), _rows(q), n_neighbors=how.n_neighbors)


def _mutual_information(p: Draws, q: Any, how: Settings) -> Estimate:
    from kullback.estimators.nearest_neighbours import mutual_information

    return mutual_information(_rows(p), _rows(q), n_neighbors=how.n_neighbors)


def _mean(p: Draws, q: Any, how: Settings) -> Estimate:
    del how
    return sample_mean(p, q)


def _kl_to_known(p: Draws, q: Any, how: Settings) -> Estimate:
    """H(P, Q) by the sample mean minus H(P) by neighbours; their errors are added as if independent."""
    cross, own = sample_mean(p, q), _entropy(p, None, how)
    return dataclasses.replace(
        cross,
        value=cross.value - float(own),
        method=f"{MEAN} − {NEIGHBOURS}",
        std_error=(cross.std_error**2 + own.std_error**2) ** 0.5,
        reliable=cross.reliable and own.reliable,
        notes=(*cross.notes, *own.notes),
    )


WAYS: dict[tuple[str, bool], tuple[str, Any]] = {
    ("entropy", False): (NEIGHBOURS, _entropy),
    ("cross_entropy", False): (NEIGHBOURS, _cross_entropy),
    ("kl_divergence", False): (NEIGHBOURS, _kl_divergence),
    ("mutual_information", False): (NEIGHBOURS, _mutual_information),
    ("cross_entropy", True): (MEAN, _mean),
    ("kl_divergence", True): (f"{MEAN} − {NEIGHBOURS}", _kl_to_known),
}
"""(measure, whether Q has a density) → the method's name and function."""


def _rows(p: Draws) -> Any:
    """**(n, D)**, in NumPy."""
    x = np.asarray(p.x, dtype=np.float64)
    return x.reshape(len(x), -1)
