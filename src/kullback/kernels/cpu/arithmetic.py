"""Exponentials, logarithms and maxima that LLVM vectorises, in float32 or float64 by the type of their argument.

Everything here is inlined into the loops that call it.

Source:
    S. L. Moshier's Cephes library for the float32 polynomials (their coefficients are minimax facts); for float64
    Taylor's and artanh's series on the reduced range; Sun's fdlibm (e_log.c) for the artanh of `log_p`. The polynomials
    of `exp2` were fitted by Remez's algorithm to the relative error on [−½, ½], 2.6e-9 and 1.8e-17, with 2⁰ = 1.
"""

# pyright: reportUnknownLambdaType=false, reportCallIssue=false
# numba types what it compiles by itself

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import overload  # pyright: ignore[reportMissingTypeStubs]  # numba ships none

from kullback.kernels.cpu.compiled import inlined
from kullback.kernels.cpu.intrinsics import (
    bits_of_double,
    bits_of_float,
    double_of_bits,
    float_of_bits,
    fma,
    fraction,
    nearest,
    whole,
)

_F = np.float32
_I = np.int32
INF = np.inf


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


@inlined
def _exp32(x: Any) -> Any:
    # written so that nan is kept: a comparison with nan is false
    z = _LEAST32 if x < _LEAST32 else x
    n = nearest(z * _LOG2E32)
    r = fma(-n, _LOW32, fma(-n, _HIGH32, z))
    y = ((((_E0 * r + _E1) * r + _E2) * r + _E3) * r + _E4) * r + _E5
    y = y * r * r + r + _ONE32
    e = y * float_of_bits((whole(n) + _I(127)) << _I(23))
    return _F(0.0) if x < _LEAST32 else e


_LOG2E, _HIGH, _LOW = 1.4426950408889634, 0.693147180369123816490, 1.90821492927058770002e-10
_MAGIC = 6755399441055744.0
_LEAST = -708.0
_T = tuple(1.0 / math.factorial(i) for i in range(14))


@inlined
def _exp64(x: Any) -> Any:
    z = _LEAST if x < _LEAST else x
    n = nearest(z * _LOG2E)
    r = fma(-n, _LOW, fma(-n, _HIGH, z))
    y = ((((((_T[13] * r + _T[12]) * r + _T[11]) * r + _T[10]) * r + _T[9]) * r + _T[8]) * r + _T[7]) * r + _T[6]
    y = (((((y * r + _T[5]) * r + _T[4]) * r + _T[3]) * r + _T[2]) * r + 1.0) * r + 1.0
    e = y * double_of_bits((bits_of_double(n + _MAGIC) + np.uint64(1023)) << np.uint64(52))
    return 0.0 if x < _LEAST else e


def exp2(x: Any) -> Any:
    """2^x for x ≤ 127 (float32) or 1023 (float64); 0 below −126.5 or −1022.5. Only for compiled code."""
    return 2.0**x


_P = tuple(
    _F(c)
    for c in (
        0.6931472149680279,
        0.24022652782887738,
        0.05550310551013797,
        0.009617692972993062,
        0.0013406643902351759,
        0.0001559467816132662,
    )
)
_LEAST_POWER32 = _F(-127.0)


@inlined
def _exp2_32(x: Any) -> Any:
    t = _LEAST_POWER32 if x < _LEAST_POWER32 else x  # 2^−127 is written as 0
    n = nearest(t)
    r = t - n
    y = (((((_P[5] * r + _P[4]) * r + _P[3]) * r + _P[2]) * r + _P[1]) * r + _P[0]) * r + _ONE32
    return y * float_of_bits((whole(n) + _I(127)) << _I(23))


_Q = (
    0.6931471805599457,
    0.24022650695910097,
    0.05550410866479039,
    0.009618129107607003,
    0.0013333558153439677,
    0.00015403530441571379,
    1.5252727385427634e-05,
    1.3215442675797239e-06,
    1.0180647576596453e-07,
    7.072570320758415e-09,
    4.078082536086186e-10,
)
_LEAST_POWER = -1023.0


@inlined
def _exp2_64(x: Any) -> Any:
    t = _LEAST_POWER if x < _LEAST_POWER else x
    n = nearest(t)
    r = t - n
    y = ((((_Q[10] * r + _Q[9]) * r + _Q[8]) * r + _Q[7]) * r + _Q[6]) * r + _Q[5]
    y = (((((y * r + _Q[4]) * r + _Q[3]) * r + _Q[2]) * r + _Q[1]) * r + _Q[0]) * r + 1.0
    return y * double_of_bits((bits_of_double(n + _MAGIC) + np.uint64(1023)) << np.uint64(52))


_ROOT_HALF32, _TINY32, _LIFT32 = _F(0.70710678118), _F(1.1754943508e-38), _F(8388608.0)
_L0, _L1, _L2 = _F(7.0376836292e-2), _F(-1.1514610310e-1), _F(1.1676998740e-1)
_L3, _L4, _L5 = _F(-1.2420140846e-1), _F(1.4249322787e-1), _F(-1.6668057665e-1)
_L6, _L7, _L8 = _F(2.0000714765e-1), _F(-2.4999993993e-1), _F(3.3333331174e-1)


@inlined
def _log32(x: Any) -> Any:
    small = x < _TINY32
    y = x * _LIFT32 if small else x
    bits = bits_of_float(y)
    e = fraction((bits >> _I(23)) - _I(126)) - (_F(23.0) if small else _F(0.0))
    m = float_of_bits((bits & _I(0x007FFFFF)) | _I(0x3F000000))
    low = m < _ROOT_HALF32
    e = e - _ONE32 if low else e
    f = (m + m - _ONE32) if low else (m - _ONE32)
    z = f * f
    p = (((((((_L0 * f + _L1) * f + _L2) * f + _L3) * f + _L4) * f + _L5) * f + _L6) * f + _L7) * f + _L8
    y = fma(e, _HIGH32, f + fma(e, _LOW32, f * z * p - _F(0.5) * z))
    y = y if x > _F(0.0) else (_F(-INF) if x == _F(0.0) else _F(np.nan))
    return x if x == _F(INF) else y


