"""Entropies and information of columns against closed forms, scikit-learn and SciPy, and what tables can hold."""

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.stats
from sklearn.metrics import mutual_info_score
from sklearn.metrics.cluster import contingency_matrix, expected_mutual_information

import kullback as kb
from kullback.errors import TableError, UnsupportedError
from kullback.tables import measure

N = 2000


def only(table, **options):
    """The one column beside the target."""
    (column,) = measure(table, "y", **options).columns
    return column


def copied(rng, n, classes, error):
    """A target of equally likely classes, and a copy that is another class, any of them, in a share of the rows."""
    y = rng.integers(0, classes, n)
    return y, np.where(rng.random(n) < error, (y + rng.integers(1, classes, n)) % classes, y)


def information_of_copy(classes, error):
    """log K − H(e) − e log(K − 1)."""
    return np.log(classes) - scipy.stats.entropy([error, 1 - error]) - error * np.log(classes - 1)


def test_entropy_of_outcomes_is_the_plug_in_with_millers_correction():
    x = np.random.default_rng(0).choice(["a", "b", "c"], N, p=[0.6, 0.3, 0.1])
    counts = np.unique(x, return_counts=True)[1]
    found = kb.tables.entropy({"x": x}, "x", base=2)
    expected = scipy.stats.entropy(counts / N, base=2) + 2 / (2 * N * np.log(2))
    assert float(found) == pytest.approx(expected, rel=1e-12)
    assert found.unit == "bit"
    assert float(kb.tables.entropy({"x": x}, "x")) == pytest.approx(expected * np.log(2), rel=1e-12)


def test_entropy_of_numbers_is_differential():
    x = np.random.default_rng(1).normal(0, 3, N)
    column = measure({"x": x}).columns[0]
    assert column.differential
    truth = 0.5 * np.log(2 * np.pi * np.e * 9)
    assert abs(float(column.entropy) - truth) < 4 * column.entropy.std_error
    assert float(kb.tables.entropy({"x": 10 * x}, "x")) == pytest.approx(float(column.entropy) + np.log(10), abs=1e-9)


def test_information_of_outcomes_is_scikit_learns_less_roulstons_bias():
    y, x = copied(np.random.default_rng(2), N, 4, 0.3)
    column = only({"x": x, "y": y})
    bias = (16 - 4 - 4 + 1) / (2 * N)
    assert float(column.information) == pytest.approx(mutual_info_score(x, y) - bias, rel=1e-9)
    assert column.information.relation == "="


def test_p_value_is_that_of_the_g_test():
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 3, 300), rng.integers(0, 2, 300)
    expected = scipy.stats.chi2.sf(2 * 300 * mutual_info_score(x, y), df=2)
    assert only({"x": x, "y": y}).p_value == pytest.approx(expected, rel=1e-9)


def test_independent_columns_are_0_on_average_and_seen_in_one_of_twenty():
    rng = np.random.default_rng(4)
    draws = 200
    table = {f"x{i}": rng.integers(0, 4, 300) for i in range(draws)} | {"y": rng.integers(0, 3, 300)}
    columns = measure(table, "y").columns
    values = np.array([float(c.information) for c in columns])
    assert abs(values.mean()) < 4 * values.std() / np.sqrt(draws)
    assert values.min() < 0
    seen = np.mean([c.p_value < 0.05 for c in columns])
    assert abs(seen - 0.05) < 4 * np.sqrt(0.05 * 0.95 / draws)


@pytest.mark.parametrize(("classes", "error"), [(2, 0.1), (5, 0.3)])
def test_the_interval_covers_the_information_of_a_noisy_copy(classes, error):
    """Four standard errors of a share of 95 % of 200."""
    rng = np.random.default_rng(5)
    truth = information_of_copy(classes, error)
    found = [only(dict(zip("yx", copied(rng, 500, classes, error), strict=True))).information for _ in range(200)]
    assert all(e.reliable for e in found)
    inside = [low <= truth <= high for low, high in (e.interval(0.95) for e in found)]
    assert 0.95 - 4 * np.sqrt(0.95 * 0.05 / 200) <= np.mean(inside)


def test_two_columns_of_numbers_are_measured_by_neighbours():
    x, noise = np.random.default_rng(6).normal(size=(2, N))
    column = only({"x": x, "y": 0.6 * x + 0.8 * noise})
    assert column.information.method == "nearest neighbours"
    assert abs(float(column.information) + 0.5 * np.log(1 - 0.36)) < 4 * column.information.std_error
    assert column.p_value < 1e-4


def test_numbers_beside_classes_are_binned_and_the_value_is_a_lower_bound():
    """Y says on which side of 0 x is, so that I = log 2 but for the bin in which 0 lies."""
    x = np.random.default_rng(7).normal(size=N)
    column = only({"x": x, "y": x > 0})
    assert column.information.relation == ">="
    assert any(note.startswith("in 20 bins") for note in column.notes)
    assert np.log(2) - 0.07 < float(column.information) <= np.log(2)
    swapped = only({"x": x > 0, "y": x})
    assert any("bins of the target's numbers" in note for note in swapped.notes)
    assert np.log(2) - 0.07 < float(swapped.information) <= np.log(2)


