"""`kullback compare`: whole outputs and one-line errors; once as a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.cli.test_commands import run

import kullback as kb
from kullback.cli import main

N = 60


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models' predictions: with labels and groups, without, and as arrays."""
    folder = tmp_path_factory.mktemp("compare")
    rng = np.random.default_rng(0)
    x = rng.normal(size=N)
    y = np.where(rng.random(N) < 1 / (1 + np.exp(-x)), "yes", "no")
    q, r = (1 / (1 + np.exp(-slope * x)) for slope in (1.0, 0.2))
    a = pl.DataFrame({"row": np.arange(N), "p_no": 1 - q, "p_yes": q, "y": y, "person": np.arange(N) // 3})
    b = pl.DataFrame({"row": np.arange(N), "p_no": 1 - r, "p_yes": r})
    a.write_csv(folder / "a.csv")
    b.write_parquet(folder / "b.parquet")
    np.savez(folder / "b.npz", probabilities=np.stack([1 - r, r], axis=1))
    np.savez(folder / "a.npz", probabilities=np.stack([1 - q, q], axis=1), labels=(y == "yes").astype(int))
    return folder


def direct(folder: Path, **options: object) -> kb.Comparison:
    a, b = pl.read_csv(folder / "a.csv"), pl.read_parquet(folder / "b.parquet")
    q, r = (frame.select("p_no", "p_yes").to_numpy() for frame in (a, b))
    options = {"classes": ["no", "yes"], **options}
    return kb.compare(q, r, **options)  # pyright: ignore[reportArgumentType]  # options of many kinds


def test_labels_and_groups_are_in_one_of_the_files(place: Path):
    a = pl.read_csv(place / "a.csv")
    done = run("compare", "a.csv", "b.parquet", "--target", "y", "--group", "person", folder=place)
    assert done.returncode == 0, done.stderr
    expected = direct(place, labels=a["y"].to_numpy(), groups=a["person"].cast(pl.String).to_numpy())
    assert done.stdout == f"{expected}\n"
    swapped = run("compare", "b.parquet", "a.csv", "--target", "y", "--group", "person", "--json", folder=place)
    assert json.loads(swapped.stdout)["difference"]["value"] == -float(expected.difference)  # pyright: ignore[reportArgumentType]  # there are labels


class Asked:
    """Runs the command in this process, in a folder, and gives what it returned and printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path):
        monkeypatch.chdir(place)
        self.capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        code = main(["compare", *map(str, arguments)])
        return (code, *self.capsys.readouterr())

    def refused(self, *arguments: object, parts: tuple[str, ...]) -> None:
        """Exit code 2 and one line that holds every part and a remedy after a semicolon."""
        code, out, said = self(*arguments)
        assert (code, out) == (2, "")
        assert said.startswith("kullback: error: ")
        assert said.count("\n") == 1
        assert "; " in said
        assert all(part in said for part in parts), said


@pytest.fixture
def asked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, place: Path) -> Asked:
    return Asked(capsys, monkeypatch, place)


def test_arrays_say_the_same_as_tables_and_the_page_is_written(asked: Asked, place: Path):
    named = asked("a.csv", "b.parquet", "--target", "y", "--json", "--html", "c.html")
    arrays = asked("a.npz", "b.npz", "--json")
    said = json.loads(named[1])
    assert said["classes"] == ["no", "yes"]
    assert said["rows"] == said["labels"] == N
    assert said["difference"]["n"] == N
    for name in ("difference", "kl_ab", "brier"):
        assert json.loads(arrays[1])[name]["value"] == pytest.approx(said[name]["value"], rel=1e-9)
    assert (place / "c.html").read_text().startswith("<!doctype html>")


def test_without_labels_the_distance_is_given(asked: Asked):
    code, said, _ = asked("b.parquet", "b.parquet")
    assert code == 0
    assert "no labels" in said
    assert "Cross-entropy" not in said
    assert "Without labels" in said


def changed(place: Path, **columns: pl.Expr) -> pl.DataFrame:
    return pl.read_csv(place / "a.csv").with_columns(**columns)


def at(row: int, value: object, other: str) -> pl.Expr:
    return pl.when(pl.int_range(pl.len()) == row).then(pl.lit(value)).otherwise(pl.col(other))


OTHERS = {
    "labels": (lambda p: changed(p, y=pl.col("y").replace({"yes": "no", "no": "yes"})), ["labels differ", "60 rows"]),
    "groups": (lambda p: changed(p, person=at(7, 99, "person")), ["groups differ", "row 7"]),
    "ids": (lambda p: changed(p, row=at(4, 99, "row")), ["ids differ", "row 4", "sort both"]),
    "rows": (lambda p: pl.read_csv(p / "a.csv").head(9), ["has 9 rows", "expected 60"]),
    "order": (lambda p: changed(p).select("row", "p_yes", "p_no"), ["classes yes, no", "no, yes", "--probabilities"]),
    "sum": (lambda p: changed(p, p_no=at(2, 0.9999, "p_no")), ["predictions_b: probabilities sum to", "row 2"]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_other_rows_are_refused_in_one_line(name: str, asked: Asked, place: Path, tmp_path: Path):
    make, parts = OTHERS[name]
    make(place).write_csv(tmp_path / "bad.csv")
    options = ("--target", "y", "--group", "person", "--html", tmp_path / "no.html")
    asked.refused("a.csv", tmp_path / "bad.csv", *options, parts=("bad.csv", *parts))
    assert not (tmp_path / "no.html").exists()


@pytest.mark.parametrize(("option", "what"), [("--target", "labels"), ("--group", "groups"), ("--id", "ids")])
def test_names_that_neither_file_has_are_refused(option: str, what: str, asked: Asked):
    asked.refused("a.csv", "b.parquet", option, "nowhere", parts=(f"none of the {what}", "a.csv and b.parquet"))