_ROOT_HALF, _TINY, _LIFT = 0.7071067811865476, 2.2250738585072014e-308, 4503599627370496.0


@inlined
def _log64(x: Any) -> Any:
    small = x < _TINY
    y = x * _LIFT if small else x
    bits = bits_of_double(y)
    # the exponent as a float64 without a conversion of 64-bit integers, which AVX2 lacks
    e = (
        double_of_bits(((bits >> np.uint64(52)) & np.uint64(0x7FF)) | np.uint64(0x4330000000000000))
        - 4503599627370496.0
    )
    e = e - 1022.0 - (52.0 if small else 0.0)
    m = double_of_bits((bits & np.uint64(0x000FFFFFFFFFFFFF)) | np.uint64(0x3FE0000000000000))
    low = m < _ROOT_HALF
    e = e - 1.0 if low else e
    f = (m + m - 1.0) if low else (m - 1.0)
    w = f / (2.0 + f)
    s = w * w
    p = 1 / 3 + s * (
        1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13 + s * (1 / 15 + s * (1 / 17 + s / 19))))))
    )
    y = fma(e, _HIGH, (w + w) + fma(e, _LOW, 2.0 * w * s * p))
    y = y if x > 0.0 else (-INF if x == 0.0 else np.nan)
    return x if x == INF else y


_ROOT_BITS32, _SHIFT32, _LN32 = _I(0x3F3504F3), _I(0x3F800000 - 0x3F3504F3), _F(math.log(2))


@inlined
def _log_p32(x: Any) -> Any:
    bits = _I(bits_of_float(x * _LIFT32) + _SHIFT32)  # numba adds in 64 bits
    e = fraction((bits >> _I(23)) - _I(127 + 23))
    f = float_of_bits((bits & _I(0x007FFFFF)) + _ROOT_BITS32) - _ONE32
    z = f * f
    even = (((_L0 * z + _L2) * z + _L4) * z + _L6) * z + _L8  # two chains: a processor takes them side by side
    odd = ((_L1 * z + _L3) * z + _L5) * z + _L7
    return e * _LN32 + (((odd * z - _F(0.5)) + f * even) * z + f)


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
    bits = bits_of_double(x * _LIFT) + _SHIFT
    e = double_of_bits((bits >> np.uint64(52)) | np.uint64(0x4330000000000000)) - (4503599627370496.0 + 1023.0 + 52.0)
    f = double_of_bits((bits & np.uint64(0x000FFFFFFFFFFFFF)) + _ROOT_BITS) - 1.0
    w = f / (2.0 + f)
    s = w * w
    r = s * (_G1 + s * (_G2 + s * (_G3 + s * (_G4 + s * (_G5 + s * (_G6 + s * _G7))))))
    return fma(e, _LN, w * (2.0 + r))


def nearest_power(p: Any, q: Any) -> Any:
    """(n, q/2ⁿ) with 2/3 ≤ q/(2ⁿ p) ≤ 3/2, n of the type of p; for normal numbers. Only for compiled code.

    The bits of a float are nearly its logarithm: their difference gives n, and taking n from q's gives q/2ⁿ.
    """
    n = round(math.log2(q / p))
    return n, q * 2.0**-n


_HALF32, _HALF, _SIGN = _I(1 << 22), np.uint64(1 << 51), np.uint64(1 << 63)


@inlined
def _nearest_power32(p: Any, q: Any) -> Any:
    x, y = bits_of_float(p), bits_of_float(q)
    n = _I(_I(y - x) + _HALF32) >> _I(23)
    return fraction(n), float_of_bits(_I(y - (n << _I(23))))


@inlined
def _nearest_power64(p: Any, q: Any) -> Any:
    y = bits_of_double(q)
    n = (y - bits_of_double(p) + _HALF + _SIGN) >> np.uint64(52)  # and 2048
    return (
        double_of_bits(n | np.uint64(0x4330000000000000)) - (4503599627370496.0 + 2048.0),
        double_of_bits(y - (n << np.uint64(52)) + _SIGN),
    )


@overload(nearest_power, jit_options={"forceinline": True}, strict=False)
def _nearest_power(p: Any, q: Any) -> Any:
    if p == q == types.float32:
        return lambda p, q: _nearest_power32(p, q)
    return (lambda p, q: _nearest_power64(p, q)) if p == q == types.float64 else None


def log_p(x: Any) -> Any:
    """Logarithm of a number above 0, below 2^100 (float64: 2^900); some finite number of 0. Only for compiled code."""
    return math.log(x)


@overload(log_p, jit_options={"forceinline": True}, strict=False)
def _log_p(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _log_p32(x)
    return (lambda x: _log_p64(x)) if x == types.float64 else None


@overload(exp2, jit_options={"forceinline": True}, strict=False)
def _exp2(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _exp2_32(x)
    return (lambda x: _exp2_64(x)) if x == types.float64 else None


@overload(exp, jit_options={"forceinline": True}, strict=False)
def _exp(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _exp32(x)
    return (lambda x: _exp64(x)) if x == types.float64 else None


@overload(log, jit_options={"forceinline": True}, strict=False)
def _log(x: Any) -> Any:
    if x == types.float32:
        return lambda x: _log32(x)
    return (lambda x: _log64(x)) if x == types.float64 else None
