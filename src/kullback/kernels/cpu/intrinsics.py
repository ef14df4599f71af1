"""Instructions of LLVM that numba has no name for. None of them is subject to regrouping."""

# pyright: reportUnknownLambdaType=false
# numba types what it compiles by itself

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir  # pyright: ignore[reportMissingTypeStubs]  # llvmlite ships none
from numba import types  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import intrinsic  # pyright: ignore[reportMissingTypeStubs]  # numba ships none


def _cast(source: Any, target: Any, kind: Callable[..., Any]) -> Any:
    def typed(_: Any, x: Any) -> Any:
        def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
            return kind(builder, args[0])

        return target(source), code

    return intrinsic(typed)


FLOAT, DOUBLE, INT, LONG = ir.FloatType(), ir.DoubleType(), ir.IntType(32), ir.IntType(64)
float_of_bits = _cast(types.int32, types.float32, lambda b, x: b.bitcast(x, FLOAT))
bits_of_float = _cast(types.float32, types.int32, lambda b, x: b.bitcast(x, INT))
double_of_bits = _cast(types.uint64, types.float64, lambda b, x: b.bitcast(x, DOUBLE))
bits_of_double = _cast(types.float64, types.uint64, lambda b, x: b.bitcast(x, LONG))
whole = _cast(types.float32, types.int32, lambda b, x: b.fptosi(x, INT))
fraction = _cast(types.int32, types.float32, lambda b, x: b.sitofp(x, FLOAT))


@intrinsic
def nearest(_: Any, x: Any) -> Any:
    """Round to the nearest whole number, in the same type."""

    def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
        kind = args[0].type
        return builder.call(builder.module.declare_intrinsic("llvm.rint", [kind]), [args[0]])

    return x(x), code


@intrinsic
def fma(_: Any, x: Any, y: Any, z: Any) -> Any:
    """x·y + z rounded once; unlike a written sum it cannot be regrouped, which would undo a range reduction."""

    def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
        return builder.fma(*args)

    return x(x, y, z), code


@intrinsic
def larger(_: Any, a: Any, b: Any) -> Any:
    """The larger of two, nan if one is: LLVM's own, the one form of a maximum that becomes a vector's."""

    def code(_: Any, builder: Any, __: Any, args: Any) -> Any:
        kind = args[0].type
        function = builder.module.declare_intrinsic("llvm.maximum", [kind], fnty=ir.FunctionType(kind, [kind, kind]))
        return builder.call(function, args)

    return a(a, b), code
