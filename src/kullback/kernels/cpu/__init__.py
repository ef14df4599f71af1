"""Loops that numba compiles, in one or two passes over a row, in several threads; loaded when they are first needed.

File and function names are those of `kernels/reference`, the specification. Arrays come as **(N, K)**, C-contiguous,
of float32 or float64, or as the bits of bfloat16 (int16) and float16 (uint16). Sums are kept in float64.
"""
