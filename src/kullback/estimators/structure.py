"""What the structure of two distributions allows before any average is taken.

Independent parts add:      H(P₁ × P₂, Q₁ × Q₂) = H(P₁, Q₁) + H(P₂, Q₂)
a bijection changes no KL:  KL(f(P) ‖ f(Q)) = KL(P ‖ Q)
a scale adds its logarithm: H(a + b X) = H(X) + log b
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from kullback.distributions.density import Density
from kullback.estimate import Estimate
from kullback.estimators.problem import Problem

Solve = Callable[[Problem], Estimate]


def by_structure(problem: Problem, solve: Solve) -> Estimate | None:
    """Take the average of simpler distributions that has the same value.

    Args:
        problem: P and Q.
        solve: how a simpler problem is solved.

    Returns:
        The Estimate, None where nothing can be taken apart.
    """
    if problem.measure == "entropy":
        standard = problem.p.standardized()
        if standard is not None:
            return _shifted(solve(dataclasses.replace(problem, p=standard[0])), standard[1])
    if _is_torchs(problem.p) and (problem.q is None or _is_torchs(problem.q)):
        return _independent(problem, solve) or _stripped(problem, solve)
    return None


def _is_torchs(d: Density) -> bool:
    import torch

    return isinstance(d.native, torch.distributions.Distribution)


def _wrap(d: Density, native: Any) -> Density:
    from kullback.distributions.foreign import TorchDensity

    return TorchDensity(native, in_torch=d.in_torch)


def _independent(problem: Problem, solve: Solve) -> Estimate | None:
    p, q = _as_independent(problem.p.native), None if problem.q is None else _as_independent(problem.q.native)
    if p is None or (problem.q is not None and q is None):
        return None
    dims = p.reinterpreted_batch_ndims
    if q is not None and q.reinterpreted_batch_ndims != dims:
        return None
    inner = dataclasses.replace(
        problem,
        p=_wrap(problem.p, p.base_dist),
        q=None if problem.q is None or q is None else _wrap(problem.q, q.base_dist),
    )
    return _summed(solve(inner), dims)


def _as_independent(d: Any) -> Any:
    """An Independent, also where elementwise transforms were applied to one; None otherwise."""
    import torch.distributions as td

    if type(d) is td.Independent:
        return d
    if type(d) is td.MultivariateNormal:
        return _as_independent_normals(d)
    if type(d) is not td.TransformedDistribution or type(d.base_dist) is not td.Independent:
        return None
    if any(t.domain.event_dim or t.codomain.event_dim for t in d.transforms):
        return None
    base = d.base_dist
    return td.Independent(
        td.TransformedDistribution(base.base_dist, d.transforms, validate_args=False),
        base.reinterpreted_batch_ndims,
        validate_args=False,
    )


def _as_independent_normals(d: Any) -> Any:
    """A multivariate normal whose covariance is diagonal as independent normals, None otherwise."""
    import torch
    import torch.distributions as td

    scale = torch.diagonal(d.scale_tril, dim1=-2, dim2=-1)
    if not torch.equal(d.scale_tril, torch.diag_embed(scale)):
        return None
    return td.Independent(td.Normal(d.loc, scale, validate_args=False), 1, validate_args=False)


def _summed(estimate: Estimate, dims: int) -> Estimate:
    """The sum over the last axes; the parts were averaged independently."""
    value, error, std_error = estimate.value, estimate.error, estimate.std_error
    axes = tuple(range(-dims, 0)) if dims else ()
    if not dims:
        return estimate
    return dataclasses.replace(
        estimate,
        value=value.sum(axes),
        error=error if isinstance(error, float) else error.sum(axes),
        std_error=std_error if isinstance(std_error, float) else (std_error**2).sum(axes).sqrt(),
    )


def _shifted(estimate: Estimate, log_scale: float) -> Estimate:
    """The entropy of a law that was moved and stretched."""
    return dataclasses.replace(estimate, value=estimate.value + log_scale)


def _stripped(problem: Problem, solve: Solve) -> Estimate | None:
    """KL without the transforms that both end in."""
    import torch.distributions as td

    if problem.measure != "kl_divergence" or problem.q is None:
        return None
    p, q = problem.p.native, problem.q.native
    if not (isinstance(p, td.TransformedDistribution) and isinstance(q, td.TransformedDistribution)):
        return None
    common = 0
    for first, second in zip(reversed(p.transforms), reversed(q.transforms), strict=False):
        if not (_same(first, second) and first.bijective):
            break
        common += 1
    if not common:
        return None
    bases = [_base(d, common) for d in (p, q)]
    inner = dataclasses.replace(problem, p=_wrap(problem.p, bases[0]), q=_wrap(problem.q, bases[1]))
    return solve(inner)


def _same(first: Any, second: Any) -> bool:
    return type(first) is type(second) and bool(first == second)


def _base(d: Any, common: int) -> Any:
    import torch.distributions as td

    rest = d.transforms[: len(d.transforms) - common]
    return td.TransformedDistribution(d.base_dist, rest, validate_args=False) if rest else d.base_dist
