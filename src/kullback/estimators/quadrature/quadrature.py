"""∫ p · score dx of densities on the line.

Source:
    QUADPACK (Piessens et al. 1983) for the rule; the charts are those of double-exponential quadrature (H. Takahasi
    and M. Mori, 1974), applied once.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from kullback.estimate import Estimate
from kullback.estimators.problem import OUT_OF_REACH, Problem
from kullback.estimators.quadrature.integrand import Integrand
from kullback.estimators.quadrature.panels import Integral, Panels, Terms, first_edges, refine
from kullback.estimators.quadrature.tails import Tails, look

_RTOL, _ATOL = 1e-9, 1e-12
_MOST = 2_000_000
_MASS = 1e-7
"""A mass that is further from one is said: the density is not normalised, or part of it was not found."""

_UNSEEN = 1e-13
"""A mass that lacks more than this lacks it where the score is at its largest, taken as twice what was seen there."""

_NEAR = 1e-3
"""Below, a KL divergence is summed from its non-negative terms."""


_NOISE = 1e-28
"""The divergence of two computations of one log-density."""

_ROUNDING = 4e-16
"""No sum of some hundred terms is more exact, whatever two rules agree on."""


def quadrature(problem: Problem) -> Estimate | None:
    """E_P[score] = Σ_k w_k ∫ p_k(x(t)) · score(x(t)) · x'(t) dt, in panels of 21 points that are halved as needed.

    The error is an estimate: the difference of two rules, and how far the mass ∫p found at the same points is from one.
    An integrand that does not fall towards an end of the chart has an infinite integral ("tail-slope").

    Args:
        problem: P and Q on the line.

    Returns:
        The Estimate **(B…)** in nats, None where P or Q is not a density on the line.
    """
    problem = dataclasses.replace(problem, p=problem.p.expand(problem.batch_shape))
    pieces = problem.p.pieces
    if pieces is None or (problem.q is not None and (problem.q.event_shape or problem.q.support.discrete)):
        return None
    integrand = Integrand(problem, pieces, (pieces.count, *problem.batch_shape))
    rtol, atol, most = problem.how.targets(_RTOL, _ATOL, _MOST)
    with torch.no_grad():
        tails = look(integrand)
        if bool((tails.infinite.sum(0) != 0).all()):
            nothing = torch.zeros(problem.batch_shape, dtype=torch.float64)
            return _answer(nothing, nothing, nothing + 1, tails, finished=True)
        plain = refine(
            _terms(integrand, tails), Panels.whole(_edges(integrand, tails)), rtol=rtol, atol=atol, most=most
        )
        found, near = _by_positive_terms(integrand, plain, rtol, most)
    value = _with_graph(integrand, tails, found, near) if problem.requires_grad else found.value
    return _answer(value, found.error, plain.mass, tails, finished=plain.finished)


def _edges(integrand: Integrand, tails: Tails) -> Tensor:
    problem = integrand.problem
    densities = [problem.p] if problem.q is None else [problem.p, problem.q]
    return first_edges(tails.edges, integrand.pieces, densities, integrand.shape)


def _terms(integrand: Integrand, tails: Tails) -> Terms:
    return lambda t: integrand.terms(t, inner=(t >= tails.low) & (t <= tails.high))


def _by_positive_terms(integrand: Integrand, plain: Integral, rtol: float, most: int) -> tuple[Integral, Tensor]:
    """Where P and Q are so close that log p − log q cancels in the mean, sum the non-negative terms of the KL.

    That needs all the mass of Q at the same points; where some of it is out of P's reach the plain sum stays.
    """
    near = plain.value.abs() < _NEAR
    if integrand.problem.measure != "kl_divergence" or not bool(near.any()):
        return plain, torch.zeros_like(near)
    # log q/p carries rounding errors of 1e-16, so its square has no more digits than this
    digits = torch.clamp(4e-15 / torch.sqrt(torch.where(plain.value > 0, plain.value, 1.0)), min=rtol)
    close = refine(integrand.positive_terms, plain.panels, rtol=digits, atol=_NOISE, most=most)
    near &= (close.mass - 1).abs() < 1e-11 + 1e-9 * close.value
    value, error = torch.where(near, close.value, plain.value), torch.where(near, close.error, plain.error)
    return Integral(close.panels, value, error, plain.mass), near


def _with_graph(integrand: Integrand, tails: Tails, found: Integral, near: Tensor) -> Tensor:
    """The same sum over the final panels, whose edges move with the ends of the supports."""
    panels = dataclasses.replace(found.panels, edges=_edges(integrand, tails))
    value = panels.integrate(_terms(integrand, tails))[0].sum((0, 1))
    if not bool(near.any()):
        return value
    return torch.where(near, panels.integrate(integrand.positive_terms)[0].sum((0, 1)), value)


def _answer(value: Tensor, error: Tensor, mass: Tensor, tails: Tails, *, finished: bool) -> Estimate:
    infinite = tails.infinite.sum(0)
    diverges = infinite != 0
    value = value + tails.beyond.sum(0).detach()
    defect = (mass - 1).abs()
    lost = 2 * torch.clamp(defect - _UNSEEN, min=0.0) * torch.clamp(tails.largest.amax(0), min=1.0)
    error = error + tails.beyond.abs().sum(0) + defect * torch.clamp(value.detach().abs(), max=1e300) + lost
    error = torch.maximum(error, _ROUNDING * value.detach().abs())
    value = torch.where(diverges, torch.sign(infinite) * torch.inf, value)
    error = torch.where(torch.isfinite(value.detach()), error, 0.0)
    notes, reliable = _notes(mass, defect, tails), not bool((defect > _MASS).any())
    if not finished:
        notes = (*notes, "max_evals was reached before the error was as small as asked for")
    if not bool(diverges.any()):
        return Estimate(value, method="quadrature", error=error, reliable=reliable, notes=notes)
    method = "tail-slope" if bool(diverges.all()) else "quadrature, tail-slope"
    doubt = "infinite because the integrand does not fall in its tail: a numerical test, not a proof"
    return Estimate(value, method=method, error=error, reliable=reliable, notes=(*notes, doubt))


def _notes(mass: Tensor, defect: Tensor, tails: Tails) -> tuple[str, ...]:
    if not bool((defect > _MASS).any()):
        return ()
    if tails.out_of_reach:
        return (OUT_OF_REACH,)
    return (f"the density of p integrates to {_worst(mass):.6g} at the points used, expected 1",)


def _worst(mass: Tensor) -> float:
    return float(mass.flatten()[(mass - 1).abs().argmax()])
