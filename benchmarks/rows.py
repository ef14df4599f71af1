"""How long the measures of rows of probabilities take, beside scipy's and torch's.

Ours: `kb.entropy` and `kb.kl_divergence`, checks of the input included. Theirs: `scipy.stats.entropy`, and the same
number from torch's `special.entr`, which checks nothing. Both run in this process, in turns, on the same arrays; the
results are compared first; the ratio of each turn is taken, and the median is printed. Below 1: ours is faster.

    python benchmarks/rows.py --rows 10000 --outcomes 1000 --threads 1 --repeats 7
"""

from __future__ import annotations

import argparse

import numpy as np
import scipy.stats
import torch

import kullback as kb
from paired import machine, paired


def compare(title, ours, theirs, repeats, calls=1):
    """Check that both give the same, time them in turns, print the medians."""
    np.testing.assert_allclose(np.asarray(ours()), np.asarray(theirs()), rtol=2e-4)  # theirs adds in float32
    a, b, ratio = paired(ours, theirs, repeats, calls)
    print(f"{title:42}  {1e3 * a:10.4f} ms  {1e3 * b:10.4f} ms  {ratio:6.3f}  ({1 / ratio:.1f} times as fast)")


def main():
    """Time every pair for one number of threads."""
    parser = argparse.ArgumentParser(description="Measures of rows beside scipy and torch.")
    parser.add_argument("--rows", type=int, default=10000)
    parser.add_argument("--outcomes", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rng = np.random.default_rng(0)
    p64, q64 = rng.dirichlet(np.ones(options.outcomes), size=(2, options.rows))
    few = rng.dirichlet(np.ones(10))
    print(f"{machine('numpy', 'scipy', 'torch', 'numba')}; {options.threads} threads, {options.repeats} repeats")
    print(f"({options.rows}, {options.outcomes})                                       ours       theirs  ours/theirs")
    for kind in (np.float32, np.float64):
        p, q = p64.astype(kind), q64.astype(kind)
        t = torch.from_numpy(p)
        name = np.dtype(kind).name
        compare(
            f"entropy, {name}, scipy",
            lambda p=p: kb.entropy(p).value,
            lambda p=p: scipy.stats.entropy(p, axis=-1),
            options.repeats,
        )
        compare(
            f"entropy, {name}, torch entr",
            lambda t=t: kb.entropy(t).value,
            lambda t=t: torch.special.entr(t).sum(-1),
            options.repeats,
        )
        compare(
            f"kl_divergence, {name}, scipy",
            lambda p=p, q=q: kb.kl_divergence(p, q).value,
            lambda p=p, q=q: scipy.stats.entropy(p, q, axis=-1),
            options.repeats,
        )
    compare("entropy of 10 numbers, scipy", lambda: kb.entropy(few).value, lambda: scipy.stats.entropy(few), 9, 300)


if __name__ == "__main__":
    main()
