"""How long the measures of rows of probabilities take, beside scipy's and torch's.

Ours: `kb.entropy` and `kb.kl_divergence`, checks of the input included. Theirs: `scipy.stats.entropy`, and the same
number from torch's `special.entr`, which checks nothing. Both run in this process, in turns, on the same arrays, and
the results are compared first.

    python benchmarks/rows.py --rows 10000 --outcomes 1000 --threads 1 2 --repeats 7
"""

from __future__ import annotations

import numpy as np
import scipy.stats
import torch

import kullback as kb
from paired import Claim, Table, parser, raced

CORES = 2
"""Threads that the claims are about; one alone is measured as well."""


def compare(table, what, wanted, arrays, *sides, turns=(7,)):
    """Check that both give the same, and time them in turns."""
    ours, theirs = sides
    np.testing.assert_allclose(np.asarray(ours()), np.asarray(theirs()), rtol=2e-4)  # theirs adds in float32
    shape, dtype = str(tuple(arrays.shape)), str(arrays.dtype).removeprefix("torch.")
    table.add(Claim(what, shape, dtype, torch.get_num_threads(), **raced(ours, theirs, *turns), wanted=wanted))


def main():
    """Time every pair for every number of threads."""
    options = parser(__doc__, 7)
    options.add_argument("--rows", type=int, default=10000)
    options.add_argument("--outcomes", type=int, default=1000)
    options.add_argument("--threads", type=int, nargs="*", default=[1, 2])
    options = options.parse_args()
    table = Table(options.json, "numpy", "scipy", "torch", "numba")
    rng = np.random.default_rng(0)
    p64, q64 = rng.dirichlet(np.ones(options.outcomes), size=(2, options.rows))
    few = rng.dirichlet(np.ones(10))
    for threads in options.threads:
        torch.set_num_threads(threads)
        for kind in (np.float32, np.float64):
            p, q = p64.astype(kind), q64.astype(kind)
            t = torch.from_numpy(p)
            for what, wanted, arrays, *sides in (
                (
                    "entropy, scipy.stats.entropy",
                    20 if kind == np.float32 else 10,
                    p,
                    lambda p=p: kb.entropy(p).value,
                    lambda p=p: scipy.stats.entropy(p, axis=-1),
                ),
                (
                    "entropy, torch.special.entr(p).sum(-1)",
                    8,
                    t,
                    lambda t=t: kb.entropy(t).value,
                    lambda t=t: torch.special.entr(t).sum(-1),
                ),
                (
                    "kl_divergence, scipy.stats.entropy",
                    25,
                    p,
                    lambda p=p, q=q: kb.kl_divergence(p, q).value,
                    lambda p=p, q=q: scipy.stats.entropy(p, q, axis=-1),
                ),
            ):
                compare(table, what, wanted if threads == CORES else None, arrays, *sides, turns=(options.repeats,))
    sides = (lambda: kb.entropy(few).value, lambda: scipy.stats.entropy(few))
    compare(table, "entropy, scipy.stats.entropy", 4, few, *sides, turns=(9, 300))


if __name__ == "__main__":
    main()
