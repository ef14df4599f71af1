"""Two models of the same rows, checked once: what every part of their comparison is computed from."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np

from kullback.account.observations import (
    Observations,
    class_names,
    group_codes,
    label_counts,
    log_probabilities,
    refuse_impossible,
)
from kullback.account.sampling import Array, Codes
from kullback.errors import InputError
from kullback.kernels import by_size


@dataclasses.dataclass(frozen=True, eq=False)
class Pair:
    """What two models, A and B, said of N inputs, and what the annotators said, if anything is known of it.

    Attributes:
        log_a, log_b: **(N, K)** log-probabilities, in nats.
        groups: **(N,)** codes of the sampling units, or None where every input is its own.
        classes: the K names.
        seen: each model beside the labels; None without labels.
    """

    log_a: Array
    log_b: Array
    groups: Codes | None
    classes: tuple[str, ...]
    seen: tuple[Observations, Observations] | None

    @cached_property
    def units(self) -> int:
        """Number of independent sampling units: groups, or inputs."""
        return len(self.log_a) if self.groups is None else int(self.groups.max()) + 1

    @cached_property
    def choices(self) -> tuple[Codes, Codes]:
        """The most probable class of A and of B, **(N,)** each; the first one of several."""
        return self.log_a.argmax(axis=1), self.log_b.argmax(axis=1)

    @cached_property
    def kl_ab(self) -> Array:
        """KL(A‖B) of each row, **(N,)**, in nats; +inf where B rules out what A does not."""
        return by_size.measure("kl_divergence_of_logs", self.log_a, self.log_b)

    @cached_property
    def kl_ba(self) -> Array:
        """KL(B‖A) of each row, **(N,)**, in nats; +inf where A rules out what B does not."""
        return by_size.measure("kl_divergence_of_logs", self.log_b, self.log_a)

    @cached_property
    def jensen_shannon(self) -> Array:
        """JS(A, B) of each row, **(N,)**, in nats, at most log 2."""
        return by_size.measure("jensen_shannon", np.exp(self.log_a), np.exp(self.log_b))


def observe_pair(
    predictions_a: Any,
    predictions_b: Any,
    labels: Any,
    *,
    counts: Any,
    groups: Any,
    classes: Sequence[str] | None,
    mix: float,
) -> Pair:
    """Check two models' predictions of the same rows, and the labels; see `kullback.compare` for the arguments."""
    with _of("predictions_a"):
        log_a = log_probabilities(predictions_a, mix)
    with _of("predictions_b"):
        log_b = log_probabilities(predictions_b, mix)
    if log_a.shape != log_b.shape:
        raise InputError(
            f"predictions_b have shape {log_b.shape}, expected {log_a.shape}, that of predictions_a; give both models' "
            "predictions of the same rows and classes"
        )
    n, n_classes = log_a.shape
    names = class_names(classes, n_classes)
    if labels is None and counts is None:
        return Pair(log_a, log_b, group_codes(groups, n), names, None)
    table = label_counts(labels, counts, n, names)
    codes = group_codes(groups, n)
    for name, log_q in (("predictions_a", log_a), ("predictions_b", log_b)):
        with _of(name):
            refuse_impossible(log_q, table)
    seen = (Observations(log_a, table, codes, names), Observations(log_b, table, codes, names))
    return Pair(log_a, log_b, codes, names, seen)


@contextmanager
def _of(argument: str) -> Generator[None, None, None]:
    """Say in an error which of the two models is meant."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"{argument}: {error}") from error
