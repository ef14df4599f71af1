"""What the scripts beside this one share: paired turns, medians of ratios, and the one form of a result."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Claim:
    """One line of a table: what was timed, and theirs / ours."""

    what: str
    shape: str
    dtype: str
    threads: int
    ours_ms: float
    theirs_ms: float | None
    ratio: float | None
    """theirs / ours: the median of the ratios of the turns, above 1 where ours is faster."""
    wanted: float | None = None
    """The least ratio that the claim asks for."""
    note: str = ""


HEADER = f"{'what':64} {'shape':>24} {'dtype':>9} threads {'ours ms':>10} {'theirs ms':>10} {'theirs/ours':>11} wanted"


def line(claim: Claim) -> str:
    """A claim as a line of text."""
    theirs, ratio, wanted = (number(x) for x in (claim.theirs_ms, claim.ratio, claim.wanted))
    return (
        f"{claim.what:64} {claim.shape:>24} {claim.dtype:>9} {claim.threads:7} {number(claim.ours_ms):>10} "
        f"{theirs:>10} {ratio:>11} {wanted:>6}  {claim.note}"
    ).rstrip()


def number(x: float | None) -> str:
    """A number with three digits, – for none."""
    if x is None:
        return "–"
    return f"{x:.0f}" if abs(x) >= 100 else np.format_float_positional(x, 3, fractional=False, trim="-")


class Table:
    """Prints claims as they come, and keeps them in a file where one is given.

    Args:
        file: gets a JSON object a line, or None.
        packages: whose versions are printed first.
    """

    def __init__(self, file: Path | None, *packages: str) -> None:
        """Print the machine and the head of the table."""
        self.file = file
        if file is not None:
            file.write_text("", encoding="utf-8")
        print(machine("kullback", *packages))
        print(HEADER, flush=True)

    def add(self, claim: Claim) -> None:
        """Print a claim, and keep it."""
        print(line(claim), flush=True)
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(claim)) + "\n")


def parser(description: str | None, repeats: int) -> argparse.ArgumentParser:
    """Give the options that all scripts have."""
    found = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--repeats", type=int, default=repeats, help="turns, of which medians are taken")
    found.add_argument("--json", type=Path, help="a file that gets every claim as a line of JSON")
    return found


def seconds(function: Callable[[], Any], calls: int = 1) -> float:
    """Time `calls` calls and give the seconds of one."""
    start = time.perf_counter()
    for _ in range(calls):
        function()
    return (time.perf_counter() - start) / calls


def paired(ours: Callable[[], Any], theirs: Callable[[], Any], repeats: int, calls: int = 1) -> tuple[float, ...]:
    """Run both in turns after one call of each; medians of ours, theirs and ours / theirs."""
    ours()
    theirs()
    turns: list[tuple[float, float]] = []
    for turn in range(repeats):  # who is first changes, so that neither always finds the other's cache
        if turn % 2:
            other = seconds(theirs, calls)
            turns.append((seconds(ours, calls), other))
        else:
            turns.append((seconds(ours, calls), seconds(theirs, calls)))
    rows = [(a, b, a / b) for a, b in turns]
    return tuple(statistics.median(column) for column in zip(*rows, strict=True))


def raced(ours: Callable[[], Any], theirs: Callable[[], Any], repeats: int, calls: int = 1) -> dict[str, float]:
    """Run both in turns: milliseconds of both and theirs / ours, by their names in a Claim."""
    a, b, ratio = paired(ours, theirs, repeats, calls)
    return {"ours_ms": 1e3 * a, "theirs_ms": 1e3 * b, "ratio": 1 / ratio}


def machine(*packages: str) -> str:
    """Say where the figures come from."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    cpu = platform.processor() or platform.machine()
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"
