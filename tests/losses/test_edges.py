"""Odd input to every loss: nothing, one class, nan and infinities, strides, labels that are no classes."""

import pytest
import torch
from tests.losses.drawn import draw, value_and_slope
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

import kullback as kb
from kullback.errors import InputError, UnsupportedError
from kullback.losses.operators.linear_cross_entropy import multiplied_in

inf = torch.inf
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def head(x, target=None, **options):
    """The loss of a head that hands its input on: its logits are x."""
    return kb.losses.linear_cross_entropy(x, torch.eye(x.shape[1], dtype=x.dtype), target, **options)


LOSSES = {"cross_entropy": kb.losses.cross_entropy, "linear_cross_entropy": head}
EACH = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


WRONG = {
    "cross_entropy": kb.losses.cross_entropy,
    "rows of the loops": lambda x, y: kb.losses.cross_entropy(x.repeat(1, 9000), y),
    "linear_cross_entropy": head,
    "token_statistics": kb.losses.token_statistics,
    "linear_token_statistics": lambda x, y: kb.losses.linear_token_statistics(x, torch.eye(4), y),
    "labels": lambda x, y: kb.losses.cross_entropy(x, labels=y[:, None]),
    "labels of a head": lambda x, y: head(x, labels=torch.stack([y.clamp(0, 3), y], 1)),
}


@pytest.mark.parametrize("kind", [torch.int64, torch.int32, torch.int16])
@pytest.mark.parametrize("name", WRONG)
def test_a_label_that_is_no_class_is_named_with_its_row(name, kind):
    x = torch.zeros(3, 4)
    top = 36000 if name == "rows of the loops" else 4
    what = "labels" if "labels" in name else "target"
    for bad in (-1, -101) if kind == torch.int16 and top >= 2**15 else (-1, -101, top):
        y = torch.tensor([0, -100, bad], dtype=kind)
        with pytest.raises(IndexError) as caught:
            WRONG[name](x, y)
        assert isinstance(caught.value, InputError)
        assert str(caught.value) == (
            f"{what} is {bad} in row 2, expected a label from 0 to {top - 1}; a missing label is -100, the ignore_index"
        )


@pytest.mark.parametrize("kind", [torch.uint8, torch.int8, torch.int16, torch.int32])
def test_labels_of_few_bits_are_labels(path, kind):
    x, y = draw(3, 40_000 if kind in (torch.int8, torch.int16) else 300), torch.tensor([1, 100, 7])
    y[2] = 156 if kind == torch.uint8 else -100  # 156 is -100 in eight bits
    expected = F.cross_entropy(x, y, reduction="none")
    torch.testing.assert_close(kb.losses.cross_entropy(x, y.to(kind), reduction="none"), expected)
    torch.testing.assert_close(kb.losses.cross_entropy(x, labels=y.to(kind)[:, None], reduction="none"), expected)
    nll = kb.losses.token_statistics(x, y.to(kind)).nll
    torch.testing.assert_close(nll, expected.where(y >= 0, torch.nan), equal_nan=True)


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 2)])
def test_a_label_of_many_places_is_named_with_its_place(shape):
    y = torch.zeros(shape, dtype=torch.int64)
    place = tuple(n - 1 for n in shape)
    y[place] = 7
    with pytest.raises(IndexError) as caught:
        kb.losses.cross_entropy(torch.zeros(2, 4, *shape[1:]), y)
    assert str(caught.value).startswith(f"target is 7 at {place}, expected a label from 0 to 3; ")


