"""Files and dataframes of every engine give one polars table, or one line that says what to mend."""

import contextlib
import datetime
import io

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from kullback.errors import TableError, UnsupportedError
from kullback.tables import as_frame, name_rows, read_table, require_columns

ROWS = {"n": [1, 2, 3], "x": [0.5, None, -1.25], "s": ["a", "é, b", None]}


def parquet_bytes():
    buffer = io.BytesIO()
    pl.DataFrame(ROWS).write_parquet(buffer)
    return buffer.getvalue()


TEXTS = {
    "t.csv": 'n,x,s\n1,0.5,a\n2,,"é, b"\n3,-1.25,\n',
    "t.CSV": 'n,x,s\n1,0.5,a\n2,,"é, b"\n3,-1.25,\n',
    "t.tsv": "n\tx\ts\n1\t0.5\ta\n2\t\té, b\n3\t-1.25\t\n",
    "t.jsonl": '{"n":1,"x":0.5,"s":"a"}\n{"n":2,"x":null,"s":"é, b"}\n{"n":3,"x":-1.25}\n',
    "t.ndjson": '{"n":1,"x":0.5,"s":"a"}\n{"n":2,"x":null,"s":"é, b"}\n{"n":3,"x":-1.25}\n',
}


@pytest.mark.parametrize("name", [*TEXTS, "t.parquet"])
def test_every_format_gives_the_same_table(tmp_path, name):
    content = TEXTS[name].encode() if name in TEXTS else parquet_bytes()
    (tmp_path / name).write_bytes(content)
    assert read_table(tmp_path / name).to_dict(as_series=False) == ROWS
    assert read_table(str(tmp_path / name)).columns == ["n", "x", "s"]


def test_csv_dates_are_dates_and_types_are_those_of_the_whole_file(tmp_path):
    lines = ["2024-02-29,1"] * 5000 + ["2024-03-01,1.5"]
    (tmp_path / "t.csv").write_text("day,x\n" + "\n".join(lines) + "\n")
    frame = read_table(tmp_path / "t.csv")
    assert frame["day"][0] == datetime.date(2024, 2, 29)
    assert frame["x"][-1] == 1.5


def test_a_character_cut_at_the_end_of_the_checked_part_is_no_binary(tmp_path):
    for shift in range(3):
        (tmp_path / "t.csv").write_text("a\n" + "x" * shift + "€" * 40_000 + "\nend\n", encoding="utf-8")
        assert read_table(tmp_path / "t.csv")["a"][1] == "end"


TRUNCATED = "parquet: File out of specification: The file must end with PAR1 or PARE"
BAD = {
    "e.csv": (b"", "is empty, expected a table with a header and rows; check the file"),
    "w.csv": (b" \n \n", "is empty, expected a table with a header and rows; check the file"),
    "h.csv": (b"a,b\n", "has no rows, expected a table with a header and rows; check the file"),
    "b.csv": (bytes(range(256)) * 999, "holds binary data, expected csv text; save it as UTF-8 text"),
    "u.csv": ("a,b\n1,2\n".encode("utf-16"), "holds binary data, expected csv text; save it as UTF-8 text"),
    "p.csv": (parquet_bytes(), "holds Parquet, expected csv text; rename it to .parquet"),
    "l.tsv": ("a\n" + "x\n" * 40_000 + "é\n").encode("latin-1"),
    "j.jsonl": (b"[1, 2]\n", None),
    "r.csv": (b"a,b\n1,2\n1,2,3\n", None),
    "t.parquet": (
        parquet_bytes()[:-20],
        f"cannot be read as parquet ({TRUNCATED}), expected a table; write the file again",
    ),
    "x.xlsx": (
        b"PK",
        "ends in '.xlsx', expected one of .csv, .tsv, .parquet, .jsonl, .ndjson; convert it",
    ),
    "none": (b"a\n1\n", "ends in no extension, expected one of .csv, .tsv, .parquet, .jsonl, .ndjson; convert it"),
}
BAD["l.tsv"] = (BAD["l.tsv"], "cannot be read as tsv (invalid utf-8 sequence), expected a table; save it as UTF-8 text")


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_answered_in_one_line(tmp_path, name):
    content, message = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        read_table(path)
    said = str(caught.value)
    assert said.startswith(f"{path} ")
    assert "\n" not in said
    assert "; " in said
    if message is not None:
        assert said == f"{path} {message}"


@pytest.mark.parametrize("seed", range(20))
def test_damaged_parquet_never_raises_anything_else(tmp_path, seed):
    rng = np.random.default_rng(seed)
    content = bytearray(parquet_bytes())
    for i in rng.integers(0, len(content), 12):
        content[i] = rng.integers(256)
    (tmp_path / "t.parquet").write_bytes(content)
    with contextlib.suppress(TableError):
        read_table(tmp_path / "t.parquet")


def test_what_is_no_file_is_named(tmp_path):
    for path in (tmp_path, tmp_path / "no.csv"):
        with pytest.raises(TableError, match=f"^{path} is not a file, expected a table; check the path$"):
            read_table(path)


ENGINES = {
    "dict": dict,
    "polars": pl.DataFrame,
    "polars lazy": pl.LazyFrame,
    "pandas": pd.DataFrame,
    "pyarrow": pa.table,
}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_same_table(engine):
    assert as_frame(ENGINES[engine](ROWS)).to_dict(as_series=False) == ROWS


BROKEN = {
    "unequal lengths": {"a": [1, 2], "b": [1]},
    "mixed pandas column": pd.DataFrame({"a": [1, "x"]}),
    "repeated pandas column": pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "lazy plan that fails": pl.LazyFrame({"a": [1]}).select(pl.col("b")),
}


@pytest.mark.parametrize("case", BROKEN)
def test_frames_that_polars_cannot_hold(case):
    with pytest.raises(TableError, match=r"^table cannot be brought into polars \([^\n]+; mend it or pass [^\n]+$"):
        as_frame(BROKEN[case])


@pytest.mark.parametrize("table", [np.zeros((2, 2)), [1, 2], pd.Series([1]), 3, None])
def test_what_is_no_dataframe(table):
    with pytest.raises(UnsupportedError, match=f"^table is a {type(table).__name__}, expected a dataframe, a path"):
        as_frame(table)


def test_a_frame_without_rows():
    for empty in ({}, pl.DataFrame({"a": []}), pd.DataFrame({"a": []})):
        with pytest.raises(TableError, match=r"^table has no rows, expected some; check the table$"):
            as_frame(empty)


def test_a_missing_column_is_named_with_the_nearest_one():
    frame = pl.DataFrame({"income": [1], "age": [2]})
    require_columns(frame, ["age", "income"], "t.csv")
    with pytest.raises(TableError) as caught:
        require_columns(frame, ["age", "incmoe"], "t.csv")
    assert str(caught.value) == ("t.csv has no column 'incmoe', expected one of its columns; did you mean 'income'?")
    with pytest.raises(TableError, match=r"its columns are income, age$"):
        require_columns(frame, ["zzz"], "t.csv")


def test_rows_are_named_and_counted_from_zero():
    assert name_rows(np.array([4])) == "row 4 (counted from 0)"
    assert name_rows(np.arange(2)) == "2 rows (0, 1, counted from 0)"
    assert name_rows(np.arange(3, 99)) == "96 rows (3, 4, 5, 6, 7, …, counted from 0)"
