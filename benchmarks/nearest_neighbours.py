"""How long the nearest-neighbour measures take, beside what one would call for the same numbers.

Theirs: infomeasure (entropy, KL divergence, mutual information), ennemi (entropy; it asks for columns, not blocks, in
mutual information) and SciPy's KDTree with Kozachenko and Leonenko's formula by hand, each called as its documentation
shows. Ours gives the error as well, and checks for bias. All run in this process, in turns, on the same arrays; the
ratio of each turn to the fastest of them is taken, and the median is printed. Below 1: ours is faster.

    pip install infomeasure==0.6.3 ennemi
    python benchmarks/nearest_neighbours.py --repeats 9

infomeasure is under the AGPL: it is called here, and no part of kullback.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import statistics
import sys
import time

import numpy as np
import scipy
from scipy.spatial import KDTree
from scipy.special import digamma, gammaln

from kullback.estimators import nearest_neighbours

K = 3
SCALE, SHIFT = 1.2, 0.3
RHO = 0.6


def log_ball(n_columns):
    """Give the log volume of the unit ball."""
    return n_columns / 2 * np.log(np.pi) - gammaln(n_columns / 2 + 1)


def entropy_by_hand(x):
    """Kozachenko and Leonenko's formula, Euclidean."""
    n, n_columns = x.shape
    radius = KDTree(x).query(x, K + 1)[0][:, K]
    return digamma(n) - digamma(K) + log_ball(n_columns) + n_columns * np.log(radius).mean()


def kl_by_hand(x, y):
    """Wang, Kulkarni and Verdú's formula, Euclidean."""
    n, n_columns = x.shape
    own, other = KDTree(x).query(x, K + 1)[0][:, K], KDTree(y).query(x, K)[0][:, K - 1]
    return n_columns * np.log(other / own).mean() + np.log(len(y) / (n - 1))


def rivals():
    """Give the functions of the rivals, by measure."""
    import ennemi
    import infomeasure

    return {
        "entropy": {
            "infomeasure": lambda x: infomeasure.entropy(x, approach="metric", k=K),
            "ennemi": lambda x: float(ennemi.estimate_entropy(x, k=K, multidim=True)),
            "SciPy by hand": entropy_by_hand,
        },
        "kl_divergence": {
            "infomeasure": lambda x, y: infomeasure.kld(x, y, approach="metric", k=K),
            "SciPy by hand": kl_by_hand,
        },
        "mutual_information": {
            "infomeasure": lambda x, y: infomeasure.mutual_information(x, y, approach="metric", k=K),
        },
    }


def cases(sizes):
    """Give measure, arguments and truth: normal samples of three columns."""
    rng = np.random.default_rng(0)
    kl = 3 * (np.log(SCALE) + (1 + SHIFT**2) / (2 * SCALE**2) - 0.5)
    for n in sizes:
        x = rng.normal(size=(n, 3))
        y = SHIFT + SCALE * rng.normal(size=(n, 3))
        yield "entropy", (x,), 1.5 * np.log(2 * np.pi * np.e)
        yield "kl_divergence", (x, y), kl
        if n <= 5000:
            yield "mutual_information", (x, RHO * x + 0.8 * rng.normal(size=(n, 3))), -1.5 * np.log(1 - RHO**2)


def timed(function, arguments):
    """Give the result and the seconds it took."""
    start = time.perf_counter()
    result = function(*arguments)
    return float(result), time.perf_counter() - start


def race(measure, arguments, truth, others, repeats):
    """Run all sides in turns and print values, medians and ratios."""
    sides = {"kullback": getattr(nearest_neighbours, measure)} | others
    seconds = {name: [] for name in sides}
    values = {}
    for turn in range(repeats + 1):
        for name, function in sides.items():
            values[name], took = timed(function, arguments)
            if turn:  # imports and first calls are not timed
                seconds[name].append(took)
    wrong = [name for name, value in values.items() if abs(value - truth) > 0.1]
    if wrong:
        sys.exit(f"{measure}: {wrong} not within 0.1 of {truth:.4f}: {values}")
    shape = " and ".join(f"{len(a):,} × {a.shape[1]}".replace(",", " ") for a in arguments)
    print(f"{measure}, {shape} float64, truth {truth:.4f}")
    for name, value in values.items():
        print(f"  {name:14s} {value:.4f}  {1000 * statistics.median(seconds[name]):8.1f} ms")
    for name in others:
        ratio = statistics.median(a / b for a, b in zip(seconds["kullback"], seconds[name], strict=True))
        print(f"  ratio ours / {name} {ratio:.3f} (median of {repeats} turns)")


def main():
    """Race every case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[5000, 100_000])
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    missing = [name for name in ("infomeasure", "ennemi") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"{' and '.join(missing)} not installed, nothing is timed; pip install infomeasure==0.6.3 ennemi")
        return
    others = rivals()
    for measure, arguments, truth in cases(options.sizes):
        race(measure, arguments, truth, others[measure], options.repeats)
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"numpy {np.__version__}, scipy {scipy.__version__}; ours takes 2 threads from 20 000 rows on")


if __name__ == "__main__":
    main()
