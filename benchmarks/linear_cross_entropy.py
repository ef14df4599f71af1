"""The loss of a language model's head, forward and backward, beside its matrix products alone and torch's own ways.

Shape N = 1024, D = 512, V = 50257. Limit: the three matrix products that any exact way has to make (logits, and the
gradients by hidden states and head), with their results allocated once. Theirs: `F.cross_entropy(F.linear(x, w), y)`,
and `F.linear_cross_entropy` in chunks of 256 and 512 rows by both its policies, where torch has it: these are faster
than its defaults. Losses are compared with one in float64 in the same run. bfloat16: where the processor has no
instructions for it, torch's products take minutes; then the limit at this shape is float32's, and torch's own
products and ways are timed at N = 64, V = 2048. Some prompt: 60 % of the labels are missing. Memory: the most that a
process of its own holds above its inputs, gradients included, Linux only.

    python benchmarks/linear_cross_entropy.py --repeats 3
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

from kullback.losses import linear_cross_entropy
from kullback.losses.operators.linear_cross_entropy import multiplied_in
from paired import machine, paired

N, D, V = 1024, 512, 50257
FEW = (64, 2048)
"""N and V where torch's products of bfloat16 are a plain loop."""


def made(dtype, n=N, v=V):
    """Give hidden states, a head and labels."""
    g = torch.Generator().manual_seed(0)
    x = torch.randn(n, D, generator=g).to(dtype).requires_grad_()
    w = (torch.randn(v, D, generator=g) / D**0.5).to(dtype).requires_grad_()
    return x, w, torch.randint(v, (n,), generator=g)


def products(x, w):
    """Give the three products as a function."""
    x, w = x.detach(), w.detach()
    z, dx, dw = x.new_empty((len(x), len(w))), torch.empty_like(x), torch.empty_like(w)

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


def line(name, ours, theirs, other, repeats):
    """Print a claim."""
    mine, time, ratio = paired(ours, theirs, repeats)
    print(f"{name}: ours {1e3 * mine:.0f} ms · {other} {1e3 * time:.0f} ms · ratio {ratio:.2f}", flush=True)


def compare(dtype, repeats, n=N, v=V):
    """Print a line for the products and one per rival."""
    x, w, y = made(dtype, n, v)
    name = f"{str(dtype)[6:]}, N = {n}, V = {v}"
    exact = F.cross_entropy(F.linear(x.detach().double(), w.detach().double()), y).item()
    ours = lambda: step(lambda: linear_cross_entropy(x, w, y), x, w)  # noqa: E731 (short)
    off = ours().item() / exact - 1
    if abs(off) > (1e-6 if multiplied_in(x) == torch.float32 else 1e-4):
        sys.exit(f"ours is off by {off:+.1e}")
    print(f"{name}: our loss is off by {off:+.1e}")
    line(name, ours, products(x, w), "products", repeats)
    for rival, loss in ways(x, w, y).items():
        with torch.no_grad():
            off = f"(its loss is off by {loss().item() / exact - 1:+.1e})"
        line(name, ours, lambda loss=loss: step(loss, x, w), f"{rival} {off}", repeats)


def bfloat16(repeats):
    """Compare at the whole shape if the processor can; otherwise say what was reduced."""
    x, w, y = made(torch.bfloat16)
    if multiplied_in(x) == torch.bfloat16:
        compare(torch.bfloat16, repeats)
        return
    print(f"bfloat16: no instructions for it here; torch's own ways at N = {FEW[0]}, V = {FEW[1]}")
    ours = lambda: step(lambda: linear_cross_entropy(x, w, y), x, w)  # noqa: E731 (short)
    line("bfloat16", ours, products(x.float(), w.float()), "products in float32", repeats)
    compare(torch.bfloat16, repeats, *FEW)


def prompts(repeats):
    """Print what missing labels save."""
    x, w, y = made(torch.float32)
    y[torch.rand(N, generator=torch.Generator().manual_seed(1)) < 0.6] = -100
    eager = lambda: F.cross_entropy(F.linear(x, w), y)  # noqa: E731 (short)
    ours = lambda: step(lambda: linear_cross_entropy(x, w, y), x, w)  # noqa: E731 (short)
    line("float32, 60 % of the labels missing", ours, lambda: step(eager, x, w), "eager", repeats)


def resident(name):
    """Give a line of this process's status in MiB."""
    found = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(name))
    return int(found.split()[1]) / 1024


def peak(way, dtype):
    """Print the MiB that a step holds above its inputs at most."""
    small = made(dtype, 512, 128)
    chosen = {
        "ours": linear_cross_entropy,
        "eager": lambda x, w, y: F.cross_entropy(F.linear(x, w), y),
    }[way]
    step(lambda: chosen(*small), *small[:2])
    x, w, y = made(dtype)
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    step(lambda: chosen(x, w, y), x, w)
    print(resident("VmHWM") - before)


def memory(dtype):
    """Print the claim about memory."""
    if not Path("/proc/self/clear_refs").exists():
        return
    found = []
    for way in ("ours", "eager"):
        command = [sys.executable, __file__, "--peak", way, "--dtype", dtype]
        found.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))  # noqa: S603 (this very file)
    ours, eager = found
    print(f"{dtype}, peak memory: ours {ours:.0f} MiB · eager {eager:.0f} MiB · ratio {ours / eager:.2f}")


def main():
    """Print a line per claim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peak", choices=["ours", "eager"], help="only print the MiB of one way")
    parser.add_argument("--dtype", default="float32")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.peak:
        peak(arguments.peak, getattr(torch, arguments.dtype))
        return
    compare(torch.float32, arguments.repeats)
    prompts(arguments.repeats)
    memory("float32")
    bfloat16(arguments.repeats)
    print(machine("kullback", "torch", "numba"))


if __name__ == "__main__":
    main()
