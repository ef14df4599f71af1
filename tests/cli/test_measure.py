"""kullback measure: text, JSON and HTML of a file or a data set, and one line for what users can mend."""

import functools
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import kullback as kb
from kullback.cli import main


@pytest.fixture
def place(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    copy = y ^ (rng.random(400) < 0.1)
    frame = pl.DataFrame({"x": rng.normal(size=400) + y, "y": y, "one": ["same"] * 400, "<b>": copy})
    frame.write_csv(tmp_path / "t.csv")
    monkeypatch.chdir(tmp_path)
    return frame


def test_it_prints_what_python_measures_in_bits(place, capsys):
    assert main(["measure", "t.csv", "--target", "y"]) == 0
    printed = capsys.readouterr().out
    assert printed == f"{kb.tables.measure(pl.read_csv('t.csv'), 'y', base=2)}\n"
    assert "H(y), what guessing it costs: = " in printed


def test_json_holds_all_and_html_is_written_beside(place, capsys):
    arguments = ["measure", "t.csv", "--target", "y", "--columns", "x,<b>", "--json", "--html", "m.html"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert [column["name"] for column in found["columns"]] == ["x", "<b>"]
    expected = kb.tables.mutual_information(place, target="y", columns=["<b>"], base=2)["<b>"]
    assert found["columns"][1]["information"]["value"] == pytest.approx(float(expected), rel=1e-12)
    assert found["columns"][1]["information"]["unit"] == "bit"
    page = Path("m.html").read_text(encoding="utf-8")
    assert '<th scope="row" class="name">&lt;b&gt;</th>' in page


def test_a_data_set_brings_its_target(capsys):
    assert main(["measure", "digits", "--columns", "pixel_4_1,pixel_0_0"]) == 0
    assert "target digit, 10 values" in capsys.readouterr().out


REFUSED = {
    "measure no.csv": "no.csv is not a file, expected a table; check the path",
    "measure digit": "digit is neither a file nor a data set, expected a table or one of digits, reviews; check the "
    "path",
    "measure t.csv --target z": "t.csv has no column 'z', expected one of its columns; its columns are x, y, one, <b>",
    "measure t.csv --columns z": "t.csv has no column 'z', expected one of its columns; its columns are x, y, one, <b>",
    "measure t.csv --target one": "t.csv: column 'one' holds one value only, 'same', expected at least two; name "
    "another target",
}


@pytest.mark.parametrize("command", REFUSED)
def test_what_can_be_mended_is_one_line(place, capsys, command):
    assert main(command.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"kullback: error: {REFUSED[command]}")
    assert err.count("\n") == 1


def test_a_page_that_cannot_be_written_is_one_line(place, capsys):
    assert main(["measure", "t.csv", "--html", "no/m.html"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "cannot be written or read: No such file or directory; check the path" in err
    assert err.count("\n") == 1


def test_a_network_tells_what_all_columns_hold_together(place, capsys, monkeypatch):
    """The network is the one of kb.fit on the rows that have a target and on the columns that can be measured."""
    few = functools.partial(kb.fit, folds=2, epochs=2, quiet=True)
    monkeypatch.setattr(sys.modules["kullback.runs"], "fit", few)
    holes = place.with_columns(list=pl.Series([[1]] * 400), y=pl.Series([None, *place["y"][1:]]))
    holes.write_parquet("holes.parquet")
    assert main(["measure", "holes.parquet", "--target", "y", "--network", "--html", "m.html"]) == 0
    expected = few(holes[1:].drop("list"), "y").account.captured
    said = f"a small network captured ≥ {float(expected):.4f} ± {expected.std_error:.4f} bits of y"
    assert said in " ".join(capsys.readouterr().out.split())
    assert said in Path("m.html").read_text(encoding="utf-8")


def test_a_network_needs_a_target(place, capsys):
    assert main(["measure", "t.csv", "--network"]) == 2
    assert capsys.readouterr().err.startswith(
        "kullback: error: --network got no target, expected a column of classes; "
    )
