"""Predictions of any model: which columns are which, which label is which class, and what is refused."""

import numpy as np
import polars as pl
import pytest

from kullback.errors import TableError
from kullback.tables import Roles, read_predictions

Q = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.25, 0.25, 0.5], [0.5, 0.25, 0.25]])


def read(tmp_path, columns, file="p.parquet", **roles):
    path = tmp_path / file
    frame = pl.DataFrame(columns)
    frame.write_parquet(path) if file.endswith("parquet") else frame.write_csv(path)
    return read_predictions(path, Roles(**roles))


def three(*names, q=Q):
    return {name: q[:, i] for i, name in enumerate(names)}


def one_hot(indices, k=3):
    return np.eye(k)[list(indices)]


@pytest.mark.parametrize("file", ["p.parquet", "p.csv"])
def test_named_probabilities_and_target(tmp_path, file):
    found = read(
        tmp_path, three("p0", "p1", "p2") | {"y": [2, 0, 1, 1]}, file, probabilities=("p0", "p1", "p2"), target="y"
    )
    np.testing.assert_allclose(found.scores, Q)
    np.testing.assert_array_equal(found.counts, one_hot([2, 0, 1, 1]))
    assert (found.are_logits, found.classes, found.groups) == (False, ("0", "1", "2"), None)


def test_logits(tmp_path):
    found = read(
        tmp_path, three("a", "b", "c", q=Q * 9 - 3) | {"y": ["a", "c", "b", "b"]}, logits=("a", "b", "c"), target="y"
    )
    assert found.are_logits
    np.testing.assert_allclose(found.scores, Q * 9 - 3)
    np.testing.assert_array_equal(found.counts, one_hot([0, 2, 1, 1]))


def test_a_runs_own_columns_are_found_by_name_in_any_order(tmp_path):
    counts = {"count_neutral": [1, 0, 0, 2], "count_negative": [0, 3, 0, 0], "count_new": [0, 0, 1, 0]}
    columns = three("p_negative", "p_neutral", "p_new") | counts | {"group": ["u", "u", "v", "w"]}
    found = read(tmp_path, columns)
    assert found.classes == ("negative", "neutral", "new")
    np.testing.assert_array_equal(found.counts, [[0, 1, 0], [3, 0, 0], [0, 0, 1], [0, 2, 0]])
    assert list(found.groups) == ["u", "u", "v", "w"]


def test_groups_of_a_run_are_left_out_where_other_labels_are_named(tmp_path):
    columns = three("p_a", "p_b", "p_c") | {"group": [1, 1, 2, 2], "y": ["a", "b", "c", "c"]}
    assert read(tmp_path, columns, target="y").groups is None
    assert list(read(tmp_path, columns, target="y", group="group").groups) == ["1", "1", "2", "2"]


MATCHES = [
    # columns, labels, the class of each label, the names shown
    (("p_negative", "p_neutral", "p_new"), ["neutral", "negative", "new", "new"], [1, 0, 2, 2], "negative neutral new"),
    (("p_cat", "p_cow", "p_cud"), ["cow", "cat", "cud", "cat"], [1, 0, 2, 0], "cat cow cud"),
    (("yes", "no", "none"), ["none", "yes", "no", "no"], [2, 0, 1, 1], "yes no none"),
    (("pa", "pb", "pc"), ["c", "a", "b", "b"], [2, 0, 1, 1], "a b c"),
    (("p_1", "p_2", "p_3"), [1.0, 2.0, 2.0, 1.0], [0, 1, 1, 0], "1 2 3"),
    (("p_1", "p_2", "p_3"), [1, 3, 2, 1], [0, 2, 1, 0], "1 2 3"),
    (("p_1", "p_2", "p_3"), [1, 0, 2, 1], [1, 0, 2, 1], "1 2 3"),
    (("p_a", "p_b", "p_c"), [0, 2, 1, 1], [0, 2, 1, 1], "a b c"),
    (("p_a", "p_b", "p_c"), ["p_a", "p_c", "p_b", "p_b"], [0, 2, 1, 1], "p_a p_b p_c"),
    (("class9", "class10", "class11"), [11, 10, 9, 9], [2, 1, 0, 0], "9 10 11"),
]


@pytest.mark.parametrize(("columns", "labels", "classes", "shown"), MATCHES)
def test_which_label_is_which_column(tmp_path, columns, labels, classes, shown):
    found = read(tmp_path, three(*columns) | {"y": labels}, probabilities=columns, target="y")
    np.testing.assert_array_equal(found.counts, one_hot(classes))
    assert found.classes == tuple(shown.split())


def test_names_that_are_given(tmp_path):
    columns = three("u", "v", "w") | {"y": ["b", "a", "c", "c"]}
    found = read(tmp_path, columns, probabilities=("u", "v", "w"), target="y", classes=("c", "b", "a"))
    assert found.classes == ("c", "b", "a")
    np.testing.assert_array_equal(found.counts, one_hot([1, 2, 0, 0]))


