"""Each kind of column against its formula, computed another way, and learned from the given rows alone."""

import datetime
import math

import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.preprocessing import normalize

from kullback.errors import InputError, TableError
from kullback.training import KINDS
from kullback.training.columns import recognise
from kullback.training.columns.categorical import Categorical
from kullback.training.columns.datetime import Datetime
from kullback.training.columns.numeric import Numeric
from kullback.training.columns.text import Text
from kullback.training.features import Columns, read_columns


def fit_on(kind, values, rows=None, **options):
    raw = KINDS[kind].read(pl.Series("c", values, **options), None)
    return KINDS[kind].fit(raw, np.arange(len(values)) if rows is None else np.array(rows)), raw


def test_numbers_are_scaled_by_the_middle_half_and_clipped_smoothly():
    column, raw = fit_on("numeric", [0.0, 1.0, 2.0, 3.0, 4.0])
    block = column.transform(raw)
    # median 2, quartiles 1 and 3
    for x, found in zip([0, 1, 2, 3, 4], block.numbers[:, 0], strict=True):
        z = (x - 2) / 2
        assert found == pytest.approx(z / math.sqrt(1 + z**2 / 9), rel=1e-6)
    np.testing.assert_allclose(block.numbers[:, 1], np.sqrt(3) * np.array([-1, -0.5, 0, 0.5, 1]), rtol=1e-6)
    assert block.plain is None


def test_missing_numbers_are_flagged_and_infinite_ones_are_clipped():
    column, raw = fit_on("numeric", [1.0, 2.0, 3.0, None, float("nan"), float("inf"), -float("inf")])
    block = column.transform(raw)
    np.testing.assert_array_equal(block.plain[:, 0], [0, 0, 0, 1, 1, 0, 0])
    np.testing.assert_array_equal(block.numbers[3:5], 0)
    np.testing.assert_allclose(block.numbers[5:, 0], [3, -3], rtol=1e-5)
    np.testing.assert_allclose(block.numbers[5:, 1], [3**0.5, -(3**0.5)], rtol=1e-6)


def test_numbers_first_missing_where_none_was_missing_are_the_median():
    column, _ = fit_on("numeric", [1.0, 2.0, 4.0])
    block = column.transform(Numeric.read(pl.Series([None, 2.0], dtype=pl.Float64)))
    np.testing.assert_array_equal(block.numbers, 0)
    assert block.plain is None


@pytest.mark.parametrize(
    "values", [[7.0] * 5, [None] * 5, [1e308, -1e308, 0.0, 1e308, -1e308], [1e-320, 2e-320, 0.0, 0.0, 0.0], [5.0]]
)
def test_odd_numbers_stay_finite(values):
    column, raw = fit_on("numeric", values, dtype=pl.Float64)
    assert np.isfinite(column.transform(raw).numbers).all()
    assert np.abs(column.transform(Numeric.read(pl.Series([1e308, -1.0, 0.0]))).numbers).max() <= 3.0001


def test_a_heap_of_zeros_leaves_room_for_the_other_ranks():
    column, raw = fit_on("numeric", [0.0] * 990 + [float(x) for x in range(1, 11)])
    ranks = column.transform(raw).numbers[:, 1]
    assert (np.diff(ranks[989:]) > 0).all()


def test_categories_by_frequency_with_codes_for_rare_unseen_and_missing():
    column, raw = fit_on("categorical", ["b", "a", "b", "a", "b", "rare", None, "z", "z"])
    assert column.categories == ("b", "a", "z")
    block = column.transform(raw)
    assert block.size == 5
    np.testing.assert_array_equal(block.codes, [2, 3, 2, 3, 2, 0, 1, 4, 4])
    unseen = column.transform(Categorical.read(pl.Series(["new", None, "z"])))
    np.testing.assert_array_equal(unseen.codes, [0, 1, 4])


@pytest.mark.parametrize(
    ("learned", "met"),
    [
        (pl.Series([True, False] * 3), pl.Series(["true", "false", "true"])),
        (pl.Series([1, 2] * 3), pl.Series([1.0, 2.0, 1.0])),
        (pl.Series([1.0, 2.5] * 3), pl.Series(["1", "2.5", "1"])),
        (pl.Series(["u", "v"] * 3, dtype=pl.Categorical), pl.Series(["u", "v", "u"])),
        (pl.Series(["u", "v"] * 3), pl.Series(["u", "v", "u"], dtype=pl.Enum(["v", "u"]))),
    ],
)
def test_the_same_category_in_another_type(learned, met):
    column = Categorical.fit(Categorical.read(learned), np.arange(6))
    codes = column.transform(Categorical.read(met)).codes
    assert codes[0] == codes[2] != codes[1]
    assert set(codes) == {2, 3}


