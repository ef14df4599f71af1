"""Runs: a table → a trained network, out-of-fold predictions, the account and a folder that keeps them."""

from kullback.runs.fit import fit as fit
from kullback.runs.fitted import Fit as Fit
from kullback.runs.fitted import load as load
