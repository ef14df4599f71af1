"""The one door of the account: every form of input gives the same account, every bad one its own line."""

import numpy as np
import pytest

import kullback as kb
from kullback.account.observations import average, observe
from kullback.distributions import Logits
from kullback.errors import InputError, NotProbabilities, ZeroProbability

Q = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.25, 0.25, 0.5]])
Y = np.array([0, 1, 2, 0])


def _same(a, b):
    assert a.log_q == pytest.approx(b.log_q, abs=1e-12)
    assert (a.counts == b.counts).all()


@pytest.mark.parametrize(
    "labels",
    [
        Y.tolist(),
        Y.astype(np.uint8),
        Y.astype(np.float32),
        Y[:, None],
        np.stack([Y, np.full(4, -1)], axis=1),
        np.stack([Y.astype(float), np.full(4, np.nan)], axis=1),
        [["0", None], ["1", None], ["2", None], ["0", None]],
        np.array(["0", "1", "2", "0"]),
        [[0, None], [1, None], [2, None], [0, None]],
    ],
)
def test_every_form_of_labels_is_the_same(labels):
    _same(observe(Q, labels), observe(Q, Y))


def test_names_of_classes_and_missing_names():
    names = ["neg", "neu", "pos"]
    labels = np.array([["neg", "neu"], ["neu", None], ["pos", float("nan")], ["neg", "neg"]], dtype=object)
    seen = observe(Q, labels, classes=names)
    assert seen.counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1], [2, 0, 0]]
    assert seen.classes == ("neg", "neu", "pos")


def test_data_frame_columns_come_in():
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"y": ["b", None, "a", "c"], "z": ["b", "b", "a", "c"]})
    seen = observe(Q, frame, classes=["a", "b", "c"])
    assert seen.k.tolist() == [2, 1, 2, 2]
    _same(observe(pl.DataFrame(Q), pl.Series(Y)), observe(Q, Y))


def test_booleans_are_indices():
    _same(
        observe(Q[:, :2] / Q[:, :2].sum(1, keepdims=True), Y == 1),
        observe(Q[:, :2] / Q[:, :2].sum(1, keepdims=True), [0, 1, 0, 0]),
    )


def test_labels_and_counts_are_the_same():
    labels = np.array([[0, 0, 1], [1, -1, -1], [2, 2, 2], [0, 1, 2]])
    counts = (labels[:, :, None] == np.arange(3)).sum(axis=1)
    _same(observe(Q, labels), observe(Q, counts=counts))
    assert observe(Q, counts=counts.tolist()).k.tolist() == [3, 1, 3, 3]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_narrow_predictions_come_in(dtype):
    q = np.random.default_rng(0).dirichlet(np.ones(100), 50).astype(dtype)
    seen = observe(q, np.zeros(50, int) + q.argmax(axis=1))
    assert seen.log_q.dtype == np.float64
    assert np.exp(seen.log_q) == pytest.approx(q.astype(float), rel=1e-12)


def test_one_hot_integers_are_probabilities():
    seen = observe(np.eye(3, dtype=int), [0, 1, 2])
    assert seen.surprisal.tolist() == [0, 0, 0]


def test_logits_are_normalised_without_overflow():
    z = np.array([[1000.0, -1000.0, 0.0], [3.0, 3.0, -np.inf]])
    seen = observe(kb.Logits(z), [1, 0])
    assert seen.log_q == pytest.approx(np.array([[0, -2000, -1000], [-np.log(2), -np.log(2), -np.inf]]))
    assert np.exp(observe(kb.Logits(z), [1, 0], mix=0.3).log_q) == pytest.approx(
        np.array([[0.8, 0.1, 0.1], [0.45, 0.45, 0.1]])
    )


def test_mix_blends_with_the_uniform_distribution():
    seen = observe(np.eye(3), [1, 1, 2], mix=0.03)
    assert np.exp(seen.log_q) == pytest.approx(0.97 * np.eye(3) + 0.01)


def test_groups_of_any_kind_are_coded():
    assert observe(Q, Y, groups=["b", "a", "b", "c"]).groups.tolist() == [1, 0, 1, 2]
    assert observe(Q, Y, groups=np.array([7, 5, 7, 7])).units == 2
    assert observe(Q, Y).units == 4


def test_rows_taken_keep_what_belongs_to_them():
    seen = observe(Q, Y, groups=[3, 1, 3, 2]).take(np.array([3, 0]))
    assert seen.groups.tolist() == [0, 1]
    assert seen.counts.tolist() == [[1, 0, 0], [1, 0, 0]]
    assert np.exp(seen.log_q) == pytest.approx(Q[[3, 0]])


def test_terms_of_zero_weight_are_dropped():
    assert average(np.array([[0.0, 1.0]]), np.array([[np.inf, 2.0]])).tolist() == [2.0]


def _with(row, column, value):
    q = Q.copy()
    q[row, column] = value
    return q


ONE_HOT = np.tile(np.eye(3, dtype=int), (4, 1))

