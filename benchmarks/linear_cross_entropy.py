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

import subprocess
import sys
from pathlib import Path

import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

from kullback.losses import linear_cross_entropy
from kullback.losses.operators.linear_cross_entropy import multiplied_in
from paired import Claim, Table, parser, raced

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


def claim(table, what, ours, theirs, repeats, **more):
    """Time one pair at the whole shape, or at another."""
    settings = {"shape": f"({N}, {D}, {V})", "dtype": "float32", "threads": torch.get_num_threads()} | more
    table.add(Claim(what=what, **settings, **raced(ours, theirs, repeats)))


def compare(table, dtype, repeats, n=N, v=V):
    """Report the products and every rival."""
    x, w, y = made(dtype, n, v)
    here = {"shape": f"({n}, {D}, {v})", "dtype": str(dtype)[6:]}
    exact = F.cross_entropy(F.linear(x.detach().double(), w.detach().double()), y).item()
    ours = lambda: step(lambda: linear_cross_entropy(x, w, y), x, w)  # noqa: E731 (short)
    off = ours().item() / exact - 1
    if abs(off) > (1e-6 if multiplied_in(x) == torch.float32 else 1e-4):
        sys.exit(f"ours is off by {off:+.1e}")
    least = 1 / 1.10 if dtype == torch.float32 else 1 / 1.15
    claim(table, "products alone", ours, products(x, w), repeats, wanted=least, note=f"our loss {off:+.0e}", **here)
    for rival, loss in ways(x, w, y).items():
        with torch.no_grad():
            note = f"its loss {loss().item() / exact - 1:+.0e}"
        claim(table, rival, ours, lambda loss=loss: step(loss, x, w), repeats, wanted=1.0, note=note, **here)


def bfloat16(table, repeats):
    """Compare at the whole shape if the processor can; otherwise at a smaller one."""
    x, w, y = made(torch.bfloat16)
    if multiplied_in(x) == torch.bfloat16:
        compare(table, torch.bfloat16, repeats)
        return
    ours = lambda: step(lambda: linear_cross_entropy(x, w, y), x, w)  # noqa: E731 (short)
    limit = products(x.float(), w.float())
    claim(table, "products alone, in float32", ours, limit, repeats, wanted=1 / 1.15, dtype="bfloat16")
    compare(table, torch.bfloat16, repeats, *FEW)


def prompts(table, repeats):
    """Report what missing labels save."""
    x, w, y = made(torch.float32)
    y[torch.rand(N, generator=torch.Generator().manual_seed(1)) < 0.6] = -100
    eager = lambda: F.cross_entropy(F.linear(x, w), y)  # noqa: E731 (short)
    ours = lambda: step(lambda: linear_cross_entropy(x, w, y), x, w)  # noqa: E731 (short)
    claim(table, "eager, 60 % of the labels missing", ours, lambda: step(eager, x, w), repeats, wanted=1.0)


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


def memory(table, dtype):
    """Report the peak, MiB in the place of milliseconds."""
    if not Path("/proc/self/clear_refs").exists():
        return
    found = []
    for way in ("ours", "eager"):
        command = [sys.executable, __file__, "--peak", way, "--dtype", dtype]
        found.append(float(subprocess.run(command, capture_output=True, text=True, check=True).stdout))  # noqa: S603 (this very file)
    ours, eager = found
    what = "eager, peak memory in MiB"
    table.add(Claim(what, f"({N}, {D}, {V})", dtype, torch.get_num_threads(), ours, eager, eager / ours, 1 / 0.35))


def main():
    """Report every claim."""
    options = parser(__doc__, 3)
    options.add_argument("--threads", type=int, default=2)
    options.add_argument("--peak", choices=["ours", "eager"], help="only print the MiB of one way")
    options.add_argument("--dtype", default="float32")
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    if arguments.peak:
        peak(arguments.peak, getattr(torch, arguments.dtype))
        return
    table = Table(arguments.json, "torch", "numba")
    compare(table, torch.float32, arguments.repeats)
    prompts(table, arguments.repeats)
    memory(table, "float32")
    bfloat16(table, arguments.repeats)


if __name__ == "__main__":
    main()