def test_several_annotators(tmp_path):
    columns = three("p_a", "p_b", "p_c") | {"r1": ["a", "b", None, "c"], "r2": ["a", "", "b", "b"]}
    found = read(tmp_path, columns, labels=("r1", "r2"))
    np.testing.assert_array_equal(found.counts, [[2, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 1]])


def test_float32_stays_so_since_it_decides_how_closely_rows_must_sum_to_one(tmp_path):
    columns = {name: pl.Series(x, dtype=pl.Float32) for name, x in three("p_a", "p_b", "p_c").items()}
    assert read(tmp_path, columns | {"y": ["a", "b", "c", "a"]}, target="y").scores.dtype == np.float32
    columns["p_a"] = columns["p_a"].cast(pl.Float64)
    assert read(tmp_path, columns | {"y": ["a", "b", "c", "a"]}, target="y").scores.dtype == np.float64


P3 = three("p_a", "p_b", "p_c")
REFUSED = [
    (
        {"y": [0, 1]},
        {"target": "y"},
        "has no columns p_…, expected probabilities; name their columns with --probabilities",
    ),
    (P3, {}, "got no labels, expected a column of them; name it with --target"),
    (P3, {"target": "y"}, "has no column 'y', expected one of its columns; its columns are p_a, p_b, p_c"),
    (
        P3 | {"y": ["a", "b", "c", "d"]},
        {"target": "y"},
        ": column 'y' holds 'd' in row 3 (counted from 0), expected one of a, b, c; drop these rows or name "
        "every class, with a prediction column each: there are 3",
    ),
    (
        P3 | {"y": [0, 1, 3, 3]},
        {"target": "y"},
        ": column 'y' holds '3' in 2 rows (2, 3, counted from 0), expected one of 0, 1, 2; drop these rows or name "
        "every class, with a prediction column each: there are 3",
    ),
    (
        P3 | {"p_b": [0.1, None, 0.1, 0.1], "y": [0, 1, 2, 1]},
        {"target": "y"},
        ": column 'p_b' is missing in row 1 (counted from 0), expected a number in every row; fill it",
    ),
    (
        P3 | {"p_b": ["a"] * 4, "y": [0, 1, 2, 1]},
        {"target": "y"},
        ": column 'p_b' has type String, expected numbers; name other columns",
    ),
    (
        P3 | {"y": [0, 1, 2, 1]},
        {"target": "y", "probabilities": ("p_a", "p_a")},
        "got columns p_a, p_a, expected at least two different ones; name one for each class",
    ),
    (
        P3 | {"y": [0, 1, 2, 1]},
        {"target": "y", "probabilities": ("p_a",)},
        "got columns p_a, expected at least two different ones; name one for each class",
    ),
    (
        P3 | {"y": [0, 1, 2, 1]},
        {"target": "y", "classes": ("a", "b")},
        "got 2 classes, expected 3, one per prediction column; name all",
    ),
    (
        P3 | {"n": [1, 1, 1, 1]},
        {"counts": ("n",)},
        "has 1 columns of counts, expected 3, one per prediction column; name them in the same order",
    ),
    (
        P3 | {"y": [0, 1, 2, 1], "g": ["u", None, None, "v"]},
        {"target": "y", "group": "g"},
        ": column 'g' is missing in 2 rows (1, 2, counted from 0), expected a group in every row; fill it",
    ),
    (
        P3 | {"y": [0, 1, 2, 1]},
        {"target": "y", "probabilities": ("p_a", "p_b"), "logits": ("p_a", "p_b")},
        "got probabilities and logits, expected one of them; leave the other out",
    ),
]


@pytest.mark.parametrize(("columns", "roles", "message"), REFUSED)
def test_what_is_refused(tmp_path, columns, roles, message):
    with pytest.raises(TableError) as caught:
        read(tmp_path, columns, **roles)
    path = tmp_path / "p.parquet"
    assert str(caught.value) == f"{path}{message if message[0] == ':' else ' ' + message}"


def from_npz(tmp_path, arrays, **roles):
    np.savez(tmp_path / "p.npz", **arrays)
    return read_predictions(tmp_path / "p.npz", Roles(**roles))


def test_npz_with_labels_of_one_or_several_annotators(tmp_path):
    y = np.array([2, 0, 1, 1])
    found = from_npz(tmp_path, {"probabilities": Q, "labels": y, "groups": np.array([0, 0, 1, 1])})
    np.testing.assert_array_equal(found.counts, one_hot(y))
    assert list(found.groups) == [0, 0, 1, 1]
    several = np.array([[2, 2], [0, -1], [-1, 1], [0, 1]])
    found = from_npz(tmp_path, {"logits": Q, "labels": several})
    assert found.are_logits
    np.testing.assert_array_equal(found.counts, [[0, 0, 2], [1, 0, 0], [0, 1, 0], [1, 1, 0]])


