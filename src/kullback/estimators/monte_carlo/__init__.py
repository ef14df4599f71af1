"""The mean of scores over draws of P, with its standard error."""

from kullback.estimators.monte_carlo.monte_carlo import monte_carlo as monte_carlo

__all__ = ["monte_carlo"]
