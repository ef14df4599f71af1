"""The data sets, and the script that makes the bundled one."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pytest

import kullback as kb
from kullback.errors import InputError

ROOT = Path(__file__).parents[2]
DATA = ROOT / "src" / "kullback" / "datasets"


def test_reviews_are_what_they_are_said_to_be():
    reviews = kb.datasets.load("reviews")
    assert reviews.frame.shape == (3708, 22)
    assert reviews.frame["review"].n_unique() == 300
    assert reviews.labels == tuple(f"rater_{i}" for i in range(1, 21))
    labels = reviews.frame.select(reviews.labels)
    assert set(labels.unpivot()["value"].unique()) == {"negative", "neutral", "positive"}
    assert reviews.frame.null_count().sum_horizontal().item() == 0
    # counted by hand from the archive: 1_1 has scores of 0 (6 times) and below
    first = labels.row(0)
    assert (first.count("negative"), first.count("neutral")) == (13, 7)


def test_reviews_are_small_and_licensed():
    assert (DATA / "reviews.parquet").stat().st_size < 1_000_000
    assert "The MIT License" in (DATA / "licences" / "reviews.txt").read_text()
    assert kb.datasets.load("reviews").licence == "MIT"


def test_digits_are_those_of_scikit_learn():
    digits = kb.datasets.load("digits")
    assert digits.frame.shape == (1797, 65)
    assert digits.target == "digit"
    assert digits.frame["digit"].n_unique() == 10


def test_other_names_are_refused_with_the_known_ones():
    with pytest.raises(InputError, match="data set is 'iris', expected one of digits, reviews"):
        kb.datasets.load("iris")


def test_the_script_reads_the_archive(tmp_path: Path):
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as tar:
        for kind, text in (
            ("GroundTruth", "1_1\t0.5\tgood, \tthing\r\n2_1\t-1\tbad\r\n"),
            ("anonDataRatings", f"\ufeff1_1\t0.5\t1\t{[2] * 5 + [0] * 15}\r\n2_1\t-1\t0\t{[-3] * 20}\r\n"),
        ):
            content = text.encode("utf-8")
            entry = tarfile.TarInfo(f"hutto_ICWSM_2014/amazonReviewSnippets_{kind}.txt")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    source = tmp_path / "vaderSentiment-0.5.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz", inner.getvalue())
        archive.writestr("vaderSentiment-0.5/LICENSE.txt", "The MIT License\r\n")
    copy = tmp_path / "scripts" / "make_reviews.py"
    copy.parent.mkdir()
    copy.write_text((ROOT / "scripts" / "make_reviews.py").read_text())
    (tmp_path / "src" / "kullback" / "datasets" / "licences").mkdir(parents=True)
    subprocess.run([sys.executable, str(copy), str(source)], check=True)
    made = pl.read_parquet(tmp_path / "src" / "kullback" / "datasets" / "reviews.parquet")
    assert made["review"].to_list() == ["1", "2"]
    assert made.row(1)[2:] == ("negative",) * 20
    assert made.row(0)[2:] == ("positive",) * 5 + ("neutral",) * 15
