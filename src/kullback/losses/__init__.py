"""The measures as training objectives of torch: P = target, Q = softmax(input), over the kernels of the measures."""

from kullback.losses.cross_entropy import CrossEntropy as CrossEntropy
from kullback.losses.cross_entropy import cross_entropy as cross_entropy
from kullback.losses.jensen_shannon import JensenShannon as JensenShannon
from kullback.losses.jensen_shannon import jensen_shannon as jensen_shannon
from kullback.losses.kl_divergence import KLDivergence as KLDivergence
from kullback.losses.kl_divergence import kl_divergence as kl_divergence
from kullback.losses.linear_cross_entropy import linear_cross_entropy as linear_cross_entropy
from kullback.losses.linear_token_statistics import linear_token_statistics as linear_token_statistics
from kullback.losses.token_statistics import TokenStatistics as TokenStatistics
from kullback.losses.token_statistics import token_statistics as token_statistics

__all__ = [
    "CrossEntropy",
    "JensenShannon",
    "KLDivergence",
    "TokenStatistics",
    "cross_entropy",
    "jensen_shannon",
    "kl_divergence",
    "linear_cross_entropy",
    "linear_token_statistics",
    "token_statistics",
]
