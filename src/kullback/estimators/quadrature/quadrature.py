"""∫ p · score dx of densities on the line.

Source:
    QUADPACK (Piessens et al. 1983) for the rule; the charts are those of double-exponential quadrature (H. Takahasi
    and M. Mori, 1974), applied once.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from kullback.distributions.density import Density
from kullback.estimate import Estimate
from kullback.estimators.problem import OUT_OF_REACH, Problem
from kullback.estimators.quadrature.integrand import Integrand
from kullback.estimators.quadrature.panels import Panels, first_edges, refine
from kullback.estimators.quadrature.tails import Tails, look

_RTOL, _ATOL = 1e-11, 1e-13
_MOST = 2_000_000
_MASS = 1e-7
"""A mass that is further from one is said: the density is not normalised, or part of it was not found."""

_NEAR = 1e-3
"""Below, a KL divergence is summed from its non-negative terms."""


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
    shape = (pieces.count, *problem.batch_shape)
    integrand = Integrand(problem, pieces, shape)
    how = problem.how
    rtol, atol = (default if x is None else x for x, default in ((how.rtol, _RTOL), (how.atol, _ATOL)))
    most = how.max_evals or _MOST
    densities: list[Density] = [problem.p] if problem.q is None else [problem.p, problem.q]
    with torch.no_grad():
        tails = look(integrand)
        if bool((tails.infinite.sum(0) != 0).all()):
            nothing = torch.zeros(problem.batch_shape, dtype=torch.float64)
            return _answer(nothing, nothing, nothing + 1, tails, 0)
        edges = first_edges(tails.edges, pieces, densities, shape)

        def terms(t: Tensor) -> tuple[Tensor, Tensor]:
            return integrand.terms(t, inner=(t >= tails.low) & (t <= tails.high))

        panels, value, error, mass, used = refine(terms, Panels.whole(edges), rtol, atol, most)
        near = _near(problem, value)
        if bool(near.any()):
            panels, value, error = _by_positive_terms(integrand, panels, near, value, error, rtol, most)
    if problem.requires_grad:
        edges = first_edges(tails.edges, pieces, densities, shape)
        value = _with_graph(integrand, tails, edges, panels, near)
    return _answer(value, error, mass, tails, used)


def _near(problem: Problem, value: Tensor) -> Tensor:
    """Where P and Q are so close that log p − log q cancels in the mean."""
    if problem.measure != "kl_divergence":
        return torch.zeros_like(value, dtype=torch.bool)
    return value.abs() < _NEAR


def _by_positive_terms(
    integrand: Integrand, panels: Panels, near: Tensor, value: Tensor, error: Tensor, rtol: float, most: int
) -> tuple[Panels, Tensor, Tensor]:
    """Sum the non-negative terms, where the points find all the mass of Q; elsewhere some of it is out of P's reach."""
    # log q/p carries rounding errors of 1e-16, so its square has no more digits than this
    rtol_close = torch.clamp(4e-15 / torch.sqrt(torch.where(value > 0, value, 1.0)), min=rtol)
    panels, close, close_error, q_mass, _ = refine(integrand.positive_terms, panels, rtol_close, 0.0, most)
    near &= (q_mass - 1).abs() < 1e-11 + 1e-9 * close
    return panels, torch.where(near, close, value), torch.where(near, close_error, error)


def _with_graph(integrand: Integrand, tails: Tails, edges: Tensor, panels: Panels, near: Tensor) -> Tensor:
    """The same sum over the final panels, whose edges move with the ends of the supports."""
    panels = Panels(edges, panels.stretch, panels.begin, panels.end)
    plain, _, _ = panels.integrate(lambda t: integrand.terms(t, inner=(t >= tails.low) & (t <= tails.high)))
    value = plain.sum((0, 1))
    if not bool(near.any()):
        return value
    positive, _, _ = panels.integrate(integrand.positive_terms)
    return torch.where(near, positive.sum((0, 1)), value)


def _answer(value: Tensor, error: Tensor, mass: Tensor, tails: Tails, used: int) -> Estimate:
    infinite = tails.infinite.sum(0)
    diverges = infinite != 0
    value = value + tails.beyond.sum(0).detach()
    defect = (mass - 1).abs()
    error = error + 0.1 * tails.beyond.abs().sum(0) + defect * torch.clamp(value.detach().abs(), max=1e300)
    value = torch.where(diverges, torch.sign(infinite) * torch.inf, value)
    error = torch.where(torch.isfinite(value.detach()), error, 0.0)
    notes: list[str] = []
    if tails.out_of_reach and bool((defect > _MASS).any()):
        notes.append(OUT_OF_REACH)
    elif bool((defect > _MASS).any()):
        notes.append(f"the density of p integrates to {_worst(mass):.6g} at the points used, expected 1")
    method = "quadrature"
    if bool(diverges.any()):
        method = "tail-slope" if bool(diverges.all()) else "quadrature, tail-slope"
        notes.append("infinite because the integrand does not fall in its tail: a numerical test, not a proof")
    reliable = not bool((defect > _MASS).any())
    del used
    return Estimate(value, method=method, error=error, reliable=reliable, notes=tuple(notes))


def _worst(mass: Tensor) -> float:
    return float(mass.flatten()[(mass - 1).abs().argmax()])