def test_npz_with_counts_and_other_names(tmp_path):
    counts = np.array([[1, 0, 0], [0, 2, 0], [1, 1, 1], [0, 0, 9]])
    assert from_npz(tmp_path, {"probabilities": Q, "counts": counts}).counts.tolist() == counts.tolist()
    found = from_npz(
        tmp_path, {"q": Q, "truth": [0, 1, 2, 2]}, probabilities=("q",), target="truth", classes=("x", "y", "z")
    )
    assert found.classes == ("x", "y", "z")
    np.testing.assert_array_equal(found.counts, one_hot([0, 1, 2, 2]))


NPZ_REFUSED = [
    (
        {"labels": [0, 1]},
        {},
        "has no array 'probabilities' or 'logits' (N, K), expected one; name it with --probabilities",
    ),
    (
        {"probabilities": Q[:, 0]},
        {},
        "has no array 'probabilities' or 'logits' (N, K), expected one; name it with --probabilities",
    ),
    ({"probabilities": Q}, {}, "has no array 'labels' or 'counts', expected one; name it with --target"),
    ({"probabilities": Q}, {"target": "y"}, "has no array 'y', expected one of probabilities; name another"),
    ({"probabilities": Q, "labels": 1}, {}, ": labels have shape (), expected (4,) or (4, k); one row per prediction"),
    (
        {"probabilities": Q, "labels": [1]},
        {},
        ": labels have shape (1,), expected (4,) or (4, k); one row per prediction",
    ),
    (
        {"probabilities": Q, "labels": [0, 3, 1, 2]},
        {},
        ": labels hold 3 in row 1 (counted from 0), expected 0 to 2; give a prediction column for every class",
    ),
    (
        {"probabilities": Q, "labels": ["a", "b", "c", "c"]},
        {},
        ": labels have dtype <U1, expected integers, -1 for a missing one; give each label's column of the "
        "predictions, from 0 on",
    ),
    (
        {"probabilities": Q, "counts": [["a"] * 3] * 4},
        {},
        ": counts have dtype <U1, expected whole numbers of labels; convert them",
    ),
    (
        {"probabilities": Q, "r1": [0] * 4, "r2": [1] * 4},
        {"labels": ("r1", "r2")},
        "got 2 names of arrays, r1, r2, expected one; stack them into an array with one column each",
    ),
    (
        {"probabilities": Q, "labels": np.array([0, None, 1, 2], object)},
        {},
        "cannot be read as .npz, expected numbers saved by numpy.savez; save it again, without objects",
    ),
]


@pytest.mark.parametrize(("arrays", "roles", "message"), NPZ_REFUSED)
def test_npz_that_is_refused(tmp_path, arrays, roles, message):
    with pytest.raises(TableError) as caught:
        from_npz(tmp_path, arrays, **roles)
    assert str(caught.value) == f"{tmp_path / 'p.npz'}{message if message[0] == ':' else ' ' + message}"


def lone_array(path):
    with path.open("wb") as file:
        np.save(file, Q)


def damaged(path):
    np.savez_compressed(path, probabilities=np.random.default_rng(0).random((999, 3)), labels=np.zeros(999, int))
    content = bytearray(path.read_bytes())
    content[2000:2500] = bytes(500)
    path.write_bytes(content)


NO_NPZ = {
    "lone array": lone_array,
    "damaged": damaged,
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("p0,p1\n1,0\n"),
    "zip of text": np.savez,
}


@pytest.mark.parametrize("case", NO_NPZ)
def test_what_is_no_npz(tmp_path, case):
    NO_NPZ[case](tmp_path / "p.npz")
    with pytest.raises(TableError, match=r"^[^\n]+p\.npz (cannot be read as|has no array)[^\n]+; [^\n]+$"):
        read_predictions(tmp_path / "p.npz", Roles())


def test_an_npz_that_is_not_there(tmp_path):
    with pytest.raises(TableError, match=r"no\.npz is not a file, expected predictions; check the path$"):
        read_predictions(tmp_path / "no.npz", Roles())


def test_a_million_rows_are_read_whole(tmp_path):
    n, rng = 1_000_000, np.random.default_rng(0)
    q = rng.random((n, 10), np.float32)
    y = rng.integers(0, 10, n)
    columns = {f"p{i}": q[:, i] for i in range(10)} | {"y": y}
    pl.DataFrame(columns).write_parquet(tmp_path / "p.parquet", compression="uncompressed")
    found = read_predictions(tmp_path / "p.parquet", Roles(probabilities=tuple(columns)[:10], target="y"))
    assert (found.counts.argmax(axis=1) == y).all()
    assert found.counts.sum() == n
