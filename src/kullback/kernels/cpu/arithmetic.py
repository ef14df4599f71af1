"""Exponential and logarithm that LLVM vectorises, and numbers of sixteen bits read and written as they lie in memory.

Everything here is inlined into the loops that call it. A loop computes in float32 for numbers of up to 32 bits, in
float64 for float64; `load` and `like` choose by the type of the array, where bfloat16 comes as int16 and float16 as
uint16, the bits alone. numba knows neither.

Source:
    S. L. Moshier's Cephes library for the float32 polynomials (their coefficients are minimax facts); for float64
    Taylor's and artanh's series on the reduced range; Sun's fdlibm (e_log.c) for the artanh of `log_p`.
"""

# pyright: reportUnknownLambdaType=false, reportCallIssue=false
# numba types what it compiles by itself

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir  # pyright: ignore[reportMissingTypeStubs]  # llvmlite ships none
from numba import njit, types  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import intrinsic, overload  # pyright: ignore[reportMissingTypeStubs]  # numba ships none

from kullback.kernels.cpu.compiled import inlined

_F = np.float32
_I = np.int32
INF = np.inf


def _cast(source: Any, target: Any, kind: Callable[..., Any]) -> Any:
    def typed(_: Any, x: Any) -> Any:
        def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
            return kind(builder, args[0])

        return target(source), code

    return intrinsic(typed)


_FLOAT, _DOUBLE, _INT, _LONG = ir.FloatType(), ir.DoubleType(), ir.IntType(32), ir.IntType(64)
_float_of_bits = _cast(types.int32, types.float32, lambda b, x: b.bitcast(x, _FLOAT))
_bits_of_float = _cast(types.float32, types.int32, lambda b, x: b.bitcast(x, _INT))
_double_of_bits = _cast(types.uint64, types.float64, lambda b, x: b.bitcast(x, _DOUBLE))
_bits_of_double = _cast(types.float64, types.uint64, lambda b, x: b.bitcast(x, _LONG))
_whole = _cast(types.float32, types.int32, lambda b, x: b.fptosi(x, _INT))
_fraction = _cast(types.int32, types.float32, lambda b, x: b.sitofp(x, _FLOAT))


@intrinsic
def _nearest(_: Any, x: Any) -> Any:
    """Round to the nearest whole number, in the same type."""

    def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
        kind = args[0].type
        return builder.call(builder.module.declare_intrinsic("llvm.rint", [kind]), [args[0]])

    return x(x), code


@intrinsic
def _fma(_: Any, x: Any, y: Any, z: Any) -> Any:
    """x·y + z rounded once; unlike a written sum it cannot be regrouped, which would undo a range reduction."""

    def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.fma(*args)

    return x(x, y, z), code


def exp(x: Any) -> Any:
    """e^x for x ≤ 88 (float32) or 700 (float64); 0 below −87 or −708. Only for compiled code."""
    return math.exp(x)


def log(x: Any) -> Any:
    """Logarithm of a positive number, subnormal ones included; −inf of 0, nan of nan. Only for compiled code."""
    return math.log(x)


_LOG2E32, _HIGH32, _LOW32 = _F(1.4426950408889634), _F(0.693359375), _F(-2.12194440e-4)
_LEAST32, _ONE32 = _F(-87.0), _F(1.0)
_E0, _E1, _E2 = _F(1.9875691500e-4), _F(1.3981999507e-3), _F(8.3334519073e-3)
_E3, _E4, _E5 = _F(4.1665795894e-2), _F(1.6666665459e-1), _F(5.0000001201e-1)


@njit(inline="always")
def _exp32(x: Any) -> Any:
    # written so that nan is kept: a comparison with nan is false
    z = _LEAST32 if x < _LEAST32 else x
    n = _nearest(z * _LOG2E32)
    r = _fma(-n, _LOW32, _fma(-n, _HIGH32, z))
    y = ((((_E0 * r + _E1) * r + _E2) * r + _E3) * r + _E4) * r + _E5
    y = y * r * r + r + _ONE32
    e = y * _float_of_bits((_whole(n) + _I(127)) << _I(23))
    return _F(0.0) if x < _LEAST32 else e


