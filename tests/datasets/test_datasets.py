"""The bundled data: their shape, their licence, and that the script in the repository makes them."""

import importlib.resources
import importlib.util
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits

from kullback import datasets
from kullback.errors import InputError

FOLDER = importlib.resources.files("kullback.datasets")
SCRIPT = Path(__file__).parents[2] / "scripts" / "make_reviews.py"


def test_reviews_have_twenty_raters():
    reviews = datasets.load("reviews")
    assert reviews.frame.shape == (3708, 22)
    assert reviews.labels == tuple(f"rater_{i}" for i in range(1, 21))
    assert reviews.frame.columns == ["review", "text", *reviews.labels]
    assert (reviews.target, reviews.group, reviews.licence) == (None, "review", "MIT")
    labels = reviews.frame.select(reviews.labels)
    assert set(labels.to_numpy().ravel()) == {"negative", "neutral", "positive"}
    assert reviews.frame.null_count().sum_horizontal()[0] == 0
    assert reviews.frame["review"].n_unique() == 300


def test_the_prior_entropy_of_reviews_is_as_published():
    reviews = datasets.load("reviews")
    _, n = np.unique(reviews.frame.select(reviews.labels).to_numpy(), return_counts=True)
    p = n / n.sum()
    assert -(p * np.log2(p)).sum() == pytest.approx(1.496, abs=5e-4)


def test_reviews_are_small_and_carry_their_licence():
    assert len((FOLDER / "reviews.parquet").read_bytes()) < 1_000_000
    licence = (FOLDER / "licences" / "reviews.txt").read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "Permission is hereby granted, free of charge" in licence
    assert "cjhutto" in licence


def test_digits_are_those_of_scikit_learn():
    digits = datasets.load("digits")
    pixels, classes = load_digits(return_X_y=True)
    assert digits.target == "digit"
    np.testing.assert_array_equal(digits.frame.drop("digit").to_numpy(), pixels)
    np.testing.assert_array_equal(digits.frame["digit"].to_numpy(), classes)


def test_an_unknown_name_lists_those_there_are():
    assert datasets.NAMES == ("digits", "reviews")
    with pytest.raises(InputError) as caught:
        datasets.load("iris")
    assert str(caught.value) == "data set is 'iris', expected one of digits, reviews; or give the path of a table"


def source(path, texts, scores):
    """Write an archive laid out like the source distribution."""
    files = {
        "GroundTruth": "".join(f"{key}\t0.1\t{text}\n" for key, text in texts.items()),
        "anonDataRatings": "".join(f"{key}\t0.1\t1.0\t{row}\n" for key, row in scores.items()),
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for kind, text in files.items():
            member = tarfile.TarInfo(f"hutto_ICWSM_2014/amazonReviewSnippets_{kind}.txt")
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("vaderSentiment-0.5/additional_resources/hutto_ICWSM_2014.tar.gz", packed.getvalue())
        file.writestr("vaderSentiment-0.5/LICENSE.txt", "MIT License\r\nline two\r\n")
    return path


@pytest.fixture
def script(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_reviews", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "licences").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def test_the_script_takes_the_sign_of_every_score(script, tmp_path, monkeypatch):
    texts = {"1_1": "It is good.", "1_2": "Café, not bad", "12_1": "so-so"}
    rng = np.random.default_rng(0)
    scores = {key: rng.integers(-4, 5, 20).tolist() for key in reversed(texts)}
    monkeypatch.setattr(sys, "argv", ["make_reviews.py", str(source(tmp_path / "s.zip", texts, scores))])
    script.main()
    made = pl.read_parquet(tmp_path / "reviews.parquet")
    assert made["review"].to_list() == ["1", "1", "12"]
    assert made["text"].to_list() == list(texts.values())
    names = {-1: "negative", 0: "neutral", 1: "positive"}
    for i, key in enumerate(texts):
        assert list(made.row(i)[2:]) == [names[int(np.sign(score))] for score in scores[key]]
    assert (tmp_path / "licences" / "reviews.txt").read_bytes() == b"MIT License\nline two\n"


def test_the_bundled_file_is_what_the_script_makes_of_its_own_content(script, tmp_path, monkeypatch):
    bundled = datasets.load("reviews").frame
    signs = {"negative": -2, "neutral": 0, "positive": 3}
    keys = [f"{review}_{i}" for i, review in enumerate(bundled["review"])]
    texts = dict(zip(keys, bundled["text"], strict=True))
    scores = {key: [signs[label] for label in row[2:]] for key, row in zip(keys, bundled.iter_rows(), strict=True)}
    monkeypatch.setattr(sys, "argv", ["make_reviews.py", str(source(tmp_path / "s.zip", texts, scores))])
    script.main()
    assert pl.read_parquet(tmp_path / "reviews.parquet").equals(bundled)


def test_the_script_refuses_ids_that_differ(script, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["", str(source(tmp_path / "s.zip", {"1_1": "a"}, {"1_2": [0] * 20}))])
    with pytest.raises(SystemExit, match="ids of the texts and of the ratings differ"):
        script.main()
    assert not (tmp_path / "reviews.parquet").exists()
