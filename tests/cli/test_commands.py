"""The commands as a person runs them: real processes, whole outputs, one-line errors."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import kullback as kb
from kullback.cli.main import main

KULLBACK = Path(sys.executable).with_name("kullback")


def run(*arguments: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = [str(KULLBACK), *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)


def called(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """The same command in this process, which has loaded torch, where that makes no difference."""
    words = [str(a) for a in arguments]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(words)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables, predictions and one run."""
    folder = tmp_path_factory.mktemp("cli")
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    q = 1 / (1 + np.exp(-x))
    y = (rng.random(200) < q).astype(int)
    pl.DataFrame({"x": x, "y": np.where(y, "yes", "no")}).write_csv(folder / "t.csv")
    frame = pl.DataFrame({"p0": 1 - q, "p1": q, "z0": np.zeros(200), "z1": x, "y": y})
    frame.write_parquet(folder / "p.parquet")
    np.savez(folder / "p.npz", logits=np.stack([np.zeros(200), x], axis=1), labels=y)
    done = run("fit", "t.csv", "--target", "y", "--epochs", 2, "--folds", 2, "--output", "run", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("report: run/report.html\n")
    assert done.stderr.startswith("fold 1/2: best epoch ")
    return folder


def test_version_and_help():
    assert run("--version").stdout == f"kullback {kb.__version__}\n"
    text = run("--help").stdout
    assert all(name in text for name in ("fit", "audit", "compare", "predict"))
    assert run().returncode == 2


def test_audit_prints_the_account_of_probabilities_logits_and_arrays_alike(place: Path):
    named = run("audit", "p.parquet", "--probabilities", "p0,p1", "--target", "y", folder=place)
    assert named.returncode == 0, named.stderr
    frame = pl.read_parquet(place / "p.parquet")
    expected = kb.audit(frame.select("p0", "p1").to_numpy(), frame["y"].to_numpy())
    assert named.stdout == f"{expected}\n"
    for other in (("p.parquet", "--logits", "z0,z1", "--target", "y"), ("p.npz",)):
        assert run("audit", *other, folder=place).stdout == named.stdout


def test_audit_of_a_run_needs_no_names_and_gives_json_and_html(place: Path):
    done = run("audit", "run/predictions.parquet", "--json", "--html", "a.html", folder=place)
    account = json.loads(done.stdout)
    stored = json.loads((place / "run" / "account.json").read_text())
    assert account["cross_entropy"] == stored["cross_entropy"]
    assert account["classes"] == ["no", "yes"]
    assert (place / "a.html").read_text().startswith("<!doctype html>")


def test_predict_writes_every_format_alike(place: Path):
    printed = run("predict", "run", "t.csv", folder=place)
    assert printed.stdout.splitlines()[0] == "p_no,p_yes,predicted,entropy"
    for name in ("o.csv", "o.parquet", "o.jsonl"):
        assert called("predict", "run", "t.csv", "--output", name, folder=place).returncode == 0
    assert (place / "o.csv").read_text() == printed.stdout
    first, second = pl.read_parquet(place / "o.parquet"), pl.read_ndjson(place / "o.jsonl")
    assert first.equals(second)
    assert not list(place.glob(".o*"))


def test_runs_without_a_name_are_numbered(place: Path):
    for expected in ("runs/t", "runs/t-2"):
        done = called("fit", "t.csv", "--target", "y", "--epochs", 1, "--folds", 2, "--quiet", folder=place)
        assert done.stdout.endswith(f"report: {expected}/report.html\n")
        assert done.stderr == ""


def table(**columns: object) -> pl.DataFrame:
    return pl.DataFrame({"p0": [0.5, 0.2, 0.9], "p1": [0.5, 0.8, 0.1], "y": [0, 1, 0]} | columns)


BAD_PREDICTIONS = {
    "sum": (table(p0=[0.5, 0.2, 0.8]), ["probabilities sum to 0.9 in row 2"]),
    "negative": (table(p0=[0.5, -0.2, 0.9]), ["negative in row 1"]),
    "nan": (table(p0=[0.5, float("nan"), 0.9]), ["row 1"]),
    "zero": (table(p0=[0.5, 1.0, 0.9], p1=[0.5, 0.0, 0.1]), ["in row 1", "infinite", "--mix 0.001"]),
    "more classes": (table(y=[0, 1, 2]), ["'y'", "row 2", "'2'"]),
    "missing label": (table(y=[0, None, 1]), ["'y'", "row 1"]),
    "text for numbers": (table(p0=["a", "b", "c"]), ["'p0'"]),
}


@pytest.mark.parametrize("name", BAD_PREDICTIONS)
def test_bad_predictions_are_one_line(name: str, tmp_path: Path):
    frame, parts = BAD_PREDICTIONS[name]
    frame.write_csv(tmp_path / "bad.csv")
    arguments = ("--probabilities", "p0,p1", "--target", "y", "--html", "a.html")
    done = run("audit", "bad.csv", *arguments, folder=tmp_path)
    assert_refused(done, "bad.csv", *parts)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


def test_mix_makes_a_zero_finite_and_is_said(tmp_path: Path):
    BAD_PREDICTIONS["zero"][0].write_csv(tmp_path / "bad.csv")
    done = run("audit", "bad.csv", "--probabilities", "p0,p1", "--target", "y", "--mix", "0.01", folder=tmp_path)
    assert done.returncode == 0
    assert "blended with the uniform distribution, share 0.01" in " ".join(done.stdout.split())


BAD_TABLES = {
    "no column": (b"x,y\n1,a\n2,b\n", "x.csv", "z", ["no column 'z'"]),
    "empty file": (b"", "x.csv", "y", ["is empty"]),
    "header only": (b"x,y\n", "x.csv", "y", ["has no rows"]),
    "one class": (b"x,y\n" + b"1,a\n" * 20, "x.csv", "y", ["one class only, 'a'"]),
    "missing target": (b"x,y\n" + b"1,a\n2,b\n" * 9 + b"3,\n", "x.csv", "y", ["'y'", "row 18"]),
    "garbage": (bytes(range(256)) * 20, "x.csv", "y", ["holds binary data"]),
    "not parquet": (b"x,y\n1,2\n", "x.parquet", "y", ["cannot be read as parquet"]),
    "unknown kind": (b"x", "x.docx", "y", ["'.docx'"]),
    "no features": (b"y\n" + b"a\nb\n" * 9, "x.csv", "y", ["no columns left for features"]),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_bad_tables_are_one_line_and_nothing_is_written(name: str, tmp_path: Path):
    content, file, target, parts = BAD_TABLES[name]
    (tmp_path / file).write_bytes(content)
    done = called("fit", file, "--target", target, "--output", "run", folder=tmp_path)
    assert_refused(done, file, *parts)
    assert [path.name for path in tmp_path.iterdir()] == [file]


def test_other_refusals(place: Path, tmp_path: Path):
    assert_refused(run("fit", "no.csv", "--target", "y", folder=tmp_path), "no.csv is not a file")
    assert_refused(called("fit", "revews", folder=tmp_path), "neither a file nor a data set", "digits, reviews")
    assert_refused(called("fit", "t.csv", "--target", "y", "--output", "run", folder=place), "run folder run exists")
    assert_refused(called("predict", "run", "p.parquet", folder=place), "p.parquet", "'x'")
    assert_refused(called("predict", ".", "t.csv", folder=place), "expected a run folder")
    assert_refused(called("audit", "t.csv", folder=place), "t.csv", "--probabilities")
    assert_refused(called("predict", "run", "t.csv", "--output", "o.docx", folder=place), "'.docx'")
    (tmp_path / "words.csv").write_text("x,y\n" + "one,a\ntwo,b\n" * 9)
    assert_refused(called("predict", place / "run", "words.csv", folder=tmp_path), "words.csv", "'x'", "numeric")


def assert_refused(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Exit code 2 and one line that holds every part and a remedy after a semicolon."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith("kullback: error: ")
    assert done.stderr.count("\n") == 1
    assert "; " in done.stderr
    assert all(part in done.stderr for part in parts), done.stderr
