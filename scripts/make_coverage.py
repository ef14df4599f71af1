"""Make docs/coverage.md: how often 95 % intervals cover, in the worlds of tests/coverage, drawn more often than there.

python scripts/make_coverage.py [samples] [accounts]
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from make_tables import rows  # noqa: E402 (the tests are no package that is installed)
from tests.coverage import account_worlds, sample_worlds, test_monte_carlo  # noqa: E402

SEED = 20261127
REPEATS, WIDE, ALONE = 1000, 4000, 60
PLAIN, BOUNDS, OF_LARGE, LARGE = 2000, 400, 200, 20_000
PAGE, BEGIN = ROOT / "docs/coverage.md", "## Accounts\n"

HEAD = """# Do the intervals cover?

Worlds whose truth is known, measured again and again: how often does the nominal 95 % interval hold the truth? Made by
`make coverage`, {REPEATS} samples a world; `make test` draws fewer of each. The simulation error of a share near
95 % is .007. Coverage is counted among the samples whose Estimate is called `reliable`, since only those are promised
anything; "all" counts the others too.

## Nearest neighbours

`kb.entropy(kb.Sample(x))`, `kb.kl_divergence(kb.Sample(x), kb.Sample(y))`, `kb.cross_entropy`, `kb.mutual_information`.

- Intervals of 300 normal draws are a little short, about 93 %; those of one uniform column, of equal laws and of
  independent columns are long, up to 98.5 %.
- Entropies and mutual information of fewer than 300 draws are never called reliable: of 20 draws 60 % of the intervals
  cover, of 100 87 %, of 150 91 %.
- KL divergence and cross-entropy of fewer than 1,000 draws each are never called reliable: 73 to 92 % were seen to
  cover.
- What is biased by more than its error says so instead (`notes` begin with "bias"): columns that depend on each other
  beyond linear correlation, mutual information above .8 nats, thin shells. One that can be missed is a multivariate
  Student t(5) of 300 draws in two columns: 64 % of the samples are called reliable, of which 90 % cover.
"""
MONTE_CARLO = """
## Monte Carlo

`method="monte carlo"`. Plain draws: {WIDE} runs of 5,000 draws each, "called reliable" being the share of {ALONE} runs.
Nets and strata: {ALONE} runs of 8,192 draws, with a simulation error of .03. The scores of Student's law beside N have
no third moment, or no second: no interval would cover, and no run should be called reliable.
"""


def sampled(name: str) -> list[str]:
    """One line of nearest neighbours."""
    world = sample_worlds.WORLDS[name]
    rng = np.random.default_rng(SEED)
    found = [world.measure(rng) for _ in range(REPEATS)]
    values, errors = (np.array([getattr(e, part) for e in found]) for part in ("value", "std_error"))
    covered, reliable = np.abs(values - world.truth) < 1.96 * errors, np.array([e.reliable for e in found])
    bias = (values - world.truth).mean() / errors.mean()
    return [name, share(reliable), share(covered[reliable]), share(covered), f"{bias:+.2f}"]


def drawn(name: str) -> list[str]:
    """One line of Monte Carlo by plain draws, all runs in one batch."""
    p, q, truth = test_monte_carlo.WORLDS[name]
    wide = test_monte_carlo.measured(name, p.expand((WIDE,)), q, SEED)
    alone = [test_monte_carlo.measured(name, p, q, seed).reliable for seed in range(ALONE)]
    return [name, share(np.array(alone)), share(test_monte_carlo.covered(wide, truth).numpy())]


def single(name: str) -> list[str]:
    """One line of Monte Carlo by nets or strata, run by run."""
    p, q, truth = test_monte_carlo.SINGLE[name]
    found = [test_monte_carlo.measured(name, p, q, seed, 8192) for seed in range(ALONE)]
    believed = [bool(test_monte_carlo.covered(e, truth)) for e in found if e.reliable]
    return [name, f"{len(believed) / ALONE:.2f}", share(np.array(believed))]


def share(x: np.ndarray) -> str:
    """Print a share; – of nothing."""
    return f"{x.mean():.3f}" if len(x) else "–"


ACCOUNT_HEAD = """
`kb.audit` in worlds whose truth is known (`tests/coverage/account_worlds.py`), {PLAIN} draws each for `=` numbers and
what is captured, {BOUNDS} for the other bounds, {OF_LARGE} of the largest world. For every number: the share of the
nominal 95 % intervals that hold the truth, of bounds one-sided ones, and the bias in standard deviations of the draws.
The simulation error of a share near 95 % is .005, .011 and .015. A bound is to hold in expectation: **✗** stands where
the mean of the draws lies on the wrong side by more than four simulation errors. In brackets: draws called unreliable,
which are not counted.

