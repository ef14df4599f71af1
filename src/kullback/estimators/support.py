"""+inf where P can put mass outside the support of Q: decided before anything is integrated."""

from __future__ import annotations

import dataclasses

from kullback.distributions.density import Density
from kullback.errors import UnsupportedError
from kullback.estimate import Estimate
from kullback.estimators.problem import Problem


def check_kinds(p: Density, q: Density) -> None:
    """Refuse P and Q that are not measured against the same thing.

    Args:
        p: the truth.
        q: the model.

    Raises:
        UnsupportedError: if one has probabilities and the other a density, or their outcomes are of other shapes.
    """
    if p.event_shape != q.event_shape:
        raise UnsupportedError(
            f"q ({q.name}) has outcomes of shape {tuple(q.event_shape)} where p ({p.name}) has {tuple(p.event_shape)}, "
            f"expected one shape; torch.distributions.Independent(q, 1) makes vectors of a batch"
        )
    if p.support is q.support:
        return
    if p.support.discrete != q.support.discrete:
        kinds = {True: "probabilities of single outcomes", False: "a density"}
        raise UnsupportedError(
            f"q ({q.name}) has {kinds[q.support.discrete]} where p ({p.name}) has {kinds[p.support.discrete]}, "
            f"expected both of one kind: they share no base measure, so log p/q means nothing; bin the density first"
        )
    if p.support.set != q.support.set:
        names = {s.set: "vectors of numbers" if s.set == "box" else s.set for s in (p.support, q.support)}
        raise UnsupportedError(
            f"q ({q.name}) is over {names[q.support.set]} where p ({p.name}) is over {names[p.support.set]}, expected "
            f"one set; their densities are measured differently"
        )


def support(problem: Problem) -> Estimate | None:
    """+inf where P puts mass outside the support of Q in every element of the batch, None otherwise."""
    import torch

    out = problem.mismatch
    if out is None or not bool(out.all()):
        return None
    value = torch.full(problem.batch_shape, torch.inf, dtype=torch.float64)
    return Estimate(value, method="support", notes=(_note(problem),))


def with_support(estimate: Estimate, problem: Problem) -> Estimate:
    """Put +inf into the elements of a batch where P leaves the support of Q.

    Args:
        estimate: the average, as if the supports fitted.
        problem: the average that was asked for.

    Returns:
        The Estimate; one in which something was infinite for this reason says so.
    """
    import torch

    out = problem.mismatch
    if out is None:
        return estimate
    value = torch.where(out, torch.inf, estimate.value)
    errors = [e if isinstance(e, float) else torch.where(out, 0.0, e) for e in (estimate.std_error, estimate.error)]
    notes = (*estimate.notes, _note(problem))
    return dataclasses.replace(
        estimate, value=value, std_error=errors[0], error=errors[1], method=f"{estimate.method}, support", notes=notes
    )


def _note(problem: Problem) -> str:
    q = "" if problem.q is None else problem.q.name
    return f"infinite because p ({problem.p.name}) puts mass where q ({q}) puts none"
