"""KL divergence."""

from __future__ import annotations

from typing import Any, Unpack

from array_api_compat import array_namespace

from kullback.distributions import Categorical
from kullback.estimate import Estimate
from kullback.estimators import Functional, How, Sensitivity
from kullback.estimators.functional import seen
from kullback.kernels import by_size, reference
from kullback.measures.answer import measure_of_pair
from kullback.measures.cross_entropy import of_model


def kl_divergence(
    p: Any, q: Any, *, base: float | None = None, axis: int = -1, keepdims: bool = False, **how: Unpack[How]
) -> Estimate:
    """KL(P‖Q), what it costs to take Q for the truth P.

    KL(P‖Q) = E_{x∼P}[log p(x)/q(x)] = H(P, Q) − H(P) ≥ 0, and 0 only if P = Q; +inf if Q calls impossible what P does
    not. Computed as Σ p (e^r − 1 − r), r = log(q/p), plus the mass of Q outside P's support: no term is negative, so
    nearly equal P and Q keep their digits.

    Args:
        p: the truth: probabilities **(B…, K)**, Logits, Counts, a Sample, or a distribution of torch or SciPy with
            batch **(B…)**.
        q: the model: the same kinds. Batches broadcast, outcomes do not. Counts and Samples of outcomes stand for their
            observed frequencies; their sampling enters the std_error, and the notes say so.
        base: of the logarithm; None gives nats, 2 bits, 10 bans.
        axis: where the K outcomes of an array are.
        keepdims: whether that axis stays, with size one.
        how: `method`, `exact_only`, `rtol`, `atol`, `max_evals`, `rng`, `n_neighbors`: see `kullback.estimators.How`.
            `method` for distributions as for `entropy`, and `"support"` where P leaves the support of Q; for Counts
            and Samples of outcomes `"miller-madow"` (the default: minus (K−1)/(2n), K the outcomes of P seen; a
            divergence of 0 comes out on either side of 0) or `"plug-in"` (never negative, too high); for Samples of
            densities `"nearest neighbours"`.

    Returns:
        Estimate, value **(B…)** in nats or the unit of `base`; float64 whatever came in, torch keeps its graph.

    Raises:
        UnsupportedError: if `p` or `q` is of a kind that is not taken.
        InputError: if their numbers are not probabilities, logits or counts, or do not fit each other.

    Example:
        >>> kl_divergence([0.5, 0.5], [0.75, 0.25])
        0.143841 nat (exact sum)
        >>> import torch.distributions as td
        >>> kl_divergence(td.Normal(0.0, 1.0), td.StudentT(3.0))
        0.0691516 nat (quadrature, error 3e-17)

    Source:
        S. Kullback and R. A. Leibler, "On Information and Sufficiency" (1951), eq. 2.4.
    """
    return measure_of_pair(_KL_DIVERGENCE, p, q, base=base, axis=axis, keepdims=keepdims, how=how)


def _value(p: Categorical, q: Categorical) -> Any:
    if p.is_log or q.is_log:
        return by_size.measure("kl_divergence_of_logs", p.log_p, q.log_p)
    return by_size.measure("kl_divergence", p.values, q.values, checks=(p.check, q.check))


def _sensitivities(p: Any, q: Any) -> tuple[Sensitivity, Sensitivity]:
    """In p: T' = log(p/q), T'' = 1/p, bias (K_seen − 1)/2, spread (K − 1)/2. In q: as the cross-entropy."""
    xp: Any = array_namespace(p, q)
    slope = xp.where(p > 0, reference.log(p), 0.0) - reference.log(q)
    spread = xp.zeros_like(p[..., 0]) + (p.shape[-1] - 1) / 2
    return Sensitivity(slope, bias=(seen(p) - 1) / 2, spread=spread), of_model(p, q)


_KL_DIVERGENCE = Functional("kl_divergence", _value, _sensitivities)
