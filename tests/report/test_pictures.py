"""The statistics behind the pictures: do pooled shares and their intervals tell the truth?"""

import numpy as np
import pytest
from scipy import stats

from kullback.report.pictures.reliability import pool
from kullback.report.pictures.surprisal import binned_means
from kullback.report.surprising import clipped, most_surprising


def test_a_single_label_per_row_gives_wilsons_interval():
    hits = np.zeros(200)
    hits[:60] = 1.0
    bins = pool(np.full((200, 1), 0.4), hits[:, None], np.arange(200))
    expected = stats.binomtest(60, 200).proportion_ci(0.95, method="wilson")
    assert bins.predicted == pytest.approx([0.4])
    assert bins.observed == pytest.approx([0.3])
    assert bins.low == pytest.approx([expected.low], abs=1e-3)
    assert bins.high == pytest.approx([expected.high], abs=1e-3)


def test_nothing_observed_still_has_an_interval():
    bins = pool(np.full((50, 1), 0.01), np.zeros((50, 1)), np.arange(50))
    expected = stats.binomtest(0, 50).proportion_ci(0.95, method="wilson")
    assert bins.low == [0.0]
    assert bins.high == pytest.approx([expected.high])


def test_copies_of_a_row_in_one_group_do_not_narrow_the_interval():
    rng = np.random.default_rng(0)
    q, hits = rng.random((100, 1)), (rng.random((100, 1)) < 0.5).astype(float)
    once = pool(q, hits, np.arange(100), n_bins=4)
    ten = pool(np.repeat(q, 10, axis=0), np.repeat(hits, 10, axis=0), np.repeat(np.arange(100), 10), n_bins=4)
    np.testing.assert_allclose((ten.high - ten.low), (once.high - once.low), rtol=0.15)


def test_intervals_cover_the_truth_of_a_calibrated_model():
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(60):
        q = rng.dirichlet([0.5, 0.5, 0.5], size=300)
        shares = np.stack([rng.multinomial(4, row) for row in q]) / 4
        bins = pool(q, shares, np.arange(300))
        covered += list((bins.low <= bins.predicted) & (bins.predicted <= bins.high))
    # 60 × 15 intervals of 95 %; bins of a row are dependent, so allow 4 standard errors of 60 worlds
    assert abs(np.mean(covered) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 60)


def test_binned_means_and_their_errors():
    x = np.arange(100.0)
    y = np.random.default_rng(1).standard_normal(100)
    at, mean, error = binned_means(x, y, None)
    assert len(at) == 10
    np.testing.assert_allclose(at, x.reshape(10, 10).mean(axis=1))
    np.testing.assert_allclose(mean, y.reshape(10, 10).mean(axis=1))
    np.testing.assert_allclose(error, stats.sem(y.reshape(10, 10), axis=1))
    grouped = binned_means(x, np.repeat(y[:50], 2), np.repeat(np.arange(50), 2))[2]
    np.testing.assert_allclose(grouped, stats.sem(y[:50].reshape(10, 5), axis=1))


def test_the_most_surprising_rows_come_first(account):
    found = most_surprising(account, [f"text {i}" for i in range(40)])
    rows = account.rows.sort("excess", descending=True).head(20)
    assert [s.row for s in found] == rows["row"].to_list()
    assert [s.text for s in found] == [f"text {s.row}" for s in found]
    assert [float(s.excess.replace("−", "-")) for s in found] == pytest.approx(rows["excess"].to_list(), abs=0.006)
    assert found[0].predicted.split()[0] == rows["predicted"][0]
    assert found[0].seen.split()[0] == rows["observed"][0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n b\tc", "a b c"),
        ("", ""),
        ("x" * 400, "x" * 299 + "…"),
        ("a\x00\ud800b", "ab"),
        ("y" * 300, "y" * 300),
        (7, "7"),
    ],
)
def test_texts_are_clipped_to_one_line(text, shown):
    assert clipped(text, 300) == shown
