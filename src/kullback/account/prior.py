"""What guessing costs, and how much of it the model captured."""

from __future__ import annotations

import numpy as np

from kullback.account.observations import Observations, average
from kullback.account.sampling import covariance_of_mean, mean_and_error
from kullback.estimate import Estimate

ABOVE = "above log K, the most there is, by the bias correction"
UNIFORM = "the labels are nearly uniform: the error is larger than need be"


def prior_entropy(seen: Observations) -> Estimate:
    """Estimate H(Y) = −Σ_y p(y) log p(y), the cross-entropy of always predicting the label frequencies.

    With p̂ the mean of the items' label shares and V the covariance of that mean, the plug-in is biased by
    −½ Σ_y V_yy / p_y (the Miller–Madow term (K−1)/2n when every item has one label), which is added back. The variance
    is ∇ᵀV∇ + ½ t + 3/2 t with t = ‖D^−½ V D^−½‖²: the second term is that of the quadratic, without which the error
    would vanish at uniform labels, the third allows for the slope ∇ being estimated too, without which intervals near
    uniform labels cover as little as 87 %; with it they cover 93 % and more, and all of the draws at uniform labels.

    Source:
        Miller (1955), "Note on the bias of information estimates"; Basharin (1959); second-order delta method.
    """
    shares = seen.shares
    p = shares.mean(axis=0)
    v = covariance_of_mean(shares, seen.groups)[np.ix_(p > 0, p > 0)]
    p = p[p > 0]
    scaled = v / np.sqrt(np.outer(p, p))
    slope = -np.log(p)
    value = float(slope @ p + np.trace(scaled) / 2)
    linear, quadratic = float(slope @ v @ slope), float((scaled**2).sum())
    above = value > np.log(len(seen.classes))
    return Estimate(
        value,
        method="plug-in, Miller–Madow",
        std_error=(linear + 2 * quadratic) ** 0.5,
        notes=(*([ABOVE] if above else ()), *([UNIFORM] if linear <= 4 * quadratic else ())),
        n=seen.units,
    )


def captured(seen: Observations) -> Estimate:
    """Bound the information that the model captured, I(X;Y) ≥ Ĥ(Y) − H(P, Q), paired over the same rows.

    Per item Σ_y share_y · (log q_y − log p̂_y), with p̂ the label frequencies of these very rows; the plug-in Ĥ(Y) is
    biased down, so the bound keeps its direction. Negative: worse than guessing.

    Source:
        Barber & Agakov (2003), "The IM algorithm"; Xu et al. (2020), "A theory of usable information".
    """
    shares = seen.shares
    p = shares.mean(axis=0)
    log_p = np.log(p, where=p > 0, out=np.zeros_like(p))
    value, error = mean_and_error(average(shares, seen.log_q - log_p), seen.groups)
    return Estimate(value, method="sample mean, paired with plug-in H(Y)", std_error=error, relation=">=", n=seen.units)
