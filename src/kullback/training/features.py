"""Features: all columns of a table, as the network takes them."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
import torch
from numpy.typing import NDArray

from kullback.errors import TableError
from kullback.training.columns import KINDS, AbstractColumn, Block, Encode, Sparse
from kullback.training.columns.datetime import parse


@dataclasses.dataclass(frozen=True, eq=False)
class Features:
    """Inputs of N rows.

    Attributes:
        numbers: **(N, D)** to be embedded one by one.
        plain: **(N, P)** taken as they are.
        codes: **(N, C)** category codes.
        wide: **(N, M)** sparse inputs of the linear path.
    """

    numbers: torch.Tensor
    plain: torch.Tensor
    codes: torch.Tensor
    wide: Sparse

    def __len__(self) -> int:
        """Give the number of rows."""
        return len(self.numbers)

    def take(self, rows: NDArray[np.int64]) -> Features:
        """Give some rows."""
        index = torch.from_numpy(rows)
        return Features(self.numbers[index], self.plain[index], self.codes[index], self.wide[rows])


@dataclasses.dataclass(frozen=True, eq=False)
class Sizes:
    """How wide each part of the features is, which is what the network's shape depends on."""

    numbers: int
    plain: int
    codes: tuple[int, ...]
    wide: int


@dataclasses.dataclass(frozen=True, eq=False)
class Columns:
    """What was learned of each feature column from one set of training rows."""

    fitted: dict[str, AbstractColumn]

    @classmethod
    def fit(cls, raw: dict[str, tuple[str, Any]], rows: NDArray[np.int64]) -> Columns:
        """Learn every column from the given rows of what `read_columns` gave."""
        return cls({name: KINDS[kind].fit(values, rows) for name, (kind, values) in raw.items()})

    def transform(self, raw: dict[str, tuple[str, Any]]) -> tuple[Features, Sizes]:
        """Turn all rows into features."""
        blocks = [self.fitted[name].transform(values) for name, (_, values) in raw.items()]
        n = _length(blocks)
        numbers = _side_by_side([b.numbers for b in blocks], n)
        plain = _side_by_side([b.plain for b in blocks], n)
        codes = [b.codes for b in blocks if b.codes is not None]
        wide = [b.wide for b in blocks if b.wide is not None]
        features = Features(
            torch.from_numpy(numbers),
            torch.from_numpy(plain),
            torch.from_numpy(np.stack(codes, axis=1) if codes else np.zeros((n, 0), np.int64)),
            sp.csr_matrix(sp.hstack(wide)) if wide else sp.csr_matrix((n, 0), dtype=np.float32),
        )
        sizes = tuple(b.size for b in blocks if b.codes is not None)
        return features, Sizes(numbers.shape[1], plain.shape[1], sizes, int(features.wide.shape[1]))


def read_columns(
    frame: pl.DataFrame, kinds: dict[str, str], encode: Encode | None, where: str = "table"
) -> dict[str, tuple[str, Any]]:
    """Read each column into arrays once; nothing is learned here, so all folds share it.

    Raises:
        TableError: if a column cannot be read as its kind.
    """
    raw: dict[str, tuple[str, Any]] = {}
    for name, kind in kinds.items():
        try:
            raw[name] = (kind, KINDS[kind].read(frame[name], encode))
        except pl.exceptions.PolarsError as error:
            raise TableError(_unreadable(frame[name], kind, where, error)) from error
    return raw


def _unreadable(series: pl.Series, kind: str, where: str, error: Exception) -> str:
    """Say which value of a column is not of its kind, where one value can be told."""
    odd: list[int] = []
    with contextlib.suppress(pl.exceptions.PolarsError):
        read = parse(series, strict=False) if kind == "datetime" else series.cast(pl.Float64, strict=False)
        odd = (series.is_not_null() & read.is_null()).arg_true().to_list()
    at = f"holds {series[odd[0]]!r} in row {odd[0]} (counted from 0)" if odd else str(error).partition("\n")[0]
    return (
        f"{where}: column {series.name!r} {at}, expected {kind} values as the column was read in training; "
        f"mend it, or train with another kind (kinds={{{series.name!r}: 'categorical'}}, --categorical {series.name})"
    )


def _length(blocks: list[Block]) -> int:
    for part in ("numbers", "plain", "codes", "wide"):
        for block in blocks:
            values = getattr(block, part)
            if values is not None:
                return int(values.shape[0])
    return 0


def _side_by_side(parts: list[NDArray[np.float32] | None], n: int) -> NDArray[np.float32]:
    present = [p for p in parts if p is not None]
    return np.ascontiguousarray(np.concatenate(present, axis=1)) if present else np.zeros((n, 0), np.float32)
