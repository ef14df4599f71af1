"""The report on a table's columns: what is printed, what is not; the page is whole, escaped and self-contained."""

import dataclasses
import json

import numpy as np
import pytest
from tests.report.test_html import Page

from kullback.estimate import Estimate
from kullback.report import columns_to_text, write_columns_html
from kullback.tables import ColumnMeasure, TableMeasure, measure


def bits(value, error, relation="=", *, reliable=True):
    return Estimate(
        value, method="plug-in, Miller–Madow", unit="bit", std_error=error, relation=relation, reliable=reliable
    )


def column(name, kind, distinct, **numbers):
    return ColumnMeasure(name, kind, distinct, 0, **numbers)


@pytest.fixture
def found():
    """Five columns and a target, written down."""
    return TableMeasure(
        rows=3000,
        left_out=12,
        unit="bit",
        target=ColumnMeasure("bought", "categorical", 2, 0, entropy=bits(0.8791, 0.0103)),
        columns=(
            column("id", "text", 3000, entropy=bits(11.5, 0.1, ">=", reliable=False), notes=("undersampled",)),
            column("city", "categorical", 4, entropy=bits(2, 0.001), information=bits(-0.0003, 0.0009), p_value=0.59),
            dataclasses.replace(
                column("age", "numeric", 3000, entropy=bits(5.5, 0.02), information=bits(0.1243, 0.0106, ">=")),
                missing=7,
                differential=True,
                p_value=1e-9,
                notes=("binned",),
            ),
            column("plan", "categorical", 3, entropy=bits(1.5, 0.01), information=bits(0.4396, 0.02), p_value=1e-12),
            column(
                "sparse",
                "categorical",
                9,
                entropy=bits(3, 0.01),
                information=bits(0.2, 0.02, ">=", reliable=False),
                p_value=0.001,
            ),
        ),
    )


@pytest.fixture
def write(tmp_path):
    def written(found):
        write_columns_html(found, tmp_path / "columns.html")
        return (tmp_path / "columns.html").read_text(encoding="utf-8")

    return written


def line(text, name):
    table = text.partition("column ")[2].split("\n\n")[0]
    (found,) = [line for line in table.splitlines() if line.startswith(f"{name} ")]
    return " ".join(found.split())


def test_text_has_a_line_for_each_column_most_told_first(found):
    text = columns_to_text(found)
    names = [line.split()[0] for line in text.partition("column ")[2].split("\n\n")[0].splitlines()[1:]]
    assert names == ["plan", "sparse", "age", "city", "id"]
    assert line(text, "plan") == "plan categorical 3 = 1.5000 ± 0.0100 = 0.4396 ± 0.0200 50 % p < 0.0001"
    assert line(text, "age") == "age numeric 3 000 7 = 5.5000 ± 0.0200 h ≥ 0.1243 ± 0.0106 14 % p < 0.0001"
    assert line(text, "city") == "city categorical 4 = 2.0000 ± 0.0010 = −0.0003 ± 0.0009 0.0 % none seen, p = 0.59"
    assert "3 000 rows · 5 columns · target bought, 2 values · 12 rows without a target left out" in text
    assert "H(bought), what guessing it costs: = 0.8791 ± 0.0103 bits" in text
    assert "plan tells most of bought: 0.44 of 0.88 bits. In 1 of 4 columns none is seen." in text
    assert max(map(len, text.splitlines())) <= 110


def test_an_interval_that_does_not_cover_is_not_printed(found):
    text = columns_to_text(found)
    assert line(text, "id") == "id text 3 000 ≥ 11.5000"
    assert line(text, "sparse") == "sparse categorical 9 = 3.0000 ± 0.0100 ≥ 0.2000 23 % p = 0.001"
    assert "not printed where it is known not to cover" in text


def test_remarks_name_their_columns(found):
    text = columns_to_text(found)
    assert "id: undersampled" in text.splitlines()
    assert "age: binned" in text.splitlines()


def test_without_a_target_there_are_entropies_only():
    text = columns_to_text(measure({"x": ["a", "b"] * 50}, base=2))
    assert text.splitlines()[0] == "100 rows · 1 column"
    assert "information" not in text


def test_forty_columns_are_shown():
    text = columns_to_text(measure({f"x{i}": ["a", "b"] * 50 for i in range(43)}))
    assert sum(line.startswith("x") for line in text.splitlines()) == 40
    assert "3 columns more" in text


def test_no_column_is_told_of_when_none_is_seen():
    rng = np.random.default_rng(0)
    table = {"x": rng.integers(0, 2, 100), "y": ["a", "b"] * 50}
    assert "No column is seen to tell anything of y." in columns_to_text(measure(table, "y"))
    assert "No column could be measured against y." in columns_to_text(measure({"y": ["a", "b"] * 50}, "y"))


def test_the_page_holds_every_number(found, write):
    page = Page(write(found))
    said = " ".join(" ".join(page.text).split())
    for part in (
        "plan",
        "= 0.4396 ± 0.0200",
        "50 %",
        "none seen, p = 0.59",
        "H = 0.88 bits",
        "undersampled",
        "2 values",
    ):
        assert part in said
    assert "0.2000 ±" not in said
    (data,) = page.scripts
    assert json.loads(data) == json.loads(json.dumps(found.to_dict()))
    assert page.links == []
    assert page.tags.count("svg") == 4


def test_bars_are_as_long_as_their_share_of_the_scale(found, write):
    """From 4 % to 100 % of 200 px; plan holds 0.4396 of 0.8791 bits, city a hair below 0."""
    widths = [float(part.split('width="')[1].split('"')[0]) for part in write(found).split('<rect x="')[2::2]]
    shares = [0.4396 / 0.8791, 0.2 / 0.8791, 0.1243 / 0.8791]
    assert widths[:3] == pytest.approx([192 * share for share in shares], abs=0.01)
    assert widths[3] == 1
    source = write(found)
    assert source.count('fill="var(--captured)"') == 3
    assert source.count('fill="var(--floor)"') == 1
    assert source.count('stroke-width="1.5"') == 3  # no whisker where the interval does not cover


def test_hostile_names_are_shown_and_do_nothing(write):
    y = np.arange(300) % 2
    names = ["<script>alert(1)</script>", "</script><b>$\\frac$", "é\x00 😀" + "w" * 2000, ""]
    found = measure({name: [f"c{k}" for k in y] for name in names} | {"<i>y": y}, "<i>y")
    source = write(found)
    page = Page(source)
    assert "<script>alert" not in source
    assert page.tags.count("script") == 1
    assert not {"b>$", "i"} & set(page.tags)
    assert "\x00" not in source
    said = " ".join(" ".join(page.text).split())
    assert "<script>alert(1)</script>" in said
    assert "<i>y" in said
    assert "w" * 81 not in said
    assert "(no name)" in said
    assert "\x00" not in str(found)


def test_the_same_measures_give_the_same_bytes(found, write):
    assert write(found) == write(found)


def test_a_failed_write_leaves_nothing(found, tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        found.to_html(tmp_path / "taken")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