def test_bins_lose_little_of_a_shift_of_a_normal_law():
    rng = np.random.default_rng(8)
    y = rng.random(20_000) < 0.5
    grid = np.linspace(-10, 12, 40_001)
    p, q = scipy.stats.norm.pdf(grid), scipy.stats.norm.pdf(grid, 1)
    half = (p + q) / 2
    truth = np.trapezoid(p * np.log(p / half) + q * np.log(q / half), grid) / 2
    found = only({"x": rng.normal(size=20_000) + y, "y": y}).information
    assert abs(float(found) - truth) < 4 * found.std_error


def test_information_is_never_above_the_entropy_of_the_target():
    rng = np.random.default_rng(9)
    y = rng.choice(["a", "b", "c", "rare"], 500, p=[0.5, 0.3, 0.198, 0.002])
    found = measure({"same": y, "id": [f"{c}{i % 60}" for i, c in enumerate(y)], "y": y}, "y", base=2)
    assert len(found.columns) == 2
    assert all(float(c.information) <= float(found.target.entropy) for c in found.columns)


def test_ids_and_free_text_are_undersampled_and_nothing_is_said_of_the_target():
    y = ["yes", "no"] * 100
    texts = [f"this is remark number {i}" for i in range(200)]
    found = measure({"id": [f"n{i}" for i in range(200)], "remark": texts, "y": y}, "y")
    for column in found.columns:
        assert (column.information, column.p_value) == (None, None)
        assert (column.entropy.relation, column.entropy.reliable) == (">=", False)
        assert float(column.entropy) == pytest.approx(np.log(200))
        assert any(note.startswith("undersampled") for note in column.notes)
        assert any(note.startswith("no information") for note in column.notes)
    assert [c.kind for c in found.columns] == ["categorical", "text"]
    assert kb.tables.mutual_information({"id": range(200), "remark": texts, "y": y}, target="y").keys() == {"id"}


def test_a_long_tail_has_no_interval():
    rng = np.random.default_rng(10)
    q = np.arange(1, 5001) ** -1.6
    column = measure({"x": [f"w{i}" for i in rng.choice(5000, 3000, p=q / q.sum())]}).columns[0]
    assert not column.entropy.reliable
    assert any("may be too low" in note for note in column.notes)


def test_pairs_that_were_not_seen_take_the_interval_away_and_all_of_chance():
    """Independent columns of which most pairs are rare: corrected by the pairs seen, all would be far above 0."""
    rng = np.random.default_rng(11)
    y = rng.random(1500) < 0.05
    table = {f"x{i}": rng.integers(0, 100, 1500) % 97 for i in range(40)}
    table = {name: x.astype(str) for name, x in table.items()} | {"y": y}
    columns = measure(table, "y").columns
    values = np.array([float(c.information) for c in columns])
    assert {(c.information.reliable, c.information.relation) for c in columns} == {(False, ">=")}
    assert abs(values.mean()) < 4 * values.std() / np.sqrt(40)
    assert sum(c.p_value < 0.05 for c in columns) <= 2 + 4 * np.sqrt(2)
    x = table["x0"]
    expected = expected_mutual_information(contingency_matrix(x, y, sparse=True), 1500)
    assert float(columns[0].information) == pytest.approx(mutual_info_score(x, y) - expected, abs=0.001)


def test_rare_values_count_as_one():
    rng = np.random.default_rng(12)
    y = rng.integers(0, 2, N)
    x = [f"rare{i}" if i % 10 == 0 else "ab"[k] for i, k in enumerate(y)]
    column = only({"x": x, "y": y})
    assert "200 values count as one, being rare" in column.notes
    assert column.information.relation == ">="
    assert float(column.information) == pytest.approx(0.9 * np.log(2), abs=0.01)


def test_missing_values_and_nan_are_an_outcome_of_their_own():
    y = np.array([0, 1] * 500)
    x = pl.Series([None if k else "a" for k in y])
    column = only({"x": x, "y": y})
    assert (column.distinct, column.missing) == (1, 500)
    assert float(column.information) == pytest.approx(np.log(2), abs=0.002)
    assert float(column.entropy) == pytest.approx(np.log(2), abs=0.002)
    numbers = np.random.default_rng(13).normal(size=1000)
    with_nan = only({"x": np.where(y, np.nan, numbers), "y": y})
    with_null = only({"x": pl.Series(numbers).set(pl.Series(y == 1), None), "y": y})
    assert with_nan.missing == with_null.missing == 500
    assert float(with_nan.information) == float(with_null.information) == pytest.approx(np.log(2), abs=0.01)
    assert float(with_nan.entropy) == float(kb.tables.entropy({"x": numbers[y == 0]}, "x"))


