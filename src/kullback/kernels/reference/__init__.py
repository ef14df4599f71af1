"""The bare formulas over the last axis, for NumPy and torch alike: the specification of every faster kernel.

No checks: whoever calls has clean arrays. They compute in the floating type they are given (the measures hand over
float64). 0·log 0 is 0, and its gradient is finite: `where` is applied before the logarithm as well as after it,
because the gradient of a branch that was not taken is still multiplied by zero, and 0·inf is nan.
"""

from kullback.kernels.reference.cross_entropy import cross_entropy as cross_entropy
from kullback.kernels.reference.cross_entropy import cross_entropy_of_logs as cross_entropy_of_logs
from kullback.kernels.reference.entropy import entropy as entropy
from kullback.kernels.reference.entropy import entropy_of_logs as entropy_of_logs
from kullback.kernels.reference.jensen_shannon import jensen_shannon as jensen_shannon
from kullback.kernels.reference.kl_divergence import excess as excess
from kullback.kernels.reference.kl_divergence import kl_divergence as kl_divergence
from kullback.kernels.reference.kl_divergence import kl_divergence_of_logs as kl_divergence_of_logs
from kullback.kernels.reference.logarithm import log as log
from kullback.kernels.reference.logarithm import log_softmax as log_softmax
from kullback.kernels.reference.logarithm import sums as sums
