"""How long the account of a model's predictions takes, beside what one would put together for the same numbers.

Ours: `kb.audit`: entropy of the labels, cross-entropy, captured information, entropy gap, Brier score, each with its
error, and the calibration bracket of three families, cross-fitted, with p-values. Theirs: scikit-learn's `log_loss`,
a bootstrap of it for its error, and a temperature fitted by scipy, in sample. Both run in this process, in turns, on
the same arrays; the first turn, with imports and first calls, does not count.

    python benchmarks/audit_throughput.py --rows 1000000 --classes 10 --repeats 3
"""

from __future__ import annotations

import os
import resource
import statistics
import sys

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import log_loss

import kullback as kb
from paired import Claim, Table, parser, raced


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


def draw(n, n_classes):
    """Give an over-confident model's predictions and the labels, float64 and int64."""
    rng = np.random.default_rng(0)
    z = 2 * rng.normal(size=(n, n_classes))
    y = (softmax(z, axis=1).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, n_classes - 1)
    return softmax(1.2 * z, axis=1), y


def main():
    """Time both sides in turns and compare what they gave."""
    options = parser(__doc__, 3)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--classes", type=int, default=10)
    options.add_argument("--resamples", type=int, default=20)
    options = options.parse_args()
    q, y = draw(options.rows, options.classes)
    found = {}
    sides = (
        lambda: found.update(ours=ours(q, y)),
        lambda: found.update(theirs=theirs(q, y, options.resamples)),
    )
    table = Table(options.json, "numpy", "scipy", "scikit-learn")
    times = raced(*sides, options.repeats)
    (value, error), (expected, bootstrap) = found["ours"], found["theirs"]
    if abs(value - expected) > 1e-9:
        sys.exit(f"the two cross-entropies differ: {value} and {expected}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    note = f"{value:.6f} ± {error:.6f}, theirs ± {bootstrap:.6f} nat; peak memory of both {peak:.1f} GiB"
    what = f"kb.audit, log_loss with {options.resamples} resamples"
    table.add(Claim(what, str(q.shape), str(q.dtype), os.cpu_count() or 1, **times, wanted=1, note=note))


if __name__ == "__main__":
    main()
