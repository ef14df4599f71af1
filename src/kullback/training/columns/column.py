"""AbstractColumn: one column of a table on its way into a network."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Floats = NDArray[np.float32]
Sparse = Any
"""A scipy.sparse CSR matrix **(N, D)**; its published types do not know its methods."""

Encode = Callable[[list[str]], Floats]
"""A sentence encoder: N texts → **(N, D)** embeddings."""


@dataclasses.dataclass(frozen=True, eq=False)
class Block:
    """What one column gives the network for N rows; parts it does not give are None.

    Attributes:
        numbers: **(N, D)** scaled numbers, to be embedded one by one.
        plain: **(N, D)** inputs taken as they are: flags, phases, latent text.
        codes: **(N,)** category codes 0 … size − 1.
        size: the number of categories.
        wide: **(N, D)** sparse inputs of the linear path.
    """

    numbers: Floats | None = None
    plain: Floats | None = None
    codes: NDArray[np.int64] | None = None
    size: int = 0
    wide: Sparse | None = None


class AbstractColumn(abc.ABC):
    """A kind of column.

    To add a kind: write a file here with a final subclass, which
    1. reads a polars Series into arrays once for all folds (`read`),
    2. learns from some rows only what it needs (`fit`), since the other rows are held out,
    3. turns any rows into a Block (`transform`),
    4. gives and takes back what it learned as arrays and JSON (`state`, `restore`),
    and enter it in the table KINDS of `columns/__init__.py`.
    """

    @staticmethod
    @abc.abstractmethod
    def read(series: pl.Series, encode: Encode | None) -> Any:
        """Read the column into arrays, with nothing learned; only sentence-encoded text uses `encode`."""

    @classmethod
    @abc.abstractmethod
    def fit(cls, raw: Any, rows: Rows) -> AbstractColumn:
        """Learn from the given rows of what `read` gave."""

    @abc.abstractmethod
    def transform(self, raw: Any) -> Block:
        """Turn all rows of what `read` gave into network inputs."""

    @abc.abstractmethod
    def state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Give what was learned, as arrays and as JSON."""

    @classmethod
    @abc.abstractmethod
    def restore(cls, arrays: dict[str, NDArray[Any]], settings: dict[str, Any]) -> AbstractColumn:
        """Make the column from what `state` gave."""
