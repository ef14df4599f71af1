"""Estimate: what came out, how sure it is, how it was done and in what unit."""

from __future__ import annotations

import dataclasses
from statistics import NormalDist
from typing import Any, Literal

from kullback.errors import InputError
from kullback.units import DIMENSIONLESS, per_nat

Relation = Literal["=", ">=", "<="]


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Estimate:
    """A measured quantity with its error, its direction, its method and its unit.

    Attributes:
        value: a float, or an array **(B…)** of the kind and on the device of what came in; torch keeps its graph.
        method: how the value was obtained, for example `"exact sum"` or `"sample mean"`.
        unit: `"nat"`, `"bit"`, `"ban"`, `"base b"`, or `"1"` for a pure number.
        std_error: the sampling error, same shape as `value`; 0 where nothing was sampled.
        error: the numerical error, same shape as `value`; 0 where the arithmetic is exact to rounding.
        relation: `"="`; `">="` if the true quantity is at least `value`, `"<="` if it is at most `value`, in
            expectation over samples.
        reliable: False where the error is known not to tell the whole truth; `notes` say why.
        notes: sentences for the reader.
        n: the number of independent observations behind the value, None where nothing was sampled.

    Example:
        >>> e = Estimate(0.5, method="sample mean", unit="bit", std_error=0.01, n=2500)
        >>> e
        0.500 ± 0.010 bit (sample mean, n = 2 500)
        >>> round(float(e.to("nat")), 4)
        0.3466
        >>> low, high = e.interval(0.95)
        >>> round(low, 4), round(high, 4)
        (0.4804, 0.5196)
    """

    value: Any
    method: str
    unit: str = "nat"
    std_error: Any = 0.0
    error: Any = 0.0
    relation: Relation = "="
    reliable: bool = True
    notes: tuple[str, ...] = ()
    n: int | None = None

    def __float__(self) -> float:
        """Give the value of a single quantity."""
        return _number_in(self.value)

    def to(self, unit: str) -> Estimate:
        """Express the same quantity in another unit of information.

        Args:
            unit: `"nat"`, `"bit"`, `"ban"` or `"base b"`.

        Returns:
            A new Estimate; value, std_error and error are rescaled.

        Raises:
            InputError: if either unit is not one of information.
        """
        if unit == self.unit and unit != DIMENSIONLESS:
            return self
        scale = per_nat(unit) / per_nat(self.unit)
        return dataclasses.replace(
            self, value=self.value * scale, std_error=self.std_error * scale, error=self.error * scale, unit=unit
        )

    def interval(self, level: float = 0.95) -> tuple[Any, Any]:
        """Give the central interval value ± (z · std_error + error).

        Args:
            level: the nominal coverage, between 0 and 1.

        Returns:
            The lower and the upper end, shaped like `value`, in this unit.

        Raises:
            InputError: if the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise InputError(f"level is {level}, expected between 0 and 1; use interval(0.95)")
        half = NormalDist().inv_cdf((1 + level) / 2) * self.std_error + self.error
        return self.value - half, self.value + half

    def to_dict(self) -> dict[str, Any]:
        """Give value, std_error, error, unit, relation, method, reliable, notes and n as plain JSON types.

        Returns:
            A dict; arrays become nested lists, an infinite number the text `"inf"`, since JSON has no infinity.
        """
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return (
            fields
            | {name: _plain(fields[name]) for name in ("value", "std_error", "error")}
            | {"notes": list(self.notes)}
        )

    def __repr__(self) -> str:
        """Print as `0.500 ± 0.010 bit (sample mean, n = 2 500)`."""
        unit = "" if self.unit == DIMENSIONLESS else f" {self.unit}"
        sign = {"=": "", ">=": "≥ ", "<=": "≤ "}[self.relation]
        count = "" if self.n is None else ", n = " + f"{self.n:,}".replace(",", " ")
        doubt = "" if self.reliable else ", not reliable"
        return f"{sign}{self._number()}{unit} ({self.method}{self._numerical()}{count}{doubt})"

    def _number(self) -> str:
        if getattr(self.value, "ndim", 0):
            return f"{self.value!r} ± {self.std_error!r}" if _is_positive(self.std_error) else repr(self.value)
        if not _is_positive(self.std_error):
            return f"{float(self):.6g}"
        spread = _number_in(self.std_error)
        digits = decimals(spread)
        return f"{float(self):.{digits}f} ± {spread:.{digits}f}"

    def _numerical(self) -> str:
        """The numerical error of a single value, to one digit."""
        if getattr(self.error, "ndim", 0) or not _is_positive(self.error):
            return ""
        return f", error {_number_in(self.error):.0e}".replace("e-0", "e-").replace("e+0", "e+")


def _is_positive(x: Any) -> bool:
    """Whether an error, or any of a batch of them, is above 0."""
    return bool((x > 0).any()) if getattr(x, "ndim", 0) else _number_in(x) > 0


def _number_in(x: Any) -> float:
    """Take the number out of a Python, NumPy or torch scalar; a tensor's graph stays behind without a warning."""
    return float(x) if isinstance(x, int | float) else float(x.item())


def decimals(spread: float) -> int:
    """Choose the decimals that show two significant digits of an error, between 0 and 12."""
    if not 0 < spread < float("inf"):
        return 4
    exponent = int(f"{spread:e}".partition("e")[2])
    return min(max(1 - exponent, 0), 12)


def _plain(x: Any) -> Any:
    """Turn a number or an array into what JSON holds."""
    listed = x.tolist() if getattr(x, "ndim", None) is not None else x
    if isinstance(listed, list):
        return [_plain(item) for item in listed]  # pyright: ignore[reportUnknownVariableType]
    number = float(listed)
    return number if abs(number) < float("inf") else str(number)
