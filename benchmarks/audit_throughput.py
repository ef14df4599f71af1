"""How long the account of a model's predictions takes, beside what one would put together for the same numbers.

Ours: `kb.audit`: entropy of the labels, cross-entropy, captured information, entropy gap, Brier score, each with its
error, and the calibration bracket of three families, cross-fitted, with p-values. Theirs: scikit-learn's `log_loss`,
a bootstrap of it for its error, and a temperature fitted by scipy, in sample. Both run in this process, in turns, on
the same arrays; the ratio of each turn is taken, and the median is printed. Below 1: ours is faster.

    python benchmarks/audit_throughput.py --rows 1000000 --classes 10 --repeats 3
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import sys
import time

import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import log_loss

import kullback as kb


def ours(q, y):
    """Audit, and give the cross-entropy and its error in nats."""
    account = kb.audit(q, y, base=None)
    return account.cross_entropy.value, account.cross_entropy.std_error


def theirs(q, y, resamples):
    """Give the cross-entropy and its bootstrap error in nats, after fitting a temperature."""
    rng, labels, rows = np.random.default_rng(0), np.arange(q.shape[1]), np.arange(len(y))
    value = log_loss(y, q, labels=labels)
    log_q = np.log(q)
    minimize_scalar(lambda a: -log_softmax(a * log_q, axis=1)[rows, y].mean(), bounds=(0.01, 10), method="bounded")
    draws = (rng.integers(0, len(y), len(y)) for _ in range(resamples))
    return value, statistics.stdev(log_loss(y[i], q[i], labels=labels) for i in draws)


def timed(function, *arguments):
    """Give the result and the seconds it took."""
    start = time.perf_counter()
    result = function(*arguments)
    return result, time.perf_counter() - start


def draw(n, n_classes):
    """Give an over-confident model's predictions and the labels, float64 and int64."""
    rng = np.random.default_rng(0)
    z = 2 * rng.normal(size=(n, n_classes))
    y = (softmax(z, axis=1).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, n_classes - 1)
    return softmax(1.2 * z, axis=1), y


def main():
    """Time both sides in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--resamples", type=int, default=20)
    options = parser.parse_args()
    q, y = draw(options.rows, options.classes)
    ours(q[:1000], y[:1000])  # imports and first calls are not timed
    theirs(q[:1000], y[:1000], 2)
    times = []
    for _ in range(options.repeats):
        (value, error), mine = timed(ours, q, y)
        (expected, bootstrap), other = timed(theirs, q, y, options.resamples)
        if abs(value - expected) > 1e-9:
            sys.exit(f"the two cross-entropies differ: {value} and {expected}")
        times.append((mine, other, mine / other))
    mine, other, ratio = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"cross-entropy {value:.6f} ± {error:.6f} nat, theirs {expected:.6f} ± {bootstrap:.6f} (bootstrap)")
    print(f"kullback.audit {mine:.2f} s · log_loss, temperature, {options.resamples} resamples {other:.2f} s")
    print(f"ratio ours / theirs {ratio:.3f} (median of {options.repeats} paired turns)")
    print(f"{q.shape[0]:,} × {q.shape[1]} {q.dtype} probabilities, {y.dtype} labels".replace(",", " ", 2))
    print(f"peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, scikit-learn {sklearn.__version__}")


if __name__ == "__main__":
    main()
