"""What is asked of every token against torch in float64, on every float type, and the words of refusals."""

import sys
from dataclasses import astuple

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 (torch's own habit)

from kullback.errors import InputError, UnsupportedError
from kullback.losses.linear_token_statistics import linear_token_statistics
from kullback.losses.token_statistics import _by_torch as by_torch
from kullback.losses.token_statistics import token_statistics

N, V = 7, 300
LABELS = torch.tensor([3, -100, 0, 299, 17, 5, 5])


def draw(seed, *shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).mul(2).to(dtype)


def expected(x, y):
    x, y = x.double(), y.double()
    log_q, log_r = torch.log_softmax(x, -1), torch.log_softmax(y, -1)
    nll = F.nll_loss(log_q, LABELS, reduction="none").where(LABELS >= 0, torch.nan)
    rank = torch.stack([(row > row[t]).sum() if t >= 0 else torch.tensor(-1) for row, t in zip(x, LABELS, strict=True)])
    kl = F.kl_div(log_r, log_q, log_target=True, reduction="none").sum(-1)
    return nll, torch.distributions.Categorical(logits=x).entropy(), x.logsumexp(-1), x.argmax(-1), rank, kl


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
def test_all_six_are_those_of_torch_in_double_precision(dtype):
    x, y = draw(0, N, V, dtype=dtype), draw(1, N, V, dtype=dtype)
    tolerance = 1e-12 if dtype == torch.float64 else 3e-6
    for got in (token_statistics(x, LABELS, other=y), by_torch(x, LABELS.where(LABELS >= 0, -1), y)):
        for a, b in zip(astuple(got), expected(x, y), strict=True):
            assert a.dtype == (b.dtype if b.dtype == torch.int64 or dtype == torch.float64 else torch.float32)
            torch.testing.assert_close(a.to(b.dtype), b, rtol=tolerance, atol=tolerance, equal_nan=True)
    assert token_statistics(x, LABELS).kl is None


def test_the_path_of_other_devices_agrees_on_strange_rows(monkeypatch):
    inf = torch.inf
    monkeypatch.setattr(sys.modules["kullback.losses.token_statistics"], "ELEMENTS", 6)  # two rows at a time
    x = torch.tensor(
        [[1, 1, -inf], [0, -inf, -inf], [-inf, -inf, -inf], [torch.nan, 0, 0], [1e4, 0, -1e4], [0, inf, 0]]
    )
    y = torch.tensor([[0, -inf, 0], [0, -inf, 0], [0, 0, 0], [0, 0, 0], [-1e4, 0, 1e4], [0, 0, 0]])
    labels = torch.tensor([2, -1, 0, 1, 2, 0])
    ours, theirs = token_statistics(x, labels, other=y, ignore_index=-1), by_torch(x, labels, y)
    for a, b in zip(astuple(ours), astuple(theirs), strict=True):
        torch.testing.assert_close(a, b, equal_nan=True)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_a_head_gives_the_statistics_of_its_logits(dtype, monkeypatch):
    monkeypatch.setattr(sys.modules["kullback.losses.linear_token_statistics"], "ELEMENTS", 1)
    hidden, head, bias = draw(0, 600, 16, dtype=dtype), draw(1, V, 16, dtype=dtype), draw(2, V, dtype=dtype)
    labels = torch.arange(600) % V
    for b in (None, bias):
        got = linear_token_statistics(hidden.requires_grad_(), head, labels, linear_bias=b)
        whole = token_statistics(F.linear(hidden, head, b), labels)
        tolerance = 1e-10 if dtype == torch.float64 else 0.05
        torch.testing.assert_close(got.nll, whole.nll, rtol=tolerance, atol=tolerance)
        torch.testing.assert_close(got.entropy, whole.entropy, rtol=tolerance, atol=tolerance)
        assert not got.nll.requires_grad


def test_logits_may_be_strided_and_labels_short_and_rows_none():
    x = draw(0, V, N).T
    torch.testing.assert_close(token_statistics(x, LABELS.int()).nll, expected(x, x)[0], equal_nan=True)
    assert token_statistics(x[:0], LABELS[:0]).nll.shape == (0,)
    assert linear_token_statistics(x[:0], x, LABELS[:0]).rank.shape == (0,)


X = torch.zeros(2, 3)
Y = torch.tensor([0, 1])
REFUSED = [
    ((X.numpy(), Y), {}, UnsupportedError, "input is a ndarray, expected a torch tensor; torch.as_tensor(input)"),
    ((X, X), {}, UnsupportedError, "target holds torch.float32, expected integer labels; target.long()"),
    (
        (X, Y[:1]),
        {},
        InputError,
        "target has shape (1,) where input has 2 rows, expected one label per row, (2,); target.reshape(-1)",
    ),
    (
        (X, Y + 2),
        {},
        IndexError,
        "target is 3 in row 1, expected a label from 0 to 2; a missing label is -100, the ignore_index",
    ),
    (
        (X, Y),
        {"other": X[:, :2]},
        InputError,
        "other has shape (2, 2) on cpu where input has (2, 3) on cpu, expected logits for the same rows and classes; "
        "other.to(input.device)",
    ),
]


@pytest.mark.parametrize(("positional", "keywords", "error", "message"), REFUSED)
def test_refusals_are_in_these_words(positional, keywords, error, message):
    with pytest.raises(error) as caught:
        token_statistics(*positional, **keywords)
    assert str(caught.value) == message


def test_a_head_that_does_not_fit_is_refused():
    with pytest.raises(InputError) as caught:
        linear_token_statistics(X, X.T, Y)
    assert str(caught.value) == (
        "linear_weight has shape (3, 2) where input has (2, 3), expected (V, D) and (N, D); linear_weight.T"
    )
