"""Estimators for draws of a density: distances to the nearest neighbours stand in the place of the density."""

from __future__ import annotations

from kullback.estimators.nearest_neighbours.cross_entropy import cross_entropy
from kullback.estimators.nearest_neighbours.entropy import entropy
from kullback.estimators.nearest_neighbours.kl_divergence import kl_divergence
from kullback.estimators.nearest_neighbours.known_model import kl_to_known
from kullback.estimators.nearest_neighbours.mutual_information import mutual_information

__all__ = ["cross_entropy", "entropy", "kl_divergence", "kl_to_known", "mutual_information"]
