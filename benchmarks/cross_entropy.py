"""The cross-entropy loss, forward and backward, beside torch's own, eager and compiled.

Ours: `kb.losses.cross_entropy(x, y)` and `.backward()`. Theirs: `torch.nn.functional.cross_entropy`, as it is and under
`torch.compile`. float32 at four shapes, bfloat16 at the first, forward only at all of them, with one thread and with
two. Values and gradients of all are checked against float64 torch on the first rows. The last lines of a shape are the
share of a copy: a forward and backward pass reads the logits and writes as many numbers, as a copy of them does. Once
into fresh memory, whose pages the system has to provide (the loss as it is called, beside `x.clone()`), once into
memory touched before (the loop under the loss with a place for its gradient, beside `target.copy_(x)`).

    python benchmarks/cross_entropy.py --repeats 7
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.losses.operators.arrays import array_of, tensor_of
from paired import Claim, Table, parser, raced

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


def forward(loss, x, y):
    """Give a function that goes forward only."""
    x = x.detach()
    return lambda: loss(x, y)


def into_touched(x, y):
    """Give the loop under the loss as a function that writes its gradient into memory touched before."""
    from kullback.kernels.cpu.softmax_cross_entropy import softmax_cross_entropy

    N, K = x.shape
    bits = array_of(x)
    out, none = np.zeros_like(bits), np.empty(0)
    real = np.float64 if x.dtype == torch.float64 else np.float32
    target = (y[:, None].numpy(), np.empty((N, 0)), none.astype(real), none, np.empty((0, K), real))

    def run():
        loss, _ = softmax_cross_entropy(bits, *target, unit=np.full(1, 1 / N), out=out)
        return torch.tensor(loss.mean()), tensor_of(out, x.dtype)

    return run


def check(x, value, gradient, y):
    """Compare value and gradient with torch in float64, to the precision of the type."""
    wide = x.detach().double().requires_grad_()
    expected = step(F.cross_entropy, wide, y)()
    eps = torch.finfo(x.dtype).eps
    torch.testing.assert_close(value.double(), expected.detach(), rtol=8 * eps, atol=0)
    torch.testing.assert_close(gradient.double(), wide.grad, rtol=64 * eps, atol=1e-8)


def check_all(losses, x, y):
    """Compare all ways on the first rows."""
    x, y = x.detach()[:CHECKED].clone().requires_grad_(), y[:CHECKED]
    for loss in losses:
        value = step(loss, x, y)()
        check(x, value.detach(), x.grad, y)
    check(x, *into_touched(x, y)(), y)


def measure(table, shape, dtype, threads, repeats):
    """Measure one shape."""
    torch.manual_seed(0)
    x = torch.randn(*SHAPES[shape]).to(dtype).requires_grad_()
    y = torch.randint(SHAPES[shape][1], SHAPES[shape][:1])
    ours, eager = kb.losses.cross_entropy, F.cross_entropy
    share = 0.6 if x.shape[1] > 50_000 else None
    check_all((ours, eager), x, y)
    pairs = [
        ("forward and backward, eager", step(ours, x, y), step(eager, x, y), 8 if dtype == torch.bfloat16 else 12),
        ("forward, eager", forward(ours, x, y), forward(eager, x, y), 8),
    ]
    if dtype == torch.float32:
        torch.compiler.reset()
        compiled = torch.compile(F.cross_entropy)
        check_all((compiled,), x, y)
        pairs.append(("forward and backward, torch.compile", step(ours, x, y), step(compiled, x, y), 5))
    pairs.append(("forward and backward, a copy, fresh memory", step(ours, x, y), lambda: x.detach().clone(), share))
    target = torch.zeros_like(x)
    copy = lambda: target.copy_(x.detach())  # noqa: E731 (short)
    pairs.append(("the loop alone, a copy, memory touched before", into_touched(x, y), copy, share))
    for what, mine, theirs, wanted in pairs:
        kind = str(dtype).removeprefix("torch.")
        found = raced(mine, theirs, repeats)
        table.add(Claim(what, str(tuple(x.shape)), kind, threads, **found, wanted=wanted if threads > 1 else None))


def main():
    """Measure each shape, type and number of threads."""
    options = parser(__doc__, 7)
    options.add_argument("--shapes", nargs="*", default=list(SHAPES), choices=list(SHAPES))
    options.add_argument("--threads", nargs="*", type=int, default=[2, 1])
    options = options.parse_args()
    table = Table(options.json, "torch", "numba")
    for threads in options.threads:
        torch.set_num_threads(threads)
        for shape in options.shapes:
            measure(table, shape, torch.float32, threads, options.repeats)
        if "1024x50257" in options.shapes:
            measure(table, "1024x50257", torch.bfloat16, threads, options.repeats)


if __name__ == "__main__":
    sys.exit(main())
