"""Which way an average under a density is taken: the first of a table that applies, or the one that is asked for."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

from kullback.distributions.density import Density
from kullback.errors import InputError, UnsupportedError
from kullback.estimate import Estimate
from kullback.estimators.cubature import cubature
from kullback.estimators.exact_sum import exact_sum_of_outcomes
from kullback.estimators.problem import OUT_OF_REACH, Problem, Settings
from kullback.estimators.structure import by_structure
from kullback.estimators.support import check_kinds, support, with_support

Method = Callable[[Problem], Estimate | None]


def _closed_form(problem: Problem) -> Estimate | None:
    """The value by a table of formulas, None where there is none."""
    from kullback.estimators.closed_form.lookup import evaluate

    p, q = problem.p.native_in_torch, None if problem.q is None else problem.q.native_in_torch
    if p is None or (problem.q is not None and q is None):
        return None
    value = evaluate(problem.measure, p, q)
    return None if value is None else Estimate(value, method="closed form")


def _quadrature(problem: Problem) -> Estimate | None:
    from kullback.estimators.quadrature import quadrature

    return quadrature(problem)


def _series(problem: Problem) -> Estimate | None:
    from kullback.estimators.series import series

    return series(problem)


def _monte_carlo(problem: Problem) -> Estimate | None:
    from kullback.estimators.monte_carlo import monte_carlo

    return monte_carlo(problem)


METHODS: dict[str, tuple[bool, Method]] = {
    "support": (True, support),
    "closed form": (True, _closed_form),
    "exact sum": (True, exact_sum_of_outcomes),
    "series": (True, _series),
    "quadrature": (False, _quadrature),
    "cubature": (False, cubature),
    "monte carlo": (False, _monte_carlo),
}
"""Every method in the order in which they are tried: whether it is exact to rounding or to a proven bound, and how."""


def average_of_density(measure: str, p: Density, q: Density | None, how: Settings) -> Estimate:
    """Take a measure of a density, or of two.

    Args:
        measure: `"entropy"`, `"cross_entropy"`, `"kl_divergence"` or `"jensen_shannon"`.
        p: the truth.
        q: the model, None for the entropy.
        how: the settings.

    Returns:
        The Estimate **(B…)** in nats, NumPy's where neither P nor Q is of torch.

    Raises:
        UnsupportedError: if P and Q have no common base measure, or no method applies.
        InputError: if the batches do not broadcast, or `method` is not one.
    """
    if how.method is not None and how.method not in METHODS:
        names = " or ".join(f"'{name}'" for name in METHODS)
        raise InputError(f"method is {how.method!r}, expected {names} for distributions; or leave it out")
    if q is not None:
        check_kinds(p, q)
        _check_batches(p, q)
    try:
        estimate = _measured(measure, p, q, how)
    except NotImplementedError as error:
        names = p.name if q is None else f"{p.name} beside {q.name}"
        raise UnsupportedError(
            f"p is {names}, of which torch implements no log_prob or sample, expected a density that can be evaluated; "
            f"transforms have to be one to one"
        ) from error
    _check_number(estimate, p, q)
    return estimate if p.in_torch or (q is not None and q.in_torch) else in_numpy(estimate)


def _measured(measure: str, p: Density, q: Density | None, how: Settings) -> Estimate:
    if measure == "jensen_shannon" and q is not None:
        return _jensen_shannon(p, q, how)
    problem = Problem(measure, p, q, how)
    return _at_once(problem) or _solve(problem)


def _at_once(problem: Problem) -> Estimate | None:
    """The formula of one distribution, or of two where P stays in the support of Q: the usual case costs no more."""
    return None if problem.how.method is not None or problem.mismatch is not None else _closed_form(problem)


def _check_number(estimate: Estimate, p: Density, q: Density | None) -> None:
    value = estimate.value.detach()
    if value.ndim == 0 and not math.isnan(value.item()):
        return
    wrong = value.isnan()
    if not bool(wrong.any()):
        return
    where = f" in element {tuple(int(i[0]) for i in wrong.nonzero(as_tuple=True))} of the batch" if value.ndim else ""
    names = p.name if q is None else f"{p.name} beside {q.name}"
    raise InputError(
        f"p is {names}, whose measure came out as nan{where}, expected log-densities that are numbers; "
        f"p.log_prob(p.sample()) shows which is not"
    )


def _jensen_shannon(p: Density, q: Density, how: Settings) -> Estimate:
    """½ KL(P‖M) + ½ KL(Q‖M), M = ½ (P + Q)."""
    import torch

    from kullback.distributions.mixture import Mixture

    m = Mixture([p, q], torch.tensor([0.5, 0.5], dtype=torch.float64))
    first, second = (_solve(Problem("kl_divergence", d, m, how)) for d in (p, q))
    methods = dict.fromkeys((first.method, second.method))
    return Estimate(
        0.5 * (first.value + second.value),
        method=" and ".join(methods),
        std_error=0.5 * (first.std_error**2 + second.std_error**2) ** 0.5,
        error=0.5 * (first.error + second.error),
        reliable=first.reliable and second.reliable,
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
        n=None if first.n is None or second.n is None else first.n + second.n,
    )


def _check_batches(p: Density, q: Density) -> None:
    if p.batch_shape == q.batch_shape or not p.batch_shape or not q.batch_shape:
        return
    import numpy as np

    try:
        np.broadcast_shapes(p.batch_shape, q.batch_shape)
    except ValueError as error:
        raise InputError(
            f"q ({q.name}) has a batch of shape {tuple(q.batch_shape)} where p ({p.name}) has {tuple(p.batch_shape)}, "
            f"expected shapes that broadcast; q.expand(...) makes a larger batch"
        ) from error


def _solve(problem: Problem) -> Estimate:
    if problem.how.method is not None:
        return _forced(problem, problem.how.method)
    found = support(problem)
    if found is not None:
        return found
    found = _closed_form(problem) or by_structure(problem, _solve)
    if found is not None:
        return with_support(found, problem)
    doubtful: Estimate | None = None
    for name, (exact, method) in METHODS.items():
        if name in ("support", "closed form") or (problem.how.exact_only and not exact):
            continue
        found = method(problem)
        if found is not None and (found.reliable or OUT_OF_REACH in found.notes):
            return with_support(found, problem)
        doubtful = found if doubtful is None else doubtful
    if doubtful is None:
        raise UnsupportedError(_no_method(problem))
    return with_support(doubtful, problem)


def _forced(problem: Problem, name: str) -> Estimate:
    exact, method = METHODS[name]
    if problem.how.exact_only and not exact:
        raise InputError(f"method is {name!r} and exact_only is True, expected an exact method; leave one of them out")
    found = method(problem)
    if found is None:
        try:
            found = by_structure(problem, lambda inner: _forced(inner, name))
        except UnsupportedError:  # of a part: the whole is named below
            found = None
    if found is None:
        raise UnsupportedError(f"method is {name!r}, which does not apply to {_pair(problem)}; leave it out")
    return with_support(found, problem)


def _no_method(problem: Problem) -> str:
    if problem.how.exact_only:
        return f"p is {_pair(problem)}, for which no exact method is known; exact_only=False allows approximations"
    return f"p is {_pair(problem)}, for which no method is known; draw from it, kb.Sample(p.sample((10000,)))"


def _pair(problem: Problem) -> str:
    return problem.p.name if problem.q is None else f"{problem.p.name} beside {problem.q.name}"


def in_numpy(estimate: Estimate) -> Estimate:
    """The same Estimate of floats, or of NumPy arrays for a batch."""
    parts = {name: _plain(getattr(estimate, name)) for name in ("value", "std_error", "error")}
    return dataclasses.replace(estimate, **parts)


def _plain(x: Any) -> Any:
    if isinstance(x, float):
        return x
    array = x.detach().numpy()
    return array if array.ndim else float(array)
