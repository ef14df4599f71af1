"""main, in this process: what users can mend is one line and exit code 2, and nothing is left half-written."""

import errno
import re
import sys

import numpy as np
import polars as pl
import pytest

import kullback as kb
from kullback.cli import main


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    rng = np.random.default_rng(0)
    x = rng.normal(size=60)
    g = [f"g{i % 6}" for i in range(60)]
    frame = pl.DataFrame({"x": x, "g": g, "one": ["same"] * 60, "y": np.where(x > 0, "a", "b")})
    frame.write_csv(folder / "t.csv")
    frame.head(1).write_csv(folder / "short.csv")
    frame.with_columns(pl.lit("many").alias("x")).write_csv(folder / "words.csv")
    frame.with_columns(pl.lit("c").alias("y")).write_csv(folder / "other.csv")
    kb.fit(frame.drop("g", "one"), "y", folds=2, epochs=1, output=folder / "run", quiet=True)
    return folder


REFUSED = {
    "fit t.csv --target y --epochs 0": "epochs is 0, expected at least 1; leave it out to have it chosen",
    "fit t.csv --target y --epochs -3": "epochs is -3, expected at least 1; leave it out to have it chosen",
    "fit t.csv --target y --seed -1": "seed is -1, expected 0 to 2³² − 1; use seed=0 (--seed 0)",
    "fit t.csv --target y --folds 1": "folds is 1, expected 2 to 60, the number of rows; use folds=5",
    "fit t.csv --target y --folds 7 --group g": "folds is 7, expected 2 to 6, the number of groups; use folds=5",
    "fit t.csv --target y --group one": "t.csv: column 'one' holds one group only, expected at least two; "
    "leave the group out",
    "fit t.csv --target y --drop z": "t.csv has no column 'z', expected one of its columns; its columns are "
    "x, g, one, y",
    "fit t.csv --target y --text y": "column 'y' is no feature column, expected one of x, g, one; give kinds to "
    "columns that are neither labels, group nor dropped",
    "fit t.csv --target y --test short.csv": "short.csv has 1 row, expected at least 2 to test on; get more",
    "fit t.csv --target y --test words.csv": "words.csv: column 'x' holds 'many' in row 0 (counted from 0), expected "
    "numeric values as the column was read in training; mend it, or train with another kind "
    "(kinds={'x': 'categorical'}, --categorical x)",
    "fit t.csv --target y --test other.csv": "other.csv: column 'y' holds 'c' in 60 rows (0, 1, 2, 3, 4, …, counted "
    "from 0), expected one of a, b; drop these rows or name every class",
    "fit t.csv --target y --encoder nope": "encoder is 'nope', expected all-minilm-l6-v2 or the folder of a "
    "sentence-transformers model; check the path",
    "predict run short.csv --output no/o.csv": "no/o.csv cannot be written: No such file or directory; free space "
    "or name another with --output",
    "predict t.csv t.csv": "t.csv is not a folder, expected a run folder; give what kullback fit wrote",
}


@pytest.mark.parametrize("command", REFUSED)
def test_it_is_one_line_and_nothing_is_written(place, monkeypatch, capsys, command):
    monkeypatch.chdir(place)
    before = {path: path.stat().st_mtime_ns for path in place.rglob("*")}
    assert main(command.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"kullback: error: {REFUSED[command]}")
    assert err.count("\n") == 1
    assert {path: path.stat().st_mtime_ns for path in place.rglob("*")} == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("fit t.csv --folds many", "argument --folds: invalid int value: 'many'; see kullback fit --help"),
        ("fit t.csv --target y --counts a,b", "not allowed with argument --target; see kullback fit --help"),
        ("fit t.csv --labels ,", "expected names separated by commas, such as a,b,c; see kullback fit --help"),
        ("audit", "the following arguments are required: PREDICTIONS; see kullback audit --help"),
        ("", "the following arguments are required: COMMAND; see kullback --help"),
    ],
)
def test_wrong_arguments_are_one_line_too(capsys, arguments, message):
    with pytest.raises(SystemExit) as left:
        main(arguments.split())
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.rstrip("\n").endswith(message)
    assert re.match(r"kullback( \w+)?: error: ", err)


def test_a_given_test_table_fails_before_the_training(place, monkeypatch, capsys):
    def train(*_, **__):
        raise AssertionError("trained")

    monkeypatch.setattr(sys.modules["kullback.runs.fit"], "cross_fit", train)
    monkeypatch.chdir(place)
    assert main(["fit", "t.csv", "--target", "y", "--test", "words.csv", "--quiet"]) == 2


def test_ctrl_c_with_nothing_done_leaves_nothing(place, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["kullback.runs.fit"], "cross_fit", interrupted)
    monkeypatch.chdir(place)
    assert main(["fit", "t.csv", "--target", "y", "--output", "new/run", "--quiet"]) == 130
    assert capsys.readouterr().err == "kullback: interrupted; nothing was kept\n"
    assert not (place / "new").exists()


@pytest.mark.parametrize("name", ["o.csv", "o.parquet", "o.jsonl"])
def test_a_full_disk_leaves_the_earlier_predictions(place, tmp_path, monkeypatch, capsys, name):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("kullback.cli.predict.os.replace", full)
    (tmp_path / name).write_text("earlier")
    assert main(["predict", str(place / "run"), str(place / "t.csv"), "--output", str(tmp_path / name)]) == 2
    said = f"{tmp_path / name} cannot be written: No space left on device; free space or name another with --output"
    assert capsys.readouterr().err == f"kullback: error: {said}\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "earlier"


def test_predictions_go_to_standard_output_as_csv(place, capsys):
    assert main(["predict", str(place / "run"), str(place / "short.csv")]) == 0
    header, row, rest = capsys.readouterr().out.split("\n")
    assert header == "p_a,p_b,predicted,entropy"
    a, b, predicted, entropy = row.split(",")
    q = np.array([float(a), float(b)])
    assert predicted == "ab"[q.argmax()]
    assert float(entropy) == pytest.approx(-(q * np.log2(q)).sum())
    assert rest == ""
