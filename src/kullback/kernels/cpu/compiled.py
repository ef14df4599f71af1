"""How loops and their parts are compiled."""

from __future__ import annotations

from numba import njit  # pyright: ignore[reportMissingTypeStubs]  # numba ships none
from numba.extending import register_jitable  # pyright: ignore[reportMissingTypeStubs]  # numba ships none

FASTMATH = {"reassoc", "contract", "arcp", "nsz"}
"""Sums may be regrouped; infinities and nan stay what they are."""

kernel = njit(nogil=True, cache=True, fastmath=FASTMATH, error_model="numpy")
"""A loop: without the interpreter's lock, kept on disk, x/0 an infinity instead of a branch."""

_WITHIN = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # without these it takes half as long again

helper = njit(fastmath=FASTMATH, error_model="numpy", **_WITHIN)
"""A part of a loop, which only compiled code can call; what is kept on disk is the loop."""

inlined = njit(forceinline=True, fastmath=FASTMATH, error_model="numpy", **_WITHIN)
"""A formula for one element: put into the loop by LLVM, which is sooner done than by numba, whose way warns as well."""

term = register_jitable(forceinline=True, fastmath=FASTMATH, error_model="numpy")
"""A formula that a loop hands to a helper: a loop that handed on a compiled function could not be kept on disk."""
