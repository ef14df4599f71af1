"""The loss of a language model's head, forward and backward, beside its matrix products alone and torch's own ways.

Shape N = 1024, D = 512, V = 50257. Limit: the three matrix products that any exact way has to make (logits, and the
gradients by hidden states and head), with their results allocated once. Theirs: `F.cross_entropy(F.linear(x, w), y)`,
and `F.linear_cross_entropy` with chunks of 256 and 512 rows, where torch has it. Losses are compared in the same run.

    python benchmarks/linear_cross_entropy.py --repeats 5
"""

from __future__ import annotations

import argparse
import sys

import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

from kullback.losses import linear_cross_entropy
from paired import machine, paired

N, D, V = 1024, 512, 50257


def made(dtype):
    """Give hidden states, a head and labels."""
    g = torch.Generator().manual_seed(0)
    x = torch.randn(N, D, generator=g).to(dtype).requires_grad_()
    w = (torch.randn(V, D, generator=g) / D**0.5).to(dtype).requires_grad_()
    return x, w, torch.randint(V, (N,), generator=g)


def products(x, w):
    """Give the three products as a function."""
    x, w = x.detach(), w.detach()
    z, dx, dw = x.new_empty((N, V)), torch.empty_like(x), torch.empty_like(w)

    def run():
        torch.mm(x, w.T, out=z)
        torch.mm(z, w, out=dx)
        torch.mm(z.T, x, out=dw)

    return run


def ways(x, w, y):
    """Give the rivals by name."""
    found = {"eager": lambda: F.cross_entropy(F.linear(x, w), y)}
    options = getattr(torch.nn, "LinearCrossEntropyOptions", None)
    if options is not None:
        for rows in (256, 512):
            for policy in ("accurate", "compact"):
                chosen = options(batch_chunk_size=rows, acc_policy=policy)
                found[f"torch, {policy}, {rows} rows"] = lambda chosen=chosen: F.linear_cross_entropy(
                    x, w, y, options=chosen
                )
    return found


def step(loss, x, w):
    """Forward and backward."""
    x.grad = w.grad = None
    value = loss()
    value.backward()
    return value


def main():
    """Print a line per rival and dtype."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    for dtype in (torch.float32, torch.bfloat16):
        x, w, y = made(dtype)
        exact = F.cross_entropy(F.linear(x.detach(), w.detach()).double(), y).item()
        ours = lambda: step(lambda: linear_cross_entropy(x, w, y), x, w)  # noqa: B023, E731 (called at once)
        if abs(ours().item() - exact) > 1e-5 * exact:
            sys.exit(f"ours {ours().item()}, exact {exact}")
        mine, limit, ratio = paired(ours, products(x, w), arguments.repeats, 1)
        name = str(dtype).removeprefix("torch.")
        print(f"{name}: ours {1e3 * mine:.0f} ms · products {1e3 * limit:.0f} ms · ratio {ratio:.2f}")
        for rival, loss in ways(x, w, y).items():
            mine, other, ratio = paired(ours, lambda loss=loss: step(loss, x, w), arguments.repeats, 1)  # noqa: B023 (called at once)
            off = f"its loss {loss().item() / exact - 1:+.1e}"
            print(f"{name}: ours {1e3 * mine:.0f} ms · {rival} {1e3 * other:.0f} ms · ratio {ratio:.2f}; {off}")
    print(machine())


if __name__ == "__main__":
    main()
