"""Where a model's loss goes: from predictions and labels alone to prior, captured, calibration, floor and rows."""

from kullback.account.account import Account as Account
from kullback.account.audit import audit as audit
from kullback.account.calibration import Recalibration as Recalibration
from kullback.account.comparison import Comparison as Comparison
from kullback.account.two_models import compare as compare
