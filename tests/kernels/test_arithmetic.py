"""What compiled loops compute with, against longdouble and torch: exp, log, numbers of sixteen bits."""

import numpy as np
import pytest
import torch

pytest.importorskip("numba")

from kullback.kernels.cpu import arithmetic, elements
from kullback.kernels.cpu.compiled import kernel

RNG = np.random.default_rng(0)
ALL_BITS = np.arange(65536, dtype=np.uint16)
HALVES = pytest.mark.parametrize(
    ("bits", "kind"), [(np.int16, torch.bfloat16), (np.uint16, torch.float16)], ids=["bfloat16", "float16"]
)
FLOATS = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@kernel
def _exp(x, y):
    for i in range(len(x)):
        y[i] = arithmetic.exp(x[i])


@kernel
def _log(x, y):
    for i in range(len(x)):
        y[i] = arithmetic.log(x[i])


@kernel
def _log_p(x, y):
    for i in range(len(x)):
        y[i] = arithmetic.log_p(x[i])


@kernel
def _load(x, y):
    for i in range(len(x)):
        y[i] = elements.load(x[i])


@kernel
def _like(x, y):
    for i in range(len(x)):
        y[i] = elements.like(y[i], x[i])


def mapped(loop, x, dtype=None):
    y = np.zeros(len(x), dtype=dtype or x.dtype)
    loop(x, y)
    return y


def positive(dtype):
    """Numbers of every size, subnormal ones included, many near 1."""
    info = np.finfo(dtype)
    sizes = np.exp2(RNG.uniform(info.minexp - info.nmant, 100, 20000))
    near = 1 + RNG.uniform(-0.5, 0.5, 5000) * np.exp2(-RNG.uniform(0, info.nmant, 5000))
    ends = [info.smallest_subnormal, info.tiny, 1.0, 2.0**0.5, 0.5**0.5]
    return np.concatenate([sizes, near, ends]).astype(dtype)


@FLOATS
def test_exp_agrees_with_longdouble(dtype):
    least, most = (-87.0, 88.0) if dtype == np.float32 else (-708.0, 700.0)
    x = np.concatenate([RNG.uniform(least, most, 20000), RNG.normal(size=5000) * 1e-3, [0.0, least, most]]).astype(
        dtype
    )
    expected = np.exp(x.astype(np.longdouble))
    assert np.max(np.abs(mapped(_exp, x) / expected - 1)) < 1.5 * np.finfo(dtype).eps


@FLOATS
def test_exp_of_what_underflows_is_0_and_of_nan_is_nan(dtype):
    y = mapped(_exp, np.array([-np.inf, -1e4, np.nan], dtype=dtype))
    assert y[0] == y[1] == 0
    assert np.isnan(y[2])


@FLOATS
@pytest.mark.parametrize("loop", [_log, _log_p], ids=["log", "log_p"])
def test_log_agrees_with_longdouble(loop, dtype):
    x = positive(dtype)
    expected = np.log(x.astype(np.longdouble))
    one = x == 1
    y = mapped(loop, x)
    assert np.all(y[one] == 0)
    assert np.max(np.abs(y[~one] / expected[~one] - 1)) < 2 * np.finfo(dtype).eps


@FLOATS
def test_log_at_the_ends(dtype):
    y = mapped(_log, np.array([0.0, np.inf, np.nan, -1.0], dtype=dtype))
    np.testing.assert_array_equal(y, [-np.inf, np.inf, np.nan, np.nan])
    assert np.isfinite(mapped(_log_p, np.zeros(1, dtype=dtype))[0])


@HALVES
def test_every_number_of_sixteen_bits_is_read_as_torch_reads_it(bits, kind):
    expected = torch.from_numpy(ALL_BITS.view(np.int16).copy()).view(kind).float().numpy()
    y = mapped(_load, ALL_BITS.view(bits), np.float32)
    numbers = ~np.isnan(expected)
    np.testing.assert_array_equal(y[numbers].view(np.int32), expected[numbers].view(np.int32))
    assert np.isnan(y[~numbers]).all()


@HALVES
def test_numbers_are_rounded_to_sixteen_bits_as_torch_rounds_them(bits, kind):
    every = torch.from_numpy(ALL_BITS.view(np.int16).copy()).view(kind).float().numpy()
    finite = np.sort(every[np.isfinite(every)]).astype(np.float64)
    ties = (0.5 * (finite[1:] + finite[:-1])).astype(np.float32)
    beside = np.concatenate([np.nextafter(ties, np.float32(s)) for s in (-np.inf, np.inf)])
    random = RNG.integers(0, 2**32, 100000, dtype=np.uint32).view(np.float32)
    x = np.concatenate([every, ties, beside, random])
    expected = torch.from_numpy(x).to(kind).view(torch.int16).numpy()
    y = mapped(_like, x, bits).view(np.int16)
    numbers = ~np.isnan(x)
    np.testing.assert_array_equal(y[numbers], expected[numbers])
    back = mapped(_load, y[~numbers].view(bits), np.float32)
    assert np.isnan(back).all()
