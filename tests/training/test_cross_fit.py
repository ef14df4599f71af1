"""Cross-fitting: every row is predicted by a network that never saw it, nor its group."""

import dataclasses
import sys

import numpy as np
import polars as pl
import pytest

from kullback.errors import InputError
from kullback.training import Settings, cross_fit
from kullback.training.cross_fit import _set_aside
from kullback.training.network import Shape

SETTINGS = Settings(epochs=2, batch_size=32, shape=Shape(width=16, depth=1))
N = 160


def table(seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=N)
    c = rng.choice(["u", "v"], N)
    y = (x + (c == "u") + rng.normal(size=N) > 0.5).astype(int)
    return pl.DataFrame({"x": x, "c": c}), np.eye(2)[y]


def run(frame, counts, *, groups=None, n_folds=2, seed=0, watch=lambda _: None, settings=SETTINGS):
    return cross_fit(
        frame,
        counts,
        ("no", "yes"),
        {"x": "numeric", "c": "categorical"},
        groups=groups,
        n_folds=n_folds,
        seed=seed,
        settings=settings,
        encode=None,
        watch=watch,
    )


def test_every_row_has_probabilities_from_the_network_of_its_fold():
    frame, counts = table()
    done = run(frame, counts, n_folds=3)
    np.testing.assert_allclose(np.exp(done.log_q).sum(axis=1), 1, rtol=1e-6)
    assert np.ptp(np.bincount(done.folds)) <= 1
    assert len(done.ensemble.members) == 3
    assert {e.fold for e in done.history} == {0, 1, 2}
    for fold, member in enumerate(done.ensemble.members):
        own = dataclasses.replace(done.ensemble, members=(member,)).probabilities(frame)
        np.testing.assert_allclose(own[done.folds == fold], np.exp(done.log_q[done.folds == fold]), rtol=1e-5)


def test_an_ensemble_predicts_by_the_mean_of_its_probabilities():
    frame, counts = table()
    ensemble = run(frame, counts).ensemble
    alone = [dataclasses.replace(ensemble, members=(m,)).probabilities(frame) for m in ensemble.members]
    np.testing.assert_allclose(ensemble.probabilities(frame), (alone[0] + alone[1]) / 2, rtol=1e-12)


def test_the_labels_and_features_of_a_fold_change_nothing_of_its_network():
    frame, counts = table()
    first = run(frame, counts)
    held_out = first.folds == 0
    other = counts.copy()
    other[held_out] = counts[held_out][:, ::-1]
    moved = frame.with_columns(
        pl.when(pl.Series(held_out)).then(1e6).otherwise(pl.col("x")).alias("x"),
        pl.when(pl.Series(held_out)).then(pl.lit("leak")).otherwise(pl.col("c")).alias("c"),
    )
    second = run(moved, other)
    np.testing.assert_array_equal(first.folds, second.folds)
    ours, theirs = (dataclasses.replace(d.ensemble, members=d.ensemble.members[:1]) for d in (first, second))
    np.testing.assert_array_equal(ours.probabilities(frame), theirs.probabilities(frame))
    # relabelling alone, with the features as they were, leaves the fold's own predictions as they were
    third = run(frame, other)
    np.testing.assert_array_equal(first.log_q[held_out], third.log_q[held_out])
    assert not np.array_equal(first.log_q[~held_out], third.log_q[~held_out])


def test_groups_are_never_divided_not_even_by_early_stopping():
    frame, counts = table()
    groups = np.random.default_rng(0).integers(0, 12, N)
    groups = np.unique(groups, return_inverse=True)[1]
    done = run(frame, counts, groups=groups, n_folds=3)
    assert all(len(set(done.folds[groups == g])) == 1 for g in set(groups))
    rows = np.flatnonzero(done.folds != 0)
    fit_rows, stop_rows = _set_aside(rows, groups, 1 / 8, 0)
    assert not set(groups[fit_rows]) & set(groups[stop_rows])
    np.testing.assert_array_equal(np.sort(np.concatenate([fit_rows, stop_rows])), rows)


def test_an_eighth_of_the_rows_is_set_aside():
    fit_rows, stop_rows = _set_aside(np.arange(800), None, 1 / 8, 0)
    assert (len(fit_rows), len(stop_rows)) == (700, 100)


def test_the_seed_draws_folds_and_networks():
    frame, counts = table()
    a, b, c = (run(frame, counts, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a.log_q, b.log_q)
    assert not np.array_equal(a.folds, c.folds)


def test_an_interruption_leaves_the_folds_that_were_done():
    def watch(epoch):
        if (epoch.fold, epoch.epoch) == (1, 0):
            raise KeyboardInterrupt

    frame, counts = table()
    done = run(frame, counts, n_folds=4, watch=watch)
    assert done.interrupted
    # the second network has had its first epoch, and is kept
    assert len(done.ensemble.members) == 2
    np.testing.assert_array_equal(np.isnan(done.log_q).any(axis=1), done.folds >= 2)


def test_an_interruption_between_networks_keeps_the_finished_ones(monkeypatch):
    # the package's name cross_fit is the function; the module is found by its full name only
    module = sys.modules["kullback.training.cross_fit"]
    calls, original = [], module._train_member

    def second_fails(*arguments, **named):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(*arguments, **named)

    monkeypatch.setattr(module, "_train_member", second_fails)
    done = run(*table(), n_folds=3)
    assert done.interrupted
    assert len(done.ensemble.members) == 1


@pytest.mark.parametrize(
    ("n_folds", "groups", "message"),
    [
        (1, None, "folds is 1, expected 2 to 160, the number of rows; use folds=5"),
        (161, None, "folds is 161, expected 2 to 160, the number of rows; use folds=5"),
        (4, np.arange(N) % 3, "folds is 4, expected 2 to 3, the number of groups; use folds=3"),
    ],
)
def test_folds_that_cannot_be(n_folds, groups, message):
    with pytest.raises(InputError) as caught:
        run(*table(), n_folds=n_folds, groups=groups)
    assert str(caught.value).startswith(message)


def test_two_groups_leave_none_for_early_stopping_and_say_so():
    with pytest.raises(InputError, match=r"^the rows outside one fold form a single group, .*; use "):
        run(*table(), n_folds=2, groups=np.arange(N) % 2)


def test_where_no_epoch_beats_the_label_frequencies_they_are_kept():
    frame, counts = table()
    done = run(frame, counts, settings=dataclasses.replace(SETTINGS, learning_rate=30.0))
    assert not any(epoch.best for epoch in done.history)
    for fold in (0, 1):
        own = np.exp(done.log_q[done.folds == fold])
        np.testing.assert_array_equal(own, np.broadcast_to(own[0], own.shape))
        # of the 70 rows learned from, half a label added to each class
        assert own[0, 1] * 71 == pytest.approx(np.round(own[0, 1] * 71 - 0.5) + 0.5, abs=1e-4)
