"""The measures as training objectives of torch: P = target, Q = softmax(input), over the kernels of the measures."""

from kullback.losses.cross_entropy import cross_entropy as cross_entropy
from kullback.losses.kl_divergence import kl_divergence as kl_divergence

__all__ = ["cross_entropy", "kl_divergence"]
