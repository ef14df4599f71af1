"""From the types of P and Q to the formulas that may know the answer, the most specific first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from kullback.errors import InputError
from kullback.estimators.closed_form import foreign
from kullback.estimators.closed_form.expectations import EXPECTATIONS, Statistics
from kullback.estimators.closed_form.surprisals import SURPRISALS, Surprisal
from kullback.estimators.closed_form.table import CE, FORMULAS, KL, STRUCTURES, H, Key

MEASURES = (H, CE, KL)
Step = Callable[[Any, Any], Tensor | None]

_STEPS: dict[Key, tuple[Step, ...]] = {}


def forget() -> None:
    """Look everything up anew, after the table was changed."""
    _STEPS.clear()


def evaluate(measure: str, p: Any, q: Any) -> Tensor | None:
    """The first answer of the formulas for the types of P and Q, in the shape of their common batch."""
    key = (measure, type(p), None if q is None else type(q))
    steps = _STEPS.get(key)
    if steps is None:
        steps = _STEPS[key] = tuple(_steps(*key))
    for step in steps:
        value = step(p, q)
        if value is not None:
            return _shaped(value, p, q)
    return None


def _shaped(value: Tensor, p: Any, q: Any) -> Tensor:
    if value.shape == p.batch_shape and (q is None or value.shape == q.batch_shape):
        return value
    return value.expand(p.batch_shape if q is None else torch.broadcast_shapes(p.batch_shape, q.batch_shape))


def _steps(measure: str, p: type[Any], q: type[Any] | None) -> Iterator[Step]:
    if measure not in MEASURES:
        raise InputError(f"measure is {measure!r}, expected one of {', '.join(map(repr, MEASURES))}")
    if measure == H:
        yield from _of_one(p)
        return
    if q is None:
        raise InputError(f"q is None, expected a distribution for {measure!r}")
    for a, b in _by_distance(p, q):
        yield from _of_two(measure, a, b)
    yield foreign.kl_divergence if measure == KL else partial(_sum, foreign.kl_divergence)


def _of_one(p: type[Any]) -> Iterator[Step]:
    for a in p.__mro__:
        formula, whole = FORMULAS.get((H, a, None)), STRUCTURES.get((H, a, None))
        if formula is not None:
            yield partial(_ignoring_q, formula)
        if whole is not None:
            yield partial(_of_parts, whole, H)
    yield partial(_ignoring_q, foreign.entropy)


def _ignoring_q(formula: Callable[[Any], Tensor | None], p: Any, _: Any) -> Tensor | None:
    return formula(p)


def _by_distance(p: type[Any], q: type[Any]) -> list[tuple[type[Any], type[Any]]]:
    """All pairs of ancestors, by the number of steps up."""
    pairs = [(i + j, i, a, b) for i, a in enumerate(p.__mro__) for j, b in enumerate(q.__mro__)]
    return [(a, b) for _, _, a, b in sorted(pairs, key=lambda pair: pair[:2])]


def _of_two(measure: str, a: type[Any], b: type[Any]) -> Iterator[Step]:
    """Its own formula, the other one ∓ H(P), statistics, parts."""
    direct, other = FORMULAS.get((measure, a, b)), FORMULAS.get((CE if measure == KL else KL, a, b))
    if direct is not None:
        yield direct
    if other is not None:
        yield partial(_difference if measure == KL else _sum, other)
    if a in EXPECTATIONS and b in SURPRISALS and set(SURPRISALS[b].needs) <= set(EXPECTATIONS[a]):
        mean = partial(_mean, SURPRISALS[b], EXPECTATIONS[a])
        yield partial(_difference, mean) if measure == KL else mean
    yield from _of_structures(measure, a, b)


def _of_structures(measure: str, a: type[Any], b: type[Any]) -> Iterator[Step]:
    whole = STRUCTURES.get((measure, a, b))
    divergence = STRUCTURES.get((KL, a, b))
    if whole is not None:
        yield partial(_of_parts, whole, measure)
    elif measure == CE and divergence is not None:
        yield partial(_sum, partial(_of_parts, divergence, KL))


def _of_parts(whole: Callable[..., Tensor | None], measure: str, p: Any, q: Any) -> Tensor | None:
    return whole(measure, p, q, evaluate)


def _mean(surprisal: Surprisal, statistics: Statistics, p: Any, q: Any) -> Tensor | None:
    """H(P, Q) = E_P[−log q] from the statistics that −log q is made of."""

    def expect(name: str, *numbers: Any) -> Any:
        return statistics[name](p, *numbers)

    return surprisal.expected(q, expect)


def _sum(divergence: Step, p: Any, q: Any) -> Tensor | None:
    """H(P, Q) = H(P) + KL(P‖Q)."""
    extra = divergence(p, q)
    entropy = None if extra is None else evaluate(H, p, None)
    return None if extra is None or entropy is None else entropy + extra


def _difference(cross: Step, p: Any, q: Any) -> Tensor | None:
    """KL(P‖Q) = H(P, Q) − H(P), for different families only: within one nothing is left of it where P ≈ Q."""
    total = cross(p, q)
    entropy = None if total is None else evaluate(H, p, None)
    return None if total is None or entropy is None else total - entropy
