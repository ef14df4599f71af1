"""Mutual information."""

from __future__ import annotations

from typing import Any, Unpack

from array_api_compat import array_namespace

from kullback.distributions import Categorical, Draws
from kullback.estimate import Estimate
from kullback.estimators import Functional, How, Sensitivity, average, settings
from kullback.estimators.functional import seen
from kullback.inputs import as_joint, as_table
from kullback.kernels import reference
from kullback.measures.answer import answer
from kullback.units import unit_of


def mutual_information(
    joint: Any,
    y: Any = None,
    *,
    base: float | None = None,
    axis: tuple[int, int] = (-2, -1),
    keepdims: bool = False,
    **how: Unpack[How],
) -> Estimate:
    """I(X;Y), what X tells of Y, and Y of X.

    I(X;Y) = KL(p(x, y) ‖ p(x) p(y)) = H(X) + H(Y) − H(X, Y) = H(Y) − H(Y|X) ≥ 0, and 0 only if they are independent.

    Args:
        joint: the joint table: probabilities or Counts **(B…, Kx, Ky)**, or Logits over all pairs; or a Sample of X,
            **(n,)** or, of a density, **(n, D)**.
        y: with a Sample of X, the Sample of Y, row by row; both of densities, or both of outcomes.
        base: of the logarithm; None gives nats, 2 bits, 10 bans.
        axis: the axis of X and the axis of Y; it also holds for Logits and Counts.
        keepdims: whether both axes stay, with size one.
        how: `method`: for Samples of densities `"nearest neighbours"`, with `n_neighbors`; for Counts and Samples of
            outcomes `"miller-madow"` (the default: minus (Kxy − Kx − Ky + 1)/(2n), the pairs, rows and columns seen;
            independent X and Y come out on either side of 0) or `"plug-in"` (never negative, too high); for
            probabilities `"exact sum"`.

    Returns:
        Estimate, value **(B…)** in nats or the unit of `base`; float64 whatever came in, torch keeps its graph.

    Raises:
        UnsupportedError: if `joint` is of a kind that is not taken.
        InputError: if its numbers are not probabilities, logits or counts, or `axis` is not a pair of its axes.

    Example:
        >>> mutual_information([[0.5, 0.0], [0.0, 0.5]], base=2)
        1 bit (exact sum)

    Source:
        C. E. Shannon, "A Mathematical Theory of Communication" (1948), §12; for the bias M. S. Roulston, "Estimating
        the errors on measured entropy and mutual information", Physica D 125 (1999).
    """
    unit = unit_of(base)
    if y is not None:
        first, second = as_joint(joint, y)
        pair = (first, second) if isinstance(second, Draws) else (first,)
        shape = (0, 0) if isinstance(second, Draws) else second
        return answer(average(_functional(shape), *pair, how=settings(how)), unit=unit, axes=(), keepdims=False)
    distribution, shape = as_table(joint, name="joint", axis=axis)
    estimate = average(_functional(shape), distribution, how=settings(how))
    return answer(estimate, unit=unit, axes=axis, keepdims=keepdims)


def _functional(shape: tuple[int, int]) -> Functional:
    """The measure of tables of this shape, laid out as rows of Kx·Ky pairs."""

    def value(joint: Categorical) -> Any:
        p = joint.p
        p_x, p_y = _margins(p, shape)
        return reference.kl_divergence(p, _product(p_x, p_y))

    def sensitivities(p: Any) -> tuple[Sensitivity]:
        """T' = log p(x, y)/(p(x) p(y)); under independence 2n·Î is χ² with (Kx−1)(Ky−1) degrees of freedom."""
        xp: Any = array_namespace(p)
        p_x, p_y = _margins(p, shape)
        slope = xp.where(p > 0, reference.log(p), 0.0) - reference.log(_product(p_x, p_y))
        spread = xp.zeros_like(p[..., 0]) + (shape[0] - 1) * (shape[1] - 1) / 2
        return (Sensitivity(slope, bias=(seen(p) - seen(p_x) - seen(p_y) + 1) / 2, spread=spread),)

    return Functional("mutual_information", value, sensitivities)


def _margins(p: Any, shape: tuple[int, int]) -> tuple[Any, Any]:
    """p(x) **(B…, Kx)** and p(y) **(B…, Ky)**."""
    xp: Any = array_namespace(p)
    table = xp.reshape(p, (*p.shape[:-1], *shape))
    return xp.sum(table, axis=-1), xp.sum(table, axis=-2)


def _product(p_x: Any, p_y: Any) -> Any:
    """p(x) p(y) for every pair, **(B…, Kx·Ky)**."""
    xp: Any = array_namespace(p_x)
    product = p_x[..., :, None] * p_y[..., None, :]
    return xp.reshape(product, (*product.shape[:-2], product.shape[-2] * product.shape[-1]))
