"""Columns of labels give counts per class; what is no label is refused with its row."""

import datetime
from collections import Counter

import numpy as np
import polars as pl
import pytest

from kullback.errors import TableError
from kullback.tables import read_labels


def counted(rows, classes):
    return np.array([[Counter(row)[c] for c in classes] for row in rows], float)


def test_one_target():
    found = read_labels(pl.DataFrame({"y": ["b", "a", "b", "c", "a", "b"]}), target="y")
    assert found.classes == ("a", "b", "c")
    assert found.columns == ("y",)
    np.testing.assert_array_equal(found.counts, counted("babcab", "abc"))


def test_annotators_with_missing_labels_and_varying_k():
    columns = {"r1": ["x", "y", None, "x"], "r2": ["x", "", "y", "y"], "r3": [None, None, None, "y"]}
    found = read_labels(pl.DataFrame(columns), labels=["r1", "r2", "r3"])
    np.testing.assert_array_equal(found.counts, counted(["xx", "y", "y", "xyy"], "xy"))
    assert found.columns == ("r1", "r2", "r3")


def test_counts_of_classes():
    frame = pl.DataFrame({"neg": [1, 0, None], "pos": [2.0, 3.0, 1.0]})
    found = read_labels(frame, counts=["neg", "pos"])
    assert found.classes == ("neg", "pos")
    np.testing.assert_array_equal(found.counts, [[1, 2], [0, 3], [0, 1]])
    assert read_labels(frame, counts=["neg", "pos"], classes=["−", "+"]).classes == ("−", "+")


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        ([10, 9, 1, 10, 9, 1], ("1", "9", "10")),
        ([1.0, 0.0, float("nan"), 1.0][:2] * 2, ("0", "1")),
        ([True, False, True, False], ("false", "true")),
        ([" a", "b ", "a", "b"], ("a", "b")),
        ([datetime.date(2024, 1, 2), datetime.date(2023, 1, 2)] * 2, ("2023-01-02", "2024-01-02")),
        (pl.Series(["u", "v", "u", "v"], dtype=pl.Categorical), ("u", "v")),
    ],
)
def test_classes_of_other_types(values, classes):
    assert read_labels(pl.DataFrame({"y": values}), target="y").classes == classes


def test_integers_and_whole_floats_are_the_same_class():
    frame = pl.DataFrame({"a": [1, 2, 1, 2], "b": [1.0, float("nan"), 2.0, None], "c": ["1", "2", "1", "2"]})
    found = read_labels(frame, labels=["a", "b", "c"])
    np.testing.assert_array_equal(found.counts, counted(["111", "22", "121", "22"], "12"))


def test_classes_that_are_given_keep_their_order_and_may_be_absent():
    found = read_labels(pl.DataFrame({"y": ["a", "a"]}), target="y", classes=["z", "a"])
    assert found.classes == ("z", "a")
    np.testing.assert_array_equal(found.counts, [[0, 1], [0, 1]])


Y = pl.DataFrame(
    {
        "y": ["a", "b", None, ""],
        "one": ["a"] * 4,
        "real": [1.0, 0.5, 2.0, 3.0],
        "inf": [0.0, 1.0, float("inf"), 1.0],
        "list": [[1]] * 4,
        "word": ["a", "b", "c", "a"],
        "minus": [1, -1, 0, 1],
        "half": [1.0, 1.0, 0.5, 1.0],
        "zero": [1, 0, 0, 1],
        "none": [None] * 4,
    },
    schema_overrides={"none": pl.String},
)
REFUSED = [
    ({}, "got no labels, expected one of target, labels or counts; name the column of labels with target= (--target)"),
    (
        {"target": "y", "counts": ["zero"]},
        "got target and counts, expected one of target, labels or counts; name the column of labels with target= "
        "(--target)",
    ),
    ({"target": "rael"}, "has no column 'rael', expected one of its columns; did you mean 'real'?"),
    (
        {"target": "y"},
        ": column 'y' is missing in 2 rows (2, 3, counted from 0), expected a label in every row; "
        "drop the rows without one",
    ),
    (
        {"labels": ["y", "none"]},
        ": columns y, none hold no label in 2 rows (2, 3, counted from 0), expected a label in every row; "
        "drop the rows without one",
    ),
    ({"target": "one"}, ": labels hold one class only, 'a', expected at least two; check the column"),
    (
        {"target": "real"},
        ": column 'real' holds 0.5 in row 1 (counted from 0), expected classes; bin the numbers first, or pass label "
        "counts with counts= (--counts)",
    ),
    (
        {"target": "inf"},
        ": column 'inf' holds inf in row 2 (counted from 0), expected classes; bin the numbers first, or pass label "
        "counts with counts= (--counts)",
    ),
    (
        {"target": "list"},
        ": column 'list' has type List(Int64), expected strings, integers or booleans; convert it or name another",
    ),
    (
        {"target": "word", "classes": ["a", "b"]},
        ": column 'word' holds 'c' in row 2 (counted from 0), expected one of a, b; "
        "drop these rows or name every class",
    ),
    ({"labels": ["word", "word"]}, ": columns word, word name one twice, expected each once; name it once"),
    (
        {"counts": ["zero", "minus"]},
        ": column 'minus' holds -1 in row 1 (counted from 0), expected whole numbers of labels from 0 on; "
        "mend or drop these rows",
    ),
    (
        {"counts": ["zero", "half"]},
        ": column 'half' holds 0.5 in row 2 (counted from 0), expected whole numbers of labels from 0 on; "
        "mend or drop these rows",
    ),
    (
        {"counts": ["zero", "word"]},
        ": column 'word' has type String, expected numbers of labels; name other columns",
    ),
    (
        {"counts": ["zero", "half"], "classes": ["a", "b", "c"]},
        " has 2 columns of counts, expected 3, one per class; name the others too",
    ),
]


@pytest.mark.parametrize(("asked", "message"), REFUSED)
def test_what_is_refused(asked, message):
    with pytest.raises(TableError) as caught:
        read_labels(Y, **asked, where="t.csv")
    assert str(caught.value) == f"t.csv{message if message[0] in ': ' else ' ' + message}"


def test_ids_and_numbers_are_no_classes():
    frame = pl.DataFrame({"id": range(100)})
    with pytest.raises(TableError, match=r"labels hold 100 different values in 100 rows, expected classes; .* bin it"):
        read_labels(frame, target="id")


def test_a_message_about_many_classes_stays_short():
    with pytest.raises(TableError) as caught:
        read_labels(pl.DataFrame({"y": ["q"]}), target="y", classes=[f"class {i}" for i in range(500)])
    assert len(str(caught.value)) < 400


def test_columns_of_different_questions_are_refused():
    frame = pl.DataFrame({"income": ["low", "high"] * 6, "city": ["Oslo", "Rome"] * 6})
    with pytest.raises(TableError, match=r"^t.csv: columns income, city share no label, expected "):
        read_labels(frame, labels=["income", "city"], where="t.csv")
