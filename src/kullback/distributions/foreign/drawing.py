"""Drawing reproducibly: a seed for torch that leaves the caller's random state alone."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

import numpy as np
import torch


@contextlib.contextmanager
def seeded(rng: int | np.random.Generator | None) -> Generator[None]:
    """Draw from a seed, or from torch's own state if `rng` is None.

    Args:
        rng: a seed; a NumPy generator gives the next one; None draws as torch would.

    Yields:
        Nothing; within, torch's global generator is seeded, and afterwards it is as it was.
    """
    if rng is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_of(rng))
        yield


def seed_of(rng: int | np.random.Generator) -> int:
    """Turn a generator into a seed; a seed is one."""
    return int(rng.integers(2**63)) if isinstance(rng, np.random.Generator) else int(rng)


def seeds(rng: int | np.random.Generator | None, count: int) -> list[int | None]:
    """Give independent seeds, Nones if `rng` is None: everything is then drawn from the libraries' own states."""
    if rng is None:
        return [None] * count
    generator = np.random.default_rng(rng)
    return [int(seed) for seed in generator.integers(2**63, size=count)]
