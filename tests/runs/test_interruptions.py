"""What is left when a run is killed, interrupted, or runs out of disk: real processes and real signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

KULLBACK = [sys.executable, "-c", "import sys; from kullback.cli import main; sys.exit(main())"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 3))
    y = (x[:, 0] + rng.normal(size=2000) > 0).astype(int)
    path = tmp_path / "t.csv"
    pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "y": y}).write_csv(path)
    return path


def start(table: Path, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [*KULLBACK, "fit", str(table), "--target", "y", "--output", str(folder), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for(condition, process: subprocess.Popen[str]) -> None:
    """Wait until something has happened; the process must not end before."""
    for _ in range(1200):
        if condition():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("waited a minute in vain")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*KULLBACK, *arguments], capture_output=True, text=True, check=False)


def test_a_killed_run_says_that_it_is_incomplete(table: Path, tmp_path: Path):
    folder = tmp_path / "run"
    process = start(table, folder, "--epochs", "4000")
    wait_for((folder / "INCOMPLETE").exists, process)
    process.kill()
    process.communicate()
    assert "has not finished" in (folder / "INCOMPLETE").read_text()
    refused = run("predict", str(folder), str(table))
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "is incomplete, expected a finished run; fit again with --overwrite" in refused.stderr
    again = start(table, folder, "--epochs", "1", "--folds", "2", "--overwrite", "--quiet")
    out, err = again.communicate()
    assert (again.returncode, err) == (0, ""), out
    assert not (folder / "INCOMPLETE").exists()


def test_ctrl_c_keeps_the_best_networks_so_far(table: Path, tmp_path: Path):
    folder = tmp_path / "run"
    process = start(table, folder, "--folds", "3")
    seen: list[str] = []

    def a_fold_is_done() -> bool:
        seen.append(process.stderr.readline())
        return seen[-1].startswith("fold 1/3")

    wait_for(a_fold_is_done, process)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    assert "of 3 folds, since training was interrupted" in " ".join(out.split())
    config = json.loads((folder / "config.json").read_text())
    assert config["interrupted"] is True
    predictions = pl.read_parquet(folder / "predictions.parquet")
    assert 0 < len(predictions) < 2000
    assert predictions["fold"].unique().to_list() in ([0], [0, 1])
    assert run("predict", str(folder), str(table)).returncode == 0


def test_a_full_disk_is_one_line_and_leaves_nothing(table: Path, tmp_path: Path):
    folder = tmp_path / "run"
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000));"
        "from kullback.cli import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", limited, "fit", str(table), "--target", "y", "--output", str(folder)]
    done = subprocess.run(
        [*command, "--folds", "2", "--epochs", "1", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"MPLCONFIGDIR": str(tmp_path)},
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    assert f"run folder {folder} cannot be written: " in done.stderr
    assert "free space or name another with --output" in done.stderr
    assert not folder.exists()
