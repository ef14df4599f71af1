"""The cross-entropy loss, forward and backward, beside torch's own, eager and compiled.

Ours: `kb.losses.cross_entropy(x, y)` and `.backward()`. Theirs: `torch.nn.functional.cross_entropy`, as it is and under
`torch.compile`. float32 at four shapes, bfloat16 at the first, forward only at all of them, with one thread and with
two. Values and gradients of all are checked against float64 torch on the first rows. `share` is the time that copying
the logits takes, measured between the turns, over ours: a forward and backward pass reads and writes what a copy does.

    python benchmarks/cross_entropy.py --repeats 7
"""

from __future__ import annotations

import argparse
import statistics
import sys

import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from paired import machine, paired, seconds

SHAPES = {
    "1024x50257": (1024, 50257),
    "256x128256": (256, 128256),
    "16384x1000": (16384, 1000),
    "262144x10": (262144, 10),
}
CHECKED = 64
"""Rows whose losses and gradients are compared with those in float64."""


def step(loss, x, y):
    """Give a function that goes forward and backward, the gradient made anew."""

    def run():
        x.grad = None
        value = loss(x, y)
        value.backward()
        return value

    return run


def check(loss, x, y):
    """Compare value and gradient with torch in float64, to the precision of the type."""
    x = x.detach()[:CHECKED].clone().requires_grad_()
    wide = x.detach().double().requires_grad_()
    value, expected = step(loss, x, y[:CHECKED])(), step(F.cross_entropy, wide, y[:CHECKED])()
    eps = torch.finfo(x.dtype).eps
    torch.testing.assert_close(value.double(), expected, rtol=8 * eps, atol=0)
    torch.testing.assert_close(x.grad.double(), wide.grad, rtol=64 * eps, atol=1e-8)


def forward(loss, x, y):
    """Give a function that goes forward only."""
    x = x.detach()
    return lambda: loss(x, y)


def line(shape, dtype, threads, repeats):
    """Measure one shape."""
    torch.manual_seed(0)
    x = torch.randn(*SHAPES[shape]).to(dtype).requires_grad_()
    y = torch.randint(SHAPES[shape][1], SHAPES[shape][:1])
    for loss in (kb.losses.cross_entropy, F.cross_entropy):
        check(loss, x, y)
    ours, eager, ratio = paired(step(kb.losses.cross_entropy, x, y), step(F.cross_entropy, x, y), repeats)
    target = torch.empty_like(x)
    copy = statistics.median(seconds(lambda: target.copy_(x.detach())) for _ in range(repeats))
    again = statistics.median(seconds(step(kb.losses.cross_entropy, x, y)) for _ in range(repeats))
    f_ours, f_eager, f_ratio = paired(forward(kb.losses.cross_entropy, x, y), forward(F.cross_entropy, x, y), repeats)
    compiled = ""
    if dtype == torch.float32:
        torch.compiler.reset()
        theirs = torch.compile(F.cross_entropy)
        check(theirs, x, y)
        _, c_theirs, c_ratio = paired(step(kb.losses.cross_entropy, x, y), step(theirs, x, y), repeats)
        compiled = f"; torch.compile {c_theirs * 1e3:.1f} ms, ours / theirs {c_ratio:.2f}"
    print(
        f"{shape} {str(dtype)[6:]} {threads} thread(s): ours {ours * 1e3:.1f} ms, eager {eager * 1e3:.1f} ms, "
        f"ours / theirs {ratio:.2f}{compiled}; forward only {f_ours * 1e3:.1f} and {f_eager * 1e3:.1f} ms, "
        f"{f_ratio:.2f}; copy {copy * 1e3:.1f} ms, share {copy / again:.2f}",
        flush=True,
    )


def main():
    """Print a line for each shape, type and number of threads."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    parser.add_argument("--threads", nargs="*", type=int, default=[2, 1])
    arguments = parser.parse_args()
    print(machine("kullback", "torch", "numba"), f"{arguments.repeats} repeats, medians")
    for threads in arguments.threads:
        torch.set_num_threads(threads)
        for shape in arguments.shapes:
            line(shape, torch.float32, threads, arguments.repeats)
        if "1024x50257" in arguments.shapes:
            line("1024x50257", torch.bfloat16, threads, arguments.repeats)


if __name__ == "__main__":
    sys.exit(main())
