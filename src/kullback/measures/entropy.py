"""Entropy."""

from __future__ import annotations

from typing import Any, Unpack

from array_api_compat import array_namespace

from kullback.distributions import Categorical
from kullback.estimate import Estimate
from kullback.estimators import Functional, How, Sensitivity
from kullback.estimators.functional import seen
from kullback.kernels import by_size, reference
from kullback.measures.answer import measure_of_one


def entropy(
    p: Any, *, base: float | None = None, axis: int = -1, keepdims: bool = False, **how: Unpack[How]
) -> Estimate:
    """H(P), the mean information of an outcome of P.

    H(P) = −E_{x∼P}[log p(x)] = −Σ_k p_k log p_k, between 0 (P is certain) and log K (P is uniform).

    Args:
        p: probabilities **(B…, K)**, Logits, Counts, a Sample, or a distribution of torch or SciPy with batch **(B…)**,
            whose entropy is differential if it has a density. For Counts and Samples P is unknown, and estimated.
        base: of the logarithm; None gives nats, 2 bits, 10 bans.
        axis: where the K outcomes of an array are.
        keepdims: whether that axis stays, with size one.
        how: `method`, `exact_only`, `rtol`, `atol`, `max_evals`, `rng`, `n_neighbors`: see `kullback.estimators.How`.
            `method` for distributions: `"closed form"`, `"exact sum"`, `"series"`, `"quadrature"`, `"cubature"`,
            `"monte carlo"`, tried in this order; for Counts and Samples of outcomes: `"miller-madow"` (the default:
            −Σ p̂ log p̂ + (K−1)/(2n), K the outcomes seen), `"plug-in"` (without the correction, too low),
            `"chao-shen"`, `"grassberger"`, `"james-stein"`, `"nsb"`; for Samples of a density `"nearest neighbours"`.

    Returns:
        Estimate, value **(B…)** in nats or the unit of `base`; float64 whatever came in, torch keeps its graph.

    Raises:
        UnsupportedError: if `p` is of a kind that is not taken.
        InputError: if its numbers are not probabilities, logits or counts, or `base` or `method` is not one.

    Example:
        >>> entropy([0.5, 0.25, 0.25], base=2)
        1.5 bit (exact sum)
        >>> import torch
        >>> entropy(torch.distributions.Normal(0.0, 1.0))
        1.41894 nat (closed form)

    Source:
        C. E. Shannon, "A Mathematical Theory of Communication" (1948), §6, and §20 for densities; for samples see the
        modules of `kullback.estimators`.
    """
    return measure_of_one(_ENTROPY, p, base=base, axis=axis, keepdims=keepdims, how=how)


def _value(p: Categorical) -> Any:
    return by_size.measure("entropy_of_logs" if p.is_log else "entropy", p.values, checks=(p.check,))


def _sensitivities(p: Any) -> tuple[Sensitivity]:
    """T' = −log p, T'' = −1/p: bias −(K_seen − 1)/2, spread (K − 1)/2."""
    xp: Any = array_namespace(p)
    spread = xp.zeros_like(p[..., 0]) + (p.shape[-1] - 1) / 2
    return (Sensitivity(-reference.log(p), bias=(1 - seen(p)) / 2, spread=spread),)


_ENTROPY = Functional("entropy", _value, _sensitivities)
