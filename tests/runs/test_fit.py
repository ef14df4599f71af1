"""fit: from a table to a Fit and its folder, and back."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import kullback as kb
from kullback.errors import InputError, RunFolderError, TableError

FILES = {"model.safetensors", "config.json", "predictions.parquet", "history.jsonl", "report.html", "account.json"}
QUICK = {"folds": 2, "epochs": 2, "quiet": True}


def make_table(n: int = 120, seed: int = 0) -> pl.DataFrame:
    """Numbers, categories, dates and text with holes, and a label that depends on the first two."""
    rng = np.random.default_rng(seed)
    x, c = rng.normal(size=n), rng.choice(["a", "b", "c"], n)
    words = np.array(["good", "bad", "plain", "very", "not", "thing"])
    texts = [" ".join(rng.choice(words, 5)) + f" {i}" for i in range(n)]
    label = np.where(x + (c == "a") + rng.normal(size=n) > 0.5, "yes", "no")
    frame = pl.DataFrame({"x": x, "c": c, "when": ["2024-01-01"] * n, "text": texts, "ok": x > 0, "y": label})
    return frame.with_columns(
        pl.col("when").str.to_date() + pl.duration(days=pl.int_range(n)),
        pl.when(pl.int_range(n) % 7 == 0).then(None).otherwise(pl.col("x")).alias("x"),
        pl.when(pl.int_range(n) % 11 == 0).then(None).otherwise(pl.col("text")).alias("text"),
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("runs") / "deep" / "run"
    return kb.fit(make_table(), target="y", output=folder, **QUICK), folder


def test_the_folder_holds_what_it_should(run):
    _, folder = run
    assert {path.name for path in folder.iterdir()} == FILES
    kinds = json.loads((folder / "config.json").read_text())["kinds"]
    assert kinds == {"x": "numeric", "c": "categorical", "when": "datetime", "text": "text", "ok": "categorical"}


def test_account_json_names_every_number(run):
    fitted, folder = run
    account = json.loads((folder / "account.json").read_text())
    for name in ("prior_entropy", "cross_entropy", "captured", "entropy_gap", "brier", "calibration_upper"):
        assert {"value", "std_error", "unit", "relation", "method"} <= account[name].keys()
        assert account[name]["value"] == pytest.approx(float(getattr(fitted.account, name)))
    assert account["floor_lower"] is None
    assert account["brier_floor"] is None
    assert account["cross_entropy"]["unit"] == "bit"


def test_every_row_is_predicted_out_of_its_fold(run):
    fitted, folder = run
    predictions = pl.read_parquet(folder / "predictions.parquet")
    assert predictions.columns == ["row", "fold", "p_no", "p_yes", "count_no", "count_yes"]
    assert predictions["row"].to_list() == list(range(120))
    assert predictions["fold"].value_counts()["count"].to_list() == [60, 60]
    y = make_table()["y"]
    assert predictions["count_yes"].to_list() == (y == "yes").cast(int).to_list()
    loss = -np.log2(np.where(y == "yes", predictions["p_yes"], predictions["p_no"])).mean()
    assert float(fitted.account.cross_entropy) == pytest.approx(loss, rel=1e-12)


def test_history_has_a_line_per_epoch_in_bits(run):
    _, folder = run
    lines = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    assert [(line["fold"], line["epoch"]) for line in lines] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert all(line["unit"] == "bit" and 0 < line["held_out"] < 5 for line in lines)


def test_loaded_it_predicts_the_same(run):
    fitted, folder = run
    new = make_table(40, seed=1).drop("y")
    again = kb.load(folder)
    assert_frame_equal(again.predict(new), fitted.predict(new), check_exact=True)
    assert repr(again.account) == repr(fitted.account)
    p = fitted.predict(new)
    assert p.columns == ["p_no", "p_yes", "predicted", "entropy"]
    q = p.select("p_no", "p_yes").to_numpy()
    np.testing.assert_allclose(q.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(p["entropy"], -(q * np.log2(q)).sum(axis=1), atol=1e-12)


def test_the_seed_decides(run):
    fitted, _ = run
    same, other = (kb.fit(make_table(), target="y", seed=seed, **QUICK).predictions for seed in (0, 1))
    assert_frame_equal(same, fitted.predictions, check_exact=True)
    assert (other["p_yes"] != fitted.predictions["p_yes"]).any()


def test_a_given_test_table_is_what_is_accounted_for(tmp_path):
    path = tmp_path / "test.csv"
    make_table(50, seed=3).write_csv(path)
    fitted = kb.fit(make_table(), target="y", test=path, **QUICK)
    assert len(fitted.predictions) == 50
    assert "test.csv" in fitted.account.held_out
    expected = fitted.predict(path)["p_yes"]
    np.testing.assert_allclose(fitted.predictions["p_yes"], expected, rtol=1e-12)


def test_groups_are_sampling_units_and_not_divided():
    table = make_table().with_columns((pl.int_range(120) // 4).alias("who"))
    fitted = kb.fit(table, target="y", group="who", **QUICK)
    assert "who" not in fitted.config["kinds"]
    assert fitted.predictions.group_by("group").agg(pl.col("fold").n_unique())["fold"].max() == 1
    assert fitted.account.cross_entropy.n == 30


@pytest.mark.parametrize("way", ["labels", "counts"])
def test_several_labels_bracket_the_floor(way: str):
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    votes = rng.random((200, 5)) < 1 / (1 + np.exp(-2 * x))[:, None]
    if way == "labels":
        seen = {f"r{j}": [None if j and rng.random() < 0.2 else bool(v) for v in votes[:, j]] for j in range(5)}
        fitted = kb.fit({"x": x} | seen, labels=list(seen), **QUICK)
    else:
        seen = {"no": 5 - votes.sum(axis=1), "yes": votes.sum(axis=1)}
        fitted = kb.fit({"x": x} | seen, counts=["no", "yes"], **QUICK)
    assert list(fitted.config["kinds"]) == ["x"]
    assert 0 < float(fitted.account.floor_lower) < float(fitted.account.floor_upper) < 1


def test_reviews_reach_the_figure_of_the_readme():
    """1.13 bits at most, where logistic regression on tf-idf reaches 1.136; floor bracket near [.48, .55]."""
    account = kb.fit("reviews", quiet=True).account
    assert float(account.cross_entropy) <= 1.13
    assert float(account.prior_entropy) == pytest.approx(1.496, abs=0.001)
    assert float(account.floor_lower) == pytest.approx(0.48, abs=0.03)
    assert float(account.floor_upper) == pytest.approx(0.55, abs=0.03)


def test_digits_reach_a_quarter_of_a_bit():
    account = kb.fit("digits", quiet=True).account
    assert float(account.cross_entropy) <= 0.25
    assert account.floor_lower is None


def test_an_earlier_run_is_refused_and_then_replaced(tmp_path):
    folder = tmp_path / "run"
    kb.fit(make_table(), target="y", output=folder, **QUICK)
    with pytest.raises(RunFolderError, match=r"exists, expected a new one; use overwrite=True \(--overwrite\)"):
        kb.fit(make_table(), target="y", output=folder, **QUICK)
    kb.fit(make_table(), target="y", output=folder, overwrite=True, seed=5, **QUICK)
    assert kb.load(folder).config["seed"] == 5


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path):
    (tmp_path / "precious.txt").write_text("keep")
    with pytest.raises(RunFolderError, match="is no run folder"):
        kb.fit(make_table(), target="y", output=tmp_path, overwrite=True, **QUICK)
    assert (tmp_path / "precious.txt").read_text() == "keep"


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"target": "z"}, TableError, "has no column 'z'"),
        ({"target": "y", "group": "z"}, TableError, "has no column 'z'"),
        ({"target": "y", "labels": ["x"]}, TableError, "expected one of target, labels or counts"),
        ({}, TableError, "expected one of target, labels or counts"),
        (
            {"target": "x"},
            TableError,
            r"column 'x' holds -0\.132105 in row 1 .*, expected classes; bin the numbers first",
        ),
        ({"target": "y", "drop": ["x", "c", "when", "text", "ok"]}, TableError, "no columns left for features"),
        (
            {"target": "y", "kinds": {"c": "number"}},
            InputError,
            "'number', expected numeric, categorical, datetime, text",
        ),
        ({"target": "y", "folds": 1}, InputError, "folds is 1, expected 2 to 120"),
    ],
)
def test_what_cannot_be_fitted_is_refused_before_anything_is_written(arguments, error, message, tmp_path):
    with pytest.raises(error, match=message):
        kb.fit(make_table(), output=tmp_path / "run", **({"quiet": True} | arguments))
    assert not (tmp_path / "run").exists()