_LOG2E, _HIGH, _LOW = 1.4426950408889634, 0.693147180369123816490, 1.90821492927058770002e-10
_MAGIC = 6755399441055744.0
_LEAST = -708.0
_T = tuple(1.0 / math.factorial(i) for i in range(14))


@njit(inline="always")
def _exp64(x: Any) -> Any:
    z = _LEAST if x < _LEAST else x
    n = _nearest(z * _LOG2E)
    r = _fma(-n, _LOW, _fma(-n, _HIGH, z))
    y = ((((((_T[13] * r + _T[12]) * r + _T[11]) * r + _T[10]) * r + _T[9]) * r + _T[8]) * r + _T[7]) * r + _T[6]
    y = (((((y * r + _T[5]) * r + _T[4]) * r + _T[3]) * r + _T[2]) * r + 1.0) * r + 1.0
    e = y * _double_of_bits((_bits_of_double(n + _MAGIC) + np.uint64(1023)) << np.uint64(52))
    return 0.0 if x < _LEAST else e


_ROOT_HALF32, _TINY32, _LIFT32 = _F(0.70710678118), _F(1.1754943508e-38), _F(8388608.0)
_L0, _L1, _L2 = _F(7.0376836292e-2), _F(-1.1514610310e-1), _F(1.1676998740e-1)
_L3, _L4, _L5 = _F(-1.2420140846e-1), _F(1.4249322787e-1), _F(-1.6668057665e-1)
_L6, _L7, _L8 = _F(2.0000714765e-1), _F(-2.4999993993e-1), _F(3.3333331174e-1)


@njit(inline="always")
def _log32(x: Any) -> Any:
    small = x < _TINY32
    y = x * _LIFT32 if small else x
    bits = _bits_of_float(y)
    e = _fraction((bits >> _I(23)) - _I(126)) - (_F(23.0) if small else _F(0.0))
    m = _float_of_bits((bits & _I(0x007FFFFF)) | _I(0x3F000000))
    low = m < _ROOT_HALF32
    e = e - _ONE32 if low else e
    f = (m + m - _ONE32) if low else (m - _ONE32)
    z = f * f
    p = (((((((_L0 * f + _L1) * f + _L2) * f + _L3) * f + _L4) * f + _L5) * f + _L6) * f + _L7) * f + _L8
    y = _fma(e, _HIGH32, f + _fma(e, _LOW32, f * z * p - _F(0.5) * z))
    y = y if x > _F(0.0) else (_F(-INF) if x == _F(0.0) else _F(np.nan))
    return x if x == _F(INF) else y


_ROOT_HALF, _TINY, _LIFT = 0.7071067811865476, 2.2250738585072014e-308, 4503599627370496.0


@njit(inline="always")
def _log64(x: Any) -> Any:
    small = x < _TINY
    y = x * _LIFT if small else x
    bits = _bits_of_double(y)
    # the exponent as a float64 without a conversion of 64-bit integers, which AVX2 lacks
    e = (
        _double_of_bits(((bits >> np.uint64(52)) & np.uint64(0x7FF)) | np.uint64(0x4330000000000000))
        - 4503599627370496.0
    )
    e = e - 1022.0 - (52.0 if small else 0.0)
    m = _double_of_bits((bits & np.uint64(0x000FFFFFFFFFFFFF)) | np.uint64(0x3FE0000000000000))
    low = m < _ROOT_HALF
    e = e - 1.0 if low else e
    f = (m + m - 1.0) if low else (m - 1.0)
    w = f / (2.0 + f)
    s = w * w
    p = 1 / 3 + s * (
        1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13 + s * (1 / 15 + s * (1 / 17 + s / 19))))))
    )
    y = _fma(e, _HIGH, (w + w) + _fma(e, _LOW, 2.0 * w * s * p))
    y = y if x > 0.0 else (-INF if x == 0.0 else np.nan)
    return x if x == INF else y


_ROOT_BITS32, _SHIFT32, _LN32 = _I(0x3F3504F3), _I(0x3F800000 - 0x3F3504F3), _F(math.log(2))


