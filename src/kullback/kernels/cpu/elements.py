"""Elements of arrays as numbers, and numbers as elements: half precision is read and written as it lies in memory.

A loop computes in float32 for numbers of up to 32 bits, in float64 for float64. `load` and `like` choose by the type of
the array, where bfloat16 comes as int16 and float16 as uint16, the bits alone: numba knows neither.
"""

# pyright: reportUnknownLambdaType=false, reportCallIssue=false
# numba types what it compiles by itself

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import overload  # pyright: ignore[reportMissingTypeStubs]  # numba ships none

from kullback.kernels.cpu.compiled import inlined
from kullback.kernels.cpu.intrinsics import bits_of_double, bits_of_float, float_of_bits

_F = np.float32
_I = np.int32


@inlined
def _of_bfloat16(x: Any) -> Any:
    return float_of_bits(_I(x) << _I(16))


@inlined
def _of_float16(x: Any) -> Any:
    h = _I(x)
    f = float_of_bits((h & _I(0x7FFF)) << _I(13)) * _F(2.0**112)  # moves the exponent's bias; right for subnormal ones
    bits = bits_of_float(f) | ((h & _I(0x8000)) << _I(16))
    return float_of_bits(bits | _I(0x7F800000) if (h & _I(0x7C00)) == _I(0x7C00) else bits)


@inlined
def _to_bfloat16(x: Any) -> Any:
    bits = bits_of_float(x)
    rounded = (bits + _I(0x7FFF) + ((bits >> _I(16)) & _I(1))) >> _I(16)  # to nearest, ties to even
    return np.int16(_I(0x7FC0) if x != x else rounded)  # noqa: PLR0124 (nan alone differs from itself)


@inlined
def _to_float16(x: Any) -> Any:
    bits = bits_of_float(x)
    a = bits & _I(0x7FFFFFFF)
    subnormal = bits_of_float(float_of_bits(a) + _F(0.5)) - _I(0x3F000000)
    normal = (a - _I(0x38000000) + _I(0xFFF) + ((a >> _I(13)) & _I(1))) >> _I(13)
    h = subnormal if a < _I(0x38800000) else normal
    h = _I(0x7C00) if a >= _I(0x477FF000) else h
    h = _I(0x7E00) if a > _I(0x7F800000) else h
    return np.uint16(h | ((bits >> _I(16)) & _I(0x8000)))


def load(x: Any) -> Any:
    """The number that an element of an array stands for, float32 or float64. Only for compiled code."""
    return x


def like(x: Any, value: Any) -> Any:
    """The element that stands for a number in arrays of the type of x. Only for compiled code."""
    del x
    return value


def bits(x: Any) -> Any:
    """The bits of an element as a whole number, below 0 where its sign is. Only for compiled code."""
    return x


@overload(bits, jit_options={"forceinline": True}, strict=False)
def _bits(x: Any) -> Any:
    if x in (types.int16, types.uint16):
        return lambda x: np.int16(x)
    if x == types.float32:
        return lambda x: bits_of_float(x)
    return (lambda x: np.int64(bits_of_double(x))) if x == types.float64 else None


@overload(load, jit_options={"forceinline": True}, strict=False)
def _load(x: Any) -> Any:
    if x == types.int16:
        return lambda x: _of_bfloat16(x)
    if x == types.uint16:
        return lambda x: _of_float16(x)
    return (lambda x: x) if x in (types.float32, types.float64) else None


@overload(like, jit_options={"forceinline": True}, strict=False)
def _like(x: Any, value: Any) -> Any:
    del value
    if x == types.int16:
        return lambda x, value: _to_bfloat16(_F(value))
    if x == types.uint16:
        return lambda x, value: _to_float16(_F(value))
    if x == types.float32:
        return lambda x, value: _F(value)
    return (lambda x, value: value) if x == types.float64 else None
