"""How loops and their parts are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import register_jitable  # pyright: ignore[reportMissingTypeStubs]  # numba ships none

Compiler = Callable[[Callable[..., Any]], Callable[..., Any]]

FASTMATH = {"reassoc", "contract", "arcp", "nsz"}
"""Sums may be regrouped; infinities and nan stay what they are."""

kernel = njit(nogil=True, cache=True, fastmath=FASTMATH, error_model="numpy")
"""A loop: without the interpreter's lock, kept on disk, x/0 an infinity instead of a branch."""

_PART: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "fastmath": FASTMATH, "error_model": "numpy"}
_INLINED: Any = _PART | {"forceinline": True}

helper: Compiler = njit(**_PART)
"""A part of a loop. A way in for Python would be compiled as well; what is kept on disk is the loop."""

inlined: Compiler = njit(**_INLINED)
"""A formula for one element: put into the loop by LLVM, which is sooner done than by numba, whose way warns as well."""

term = register_jitable(forceinline=True, fastmath=FASTMATH, error_model="numpy")
"""A formula that a loop hands to a helper: a loop that handed on a compiled function could not be kept on disk."""