@inlined
def _log_p32(x: Any) -> Any:
    bits = _I(_bits_of_float(x * _LIFT32) + _SHIFT32)  # numba adds in 64 bits
    e = _fraction((bits >> _I(23)) - _I(127 + 23))
    f = _float_of_bits((bits & _I(0x007FFFFF)) + _ROOT_BITS32) - _ONE32
    z = f * f
    p = (((((((_L0 * f + _L1) * f + _L2) * f + _L3) * f + _L4) * f + _L5) * f + _L6) * f + _L7) * f + _L8
    return _fma(e, _LN32, f + (f * z * p - _F(0.5) * z))


_ROOT_BITS, _SHIFT = np.uint64(0x3FE6A09E667F3BCD), np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
_G1, _G2, _G3, _G4 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
)
_G5, _G6, _G7 = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01
_LN = math.log(2)


@inlined
def _log_p64(x: Any) -> Any:
    bits = _bits_of_double(x * _LIFT) + _SHIFT
    e = _double_of_bits((bits >> np.uint64(52)) | np.uint64(0x4330000000000000)) - (4503599627370496.0 + 1023.0 + 52.0)
    f = _double_of_bits((bits & np.uint64(0x000FFFFFFFFFFFFF)) + _ROOT_BITS) - 1.0
    w = f / (2.0 + f)
    s = w * w
    r = s * (_G1 + s * (_G2 + s * (_G3 + s * (_G4 + s * (_G5 + s * (_G6 + s * _G7))))))
    return _fma(e, _LN, w * (2.0 + r))


def log_p(x: Any) -> Any:
    """Logarithm of a number above 0, below 2^100 (float64: 2^900); some finite number of 0. Only for compiled code."""
    return math.log(x)


@overload(log_p, jit_options={"forceinline": True}, strict=False)
def _log_p(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _log_p32(x)
    return (lambda x: _log_p64(x)) if x == types.float64 else None


@overload(exp, inline="always", strict=False)
def _exp(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _exp32(x)
    return (lambda x: _exp64(x)) if x == types.float64 else None


@overload(log, inline="always", strict=False)
def _log(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _log32(x)
    return (lambda x: _log64(x)) if x == types.float64 else None


@inlined
def _of_bfloat16(x: Any) -> Any:
    return _float_of_bits(_I(x) << _I(16))


@inlined
def _of_float16(x: Any) -> Any:
    h = _I(x)
    f = _float_of_bits((h & _I(0x7FFF)) << _I(13)) * _F(2.0**112)  # moves the exponent's bias; right for subnormal ones
    bits = _bits_of_float(f) | ((h & _I(0x8000)) << _I(16))
    return _float_of_bits(bits | _I(0x7F800000) if (h & _I(0x7C00)) == _I(0x7C00) else bits)


@inlined
def _to_bfloat16(x: Any) -> Any:
    bits = _bits_of_float(x)
    rounded = (bits + _I(0x7FFF) + ((bits >> _I(16)) & _I(1))) >> _I(16)  # to nearest, ties to even
    return np.int16(_I(0x7FC0) if x != x else rounded)  # noqa: PLR0124 (nan alone differs from itself)


@inlined
def _to_float16(x: Any) -> Any:
    bits = _bits_of_float(x)
    a = bits & _I(0x7FFFFFFF)
    subnormal = _bits_of_float(_float_of_bits(a) + _F(0.5)) - _I(0x3F000000)
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


@overload(load, inline="always", strict=False)
def _load(x: Any) -> Any:
    if x == types.int16:
        return lambda x: _of_bfloat16(x)
    if x == types.uint16:
        return lambda x: _of_float16(x)
    return (lambda x: x) if x in (types.float32, types.float64) else None


@overload(like, inline="always", strict=False)
def _like(x: Any, value: Any) -> Any:
    del value
    if x == types.int16:
        return lambda x, value: _to_bfloat16(_F(value))
    if x == types.uint16:
        return lambda x, value: _to_float16(_F(value))
    if x == types.float32:
        return lambda x, value: _F(value)
    return (lambda x, value: value) if x == types.float64 else None
