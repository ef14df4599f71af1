"""Closed forms for distributions of torch: entropies, cross-entropies and KL divergences, in nats and float64."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor
from torch.distributions import Distribution

from kullback.errors import InputError, UnsupportedError
from kullback.estimators.closed_form.lookup import MEASURES, evaluate, forget
from kullback.estimators.closed_form.table import FORMULAS

__all__ = ["FORMULAS", "closed_form", "register"]


def closed_form(measure: str, p: Distribution, q: Distribution | None = None) -> Tensor | None:
    """H(P), H(P, Q) or KL(P‖Q) by a formula.

    Looked up by the types of P and Q, the most specific first: a Chi2 is a Gamma. That the support of P lies within
    that of Q has to be known already; otherwise the answer is +inf and no formula says so.

    Args:
        measure: `"entropy"`, `"cross_entropy"` or `"kl_divergence"`.
        p: the truth, of batch shape **(B…)**.
        q: the model, of a batch shape that broadcasts with it; None for the entropy.

    Returns:
        **(B…)** in nats, float64 whatever the parameters are, with their graph; +inf where the integral diverges;
        None where no formula is known.

    Raises:
        InputError: if there is no such measure, or it lacks its q.

    Example:
        >>> from torch.distributions import Normal
        >>> closed_form("kl_divergence", Normal(0.0, 1.0), Normal(1.0, 1.0))
        tensor(0.5000, dtype=torch.float64)
    """
    return evaluate(measure, p, q)


def register(
    measure: str,
    p_type: type[Distribution],
    q_type: type[Distribution] | None,
    formula: Callable[..., Tensor | None],
) -> None:
    """Add a row to FORMULAS, or replace one.

    Args:
        measure: `"entropy"`, `"cross_entropy"` or `"kl_divergence"`.
        p_type: the class of P.
        q_type: the class of Q; None for the entropy.
        formula: f(p) for the entropy, f(p, q) else; **(B…)** in nats, or None for parameters that it does not reach.

    Raises:
        InputError: if there is no such measure, or `q_type` does not go with it.
        UnsupportedError: if a type is no class of torch distributions.

    Example:
        >>> from torch.distributions import Laplace, Normal
        >>> class Peaked(Laplace):
        ...     pass
        >>> register("entropy", Peaked, None, lambda p: 1 + (2 * p.scale.double()).log())
        >>> closed_form("entropy", Peaked(0.0, 0.5))
        tensor(1., dtype=torch.float64)
    """
    if measure not in MEASURES:
        raise InputError(f"measure is {measure!r}, expected one of {', '.join(map(repr, MEASURES))}")
    if (q_type is None) != (measure == "entropy"):
        wanted = "None for 'entropy'" if measure == "entropy" else f"a class for {measure!r}"
        raise InputError(f"q_type is {q_type!r}, expected {wanted}; register({measure!r}, p_type, …)")
    _check_class("p_type", p_type)
    if q_type is not None:
        _check_class("q_type", q_type)
    FORMULAS[(measure, p_type, q_type)] = formula
    forget()


def _check_class(name: str, kind: object) -> None:
    if not (isinstance(kind, type) and issubclass(kind, Distribution)):
        raise UnsupportedError(f"{name} is {kind!r}, expected a subclass of torch's Distribution; {name}=type(d)")
