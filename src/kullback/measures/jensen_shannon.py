"""Jensen–Shannon divergence."""

from __future__ import annotations

from typing import Any, Unpack

from array_api_compat import array_namespace

from kullback.distributions import Categorical
from kullback.estimate import Estimate
from kullback.estimators import Functional, How, Sensitivity
from kullback.estimators.functional import diagonal
from kullback.kernels import by_size, reference
from kullback.measures.answer import measure_of_pair


def jensen_shannon(
    p: Any, q: Any, *, base: float | None = None, axis: int = -1, keepdims: bool = False, **how: Unpack[How]
) -> Estimate:
    """JS(P, Q), how far P and Q are from their mean: symmetric, and finite even for disjoint P and Q.

    JS(P, Q) = ½ KL(P‖M) + ½ KL(Q‖M), M = ½ (P + Q), between 0 and log 2. The divergence; its square root is the
    Jensen–Shannon distance.

    Args:
        p: probabilities **(B…, K)**, Logits, Counts, a Sample of outcomes, or a distribution of torch or SciPy with
            batch **(B…)**.
        q: the same kinds. Batches broadcast, outcomes do not.
        base: of the logarithm; None gives nats, 2 bits, 10 bans.
        axis: where the K outcomes of an array are.
        keepdims: whether that axis stays, with size one.
        how: `method`, `exact_only`, `rtol`, `atol`, `max_evals`, `rng`, `n_neighbors`: see `kullback.estimators.How`.
            `method` for distributions as for `kl_divergence`, from each to their mixture; for Counts and Samples
            `"miller-madow"` (the default: minus the first-order bias Σ q (1−p) / (4 n (p+q)) of a sampled P, and
            likewise of a sampled Q; a divergence of 0 comes out on either side of 0) or `"plug-in"` (never negative,
            too high).

    Returns:
        Estimate, value **(B…)** in nats or the unit of `base`; float64 whatever came in, torch keeps its graph.

    Raises:
        UnsupportedError: if `p` or `q` is of a kind that is not taken.
        InputError: if their numbers are not probabilities, logits or counts, or do not fit each other.

    Example:
        >>> jensen_shannon([1.0, 0.0], [0.5, 0.5], base=2)
        0.311278 bit (exact sum)

    Source:
        J. Lin, "Divergence Measures Based on the Shannon Entropy" (1991), eq. 4.1.
    """
    return measure_of_pair(_JENSEN_SHANNON, p, q, base=base, axis=axis, keepdims=keepdims, how=how)


def _value(p: Categorical, q: Categorical) -> Any:
    p_values, q_values = (d.p if d.is_log else d.values for d in (p, q))
    return by_size.measure("jensen_shannon", p_values, q_values, checks=(p.check, q.check))


def _sensitivities(p: Any, q: Any) -> tuple[Sensitivity, Sensitivity]:
    return _sensitivity(p, q), _sensitivity(q, p)


def _sensitivity(p: Any, q: Any) -> Sensitivity:
    """T' = ½ log(p/m), T'' = ½ (1/p − 1/(2m)) = q/(4 p m), m = ½ (p + q)."""
    xp: Any = array_namespace(p, q)
    m = 0.5 * (p + q)
    safe = xp.where(m > 0, m, 1.0)
    slope = 0.5 * (xp.where(p > 0, reference.log(p), 0.0) - reference.log(safe))
    return diagonal(p, slope, q / (4 * safe), corrected=True)


_JENSEN_SHANNON = Functional("jensen_shannon", _value, _sensitivities)