BAD = [
    (NotProbabilities, "negative in row 2.*Logits", lambda: observe(_with(2, 1, -0.3), Y)),
    (NotProbabilities, "NaN or infinite in row 1,.*drop", lambda: observe(_with(1, 0, np.nan), Y)),
    (NotProbabilities, "NaN or infinite in row 3", lambda: observe(_with(3, 0, np.inf), Y)),
    (NotProbabilities, r"sum to 1\.2 in row 0, expected 1.*divide", lambda: observe(_with(0, 0, 0.9), Y)),
    (NotProbabilities, "sum to 2 in 4 rows .0, 1, 2, 3.", lambda: observe(2 * Q, Y)),
    (NotProbabilities, "NaN or infinite in row 1", lambda: observe(kb.Logits(_with(1, slice(None), -np.inf)), Y)),
    (ZeroProbability, "0 for an observed label in row 0.*mix=0.001", lambda: observe(np.eye(3)[[1, 1, 2, 0]], Y)),
    (ZeroProbability, r"3 rows \(0, 1, 2\)", lambda: observe(np.eye(3), [1, 2, 0])),
    (InputError, "labels hold 3 in row 2, expected 0 to 2.*every class", lambda: observe(Q, [0, 1, 3, 0])),
    (InputError, "labels hold -2 in row 1", lambda: observe(Q, [0, -2, 1, 0])),
    (InputError, "labels hold 1.5 in row 3.*counts", lambda: observe(Q, [0, 1, 1, 1.5])),
    (InputError, "labels hold inf in row 0", lambda: observe(Q, [np.inf, 1, 1, 1])),
    (
        InputError,
        "labels hold 'x' in row 1, expected one of a, b, c",
        lambda: observe(Q, list("axbc"), classes=list("abc")),
    ),
    (InputError, r"labels have shape \(3,\), expected \(4,\)", lambda: observe(Q, Y[:3])),
    (InputError, r"labels have shape \(\)", lambda: observe(Q, 1)),
    (InputError, "labels cannot be made an array.*fill up with -1", lambda: observe(Q, [[0], [1, 1], [2], [0]])),
    (InputError, "all missing in row 2, expected.*drop", lambda: observe(Q, [0, 1, -1, 0])),
    (InputError, "all missing in row 1", lambda: observe(Q, [0, np.nan, 1, 0])),
    (InputError, "all missing in row 3", lambda: observe(Q, counts=[[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]])),
    (InputError, "look one-hot.*counts=labels", lambda: observe(np.full((12, 3), 1 / 3), ONE_HOT)),
    (InputError, "alternatives", lambda: observe(Q, Y, counts=np.ones((4, 3)))),
    (InputError, "alternatives", lambda: observe(Q)),
    (InputError, r"counts have shape \(4, 2\)", lambda: observe(Q, counts=np.ones((4, 2)))),
    (
        InputError,
        "counts are not whole numbers of labels in row 0",
        lambda: observe(Q, counts=[[0.5, 0, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]]),
    ),
    (
        InputError,
        "counts are not whole.*row 1",
        lambda: observe(Q, counts=[[1, 0, 0], [-1, 0, 2], [1, 0, 0], [1, 0, 0]]),
    ),
    (InputError, "counts have dtype", lambda: observe(Q, counts=[["a", "b", "c"]] * 4)),
    (InputError, "mix is 1, expected", lambda: observe(Q, Y, mix=1)),
    (InputError, "mix is -0.1", lambda: observe(Q, Y, mix=-0.1)),
    (InputError, "mix is nan", lambda: observe(Q, Y, mix=float("nan"))),
    (InputError, "groups are all the same.*leave groups out", lambda: observe(Q, Y, groups=np.zeros(4))),
    (InputError, r"groups have shape \(3,\)", lambda: observe(Q, Y, groups=[1, 2, 3])),
    (InputError, "groups are missing in row 2", lambda: observe(Q, Y, groups=["a", "b", None, "c"])),
    (InputError, "groups are missing in row 0", lambda: observe(Q, Y, groups=[np.nan, 1, 2, 3])),
    (InputError, "classes has 2 names, expected 3", lambda: observe(Q, Y, classes=["a", "b"])),
    (InputError, "classes are a, a, b, expected 3 different", lambda: observe(Q, Y, classes=["a", "a", "b"])),
    (InputError, r"probabilities have shape \(4,\)", lambda: observe(Q[:, 0], Y)),
    (InputError, r"probabilities have shape \(4, 1\)", lambda: observe(np.ones((4, 1)), Y)),
    (InputError, r"probabilities have shape \(0, 3\)", lambda: observe(np.ones((0, 3)), [])),
    (InputError, "probabilities have dtype", lambda: observe(Q.astype(str), Y)),
    (InputError, "probabilities cannot be made an array", lambda: observe([[0.5, 0.5], [1.0]], [0, 1])),
]


@pytest.mark.parametrize(("kind", "message", "call"), BAD, ids=[m for _, m, _ in BAD])
def test_bad_input_gets_one_line_with_row_and_remedy(kind, message, call):
    with pytest.raises(kind, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert ";" in str(caught.value)


def test_tensors_with_a_graph_are_numbers():
    import torch

    q = np.array([[0.3, 0.7], [0.6, 0.4], [0.5, 0.5]])
    tensor = torch.tensor(q, requires_grad=True)
    np.testing.assert_array_equal(observe(tensor, torch.tensor([0, 1, 1])).log_q, observe(q, [0, 1, 1]).log_q)
    np.testing.assert_allclose(observe(Logits(tensor.log()), [0, 1, 1]).log_q, np.log(q), rtol=1e-12)