def test_rows_without_a_target_are_left_out_and_counted():
    y, x = copied(np.random.default_rng(14), 600, 2, 0.2)
    holes = pl.Series([None if i % 3 == 0 else f"c{k}" for i, k in enumerate(y)])
    found = measure({"x": x, "y": holes}, "y")
    kept = np.arange(600) % 3 != 0
    assert (found.rows, found.left_out) == (400, 200)
    assert float(found.columns[0].information) == float(only({"x": x[kept], "y": y[kept]}).information)
    nan = np.where(kept, y, np.nan)
    assert measure({"x": x, "y": nan}, "y").left_out == 200


def test_constants_hold_nothing():
    column = only({"x": ["same"] * 100, "y": [0, 1] * 50})
    assert (float(column.entropy), float(column.information), column.p_value) == (0.0, 0.0, 1.0)
    assert float(kb.tables.entropy({"x": [1.5] * 100}, "x")) == 0.0


def test_one_row_and_few_rows():
    column = measure({"x": [1.5], "word": ["a"]}).columns[0]
    assert not column.entropy.reliable
    few = only({"x": ["a", "b", "c", "a"], "y": [0, 1, 0, 1]})
    assert few.information is None


@pytest.mark.parametrize(
    ("values", "continuous"),
    [
        ([dt.date(2024, 1, 1) + dt.timedelta(days=i % 7) for i in range(700)], False),
        ([dt.datetime(2024, 1, 1) + dt.timedelta(seconds=i**2) for i in range(700)], True),
        ([dt.time(i % 23) for i in range(700)], False),
        ([dt.timedelta(seconds=i**2) for i in range(700)], True),
    ],
)
def test_dates_and_times_are_numbers(values, continuous):
    y = [i % 2 for i in range(350)] * 2
    column = only({"x": values, "y": y})
    assert (column.kind, column.differential) == ("datetime", continuous)
    assert abs(float(column.information)) < 0.02
    if continuous:
        seconds = kb.tables.entropy({"x": np.arange(700.0) ** 2}, "x")
        assert float(column.entropy) == pytest.approx(float(seconds), rel=1e-9)


def test_infinite_numbers_have_no_differential_entropy_but_information():
    x = np.random.default_rng(15).normal(size=N)
    x[:20] = np.inf
    column = only({"x": x, "y": x > 0})
    assert column.entropy is None
    assert any("infinite" in note for note in column.notes)
    assert float(column.information) > 0.6
    assert only({"x": x, "y": x}).information.method == "plug-in less chance"
    with pytest.raises(TableError, match="holds an infinite number, expected finite numbers"):
        kb.tables.entropy({"x": x}, "x")


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.table, lambda t: pl.DataFrame(t).lazy()])
def test_any_engine_gives_the_same(make):
    y, x = copied(np.random.default_rng(16), 500, 3, 0.4)
    table = {"x": [f"c{k}" for k in x], "z": np.random.default_rng(17).normal(size=500), "y": [f"k{k}" for k in y]}
    assert measure(make(table), "y").to_dict() == measure(table, "y").to_dict()


def test_columns_are_chosen_and_sorted():
    y, x = copied(np.random.default_rng(18), 500, 2, 0.1)
    _, worse = copied(np.random.default_rng(18), 500, 2, 0.3)
    table = {"worse": worse, "x": x, "y": y, "id": [f"n{i}" for i in range(500)]}
    assert [c.name for c in measure(table, "y").by_information()] == ["x", "worse", "id"]
    assert list(kb.tables.mutual_information(table, target="y")) == ["x", "worse"]
    assert [c.name for c in measure(table, "y", columns=["id", "y", "id"]).columns] == ["id"]
    assert measure(table, columns=["x"]).columns[0].information is None


def test_columns_of_other_types_are_told():
    column = only({"x": [[1]] * 100, "y": [0, 1] * 50})
    assert (column.kind, column.entropy, column.information) == ("List(Int64)", None, None)
    assert column.notes[0].startswith("not measured: a column of type List(Int64)")


REFUSED = {
    "no rows": ({"x": []}, {}, TableError, "table has no rows"),
    "no such column": ({"x": [1, 2]}, {"columns": ["y"]}, TableError, "table has no column 'y'"),
    "a string of columns": ({"x": [1, 2]}, {"columns": "x"}, TableError, r"write columns=\['x'\]"),
    "no such target": ({"x": [1, 2]}, {"target": "y"}, TableError, "table has no column 'y'"),
    "constant": ({"x": [1, 2], "y": [3, 3]}, {"target": "y"}, TableError, "'y' holds one value only, 3, expected"),
    "missing": ({"x": [1, 2], "y": [None, None]}, {"target": "y"}, TableError, "'y' is missing in every row"),
    "ids": ({"y": [f"n{i}" for i in range(50)]}, {"target": "y"}, TableError, "50 different values in 50 rows"),
    "lists": ({"y": [[1], [2]]}, {"target": "y"}, UnsupportedError, "'y' has type List.*; name another column"),
    "no table": (7, {}, UnsupportedError, "table is a int"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_name_the_remedy(case):
    table, options, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        measure(table, **options)
