"""Sums over infinitely many whole numbers, with a bound on what is left out."""

from kullback.estimators.series.series import series as series

__all__ = ["series"]
