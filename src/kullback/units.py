"""Units of information: the only place where a logarithm's base appears.

Everything inside kullback is in nats; a unit is applied once, where a number leaves.
"""

from __future__ import annotations

import math

from kullback.errors import InputError

PER_NAT: dict[str, float] = {"nat": 1.0, "bit": 1 / math.log(2), "ban": 1 / math.log(10)}
"""How many of each unit make one nat."""

DIMENSIONLESS = "1"
"""The unit of a pure number, such as a perplexity or a Brier score."""

_NAMED_BASES: dict[float, str] = {math.e: "nat", 2.0: "bit", 10.0: "ban"}


def unit_of(base: float | None) -> str:
    """Name the unit that goes with the base of a logarithm.

    Args:
        base: the base; None or e gives nats, 2 bits, 10 bans, any other base above one its own unit.

    Returns:
        The unit's name, `"nat"`, `"bit"`, `"ban"` or `"base b"`.

    Raises:
        InputError: if the base is not a finite number above one.

    Example:
        >>> unit_of(2), unit_of(None), unit_of(3)
        ('bit', 'nat', 'base 3.0')
    """
    if base is None:
        return "nat"
    if not isinstance(base, int | float):  # pyright: ignore[reportUnnecessaryIsInstance]  # users pass names of units
        raise InputError(f"base is {base!r}, expected a number; use base=2 for bits, base=None for nats")
    base = float(base)
    if not (math.isfinite(base) and base > 1):
        raise InputError(f"base is {base:g}, expected a finite number above 1; use base=2 for bits")
    return _NAMED_BASES.get(base, f"base {base!r}")


def per_nat(unit: str) -> float:
    """Give the number of units in one nat, 1 / ln b.

    Args:
        unit: `"nat"`, `"bit"`, `"ban"` or `"base b"`.

    Returns:
        The factor that turns nats into the unit.

    Raises:
        InputError: if the unit is not known, or a pure number.

    Example:
        >>> round(per_nat("bit"), 4)
        1.4427
    """
    if unit in PER_NAT:
        return PER_NAT[unit]
    if unit == DIMENSIONLESS:
        raise InputError("unit is '1', a pure number, expected a unit of information; use .value as it is")
    if unit.startswith("base "):
        return 1 / math.log(float(unit.removeprefix("base ")))
    raise InputError(f"unit is {unit!r}, expected one of {', '.join(PER_NAT)}; use .to('bit')")
