"""How long the nearest-neighbour measures take, beside what one would call for the same numbers.

Theirs: infomeasure (entropy, KL divergence, mutual information), ennemi (entropy; it asks for columns, not blocks, in
mutual information) and SciPy's KDTree with Kozachenko and Leonenko's formula by hand, each called as its documentation
shows. Ours gives the error as well, and checks for bias. Every rival that is installed runs in this process, in turns
with ours, on the same arrays; values are compared with the truth.

    pip install infomeasure==0.6.3 ennemi
    python benchmarks/nearest_neighbours.py --repeats 7

infomeasure is under the AGPL: it is called here, and no part of kullback.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import sys

import numpy as np
from scipy.spatial import KDTree
from scipy.special import digamma, gammaln

from kullback.estimators import nearest_neighbours
from paired import Claim, Table, parser, raced

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


def rivals(infomeasure, ennemi):
    """Give the functions of the rivals that are installed, by measure; a module that is not is None."""
    found = {
        "entropy": {"SciPy by hand": entropy_by_hand},
        "kl_divergence": {"SciPy by hand": kl_by_hand},
        "mutual_information": {},
    }
    if infomeasure is not None:
        options = {"approach": "metric", "k": K}
        found["entropy"]["infomeasure"] = lambda x: infomeasure.entropy(x, **options)
        found["kl_divergence"]["infomeasure"] = lambda x, y: infomeasure.kld(x, y, **options)
        found["mutual_information"]["infomeasure"] = lambda x, y: infomeasure.mutual_information(x, y, **options)
    if ennemi is not None:
        found["entropy"]["ennemi"] = lambda x: float(ennemi.estimate_entropy(x, k=K, multidim=True))
    return found


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


def race(table, case, others, repeats):
    """Compare all sides with the truth, and time each rival in turns with ours."""
    measure, arguments, truth = case
    ours = functools.partial(getattr(nearest_neighbours, measure), *arguments)
    shape = " and ".join(str(a.shape) for a in arguments)
    for name, function in others.items():
        theirs = functools.partial(function, *arguments)
        mine, other = float(ours()), float(theirs())
        if max(abs(mine - truth), abs(other - truth)) > 0.1:
            sys.exit(f"{measure}: ours {mine}, {name} {other}, truth {truth}")
        note = f"ours {mine:.4f}, theirs {other:.4f}, truth {truth:.4f}"
        times = raced(ours, theirs, repeats)
        table.add(Claim(f"{measure}, {name}", shape, "float64", os.cpu_count() or 1, **times, wanted=1, note=note))


def main():
    """Race every case."""
    options = parser(__doc__, 7)
    options.add_argument("--sizes", type=int, nargs="+", default=[5000, 100_000])
    options = options.parse_args()
    modules = {name: importlib.util.find_spec(name) for name in ("infomeasure", "ennemi")}
    missing = [name for name, spec in modules.items() if spec is None]
    if missing:
        print(f"{' and '.join(missing)} not installed, left out; pip install infomeasure==0.6.3 ennemi")
    table = Table(options.json, "numpy", "scipy", *modules.keys() - set(missing))
    others = rivals(*(spec and importlib.import_module(name) for name, spec in modules.items()))
    for case in cases(options.sizes):
        race(table, case, others[case[0]], options.repeats)


if __name__ == "__main__":
    main()
