"""Training: a table's columns and its labels → networks fitted on cross-entropy, with out-of-fold predictions."""

from kullback.training.columns import KINDS as KINDS
from kullback.training.columns import Encode as Encode
from kullback.training.columns import choose_kinds as choose_kinds
from kullback.training.cross_fit import CrossFit as CrossFit
from kullback.training.cross_fit import Ensemble as Ensemble
from kullback.training.cross_fit import cross_fit as cross_fit
from kullback.training.loop import Epoch as Epoch
from kullback.training.loop import Settings as Settings