- Where labels are nearly uniform, the error of H(Y) is larger than need be, and its note says so: up to 100 % cover.
- Bounds cover more than they are asked to, as they are seldom tight: a share below .93 would be a defect, one above .98
  is none.
- `calibration ≥` stands beside the whole of what the model loses: all of it is calibration in these worlds.
- Annotators of a small fixed group who label all rows are not among these worlds: their tastes do not average out over
  the rows, and the floor is that of this group.
"""
NAMES = {
    "prior_entropy": "H(Y) =",
    "captured": "captured ≥",
    "cross_entropy": "H(P, Q) =",
    "entropy_gap": "gap =",
    "brier": "Brier =",
    "brier_floor": "its floor =",
    "floor_lower": "floor ≥",
    "floor_upper": "floor ≤",
    "learnable_lower": "learnable ≥",
    "learnable_upper": "learnable ≤",
    "calibration_lower": "calibration ≥",
}


def accounted(name: str) -> list[str]:
    """One line of accounts: bias and coverage of every number."""
    world = account_worlds.WORLDS[name]
    large = world.n >= LARGE
    often, seldom = (OF_LARGE, OF_LARGE) if large else (PLAIN, BOUNDS)
    bounds = (account_worlds.floor,) if large else (account_worlds.floor, account_worlds.calibration)
    found = account_worlds.simulate(world, often, account_worlds.plain, seed=SEED)
    found |= account_worlds.simulate(world, seldom, *bounds, seed=SEED)
    return [name, *(_cell(found.get(number)) for number in NAMES)]


def _cell(found: account_worlds.Found | None) -> str:
    if found is None:
        return "–"
    doubted = f" ({found.doubted:.0%})" if found.doubted else ""
    covers = "–" if np.isnan(found.covers) else f"{found.covers:.3f}"
    bias = "–" if np.isnan(found.bias) else f"{found.bias:+.2f}"
    return f"{'' if found.holds else '**✗** '}{covers}, {bias}{doubted}"


def accounts() -> str:
    """The part of the page on accounts."""
    with ProcessPoolExecutor() as pool:
        table = rows(["world", *NAMES.values()], list(pool.map(accounted, account_worlds.WORLDS)))
    return BEGIN + ACCOUNT_HEAD.format(PLAIN=f"{PLAIN:,}", BOUNDS=BOUNDS, OF_LARGE=OF_LARGE) + "\n" + table + "\n"


def samples() -> str:
    """The part of the page on samples and Monte Carlo."""
    neighbours = rows(
        ["world", "called reliable", "covers", "covers, all", "bias in standard errors"],
        [sampled(name) for name in sample_worlds.WORLDS],
    )
    monte_carlo = rows(
        ["world", "called reliable", "covers"],
        [*map(drawn, test_monte_carlo.WORLDS), *map(single, test_monte_carlo.SINGLE)],
    )
    head = HEAD.format(REPEATS=f"{REPEATS:,}") + "\n" + neighbours + "\n"
    return head + MONTE_CARLO.format(WIDE=f"{WIDE:,}", ALONE=ALONE) + "\n" + monte_carlo + "\n\n"


def main() -> None:
    """Measure what is named, or everything, and write it into the page."""
    wanted = sys.argv[1:] or ["samples", "accounts"]
    above, _, below = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    above = samples() if "samples" in wanted else above
    below = accounts() if "accounts" in wanted else BEGIN + below
    PAGE.write_text(above + below, encoding="utf-8")


if __name__ == "__main__":
    main()