REFUSED = {
    "target holds torch.complex64, expected integer labels or rows of probabilities": lambda: kb.losses.cross_entropy(
        torch.zeros(1, 2), torch.zeros(1, dtype=torch.complex64)
    ),
    "labels holds torch.bool, expected integer labels; labels.long()": lambda: head(
        torch.zeros(1, 2), labels=torch.zeros(1, 1, dtype=torch.bool)
    ),
    "label_weight holds torch.int64, expected numbers; label_weight.float()": lambda: kb.losses.cross_entropy(
        torch.zeros(1, 2), labels=torch.zeros(1, 1).long(), label_weight=torch.ones(1, 1).long()
    ),
    "input holds torch.int32, expected floating-point logits; input.float()": lambda: head(
        torch.zeros(1, 2, dtype=torch.int32), torch.zeros(1).long()
    ),
    "input holds torch.complex64, expected floating-point logits; input.float()": lambda: kb.losses.cross_entropy(
        torch.zeros(1, 2, dtype=torch.complex64), torch.zeros(1).long()
    ),
    "target holds torch.bool, expected integer labels; target.long()": lambda: kb.losses.token_statistics(
        torch.zeros(1, 2), torch.zeros(1, dtype=torch.bool)
    ),
    "target holds torch.float32, expected integer labels; target.long()": lambda: kb.losses.linear_token_statistics(
        torch.zeros(1, 2), torch.zeros(3, 2), torch.zeros(1)
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_types_that_do_not_fit_are_refused_in_these_words(message):
    with pytest.raises(UnsupportedError) as caught:
        REFUSED[message]()
    assert str(caught.value) == message


@EACH
@pytest.mark.parametrize("kind", ["labels", "rows", "several"])
def test_an_empty_batch_has_no_mean_and_a_sum_of_0(path, loss, kind):
    x = torch.zeros(0, 5)
    target = {
        "labels": {"target": torch.zeros(0).long()},
        "rows": {"target": torch.zeros(0, 5)},
        "several": {"labels": torch.zeros(0, 3).long()},
    }[kind]
    assert value_and_slope(loss, x, **target)[0].isnan()
    total, slope = value_and_slope(loss, x, reduction="sum", **target)
    assert (total.item(), slope.shape) == (0.0, (0, 5))
    assert loss(x, reduction="none", **target).shape == (0,)


def test_divergences_of_an_empty_batch_have_no_mean_and_a_sum_of_0():
    for loss in (kb.losses.kl_divergence, kb.losses.jensen_shannon):
        for logits in (True, False):
            x = torch.zeros(0, 5)
            assert value_and_slope(loss, x, x, target_logits=logits)[0].isnan()
            assert value_and_slope(loss, x, x, target_logits=logits, reduction="sum")[0] == 0


@EACH
def test_all_labels_ignored(path, loss):
    x = draw(6, 5)
    for target in ({"target": torch.full((6,), -100)}, {"labels": torch.full((6, 2), -100)}):
        value, slope = value_and_slope(loss, x, **target)
        assert value.isnan()
        assert slope.eq(0).all() or slope.isnan().all()
        total, slope = value_and_slope(loss, x, reduction="sum", **target)
        assert total == 0
        assert slope.eq(0).all()
        assert loss(x, reduction="none", **target).tolist() == [0.0] * 6


@EACH
def test_a_row_without_labels_gives_and_gets_nothing(path, loss):
    x = draw(3, 5)
    several = torch.tensor([[1, 2], [-100, -100], [4, -100]])
    value, slope = value_and_slope(loss, x, labels=several, reduction="none")
    log_q = torch.log_softmax(x, 1)
    expected = torch.stack([-(log_q[0, 1] + log_q[0, 2]) / 2, log_q[0, 0] * 0, -log_q[2, 4]])
    torch.testing.assert_close(value, expected)
    assert slope[1].eq(0).all()
    assert loss(x, labels=several).item() == pytest.approx(expected.sum().item() / 2)


@EACH
@pytest.mark.parametrize("dtype", DTYPES)
def test_one_class_is_certain(path, loss, dtype):
    x = draw(6, 1, dtype=dtype)
    x[0], x[1] = 1e4, -1e4
    for target in (torch.zeros(6).long(), torch.ones(6, 1, dtype=dtype)):
        value, slope = value_and_slope(loss, x, target)
        assert value == 0
        assert slope.eq(0).all()


def test_one_class_has_no_divergence():
    x = draw(6, 1)
    s = kb.losses.token_statistics(x, torch.zeros(6).long(), other=-x)
    for value in (s.nll, s.entropy, s.argmax, s.rank, s.kl):
        assert value.eq(0).all()
    assert torch.equal(s.log_sum_exp, x[:, 0])
    for loss in (kb.losses.kl_divergence, kb.losses.jensen_shannon):
        assert loss(x, -x, target_logits=True) == 0


@EACH
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("level", [0.0, 1e4, -1e4])
def test_equal_logits_cost_the_logarithm_of_their_number(path, loss, dtype, level):
    x = torch.full((4, 50), level, dtype=dtype)
    value, slope = value_and_slope(loss, x, torch.arange(4), reduction="none")
    eps = torch.finfo(dtype).eps
    # float32 holds the log-sum-exp of 1e4 to 5e-4: the surprisal must not go through it; float64 holds it to 2e-12
    atol = eps * abs(level) if dtype == torch.float64 else 0
    expected = torch.full((4,), 50.0, dtype=torch.float64).log()
    torch.testing.assert_close(value.double(), expected, rtol=2 * eps, atol=atol)
    expected = torch.full((4, 50), 0.02, dtype=torch.float64) - torch.eye(4, 50, dtype=torch.float64)
    torch.testing.assert_close(slope.double(), expected, rtol=2 * eps, atol=max(1e-7 if eps > 1e-10 else 0, atol))


ODD = {
    "nan": (3, torch.nan),
    "+inf": (3, inf),
    "−inf": (3, -inf),
    "−inf at the label": (1, -inf),
    "+inf at the label": (1, inf),
    "−inf throughout": (slice(None), -inf),
    "1e4": (3, 1e4),
    "−1e4 at the label": (1, -1e4),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("reduction", ["mean", "none"])
def test_odd_logits_give_torchs_loss_and_gradient(path, name, dtype, reduction):
    x, y = draw(3, 40, dtype=dtype), torch.ones(3).long()
    place, odd = ODD[name]
    x[1, place] = odd
    value, slope = value_and_slope(kb.losses.cross_entropy, x, y, reduction=reduction)
    expected, of_torch = value_and_slope(F.cross_entropy, x.double(), y, reduction=reduction)
    eps = torch.finfo(dtype).eps
    torch.testing.assert_close(value.double(), expected, rtol=4 * eps, atol=0, equal_nan=True)
    least = {torch.float16: 6e-8}.get(dtype, 1e-9)
    torch.testing.assert_close(slope.double(), of_torch, rtol=64 * eps, atol=least, equal_nan=True)


@pytest.mark.parametrize("name", ODD)
def test_odd_logits_of_a_head_give_torchs_loss_and_gradient(path, name):
    x, w, y = draw(3, 1), torch.ones(40, 1).double(), torch.ones(3).long()
    place, odd = ODD[name]
    bias = draw(40, seed=1)
    bias[place] = odd
    got, expected = [], []
    for found, loss in (
        (got, lambda x, w: kb.losses.linear_cross_entropy(x, w, y, linear_bias=bias)),
        (expected, lambda x, w: F.cross_entropy(F.linear(x, w, bias), y)),
    ):
        leaves = x.clone().requires_grad_(), w.clone().requires_grad_()
        value = loss(*leaves)
        value.backward()
        found += [value.detach(), *(leaf.grad for leaf in leaves)]
    torch.testing.assert_close(got, expected, equal_nan=True)


@pytest.mark.parametrize("rows", [{1: torch.nan}, {1: inf}, {1: -inf}, {0: -inf, 1: -inf, 2: -inf}])
def test_odd_logits_of_rows_and_of_several_labels(path, rows):
    x, p = draw(3, 3), torch.softmax(draw(3, 3, seed=1), 1)
    for place, odd in rows.items():
        x[1, place] = odd
    value, slope = value_and_slope(kb.losses.cross_entropy, x, p, reduction="none")
    expected, of_torch = value_and_slope(F.cross_entropy, x, p, reduction="none")
    torch.testing.assert_close(value, expected, equal_nan=True)
    torch.testing.assert_close(slope, of_torch, equal_nan=True)
    several = torch.tensor([[0, 2], [0, 2], [1, -100]])
    got = value_and_slope(kb.losses.cross_entropy, x, labels=several, reduction="none")

    def by_torch(x):
        log_q = torch.log_softmax(x, 1)
        return torch.stack([-(log_q[0, 0] + log_q[0, 2]) / 2, -(log_q[1, 0] + log_q[1, 2]) / 2, -log_q[2, 1]])

    torch.testing.assert_close(got, value_and_slope(by_torch, x), equal_nan=True)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_head_of_every_type_has_the_loss_of_its_logits(path, dtype):
    x, w, y = draw(12, 5, dtype=dtype), draw(40, 5, seed=1, dtype=dtype), torch.arange(12)
    logits = F.linear(x.double(), w.double()).to(multiplied_in(x))
    eps = torch.finfo(torch.float64 if dtype == torch.float64 else torch.float32).eps
    got = kb.losses.linear_cross_entropy(x, w, y, reduction="none")
    torch.testing.assert_close(
        got.double(), F.cross_entropy(logits.double(), y, reduction="none"), rtol=16 * eps, atol=8 * eps
    )
