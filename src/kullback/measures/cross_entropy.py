"""Cross-entropy."""

from __future__ import annotations

from typing import Any, Unpack

from array_api_compat import array_namespace

from kullback.distributions import Categorical
from kullback.estimate import Estimate
from kullback.estimators import Functional, How, Sensitivity
from kullback.estimators.functional import diagonal
from kullback.kernels import by_size, reference
from kullback.measures.answer import measure_of_pair


def cross_entropy(
    p: Any, q: Any, *, base: float | None = None, axis: int = -1, keepdims: bool = False, **how: Unpack[How]
) -> Estimate:
    """H(P, Q), the mean information under the model Q of an outcome of the truth P.

    H(P, Q) = −E_{x∼P}[log q(x)] = −Σ_k p_k log q_k = H(P) + KL(P‖Q), smallest, H(P), at Q = P; +inf if Q calls
    impossible what P does not.

    Args:
        p: the truth: probabilities **(B…, K)**, Logits, Counts, a distribution of torch or SciPy with batch **(B…)**,
            or a Sample **(n,)**, which gives −1/n Σ_i log q(x_i).
        q: the model: the same kinds. Batches broadcast, outcomes do not. Counts and Samples of outcomes stand for their
            observed frequencies; their sampling enters the std_error, and the notes say so.
        base: of the logarithm; None gives nats, 2 bits, 10 bans.
        axis: where the K outcomes of an array are.
        keepdims: whether that axis stays, with size one.
        how: `method`, `exact_only`, `rtol`, `atol`, `max_evals`, `rng`, `n_neighbors`: see `kullback.estimators.How`.
            `method` for distributions as for `entropy`; beside a Sample of P `"sample mean"`, or `"nearest
            neighbours"` where Q is a Sample of a density too; for Counts and Samples of outcomes `"plug-in"` or
            `"miller-madow"`, which are the same here: the mean over a sample of P is unbiased.

    Returns:
        Estimate, value **(B…)** in nats or the unit of `base`; float64 whatever came in, torch keeps its graph.

    Raises:
        UnsupportedError: if `p` or `q` is of a kind that is not taken.
        InputError: if their numbers are not probabilities, logits or counts, or do not fit each other.

    Example:
        >>> cross_entropy([0.5, 0.5], [0.75, 0.25])
        0.836988 nat (exact sum)
        >>> cross_entropy([0.5, 0.5], [1.0, 0.0])
        inf nat (exact sum)

    Source:
        I. J. Good, "Some Terminology and Notation in Information Theory" (1956); T. M. Cover and J. A. Thomas,
        "Elements of Information Theory" (2006), Theorem 5.4.3.
    """
    return measure_of_pair(_CROSS_ENTROPY, p, q, base=base, axis=axis, keepdims=keepdims, how=how)


def _value(p: Categorical, q: Categorical) -> Any:
    p_values = p.p if p.is_log else p.values
    name = "cross_entropy_of_logs" if q.is_log else "cross_entropy"
    return by_size.measure(name, p_values, q.values, checks=(p.check, q.check))


def _sensitivities(p: Any, q: Any) -> tuple[Sensitivity, Sensitivity]:
    """Linear in p with slope −log q; in q with slope −p/q."""
    return Sensitivity(-reference.log(q)), of_model(p, q)


def of_model(p: Any, q: Any) -> Sensitivity:
    """The sensitivity of H(P, Q), and of KL(P‖Q), to Q: T' = −p/q, T''·q = p/q, 0 where q = 0."""
    xp: Any = array_namespace(p, q)
    ratio = xp.where(q > 0, p, 0.0) / xp.where(q > 0, q, 1.0)
    return diagonal(q, -ratio, ratio, corrected=False)


_CROSS_ENTROPY = Functional("cross_entropy", _value, _sensitivities)
