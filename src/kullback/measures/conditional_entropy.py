"""Conditional entropy."""

from __future__ import annotations

from typing import Any, Unpack

from array_api_compat import array_namespace

from kullback.distributions import Categorical
from kullback.estimate import Estimate
from kullback.estimators import Functional, How, Sensitivity, average, settings
from kullback.estimators.functional import seen
from kullback.inputs import as_table
from kullback.kernels import reference
from kullback.measures.answer import answer
from kullback.units import unit_of


def conditional_entropy(
    joint: Any,
    *,
    base: float | None = None,
    axis: tuple[int, int] = (-2, -1),
    keepdims: bool = False,
    **how: Unpack[How],
) -> Estimate:
    """H(Y|X), what is left to learn of Y once X is known.

    H(Y|X) = −Σ_xy p(x, y) log p(y|x) = H(X, Y) − H(X), between 0 (X tells Y) and H(Y) (X tells nothing).

    Args:
        joint: the joint table: probabilities or Counts **(B…, Kx, Ky)**, or Logits over all pairs.
        base: of the logarithm; None gives nats, 2 bits, 10 bans.
        axis: the axis of X and the axis of Y, in this order; it also holds for Logits and Counts.
        keepdims: whether both axes stay, with size one.
        how: `method`: for Counts `"miller-madow"` (the default: plus (Kxy − Kx)/(2n), the pairs and the rows seen) or
            `"plug-in"` (too low); for probabilities `"exact sum"`.

    Returns:
        Estimate, value **(B…)** in nats or the unit of `base`; float64 whatever came in, torch keeps its graph.

    Raises:
        UnsupportedError: if `joint` is of a kind that is not taken.
        InputError: if its numbers are not probabilities, logits or counts, or `axis` is not a pair of its axes.

    Example:
        >>> conditional_entropy([[0.25, 0.25], [0.5, 0.0]], base=2)
        0.5 bit (exact sum)

    Source:
        C. E. Shannon, "A Mathematical Theory of Communication" (1948), §6.
    """
    unit = unit_of(base)
    distribution, shape = as_table(joint, name="joint", axis=axis)
    estimate = average(_functional(shape), distribution, how=settings(how))
    return answer(estimate, unit=unit, axes=axis, keepdims=keepdims)


def _functional(shape: tuple[int, int]) -> Functional:
    """The measure of tables of this shape, laid out as rows of Kx·Ky pairs."""

    def value(joint: Categorical) -> Any:
        return reference.cross_entropy(joint.p, _conditional(joint.p, shape))

    def sensitivities(p: Any) -> tuple[Sensitivity]:
        """T' = −log p(y|x); H(X, Y) − H(X) has bias −(Kxy − Kx)/2 and, all pairs possible, spread Kx (Ky − 1)/2."""
        xp: Any = array_namespace(p)
        p_x = xp.sum(xp.reshape(p, (*p.shape[:-1], *shape)), axis=-1)
        spread = xp.zeros_like(p[..., 0]) + shape[0] * (shape[1] - 1) / 2
        return (Sensitivity(-reference.log(_conditional(p, shape)), bias=(seen(p_x) - seen(p)) / 2, spread=spread),)

    return Functional("conditional_entropy", value, sensitivities)


def _conditional(p: Any, shape: tuple[int, int]) -> Any:
    """p(y|x) = p(x, y) / p(x) for every pair; 0 where p(x) is 0."""
    xp: Any = array_namespace(p)
    table = xp.reshape(p, (*p.shape[:-1], *shape))
    p_x = xp.sum(table, axis=-1, keepdims=True)
    return xp.reshape(table / xp.where(p_x > 0, p_x, 1.0), p.shape)
