"""Which way a measure of observations of a density is estimated."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from kullback.distributions import Categorical, Density, Draws, Tally
from kullback.errors import InputError, UnsupportedError
from kullback.estimate import Estimate
from kullback.estimators.problem import Settings
from kullback.estimators.sample_mean import log_prob_at, sample_mean
from kullback.estimators.tail_index import any_heavy

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
    return entropy(_rows(p), n_neighbors=how.n_neighbors, name="p")


def _cross_entropy(p: Draws, q: Any, how: Settings) -> Estimate:
    from kullback.estimators.nearest_neighbours import cross_entropy

    return cross_entropy(_rows(p), _rows(q), n_neighbors=how.n_neighbors, names=("p", "q"))


def _kl_divergence(p: Draws, q: Any, how: Settings) -> Estimate:
    from kullback.estimators.nearest_neighbours import kl_divergence

    return kl_divergence(_rows(p), _rows(q), n_neighbors=how.n_neighbors, names=("p", "q"))


def _mutual_information(p: Draws, q: Any, how: Settings) -> Estimate:
    from kullback.estimators.nearest_neighbours import mutual_information

    return mutual_information(_rows(p), _rows(q), n_neighbors=how.n_neighbors, names=("joint", "y"))


def _mean(p: Draws, q: Any, how: Settings) -> Estimate:
    del how
    return sample_mean(p, q)


def _kl_to_known(p: Draws, q: Any, how: Settings) -> Estimate:
    """log p̂ by neighbours, log q as it is known, at every draw; the value has the graph of q's parameters."""
    import torch

    from kullback.estimators.nearest_neighbours import kl_to_known

    information = 0.0 - log_prob_at(p, q)
    columns = information.detach().reshape(p.n, -1).numpy()
    found = kl_to_known(_rows(p), columns, n_neighbors=how.n_neighbors)
    shape = tuple(q.batch_shape)
    mean = information.mean(0)
    value = torch.as_tensor(found.value).reshape(shape) + (mean - mean.detach()).nan_to_num()
    heavy = ("heavy tail of the scores: the std_error may be far too small",) if any_heavy(columns) else ()
    return dataclasses.replace(
        found,
        value=value,
        std_error=torch.as_tensor(found.std_error).reshape(shape),
        reliable=found.reliable and not heavy,
        notes=(*found.notes, *heavy),
    )


WAYS: dict[tuple[str, bool], tuple[str, Any]] = {
    ("entropy", False): (NEIGHBOURS, _entropy),
    ("cross_entropy", False): (NEIGHBOURS, _cross_entropy),
    ("kl_divergence", False): (NEIGHBOURS, _kl_divergence),
    ("mutual_information", False): (NEIGHBOURS, _mutual_information),
    ("cross_entropy", True): (MEAN, _mean),
    ("kl_divergence", True): (NEIGHBOURS, _kl_to_known),
}
"""(measure, whether Q has a density) → the method's name and function."""


def _rows(p: Draws) -> Any:
    """**(n, D)**, in NumPy."""
    x = np.asarray(p.x, dtype=np.float64)
    return x.reshape(len(x), -1)