def test_a_column_of_nothing_is_a_category_of_missing():
    assert recognise(pl.Series([None, None])) == "categorical"
    column, raw = fit_on("categorical", [None, None])
    np.testing.assert_array_equal(column.transform(raw).codes, [1, 1])


def phases(seconds):
    turns = [seconds / (365.2425 * 86400), seconds / (7 * 86400), seconds / 86400]
    return [math.sin(2 * math.pi * t) for t in turns] + [math.cos(2 * math.pi * t) for t in turns]


MOMENTS = {
    "date": (datetime.date(1970, 1, 8), 7 * 86400),
    "datetime": (datetime.datetime(1970, 1, 1, 6, 0, 0), 6 * 3600),
    "zone": (datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC), 86400),
    "time": (datetime.time(18, 0), 18 * 3600),
    "duration": (datetime.timedelta(days=-1.5), -1.5 * 86400),
}


@pytest.mark.parametrize("case", MOMENTS)
def test_phases_of_moments(case):
    moment, seconds = MOMENTS[case]
    series = pl.Series("t", [moment, None])
    assert recognise(series) == "datetime"
    raw = Datetime.read(series)
    assert raw[0, 0] == seconds
    block = Datetime.fit(raw, np.arange(2)).transform(raw)
    np.testing.assert_allclose(block.plain[0], [0.0, *phases(seconds)], atol=1e-6)
    np.testing.assert_array_equal(block.plain[1], [1.0, 0, 0, 0, 0, 0, 0])


def test_strings_are_read_as_moments_and_nothing_but_missing_is_missing():
    for text in ("1970-01-02", "1970-01-02 00:00:00", "1970-01-02T00:00:00"):
        np.testing.assert_array_equal(Datetime.read(pl.Series([text, None]))[:, 0], [86400, np.nan])
    assert np.isnan(Datetime.read(pl.Series([None, None], dtype=pl.String))).all()
    assert np.isnan(Datetime.read(pl.Series([None, None]))).all()


def test_nanoseconds_and_milliseconds_are_the_same_moment():
    moments = pl.Series([datetime.datetime(2024, 2, 29, 12, 30, 15)])
    for unit in ("ns", "us", "ms"):
        assert Datetime.read(moments.cast(pl.Datetime(unit)))[0, 0] == 1709209815
        assert Datetime.read(pl.Series([datetime.timedelta(seconds=90)]).cast(pl.Duration(unit)))[0, 0] == 90


TEXTS = ["The cat sat.", "the cat and the dog", "a dog barks", "", "Ünïcode cat 42", "cat cat cat"]


WORDS = {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}


def tf_idf(texts, learned, *, least, **settings):
    counts = CountVectorizer(min_df=least, dtype=np.float64, **settings).fit(learned)
    weigh = TfidfTransformer(sublinear_tf=True, norm=None).fit(counts.transform(learned))
    return normalize(weigh.transform(counts.transform(texts))).toarray()


def test_text_is_tf_idf_of_words_and_characters():
    learned = TEXTS[:4]
    column, raw = fit_on("text", TEXTS, rows=range(4))
    words = tf_idf(TEXTS, learned, least=1, **WORDS)
    characters = tf_idf(TEXTS, learned, least=2, analyzer="char_wb", ngram_range=(2, 5))
    wide = column.transform(raw).wide.toarray()
    # the columns stand in the order of their hashes: compare what no order changes
    assert wide.shape[1] == words.shape[1] + characters.shape[1]
    np.testing.assert_allclose(wide @ wide.T, words @ words.T + characters @ characters.T, atol=1e-5)
    np.testing.assert_allclose(
        np.sort(wide.sum(axis=0)), np.sort(np.hstack([words, characters]).sum(axis=0)), atol=1e-5
    )


def test_latent_text_is_standardised_and_as_large_as_the_text_varies():
    texts = [f"word{i % 7} and word{i % 5}" for i in range(60)]
    column, raw = fit_on("text", texts)
    latent = column.transform(raw).plain
    assert 1 <= latent.shape[1] <= 35
    np.testing.assert_allclose(latent.std(axis=0), 1, rtol=0.01)


@pytest.mark.parametrize("texts", [[None, None, None], ["", "", ""], ["?!", ".", "…"], ["one"] * 3, ["only"]])
def test_texts_of_nothing_or_all_the_same_stay_finite(texts):
    column, raw = fit_on("text", texts, dtype=pl.String)
    block = column.transform(raw)
    assert block.wide.shape[0] == len(texts)
    assert np.isfinite(block.wide.toarray()).all()
    assert block.plain is None or np.isfinite(block.plain).all()


def test_text_keeps_the_most_common_buckets_only(monkeypatch):
    monkeypatch.setattr("kullback.training.columns.text.MOST", 3)
    column, _ = fit_on("text", TEXTS)
    assert len(column.kept) == 6


