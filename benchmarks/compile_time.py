"""How long compiled loops keep a caller waiting: the first calls on large float32 arrays, nothing kept on disk.

Every line is a fresh process with a numba cache of its own, empty at first and then as the process before left it.
Seconds are those of the first calls, less those of a second call, without the import of torch, of kullback and of
numba, which is a line of its own. Beside all of them together stand the 3 s that are allowed. What the first calls give
is compared with float64.

    python benchmarks/compile_time.py --repeats 3
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import kullback as kb
from paired import Claim, Table, parser, seconds

ROWS, OUTCOMES = 512, 1000
ALLOWED_MS = 3000.0


def cases():
    """Give what is called first, by name: functions of nothing, and what they should give."""
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(OUTCOMES), size=(2, ROWS)).astype(np.float32)
    x = torch.from_numpy(np.log(q)).requires_grad_()
    y = torch.arange(ROWS) % OUTCOMES
    log_p, log_q, log_m = (np.log(v.astype(np.float64)) for v in (p, q, (p + q) / 2))
    surprisal = -torch.log_softmax(x.detach().double(), -1)[torch.arange(ROWS), y].numpy()

    def loss():
        x.grad = None
        value = kb.losses.cross_entropy(x, y)
        value.backward()
        return value.detach()

    return {
        "entropy": (lambda: kb.entropy(p).value, -(p * log_p).sum(-1)),
        "kl_divergence": (lambda: kb.kl_divergence(p, q).value, (p * (log_p - log_q)).sum(-1)),
        "cross_entropy": (lambda: kb.cross_entropy(p, q).value, -(p * log_q).sum(-1)),
        "jensen_shannon": (
            lambda: kb.jensen_shannon(p, q).value,
            ((p * (log_p - log_m)).sum(-1) + (q * (log_q - log_m)).sum(-1)) / 2,
        ),
        "losses.cross_entropy": (loss, surprisal.mean()),
        "losses.token_statistics": (lambda: kb.losses.token_statistics(x.detach(), y).nll, surprisal),
    }


def child(names):
    """Print the milliseconds that numba's import and the first calls take."""
    every = cases()
    found = {"import of numba": 1e3 * seconds(lambda: __import__("numba"))}
    for name in names:
        function, expected = every[name]
        start = time.perf_counter()
        value = function()
        first = time.perf_counter() - start
        np.testing.assert_allclose(value, expected, rtol=1e-4)
        found[name] = 1e3 * (first - seconds(function))
    print(json.dumps(found))


def in_fresh_process(names, folder):
    """Run this script for these names with a cache in a folder, and give what it prints."""
    command = [sys.executable, __file__, "--child", *names]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603 (this script)
    return json.loads(done.stdout)


def turn(names):
    """Milliseconds with nothing on disk, and with what that left there."""
    with tempfile.TemporaryDirectory() as folder:
        return [in_fresh_process(names, Path(folder)) for _ in range(2)]


def main():
    """Time each first call alone, then all in one process."""
    options = parser(__doc__, 3)
    options.add_argument("--child", nargs="*", help="what a fresh process calls, itself")
    options = options.parse_args()
    if options.child is not None:
        child(options.child)
        return
    table, names = Table(options.json, "torch", "numba"), list(cases())
    turns = [turn(names) for _ in range(options.repeats)]
    alone = {name: turn([name]) for name in names}
    shape, threads = str((ROWS, OUTCOMES)), torch.get_num_threads()
    numba = statistics.median(found["import of numba"] for both in turns for found in both)
    table.add(Claim("import of numba", "–", "–", threads, numba, None, None))
    for i, cache in enumerate(("nothing on disk", "cache on disk")):
        for name, found in alone.items():
            table.add(Claim(f"{name}, alone, {cache}", shape, "float32", threads, found[i][name], None, None))
        together = statistics.median(sum(both[i][name] for name in names) for both in turns)
        ratio = ALLOWED_MS / together
        what = f"all of them, {cache}, the time allowed"
        table.add(Claim(what, shape, "float32", threads, together, ALLOWED_MS, ratio, wanted=1))


if __name__ == "__main__":
    main()
