"""Counts and Sample → Tally."""

from __future__ import annotations

import numbers
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, cast

import numpy as np
from array_api_compat import array_namespace

from kullback.distributions import Counts, Sample, Tally
from kullback.errors import InputError, UnsupportedError
from kullback.inputs.arrays import as_array, first_index, is_tensor, last_axes, listed, place, refuse


def from_counts(counts: Counts, name: str, axes: tuple[int, ...]) -> Tally:
    """Take whole numbers as counts of observations.

    Args:
        counts: the wrapped numbers, **(…)**.
        name: the argument's name, for the messages.
        axes: where the outcomes are.

    Returns:
        The tally, **(B…, K)**.

    Raises:
        InputError: if a number is not a whole number of at least 0, or a row has no observations.
    """
    x = last_axes(as_array(counts.x, name), axes, name)
    xp: Any = array_namespace(x)
    bad = ~xp.isfinite(x) | (x < 0) | (x != xp.floor(x))
    refuse(
        bad,
        x,
        name,
        f"whole numbers of at least 0 as counts; Probabilities? pass {name} without kb.Counts.",
        InputError,
    )
    empty = xp.sum(x, axis=-1) == 0
    if bool(xp.any(empty)):
        where = f" in row {place(first_index(empty))}" if empty.ndim else ""
        raise InputError(f"{name} has no observations{where}, expected at least one; drop the row")
    return Tally(x)


def from_sample(sample: Sample, name: str, axes: tuple[int, ...]) -> Tally:
    """Count the observations of a sample.

    Args:
        sample: the wrapped observations, **(n,)**.
        name: the argument's name, for the messages.
        axes: one axis; a sample has no other.

    Returns:
        The tally, **(K,)**, with the outcomes it is over.

    Raises:
        InputError: if there are no observations, if one is nan or outside the alphabet, or if the alphabet is not one.
        UnsupportedError: if a joint table is asked for.
    """
    if len(axes) > 1:
        raise UnsupportedError(f"{name} is a Sample, expected a two-way table; count the pairs, kb.Counts(table)")
    observed = _observed(sample.x, name)
    outcomes = _alphabet(sample.alphabet, observed, name)
    unknown = set(observed) - set(outcomes)
    if unknown:
        first = next(x for x in observed if x in unknown)
        raise InputError(
            f"{name} holds the outcome {first!r}, expected one of the {len(outcomes)} of the alphabet; "
            f"add it to alphabet="
        )
    counts: Any = np.asarray([observed.get(x, 0) for x in outcomes], dtype=np.float64)
    if is_tensor(sample.x):
        xp: Any = array_namespace(sample.x)
        counts = xp.asarray(counts, device=sample.x.device)
    return Tally(counts, outcomes, inferred=sample.alphabet is None, from_sample=True)


def over(tally: Tally, outcomes: tuple[Hashable, ...], inferred: bool) -> Tally:
    """Give the same tally over a larger or reordered alphabet.

    Args:
        tally: counts **(K,)** with their outcomes.
        outcomes: the new alphabet; it holds every outcome of the old one.
        inferred: whether the new alphabet, too, is only what was seen.

    Returns:
        The tally, **(len(outcomes),)**.
    """
    xp: Any = array_namespace(tally.counts)
    held = dict(zip(tally.outcomes or (), tally.counts.tolist(), strict=True))
    counts = [held.get(x, 0.0) for x in outcomes]
    moved = xp.asarray(counts, dtype=xp.float64, device=tally.counts.device)
    return Tally(moved, outcomes, inferred, tally.from_sample)


def _observed(x: Any, name: str) -> dict[Hashable, int]:
    """Count every outcome, in sorted order where there is one."""
    items = listed(x)
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise UnsupportedError(f"{name} is a Sample of one {type(x).__name__}, expected a list of observations")
    try:
        observed: dict[Hashable, int] = Counter(cast("Iterable[Hashable]", items))
    except TypeError as error:
        raise InputError(f"{name} is a Sample of rows, expected a flat list of observations; flatten it") from error
    if not observed:
        raise InputError(f"{name} has no observations, expected at least one; pass kb.Sample([...]) with some")
    if any(is_tensor(value) for value in observed):  # tensors hash by identity: no two would be the same outcome
        raise InputError(f"{name} is a Sample of tensors, expected one tensor of observations; torch.stack(x)")
    if None in observed or any(value != value for value in observed):  # noqa: PLR0124 (only nan differs from itself)
        missing = "None" if None in observed else "nan"
        raise InputError(f"{name} holds {missing}, expected observations; drop what is missing first")
    try:
        return {value: observed[value] for value in sorted(cast("dict[Any, int]", observed))}
    except TypeError:  # outcomes of several kinds have no order; that of appearance will do
        return observed


def _alphabet(alphabet: Any, observed: dict[Hashable, int], name: str) -> tuple[Hashable, ...]:
    if alphabet is None:
        fraction = next((x for x in observed if isinstance(x, numbers.Real) and x % 1 != 0), None)
        if fraction is not None:
            raise InputError(
                f"{name} holds {fraction}, expected outcomes of a finite alphabet; name them in alphabet=[...]"
            )
        return tuple(observed)
    if type(alphabet) is int and alphabet > 0:
        return tuple(range(alphabet))
    items = listed(alphabet)
    if not isinstance(items, Sequence) or isinstance(items, str) or not items:
        raise InputError(f"alphabet of {name} is {alphabet!r}, expected a positive int or a list of outcomes")
    outcomes = tuple(cast("Sequence[Hashable]", items))
    if len(set(outcomes)) < len(outcomes):
        raise InputError(f"alphabet of {name} names an outcome twice, expected each once; use list(dict.fromkeys(...))")
    return outcomes