TABLE = {
    "n": [1.0, 2.0, None, 4.0, 5.0, 6.0],
    "c": ["a", "b", "a", "b", "a", None],
    "d": [datetime.date(2024, 1, 1 + i) for i in range(6)],
    "t": TEXTS,
}
KIND = {"n": "numeric", "c": "categorical", "d": "datetime", "t": "text"}


def learned(columns):
    return {name: column.state() for name, column in columns.fitted.items()}


def same(a, b):
    return all(
        a[name][1] == b[name][1]
        and all(np.array_equal(x, b[name][0][key], equal_nan=True) for key, x in arrays.items())
        for name, (arrays, _) in a.items()
    )


def test_nothing_is_learned_from_other_rows():
    rows = np.array([0, 1, 3, 4])
    other = {
        "n": [1.0, 2.0, 1e9, 4.0, 5.0, None],
        "c": ["a", "b", "AAA", "b", "a", "AAA"],
        "d": [*TABLE["d"][:2], datetime.date(1066, 10, 14), *TABLE["d"][3:5], None],
        "t": [*TEXTS[:2], "secret words secret", *TEXTS[3:5], "secret"],
    }
    ours = Columns.fit(read_columns(pl.DataFrame(TABLE), KIND, None), rows)
    theirs = Columns.fit(read_columns(pl.DataFrame(other), KIND, None), rows)
    assert same(learned(ours), learned(theirs))
    everything = Columns.fit(read_columns(pl.DataFrame(other), KIND, None), np.arange(6))
    assert not same(learned(ours), learned(everything))


@pytest.mark.parametrize("name", KIND)
def test_a_restored_column_transforms_alike(name):
    column, raw = fit_on(KIND[name], TABLE[name])
    again = type(column).restore(*column.state())
    ours, theirs = column.transform(raw), again.transform(raw)
    assert ours.size == theirs.size
    for part in ("numbers", "plain", "codes", "wide"):
        a, b = getattr(ours, part), getattr(theirs, part)
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_array_equal(a.toarray() if part == "wide" else a, b.toarray() if part == "wide" else b)


def test_columns_stand_side_by_side():
    raw = read_columns(pl.DataFrame(TABLE), KIND, None)
    features, sizes = Columns.fit(raw, np.arange(6)).transform(raw)
    assert features.numbers.shape == (6, sizes.numbers) == (6, 4)
    assert features.codes.shape == (6, 1)
    assert sizes.codes == (4,)
    assert features.wide.shape == (6, sizes.wide)
    some = features.take(np.array([5, 0]))
    np.testing.assert_array_equal(some.numbers, features.numbers[[5, 0]])
    np.testing.assert_array_equal(some.wide.toarray(), features.wide.toarray()[[5, 0]])
    assert len(some) == 2


@pytest.mark.parametrize(("kind", "bad"), [("numeric", "abc"), ("datetime", "yesterday")])
def test_values_of_another_kind_are_named_with_their_row(kind, bad):
    good = "1.5" if kind == "numeric" else "2024-01-01"
    with pytest.raises(TableError) as caught:
        read_columns(pl.DataFrame({"x": [good, None, bad]}), {"x": kind}, None, "new.csv")
    assert str(caught.value).startswith(f"new.csv: column 'x' holds '{bad}' in row 2 (counted from 0), expected {kind}")
    assert "\n" not in str(caught.value)


def test_a_million_categories_cost_no_python_loop(monkeypatch):
    n = 1_000_000
    raw = Categorical.read(pl.Series(np.random.default_rng(0).integers(0, 1000, n)).cast(pl.String))
    assert isinstance(raw[0], np.ndarray)
    column = Categorical.fit(raw, np.arange(n))
    assert (column.transform(raw).codes >= 2).all()
    assert len(column.categories) == 1000


def test_text_that_needs_an_encoder_says_so():
    with pytest.raises(InputError, match=r"^column 't' was trained with a sentence encoder, .*; pass encoder=\.\.\.$"):
        KINDS["encoded text"].read(pl.Series("t", ["a"]), None)


def test_embeddings_are_standardised_on_the_given_rows():
    def encode(texts):
        return np.array([[len(t), 1.0] for t in texts], np.float32)

    raw = KINDS["encoded text"].read(pl.Series(["a", "bbb", None, "ccccccccc"]), encode)
    column = KINDS["encoded text"].fit(raw, np.array([0, 1]))
    # lengths 1 and 3: mean 2, spread 1; the second never varies
    np.testing.assert_allclose(column.transform(raw).plain, [[-1, 0], [1, 0], [-2, 0], [7, 0]], atol=1e-6)
    again = type(column).restore(*column.state())
    np.testing.assert_array_equal(again.transform(raw).plain, column.transform(raw).plain)
    assert isinstance(column.ngrams, Text)
