"""What the scripts beside this one share: paired turns, medians of ratios, and the line about the machine."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any


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
    turns = [(seconds(ours, calls), seconds(theirs, calls)) for _ in range(repeats)]
    rows = [(a, b, a / b) for a, b in turns]
    return tuple(statistics.median(column) for column in zip(*rows, strict=True))


def machine(*packages: str) -> str:
    """Say where the figures come from."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    cpu = platform.processor() or platform.machine()
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"
